"""The git server keeps GitHub's promises."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.git_server import GitServer
from tests.parts.plumbing import read_git, run_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE


def _push(repo: Repo, server: GitServer, *refs: str, token: str | None = None) -> str:
    """Push and return what git says, whether it succeeds or not."""
    header = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    options = ("-c", f"http.extraheader=Authorization: Basic {header}") if token else ()
    try:
        run_git(repo.path, *options, "push", server.url_of("acme/app"), *refs)
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode())
    return ""


def _clone(server: GitServer, into: Path) -> None:
    run_git(into, "clone", "--quiet", server.url_of("acme/app"), "copy")


@pytest.fixture
def work(checkout: Repo) -> Repo:
    """A checkout with one commit more than the server has."""
    checkout.commit("feat: more", {"more.txt": "more\n"})
    return checkout


def test_a_push_with_a_write_token_moves_the_branch(git_server: GitServer, work: Repo) -> None:
    assert _push(work, git_server, "HEAD:refs/heads/topic", token=TOKEN_WRITE) == ""
    assert git_server.heads("acme/app")["topic"] == work.sha()
    assert all(call.authorised for call in git_server.calls[-2:])


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param(None, "could not read Username", id="no token"),
        pytest.param("ghs_nonsense", "could not read Username", id="unknown token"),
        pytest.param(TOKEN_READ, "Write access to repository not granted", id="read token"),
    ],
)
def test_a_push_without_a_write_token_is_refused(git_server: GitServer, work: Repo, token: str | None, words: str) -> None:
    before = git_server.heads("acme/app")
    assert words in _push(work, git_server, "HEAD:refs/heads/topic", token=token)
    assert git_server.heads("acme/app") == before


def test_a_protected_branch_refuses_and_its_companion_passes(git_server: GitServer, work: Repo) -> None:
    git_server.protect("acme/app", "main")
    said = _push(work, git_server, "HEAD:refs/heads/main", "HEAD:refs/heads/topic", token=TOKEN_WRITE)
    assert "remote: error: GH006: Protected branch update failed for refs/heads/main." in said
    assert git_server.heads("acme/app")["topic"] == work.sha()
    assert git_server.heads("acme/app")["main"] == work.sha("HEAD~1")


def test_anyone_reads_a_public_repository_and_nobody_an_unknown_one(git_server: GitServer, tmp_path: Path) -> None:
    _clone(git_server, tmp_path)
    assert read_git(tmp_path / "copy", "log", "--format=%s") == "feat: start"
    assert not any(call.authorised for call in git_server.calls)
    git_server.private = True
    with pytest.raises(subprocess.CalledProcessError, match="128"):
        _clone(git_server, tmp_path)


def test_an_unknown_repository_is_not_found_with_a_token(git_server: GitServer, work: Repo) -> None:
    with pytest.raises(subprocess.CalledProcessError) as error:
        git_server.push(work, "main", name="acme/none")
    assert "remote: Repository not found." in error.value.stderr.decode()


def test_a_push_of_many_megabytes_arrives_whole(git_server: GitServer, work: Repo) -> None:
    noise = b"".join(bytes([n * m % 251]) * (n % 7 + 1) for n in range(1, 1500) for m in range(1, 400))
    work.git("config", "core.compression", "0")
    work.commit("feat: a lot", {"noise.bin": noise})
    assert _push(work, git_server, "HEAD:refs/heads/topic", token=TOKEN_WRITE) == ""
    assert read_git(git_server.path_of("acme/app"), "rev-parse", "topic:noise.bin") == work.git("rev-parse", "HEAD:noise.bin")


def _fail(server: GitServer) -> None:
    server.fault("POST", "git-receive-pack", status=503, message="out of order")


def _drop(server: GitServer) -> None:
    server.fault("POST", "git-receive-pack", drop=True)


@pytest.mark.parametrize("order", [pytest.param(_fail, id="an error"), pytest.param(_drop, id="a dropped connection")])
def test_a_fault_stops_one_push_and_the_next_passes(git_server: GitServer, work: Repo, order: Callable[[GitServer], None]) -> None:
    order(git_server)
    assert _push(work, git_server, "HEAD:refs/heads/topic", token=TOKEN_WRITE) != ""
    assert "topic" not in git_server.heads("acme/app")
    assert _push(work, git_server, "HEAD:refs/heads/topic", token=TOKEN_WRITE) == ""


def test_a_push_can_take_effect_although_its_answer_is_lost(git_server: GitServer, work: Repo) -> None:
    git_server.fault("POST", "git-receive-pack", drop=True, after=True)
    assert _push(work, git_server, "HEAD:refs/heads/topic", token=TOKEN_WRITE) != ""
    assert git_server.heads("acme/app")["topic"] == work.sha()
