from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from notewright.action.environment import environment_of
from tests.action.stage import Stage
from tests.house.architecture import ROOT

_PROGRAM = """
import importlib.util, sys
import notewright.flows.init as init
print(all(init.find_workflow(name).is_file() for name in init.WORKFLOWS))
print(importlib.util.find_spec("xllamacpp") is not None, importlib.util.find_spec("pytest"))
print(init.__file__, init.__cached__)
"""


def test_set_up_installs_once_what_the_other_steps_need(stage: Stage, state_dir: Path) -> None:
    ran = stage.run("set-up", state_dir=str(state_dir))
    assert ran.code == 0, ran.log
    python = Path(ran.outputs["python"])
    assert python == environment_of(ROOT, state_dir) / "bin" / "python"
    assert Path(ran.outputs["work"]).parent == stage.home
    said = subprocess.run([str(python), "-I", "-c", _PROGRAM], capture_output=True, check=True, timeout=60).stdout.decode().split()
    assert said[:3] == ["True", "True", "None"]
    assert Path(said[3]).is_relative_to(state_dir), "the package is a copy, not the workspace's"
    assert Path(said[4]).is_file(), "bytecode is compiled"
    interpreter = Path(sys.executable).resolve()
    assert python.with_name(interpreter.name).readlink() == interpreter, "no link of a tool stands between"
    again = stage.run("set-up", state_dir=str(state_dir))
    assert "installing" not in again.log
    assert again.outputs["python"] == str(python)
    assert again.outputs["work"] != ran.outputs["work"], "two calls of the action in one job share nothing"


def test_an_environment_whose_python_was_removed_is_made_anew(stage: Stage, tmp_path: Path) -> None:
    python = Path(stage.run("set-up", state_dir=str(tmp_path / "state")).outputs["python"])
    python.with_name(Path(sys.executable).resolve().name).unlink()
    assert not python.exists()
    ran = stage.run("set-up", state_dir=str(tmp_path / "state"))
    assert (ran.code, Path(ran.outputs["python"])) == (0, python)
    assert subprocess.run([str(python), "-I", "-c", "import notewright"], check=False, timeout=60).returncode == 0


def test_an_installation_that_fails_says_why_and_leaves_nothing_that_looks_ready(stage: Stage, tmp_path: Path) -> None:
    program = tmp_path / "programs" / "uv"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'error: Failed to fetch: dns error' >&2\nexit 2\n")
    program.chmod(0o755)
    stage.extra["PATH"] = f"{program.parent}:{os.environ['PATH']}"
    for _ in range(2):
        ran = stage.run("set-up", state_dir=str(tmp_path / "state"))
        assert ran.code == 7
        assert "uv pip sync failed: error: Failed to fetch: dns error" in ran.errors[0]
        assert ran.outputs == {}


def test_a_state_dir_that_cannot_be_written_says_so(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = stage.run("set-up", state_dir=str(tmp_path / "file" / "state"))
    assert ran.code == 7
    assert "state-dir" in ran.errors[0]


def test_another_source_gets_an_environment_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for file in ("locks/action.txt", "src/notewright/a.py", "prompts/p.md", "workflows/w.yml"):
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(file)
    same = environment_of(tmp_path / "one", tmp_path)
    assert environment_of(tmp_path / "two", tmp_path) == same
    (tmp_path / "two" / "src" / "notewright" / "__pycache__").mkdir()
    (tmp_path / "two" / "src" / "notewright" / "__pycache__" / "a.pyc").write_text(sys.version)
    assert environment_of(tmp_path / "two", tmp_path) == same
    (tmp_path / "two" / "prompts" / "p.md").write_text("changed")
    assert environment_of(tmp_path / "two", tmp_path) != same
