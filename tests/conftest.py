"""Fixtures that give tests the real parts: git, servers, histories, a model."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.histories import HistoryMissing, replay_history, shared_folder
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_PERSON, TOKEN_READ, TOKEN_WRITE

_OURS = ("GITHUB_", "ACTIONS_", "NOTEWRIGHT_", "RUNNER_", "INPUT_", "GIT_")


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test see the machine's tokens, settings or home, and no proxy stand between it and its servers."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(name)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository on the unborn branch main."""
    return Repo(tmp_path / "repo")


@pytest.fixture
def git_server(tmp_path: Path) -> Iterator[GitServer]:
    """A git server with the public repository acme/app, which holds one commit on main."""
    origin = Repo(tmp_path / "origin")
    origin.commit("feat: start", {"README.md": "# App\n"})
    with GitServer(tmp_path / "served", {TOKEN_WRITE: "write", TOKEN_READ: "read", TOKEN_PERSON: "write"}) as server:
        server.add("acme/app", origin)
        yield server
        assert not server.bugs, server.bugs


@pytest.fixture
def checkout(git_server: GitServer, tmp_path: Path) -> Repo:
    """A clone of acme/app on main, whose remote origin is the git server."""
    return Repo.clone(git_server.url_of("acme/app"), tmp_path / "checkout")


@pytest.fixture
def github(git_server: GitServer) -> Iterator[FakeGitHub]:
    """GitHub's REST interface for acme/app, whose branches are those of the git server."""
    with FakeGitHub(git_server.path_of("acme/app"), clone_url=git_server.url_of("acme/app")) as server:
        yield server
        assert not server.bugs, server.bugs


# Looked up before the environment is cleaned, and by every worker in the same place.
_SHARED = shared_folder()


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give the repository of a recorded history; skip the test where the recordings are absent."""
    cache = tmp_path_factory.getbasetemp()
    cache = (cache.parent if os.environ.get("PYTEST_XDIST_WORKER") else cache) / "histories"

    def replay(name: str) -> Path:
        try:
            return replay_history(name, cache=cache, shared=_SHARED)
        except HistoryMissing as error:
            pytest.skip(str(error))

    return replay


@pytest.fixture(scope="session")
def tiny_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that loads in a moment and speaks nonsense, always the same."""
    from tests.parts.tiny_model import write_gguf

    return write_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")
