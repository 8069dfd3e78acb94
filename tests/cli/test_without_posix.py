"""The command line where Python has no modules of POSIX, as on Windows: whatever needs no model and no dataset works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts.plumbing import git_environment
from tests.parts.repository import Repo

_POSIX = ("fcntl", "grp", "pwd", "resource", "termios")
# psutil, which has another half on Windows, is loaded before
_START = f"import sys, psutil\nsys.modules.update(dict.fromkeys({_POSIX!r}))\nfrom notewright.cli.main import main\nmain()\n"


def run(repo: Repo, *arguments: str) -> str:
    home = git_environment({"HOME": str(repo.path.parent)})
    ran = subprocess.run([sys.executable, "-c", _START, *arguments], cwd=repo.path, env=home, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("feat: a parser", {"parser.py": "pass\n"})
    return made


@pytest.mark.parametrize(
    "command",
    ["changelog", "notes --engine none", "release run --dry-run --engine none", "models list", "config show", "prompts list", "doctor"],
)
def test_a_command_without_a_model_works(command: str, repo: Repo) -> None:
    assert run(repo, *command.split())


def test_files_are_written_whole_and_once(repo: Repo) -> None:
    run(repo, "changelog", "--write", "CHANGELOG.md")
    assert "a parser" in (repo.path / "CHANGELOG.md").read_text()
    assert [path.name for path in repo.path.iterdir() if path.name.endswith(".notewright")] == []
