"""Security cases 38, 39 and 41 in the steps of the action: addresses that must not have the token, and a server that refuses."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
import pytest

from tests.action.stage import Ran, Stage
from tests.parts.tokens import TOKEN_WRITE

_STEPS = {"collect": "release", "propose": "release", "gate": "gate", "finish": "finish"}


@dataclass
class Elsewhere:
    """A server of an attacker, on every address of this machine. `heard` holds each request with its headers."""

    port: int = 0
    heard: list[str] = field(default_factory=list)


@contextmanager
def listening(*, to: str = "") -> Iterator[Elsewhere]:
    """Run one, which sends whoever asks on to the address `to`, or finds nothing."""
    made = Elsewhere()

    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            made.heard.append(f"{self.requestline}\n{self.headers}")
            self.send_response(302 if to else 404)
            if to:
                self.send_header("Location", f"{to}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815  # as http.server calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as http.server names it
            pass

    with http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler) as server:  # it is reached by another name than this machine's
        server.daemon_threads = True
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield made
        server.shutdown()


def names_of_this_machine() -> list[str]:
    """Return names and addresses that lead here, and may lead elsewhere tomorrow."""
    addresses = [one.address for each in psutil.net_if_addrs().values() for one in each if one.family == socket.AF_INET]
    named = {socket.gethostname()} - {"localhost"}
    return ["0.0.0.0", *named, *(one for one in addresses if not one.startswith("127."))]


def run_all(stage: Stage) -> list[Ran]:
    """Run every step that has a token."""
    return [stage.run(step, token=TOKEN_WRITE, command=command) for step, command in _STEPS.items()]


@pytest.mark.case(38)
@pytest.mark.parametrize("name", ["GITHUB_API_URL", "GITHUB_SERVER_URL"])
def test_a_server_that_sends_a_step_elsewhere_does_not_send_the_token_there(stage: Stage, name: str) -> None:
    with listening() as thief, listening(to=f"http://127.0.0.1:{thief.port}") as sender:
        stage.extra[name] = f"http://127.0.0.1:{sender.port}"
        ran = run_all(stage)
    assert ran[0].code != 0, ran[0].log
    assert not any(TOKEN_WRITE in one.log for one in ran)
    assert any("authorization:" in request.lower() for request in sender.heard), "it was asked, with the token, which is meant for it"
    assert thief.heard == []
    assert stage.github.writes() == []


@pytest.mark.case(39)
@pytest.mark.parametrize("name", ["GITHUB_API_URL", "GITHUB_SERVER_URL"])
def test_no_step_says_a_word_without_encryption_to_any_address_but_this_machine_s_own(stage: Stage, name: str) -> None:
    with listening() as thief:
        for host in names_of_this_machine():
            stage.extra[name] = f"http://{host}:{thief.port}"
            for ran in run_all(stage):
                assert (ran.code, len(ran.errors)) == (3, 1), ran.log
                assert name in ran.errors[0]
                assert TOKEN_WRITE not in ran.log
    assert thief.heard == []
    assert stage.github.writes() == []


@pytest.mark.case(41)
def test_a_release_branch_that_the_server_protects_ends_the_step_with_one_error_that_says_what_to_do(stage: Stage) -> None:
    stage.git_server.protect("acme/app", "notewright/release")
    assert stage.run("collect", token=TOKEN_WRITE).code == 0
    assert stage.run("prepare", engine="none").code == 0
    ran = stage.run("propose", token=TOKEN_WRITE, engine="none")
    assert ran.code not in (0, 1), ran.log
    (error,) = ran.errors
    assert "the server protects this branch" in error
    assert "release.branch" in ran.log
    assert ran.summary.startswith("### notewright stopped")
    assert stage.github.pulls() == []
    assert "notewright/release" not in stage.git_server.heads("acme/app")
