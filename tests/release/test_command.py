"""`notewright release` as its users run it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE
from tests.release.site import BRANCH, Site


def notewright(
    site: Site, *args: str, token: str | None = TOKEN_WRITE, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME")},
        "GITHUB_API_URL": site.github.url,
        **({"GITHUB_TOKEN": token} if token else {}),
        **(env or {}),
    }
    command = [str(Path(sys.executable).with_name("notewright")), "release", *args]
    return subprocess.run(command, cwd=site.work.path, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_one_command_makes_a_pull_request_and_again_nothing(site: Site, tmp_path: Path) -> None:
    output = str(tmp_path / "out")
    first = notewright(site, "run", "--engine", "none", "--output", output)
    assert (first.returncode, first.stderr.splitlines()[-1]) == (0, "pull request 1 opened for 0.2.0")
    assert first.stdout.splitlines()[0].startswith("## [0.2.0](")
    assert first.stdout.splitlines()[-1] == f"{site.github.url}/acme/app/pull/1"
    writes = site.writes()
    again = notewright(site, "run", "--engine", "none", "--output", output)
    assert (again.returncode, again.stderr.splitlines()[-1]) == (0, "pull request 1 is up to date for 0.2.0")
    assert site.writes() == writes


def test_the_three_steps_do_what_run_does_each_with_its_own_token(site: Site, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert notewright(site, "collect", "--output", str(tmp_path), token=TOKEN_READ).returncode == 0
    prepared = notewright(
        site, "prepare", "--engine", "none", "--metadata", str(tmp_path / "metadata.json"), "--output", str(out), token=None
    )
    assert prepared.returncode == 0
    assert f"run `notewright release propose {out}`" in prepared.stderr
    proposed = notewright(site, "propose", str(out), "--format", "json")
    outcome = json.loads(proposed.stdout)
    assert (proposed.returncode, outcome["operation"], outcome["number"], outcome["commit"]) == (0, "created", 1, site.branch())


def test_a_dry_run_without_a_token_shows_everything_and_asks_nobody(site: Site, tmp_path: Path) -> None:
    calls = len(site.git_server.calls)
    done = notewright(site, "run", "--dry-run", "--engine", "none", "--output", str(tmp_path / "out"), token=None)
    assert done.returncode == 0
    assert "no token: GitHub is not asked" in done.stderr
    assert "the proposal stands: notewright/release would be pushed" in done.stderr
    assert "add passkey login" in done.stdout
    assert (site.github.calls, len(site.git_server.calls), site.branch()) == ([], calls, None)


def test_a_dry_run_with_a_token_only_reads(site: Site, tmp_path: Path) -> None:
    done = notewright(site, "run", "--dry-run", "--engine", "none", "--output", str(tmp_path / "out"), token=TOKEN_READ)
    assert done.returncode == 0
    assert site.github.calls
    assert site.github.writes() == []
    assert site.branch() is None
    assert (tmp_path / "out/metadata.json").is_file()


def test_the_folder_in_the_work_tree_leaves_it_clean(site: Site) -> None:
    assert notewright(site, "run", "--engine", "none").returncode == 0
    assert (site.work.path / "build/proposal/audit.html").is_file()
    assert site.work.git("status", "--porcelain") == ""


def test_nothing_to_release_is_no_failure(site: Site, tmp_path: Path) -> None:
    site.tag("v0.2.0")
    done = notewright(site, "run", "--engine", "none", "--output", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1] == "nothing to release"


@pytest.mark.parametrize("args", [("run", "--dry-run"), ("run",), ("prepare",)], ids=["a dry run", "a run", "prepare"])
def test_nothing_to_release_is_said_once_and_why(site: Site, tmp_path: Path, args: tuple[str, ...]) -> None:
    site.tag("v0.2.0")
    done = notewright(site, *args, "--engine", "none", "--output", str(tmp_path / "out"))
    assert done.returncode == 0
    assert (done.stderr.count("nothing to release"), done.stderr.count("no commit shows in a changelog")) == (1, 1)


def test_a_merged_release_says_how_to_finish_it(site: Site, tmp_path: Path) -> None:
    site.run()
    site.github.merge(1)
    site.pull()
    done = notewright(site, "run", "--engine", "none", "--output", str(tmp_path / "out"))
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "  hint: notewright release finish"


@pytest.mark.parametrize(
    ("args", "token", "code", "told"),
    [
        pytest.param(("run",), None, 6, "no token for acme/app", id="no token"),
        pytest.param(("run",), "ghs_wrong", 6, "GitHub answers 401: Bad credentials", id="a wrong token"),
        pytest.param(("propose", "none"), TOKEN_WRITE, 2, "is no proposal", id="no proposal"),
        pytest.param(("prepare", "--output", "o", "--metadata", "none.json"), None, 2, "no metadata at none.json", id="no metadata"),
        pytest.param(("prepare",), None, 2, "--output", id="no output"),
        pytest.param(("run", "--audience", "developr"), TOKEN_WRITE, 3, "did you mean developer?", id="an unknown audience"),
        pytest.param(("run", "--dry-run", "--version", "one"), None, 2, "not a version", id="no version"),
        pytest.param(("run", "--dry-run", "--repo", "/"), None, 4, "not in a git repository", id="no repository"),
    ],
)
def test_what_goes_wrong_has_one_message_a_hint_and_its_exit_code(
    site: Site, args: tuple[str, ...], token: str | None, code: int, told: str
) -> None:
    done = notewright(site, *args, token=token, env={"NOTEWRIGHT_LLM_BACKEND": "none"})
    assert done.returncode == code
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert told in errors[0]
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr
    assert site.branch() is None


def test_a_repository_without_a_server_says_how_to_name_one(site: Site) -> None:
    site.work.git("remote", "remove", "origin")
    done = notewright(site, "run")
    assert done.returncode == 4
    assert "GITHUB_REPOSITORY" in done.stderr


def test_a_tampered_proposal_exits_with_one(site: Site, tmp_path: Path) -> None:
    site.prepare()
    (site.output / "body.md").write_text("approve me")
    done = notewright(site, "propose", str(site.output))
    assert done.returncode == 1
    assert "body.md is not the file that was prepared" in done.stderr


@pytest.mark.case(19, 40)
def test_the_token_is_in_no_file_no_argument_and_no_output(site: Site, tmp_path: Path) -> None:
    """Security cases 19 and 40: a token set in both variables, a run that works and one that fails, git watched from outside."""
    log = tmp_path / "argv.log"
    watcher = tmp_path / "bin/git"
    watcher.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    watcher.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\nexec {real} "$@"\n')
    watcher.chmod(0o755)
    env = {"PATH": f"{watcher.parent}:{os.environ['PATH']}", "NOTEWRIGHT_TOKEN": TOKEN_WRITE}
    works = notewright(site, "run", "--engine", "none", "--output", str(tmp_path / "out"), env=env)
    site.git_server.protect("acme/app", BRANCH)
    site.push("feat: more")
    fails = notewright(site, "run", "--engine", "none", "--output", str(tmp_path / "out"), env=env)
    assert (works.returncode, fails.returncode) == (0, 6)
    assert "push" in log.read_text()
    said = works.stdout + works.stderr + fails.stdout + fails.stderr + log.read_text()
    written = b"".join(path.read_bytes() for root in (tmp_path / "out", site.work.path) for path in root.rglob("*") if path.is_file())
    on_the_server = b"".join(path.read_bytes() for path in site.git_server.root.rglob("*") if path.is_file())
    for canary in (TOKEN_WRITE, TOKEN_WRITE[4:], base64.b64encode(f"x-access-token:{TOKEN_WRITE}".encode()).decode()):
        assert canary not in said
        assert canary.encode() not in written + on_the_server
        assert not any(canary in (pull.body or "") for pull in site.github.pulls())


@pytest.mark.parametrize("module", [f"notewright.flows.{name}" for name in ("collect", "verify", "propose", "finish", "verify_published")])
def test_the_steps_with_a_token_load_no_engine(module: str) -> None:
    code = f"import sys, {module}; print([name for name in sys.modules if name.startswith('notewright.llm')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_step_with_an_engine_loads_no_pygithub() -> None:
    code = "import sys, notewright.flows.prepare; print([name for name in sys.modules if name.partition('.')[0] == 'github'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
