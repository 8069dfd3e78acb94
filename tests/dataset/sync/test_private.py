"""Repositories that need a token or a key, and what becomes of both."""

from __future__ import annotations

import base64
import os
import socket
import sys
import threading
from pathlib import Path

import psutil
import pytest

from notewright.adapters.access import read_login
from notewright.control import Cancel
from notewright.errors import Cancelled, ConfigError, NotewrightError, RepositoryError
from tests.dataset.sync.conftest import Update
from tests.parts.git_server import GitServer
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE

SPELLINGS = (TOKEN_READ, base64.b64encode(f"x-access-token:{TOKEN_READ}".encode()).decode())
_FAKE_SSH = """#!/bin/sh
{ echo "$@"; env; } > "$HOME/ssh-was-asked"
echo "%s" >&2
exit 255
"""


@pytest.fixture
def private(git_server: GitServer) -> GitServer:
    git_server.private = True
    return git_server


@pytest.fixture
def fake_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ssh in the path that writes down how it was called and gives the answer in `answer`, as a shell writes it."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(_FAKE_SSH % "git@h.org: Permission denied (publickey).")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def test_a_private_repository_without_a_token_says_what_to_set(private: GitServer, update: Update) -> None:
    with pytest.raises(RepositoryError, match="it is private, or there is no such repository") as caught:
        update(private.url_of("acme/app"))
    assert "NOTEWRIGHT_TOKEN" in (caught.value.hint or "")


def test_a_private_repository_is_cloned_and_updated_with_a_token(private: GitServer, update: Update) -> None:
    head = read_git(private.path_of("acme/app"), "rev-parse", "HEAD")
    for _ in range(2):
        assert update(private.url_of("acme/app"), token=(private.url, TOKEN_READ)).commit == head


@pytest.mark.parametrize("name", ["NOTEWRIGHT_TOKEN", "GITHUB_TOKEN"])
def test_the_token_of_the_environment_is_for_the_server_that_is_named_there(private: GitServer, update: Update, name: str) -> None:
    login = read_login({name: TOKEN_READ, "GITHUB_SERVER_URL": private.url})
    assert update(private.url_of("acme/app"), token=login).directory.is_dir()
    assert read_login({name: TOKEN_READ}) == ("https://github.com", TOKEN_READ)
    assert read_login({name: " "}) is None
    with pytest.raises(ConfigError, match="not an address that a token may be sent to"):
        read_login({name: TOKEN_READ, "GITHUB_SERVER_URL": "http://h.org"})


def test_a_wrong_token_is_told_as_one(private: GitServer, update: Update) -> None:
    with pytest.raises(RepositoryError, match="does not accept the token") as caught:
        update(private.url_of("acme/app"), token=(private.url, "ghs_wrong"))
    assert "ghs_wrong" not in f"{caught.value.message} {caught.value.hint}"


def test_a_token_that_may_not_see_the_repository_is_told(private: GitServer, update: Update) -> None:
    with pytest.raises(RepositoryError, match="there is no such repository any more, or it may not be seen"):
        update(private.url_of("acme/gone"), token=(private.url, TOKEN_READ))


@pytest.mark.case(40)
def test_case_40_the_token_is_in_no_file_and_in_no_error(private: GitServer, update: Update, tmp_path: Path, folder: Path) -> None:
    update(private.url_of("acme/app"), token=(private.url, TOKEN_READ))
    private.fault("GET", "info/refs", status=500, message=f"internal {SPELLINGS[1]}")
    with pytest.raises(RepositoryError) as caught:
        update(private.url_of("acme/app"), token=(private.url, TOKEN_READ))
    told: BaseException | None = caught.value
    assert isinstance(told, NotewrightError)
    assert not any(spelling in f"{told.message} {told.hint}" for spelling in SPELLINGS)
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not any(spelling.encode() in content for spelling in SPELLINGS for content in written)


@pytest.mark.case(40)
def test_case_40_the_token_is_in_no_argument(private: GitServer, update: Update) -> None:
    private.fault("GET", "info/refs", hang_s=60)
    cancel, failed = Cancel(), list[BaseException]()

    def run() -> None:
        try:
            update(private.url_of("acme/app"), token=(private.url, TOKEN_READ), cancel=cancel)
        except Cancelled as error:
            failed.append(error)

    running = threading.Thread(target=run)
    running.start()
    while not private.calls:
        assert not cancel.wait(0.01)
    lines = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    cancel.request()
    running.join(30)
    assert failed
    assert any(private.url_of("acme/app") in line for line in lines)
    assert not any(spelling in line for spelling in SPELLINGS for line in lines)


