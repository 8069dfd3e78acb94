"""GitHub's description is whole, and the fake answers all that it describes."""

from __future__ import annotations

import pytest

from tests.parts.hub.routes import HANDLERS
from tests.parts.openapi import Description, Operation

_DESCRIPTION = Description.load()


def _find(method: str, path: str) -> tuple[str, dict[str, str]]:
    found = _DESCRIPTION.find_operation(method, path)
    assert found is not None
    operation, args = found
    return operation.identity, {name: value for name, value in args.items() if name not in ("owner", "repo")}


def _operation(identity: str) -> Operation:
    return next(operation for operation in _DESCRIPTION.operations if operation.identity == identity)


def test_every_operation_that_is_described_has_an_answer() -> None:
    assert {operation.identity for operation in _DESCRIPTION.operations} == set(HANDLERS)


@pytest.mark.parametrize(
    ("path", "identity", "args"),
    [
        pytest.param("/repos/a/b/commits/x/y/status", "repos/get-combined-status-for-ref", {"ref": "x/y"}, id="a ref with slashes"),
        pytest.param("/repos/a/b/compare/v1%2B2...a/b", "repos/compare-commits-with-basehead", {"basehead": "v1+2...a/b"}, id="escaped"),
        pytest.param("/repos/a/b/releases/latest", "repos/get-latest-release", {}, id="a word before a parameter"),
    ],
)
def test_a_path_names_one_operation(path: str, identity: str, args: dict[str, str]) -> None:
    assert _find("GET", path) == (identity, args)


def test_what_github_does_not_describe_is_not_found() -> None:
    assert _DESCRIPTION.find_operation("DELETE", "/repos/a/b") is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param({"head": "a", "base": "b"}, None, id="right"),
        pytest.param({"head": "a"}, "'base' is a required property", id="missing"),
        pytest.param({"head": "a", "base": "b", "draft": "yes"}, "$.draft: 'yes' is not of type 'boolean'", id="wrong type"),
        pytest.param(None, "None is not of type 'object'", id="no body"),
    ],
)
def test_a_request_is_checked_by_its_schema(body: dict[str, str] | None, error: str | None) -> None:
    errors = _DESCRIPTION.find_request_errors(_operation("pulls/create"), {}, body)
    assert (error is None and errors == []) or (error or "") in errors[0]


def test_a_parameter_is_checked_by_its_schema() -> None:
    assert _DESCRIPTION.find_request_errors(_operation("pulls/list"), {"state": "all", "page": "2", "unknown": "x"}, None) == []
    assert len(_DESCRIPTION.find_request_errors(_operation("pulls/list"), {"state": "new", "page": "x"}, None)) == 2


def test_a_reply_that_lacks_something_is_found_out() -> None:
    user = _DESCRIPTION.sample("public-user")
    assert _DESCRIPTION.find_reply_errors(_operation("users/get-by-username"), 200, user) == []
    del user["login"]
    assert _DESCRIPTION.find_reply_errors(_operation("users/get-by-username"), 200, user) != []
    assert _DESCRIPTION.find_reply_errors(_operation("users/get-by-username"), 201, user) != []
