from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.stage import Stage
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_PERSON, TOKEN_READ, TOKEN_WRITE
from tests.release.site import Site
from tests.security.release import Released, release, write_attacks


@pytest.fixture
def stage(github: FakeGitHub, git_server: GitServer, tmp_path: Path) -> Stage:
    """A checkout of acme/app with the release v0.1.0, and a feature after it."""
    return _stage(github, git_server, tmp_path)


@pytest.fixture
def site(github: FakeGitHub, git_server: GitServer, tmp_path: Path) -> Site:
    """The same project, released from within this process."""
    made = Site(Repo.clone(git_server.url_of("acme/app"), tmp_path / "work"), github, git_server, tmp_path / "proposal")
    made.tag("v0.1.0")
    made.push("feat(auth): add passkey login", {"auth.py": "1\n"})
    return made


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """The release of a history in which every attack on text stands; run once for all who look at it."""
    folder = tmp_path_factory.mktemp("released")
    origin = Repo(folder / "origin")
    origin.commit("feat: start", {"README.md": "# App\n"})
    with (
        pytest.MonkeyPatch.context() as patch,
        GitServer(folder / "served", {TOKEN_WRITE: "write", TOKEN_READ: "read", TOKEN_PERSON: "write"}) as git_server,
    ):
        for name in [name for name in os.environ if name.startswith(("GITHUB_", "ACTIONS_", "NOTEWRIGHT_", "RUNNER_", "INPUT_", "GIT_"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(folder))
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        git_server.add("acme/app", origin)
        with FakeGitHub(git_server.path_of("acme/app"), clone_url=git_server.url_of("acme/app")) as github:
            stage = _stage(github, git_server, folder)
            for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"):
                stage.extra[name] = str(folder / name)
                (folder / name).touch()
            write_attacks(stage)
            yield release(stage, engine="none", audiences="developer, customer, executive")
            assert not github.bugs, github.bugs


def _stage(github: FakeGitHub, git_server: GitServer, folder: Path) -> Stage:
    (folder / "runner").mkdir()
    made = Stage(Repo.clone(git_server.url_of("acme/app"), folder / "workspace"), github, git_server, folder / "runner")
    made.tag("v0.1.0")
    made.push("feat(auth): add passkey login", {"auth.py": "1\n"})
    return made
