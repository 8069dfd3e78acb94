from __future__ import annotations

import os
from pathlib import Path

import pytest

from notewright.action.environment import environment_of
from tests.action.stage import Stage
from tests.house.architecture import ROOT
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo


@pytest.fixture
def stage(github: FakeGitHub, git_server: GitServer, tmp_path: Path) -> Stage:
    """A checkout of a project with the release v0.1.0, and a feature, a fix and a chore after it."""
    (tmp_path / "runner").mkdir()
    made = Stage(Repo.clone(git_server.url_of("acme/app"), tmp_path / "workspace"), github, git_server, tmp_path / "runner")
    made.tag("v0.1.0")
    made.push("feat(auth): add passkey login", {"auth.py": "1\n"})
    made.push("fix: handle an empty file", {"app.py": "2\n"})
    made.push("chore: tidy", {"app.py": "3\n"})
    return made


@pytest.fixture(scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state-dir that all tests of a run share, so that the environment is installed once. It begins with what a killed job leaves."""
    base = tmp_path_factory.getbasetemp()
    state = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "state-dir"
    rest = environment_of(ROOT, state) / "bin"
    if not (rest.parent / ".ready").exists():
        rest.mkdir(parents=True, exist_ok=True)
        (rest / "half-written").touch()
    return state
