"""The fake GitHub refuses what GitHub refuses before it looks at the repository."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from tests.parts.github import FakeGitHub
from tests.parts.tokens import TOKEN_WRITE

_SIGNED = {"User-Agent": "test", "Authorization": f"Bearer {TOKEN_WRITE}"}
_PULLS = "/repos/acme/app/pulls"


def _call(server: FakeGitHub, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, Any, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read()), dict(reply.headers)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "words"),
    [
        pytest.param("GET", _PULLS, {}, "", 403, "User-Agent", id="no user agent"),
        pytest.param("GET", _PULLS, {"User-Agent": "test", "Authorization": "token x"}, "", 401, "Bad credentials", id="bad token"),
        pytest.param("POST", _PULLS, {"User-Agent": "test"}, "{}", 401, "Requires authentication", id="no token"),
        pytest.param("POST", _PULLS, _SIGNED, "{", 400, "Problems parsing JSON", id="no JSON"),
        pytest.param("POST", _PULLS, _SIGNED, '{"head": 1}', 422, "'base' is a required property", id="wrong body"),
        pytest.param("GET", "/repos/acme/other", _SIGNED, "", 404, "Not Found", id="another repository"),
        pytest.param("GET", f"{_PULLS}/7", _SIGNED, "", 404, "Not Found", id="another pull request"),
    ],
)
def test_a_request_out_of_order_is_refused(  # noqa: PLR0917  # one row of the table
    github: FakeGitHub, method: str, path: str, headers: dict[str, str], body: str, status: int, words: str
) -> None:
    answered, said, _ = _call(github, method, path, headers, body)
    assert (answered, words in said["message"]) == (status, True)
    assert github.calls[-1].status == status


def test_a_public_repository_can_be_read_without_a_token_and_a_private_one_cannot(github: FakeGitHub) -> None:
    assert _call(github, "GET", _PULLS, {"User-Agent": "test"})[:2] == (200, [])
    github.hub.private = True
    assert _call(github, "GET", _PULLS, {"User-Agent": "test"})[0] == 404
    assert _call(github, "GET", _PULLS, _SIGNED)[0] == 200


def test_a_fault_can_send_headers(github: FakeGitHub) -> None:
    github.fault("*", "/pulls", status=429, message="slow down", headers={"Retry-After": "7"})
    status, said, headers = _call(github, "GET", _PULLS, _SIGNED)
    assert (status, said["message"], headers["Retry-After"]) == (429, "slow down", "7")


def test_labels_are_cleared_by_an_empty_list(github: FakeGitHub) -> None:
    assert _call(github, "PUT", "/repos/acme/app/issues/1/labels", _SIGNED, '{"labels": []}')[0] == 404
    assert _call(github, "PUT", "/repos/acme/app/issues/1/labels", _SIGNED, "{}")[0] == 422