@pytest.mark.parametrize("elsewhere", ["another port", "https", "another host"])
def test_the_token_goes_to_the_server_that_it_is_for_and_to_no_other(git_server: GitServer, update: Update, elsewhere: str) -> None:
    server = {
        "another port": f"http://127.0.0.1:{git_server.port + 1}",
        "https": git_server.url.replace("http:", "https:"),
        "another host": git_server.url.replace("127.0.0.1", "localhost"),
    }[elsewhere]
    update(git_server.url_of("acme/app"), token=(server, TOKEN_WRITE))
    assert not any(call.authorised for call in git_server.calls)


@pytest.mark.case(38)
def test_case_38_a_token_never_follows_to_where_a_server_sends_it(private: GitServer, update: Update, repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: theirs")
    with GitServer(tmp_path / "elsewhere", {}) as other:
        other.add("acme/app", repo)
        location = {"Location": f"{other.url_of('acme/app')}/info/refs?service=git-upload-pack"}
        private.fault("GET", "info/refs", status=301, message="moved", headers=location)
        with pytest.raises(RepositoryError, match="it moved, and a token is not sent along") as caught:
            update(private.url_of("acme/app"), token=(private.url, TOKEN_READ))
        assert caught.value.hint == "write its new address"
        assert other.calls == []


def test_without_a_token_a_repository_that_moved_is_followed(git_server: GitServer, update: Update, repo: Repo) -> None:
    head = repo.commit("feat: moved here")
    git_server.add("acme/new", repo)
    location = {"Location": f"{git_server.url_of('acme/new')}/info/refs?service=git-upload-pack"}
    git_server.fault("GET", "app.git/info/refs", status=301, message="moved", headers=location)
    assert update(git_server.url_of("acme/app")).commit == head


@pytest.mark.case(27)
@pytest.mark.parametrize("location", ["file:///etc", "ext::sh -c true", "ftp://127.0.0.1/x", "ssh://127.0.0.1/x"])
def test_case_27_a_server_cannot_send_git_to_another_protocol(git_server: GitServer, update: Update, location: str) -> None:
    git_server.fault("GET", "info/refs", status=301, message="moved", headers={"Location": f"{location}/info/refs?service=git-upload-pack"})
    with pytest.raises(RepositoryError):
        update(git_server.url_of("acme/app"))


@pytest.mark.case(19)
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for ssh")
def test_ssh_asks_nobody_and_is_told_no_token(fake_ssh: Path, update: Update, monkeypatch: pytest.MonkeyPatch) -> None:
    """Security case 19: a token in our environment reaches no child."""
    for name in ("NOTEWRIGHT_TOKEN", "GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN"):
        monkeypatch.setenv(name, TOKEN_READ)
    with pytest.raises(RepositoryError, match="the ssh server refuses the key") as caught:
        update("git@h.org:acme/app.git", token=("https://h.org", TOKEN_READ))
    assert "ssh-agent" in (caught.value.hint or "")
    asked = Path(os.environ["HOME"], "ssh-was-asked").read_text()
    assert "BatchMode=yes" in asked.splitlines()[0]
    assert "git@h.org git-upload-pack 'acme/app.git'" in asked.splitlines()[0]
    assert not any(spelling in asked for spelling in SPELLINGS)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for ssh")
def test_an_unknown_ssh_host_is_told_as_one(fake_ssh: Path, update: Update) -> None:
    fake_ssh.write_text(_FAKE_SSH % "Host key verification failed.")
    with pytest.raises(RepositoryError, match="the key of the ssh host is not known") as caught:
        update("ssh://git@h.org/acme/app.git")
    assert "known_hosts" in (caught.value.hint or "")


def test_an_ssh_server_that_is_not_there_is_an_error(update: Update) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        with pytest.raises(RepositoryError, match="the server does not answer"):
            update(f"ssh://git@127.0.0.1:{taken.getsockname()[1]}/acme/app.git")


def test_a_server_that_is_not_there_is_an_error(update: Update) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(RepositoryError, match="the server does not answer") as caught:
            update(f"http://127.0.0.1:{taken.getsockname()[1]}/acme/app.git")
    assert "check the network" in (caught.value.hint or "")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_fails_is_told_as_one(git_server: GitServer, update: Update, status: int) -> None:
    git_server.fault("GET", "info/refs", status=status)
    with pytest.raises(RepositoryError, match="the server fails"):
        update(git_server.url_of("acme/app"))


def test_a_connection_that_breaks_leaves_nothing_half_done(git_server: GitServer, update: Update, folder: Path) -> None:
    git_server.fault("POST", "git-upload-pack", drop=True)
    with pytest.raises(RepositoryError, match="the server does not answer"):
        update(git_server.url_of("acme/app"))
    assert [path.name for path in folder.iterdir()] == [".lock"]
    update(git_server.url_of("acme/app"))
