"""The master build: it stops where something fails, says what it left out and why, and its containers have nothing to spare."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.architecture import ROOT
from tests.parts.repository import Repo

SCRIPT = ROOT / "scripts" / "build.sh"
STEPS = ["tests", "models", "containers", "integration", "workflows", "package", "deploy"]


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A repository with the script, and a .ci/run that fails."""
    repo.commit(
        "build: a script",
        {
            "scripts/build.sh": SCRIPT.read_bytes(),
            "scripts/install.sh": (SCRIPT.parent / "install.sh").read_bytes(),
            ".ci/run": "#!/bin/sh\necho tested\nexit 7\n",
            ".gitignore": "build/\n",
        },
    )
    for name in ("scripts/build.sh", ".ci/run"):
        (repo.path / name).chmod(0o755)
    repo.git("config", "core.fileMode", "false")  # or that would be a change
    return repo


def build(project: Repo, *arguments: str, **variables: str) -> tuple[int, str, dict[str, list[str]]]:
    """Run it; return its exit code, what it said, and the rows of its table by step."""
    command = [str(project.path / "scripts" / "build.sh"), *arguments]
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60, check=False)
    table = re.sub(r"\n +", " ", done.stdout.rpartition("\nstep ")[2]).splitlines()[1:]
    return done.returncode, done.stdout + done.stderr, {cells[0]: cells[1:] for cells in (line.split(maxsplit=3) for line in table)}


def packed(project: Repo, build_id: str) -> None:
    """Put what the step package of a build makes, as far as deploy looks at it, where deploy looks for it."""
    folder = project.path / "build" / "qa" / "dist"
    folder.mkdir(parents=True)
    (folder / "build-versions.json").write_text(json.dumps({"build": build_id}, indent=2), "utf-8")
    (folder / "notewright-0.1.0-py3-none-any.whl").write_bytes(b"a wheel")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")


