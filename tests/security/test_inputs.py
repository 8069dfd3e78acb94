"""Security cases 1-3 and 26: what strangers write in titles, inputs, branch names and paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from notewright.action.inputs import NAMES
from tests.action.stage import Stage
from tests.house.architecture import ROOT
from tests.parts.tokens import TOKEN_WRITE
from tests.security.release import Released, release

_COMMANDS = {"from": "notes", "without-gate": "finish", "command": ""}
_WORKFLOWS = [
    path
    for pattern in ("action.yml", "*/action.yml", "workflows/**/*.y*ml", ".github/**/*.y*ml", "runner-setup/**/*.y*ml")
    for path in sorted(ROOT.glob(pattern))
]


def scripts(node: object) -> Iterator[str]:
    """Yield every script of a workflow, wherever it stands."""
    if isinstance(node, dict):
        yield from (str(node[key]) for key in ("run", "script") if isinstance(node.get(key), str))
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from scripts(child)


@pytest.mark.case(1)
def test_a_command_in_a_title_runs_nowhere(released: Released) -> None:
    for folder in (released.stage.work.path, released.stage.home, released.stage.shared, Path.cwd()):
        assert not (folder / "pwned").exists()
    assert "touch pwned" in released.body, "it is shown"


@pytest.mark.case(1)
def test_a_command_in_any_input_runs_nowhere(stage: Stage) -> None:
    for name in NAMES:
        try_commands(stage, name)
    assert stage.github.writes() == []


def try_commands(stage: Stage, name: str) -> None:
    """Give one input, in the step that reads it, one text after the other that a careless shell would run."""
    mark = stage.home / "pwned"
    command = _COMMANDS.get(name, "release")
    for text in (f"$(touch {mark}) `touch {mark}` ' && touch {mark} && '; touch {mark} #", f"x\ntouch {mark}\n"):
        given = {**({"command": command} if command else {}), ("since" if name == "from" else name.replace("-", "_")): text}
        if name == "state-dir":
            given["state_dir"] = f"/{text}"
        step = "finish" if command == "finish" else "prepare"
        ran = stage.run(step, token=TOKEN_WRITE if step == "finish" else None, **given)
        assert "Traceback" not in ran.log, ran.log
        assert set(ran.outputs) <= {"version", "previous-version", "engine", "grounded", "proposal", "changed"}
        assert ran.outputs.get("version", "") in ("", "0.2.0")
        assert not mark.exists()


@pytest.mark.case(2)
@pytest.mark.parametrize("path", _WORKFLOWS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_expression_stands_in_a_script_of_ours(path: Path) -> None:
    assert [script for script in scripts(yaml.load(path.read_bytes(), yaml.BaseLoader)) if re.search(r"\$\{\{", script)] == []


@pytest.mark.case(3)
def test_a_branch_named_like_a_command_is_a_name(stage: Stage) -> None:
    """Git takes such a name, and so does GitHub."""
    name = "a$(touch${IFS}pwned)`id`;id"
    stage.work.branch(name)
    stage.work.commit("feat: from a strange branch", {"notewright.yaml": yaml.safe_dump({"release": {"base": name}})})
    stage.git_server.push(stage.work, f"HEAD:refs/heads/{name}")
    done = release(stage, engine="none", base=name)
    (pull,) = stage.github.pulls()
    assert pull.base_ref == name
    assert done.steps[1].outputs["version"] == "0.2.0"
    assert "$(touch" not in "".join(line for line in done.body.splitlines() if line.startswith("$"))
    for folder in (stage.work.path, stage.home, stage.shared):
        assert not (folder / "pwned").exists()


@pytest.mark.case(26)
def test_a_path_out_of_the_repository_is_neither_read_nor_written(stage: Stage) -> None:
    outside = stage.work.path.parent / "elsewhere"
    outside.mkdir()
    (outside / "CHANGELOG.md").write_text("precious\n")
    (stage.work.path / "linked").symlink_to(outside)
    for place in ("../outside.md", "/etc/passwd", "docs/../../outside.md", "linked/CHANGELOG.md", ".git/hooks/pre-commit"):
        for given in ({"command": "changelog", "output": place}, {"output": place}, {"config": place}):
            ran = stage.run("prepare", **given)
            assert ran.code in (2, 3, 4), ran.log
            assert ran.errors
    assert (outside / "CHANGELOG.md").read_text() == "precious\n"
    assert list(outside.iterdir()) == [outside / "CHANGELOG.md"]
    assert not (stage.work.path.parent / "outside.md").exists()
    assert not (stage.work.path / ".git" / "hooks" / "pre-commit").exists()


@pytest.mark.case(26)
def test_a_changelog_behind_a_link_to_its_folder_is_not_followed(stage: Stage) -> None:
    outside = stage.work.path.parent / "elsewhere"
    outside.mkdir()
    (outside / "NEWS.md").write_text("precious\n")
    (stage.work.path / "docs").symlink_to(outside)
    stage.work.git("add", "docs")
    stage.push("docs: a link", {"notewright.yaml": yaml.safe_dump({"changelog": {"file": "docs/NEWS.md"}})})
    for command in ("changelog", "release"):
        ran = stage.run("prepare", command=command)
        assert ran.code in (2, 4), ran.log
        assert ran.errors
    assert (outside / "NEWS.md").read_text() == "precious\n"