def programs(folder: Path, *names: str) -> dict[str, str]:
    """Return a PATH on which programs come first that only note how they were called, in the file `called`."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{folder}/called\n')
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_it_stops_at_the_first_step_that_fails_with_its_exit_code_and_a_table(project: Repo) -> None:
    code, said, table = build(project)
    assert code == 7
    assert "tested" in said
    assert list(table) == STEPS
    assert [cells[0] for cells in table.values()] == ["FAILED", *["not-run"] * 6]


def test_a_step_that_cannot_be_done_is_skipped_with_its_reason_and_fails_in_ci(project: Repo) -> None:
    code, _, table = build(project, "prod", "--only", "deploy")
    assert (code, table["deploy"][0]) == (0, "skipped")
    assert "there is nothing to deploy in build/prod/dist" in table["deploy"][2]
    summary = project.path / "build" / "summary"
    code, said, table = build(project, "prod", "CI", "--only", "deploy", GITHUB_STEP_SUMMARY=str(summary))
    assert (code, table["deploy"][0]) == (1, "FAILED")
    assert "::group::deploy" in said
    assert re.search(r"^    step +result +seconds +why\n(    .*\n)+    deploy +FAILED", summary.read_text("utf-8"), re.MULTILINE)


def test_a_step_that_was_skipped_ends_the_build_in_ci_alone(project: Repo, tmp_path: Path) -> None:
    (project.path / ".ci" / "build-image.sh").write_text("#!/bin/sh\nexit 3\n")
    (project.path / ".ci" / "build-image.sh").chmod(0o755)
    path = programs(tmp_path / "programs", "podman", "buildah")
    (tmp_path / "programs" / "docker").symlink_to("/bin/false")
    asked = ("--only", "containers", "--only", "deploy")
    code, _, table = build(project, *asked, **path)
    assert (code, table["containers"][0], table["deploy"][0]) == (0, "skipped", "skipped")
    assert table["containers"][2] == "the base image can neither be pulled nor made"
    code, _, table = build(project, "CI", *asked, **path)
    assert (code, table["containers"][0], table["deploy"][0]) == (1, "FAILED", "not-run")


def test_the_image_gets_labels_and_keeps_its_health_check(project: Repo, tmp_path: Path) -> None:
    """Podman drops the health check where it writes an image in its own format."""
    (project.path / ".ci" / "build-image.sh").write_text("#!/bin/sh\necho export NOTEWRIGHT_IMAGE=notewright:0.1.0\n")
    (project.path / ".ci" / "build-image.sh").chmod(0o755)
    path = programs(tmp_path / "programs", "podman", "buildah")
    (tmp_path / "programs" / "docker").symlink_to("/bin/false")
    assert build(project, "--only", "containers", BUILD_ID="b1", **path)[0] == 0
    labels = "--label notewright.build=b1 --label notewright.environment=qa"
    called = (tmp_path / "programs" / "called").read_text("utf-8").splitlines()
    assert f"podman build --format docker {labels} --tag notewright:b1 -" in called


def test_the_table_fits_a_terminal_of_80_columns(project: Repo) -> None:
    _, said, table = build(project, "prod", "--only", "deploy")
    lines = said[said.index("\nstep ") :].splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []
    assert table["deploy"][2] == "there is nothing to deploy in build/prod/dist: the step package makes it"


def test_what_is_left_out_is_said(project: Repo) -> None:
    code, _, table = build(project, *(word for step in STEPS for word in ("--skip", step)))
    assert code == 0
    assert {cells[0] for cells in table.values()} == {"left-out"}


@pytest.mark.parametrize("arguments", [["--only", "nothing"], ["--model"], ["staging"], ["qa", "--push"], ["CI", "qa"]], ids=" ".join)
def test_a_wrong_call_does_nothing(project: Repo, arguments: list[str]) -> None:
    code, said, _ = build(project, *arguments)
    assert code == 2
    assert "--help" in said
    assert not (project.path / "build").exists()


def test_the_build_is_named_after_its_environment_and_its_commit_and_what_is_changed(project: Repo) -> None:
    def name() -> str:
        found: str = re.findall(r"^build (\S+)$", build(project, "--only", "deploy")[1], re.MULTILINE)[0]
        return found

    clean = name()
    assert clean == f"qa-{project.git('rev-parse', '--short=12', 'HEAD')}"
    (project.path / "new").touch()
    assert re.fullmatch(rf"{clean}-[0-9a-f]{{7}}", name())


def test_deploy_is_a_dry_run_that_shows_every_command_unless_push_is_given(project: Repo, tmp_path: Path) -> None:
    packed(project, "b1")
    path = programs(tmp_path / "programs", "ssh", "scp")
    asked = ("--only", "deploy", "--runner", "gpu-1")
    code, said, table = build(project, *asked, BUILD_ID="b1", **path)
    assert (code, table["deploy"][0]) == (0, "ok")
    assert "a dry run" in said
    shown = re.findall(r"^  \$ (.*)$", said, re.MULTILINE)
    assert shown[0] == "'ssh' 'gpu-1' 'mkdir' '-p' '/opt/notewright/builds/b1' '/opt/notewright/models'"
    assert not (tmp_path / "programs" / "called").exists()
    assert build(project, *asked, "--push", BUILD_ID="b1", **path)[0] == 0
    called = (tmp_path / "programs" / "called").read_text("utf-8").splitlines()
    assert called[:2] == [line.replace("'", "") for line in shown]
    assert called[2:] == ["ssh gpu-1 bash -s -- /opt/notewright b1"]


def test_what_another_build_packed_or_somebody_changed_is_not_deployed(project: Repo, tmp_path: Path) -> None:
    packed(project, "b1")
    path = programs(tmp_path / "programs", "ssh", "scp")
    asked = ("--only", "deploy", "--runner", "gpu-1", "--push")
    code, said, table = build(project, *asked, BUILD_ID="b2", **path)
    assert (code, table["deploy"][0]) == (0, "skipped")
    assert "is of another build" in said
    (project.path / "build" / "qa" / "dist" / "notewright-0.1.0-py3-none-any.whl").write_bytes(b"another")
    assert build(project, *asked, BUILD_ID="b1", **path)[2]["deploy"][0] == "FAILED"
    assert not (tmp_path / "programs" / "called").exists()


def test_its_help_names_every_step_in_its_order() -> None:
    said = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert re.findall(rf"^  ({'|'.join(STEPS)})\b", said, re.MULTILINE) == STEPS


@pytest.mark.parametrize("environment", ["qa", "prod"])
def test_a_container_has_no_network_no_root_no_capabilities_and_a_limit(environment: str) -> None:
    services: dict[str, Any] = yaml.safe_load(Path(ROOT / "scripts" / f"compose.{environment}.yml").read_text("utf-8"))["services"]
    assert list(services) == ["job", "model"]
    for service in services.values():
        assert service["network_mode"] == "none"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges"]
        assert service["user"] == "${NOTEWRIGHT_USER:?}"
        assert service["mem_limit"]
        assert service["pids_limit"]
        assert not any("docker.sock" in volume for volume in service["volumes"])
