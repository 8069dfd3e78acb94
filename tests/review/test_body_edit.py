from __future__ import annotations

import json
from typing import Any

import pytest

from notewright.errors import UsageError
from notewright.review.body_edit import BodyEdit, read_body_edit
from notewright.review.checklist import LINES, render_checklist

AFTER = render_checklist().replace(LINES["notes"], LINES["notes"].replace("[ ]", "[x]"))
DIGEST = "sha256:" + "a" * 64


def event(**changed: object) -> dict[str, Any]:
    pull = {"number": 7, "body": AFTER, "updated_at": "2026-06-01T10:00:00Z", "head": {"sha": "c" * 40, "ref": "x"}, "title": "t"}
    told = {"action": "edited", "number": 7, "changes": {"body": {"from": render_checklist()}}, "pull_request": pull}
    return {**told, "sender": {"login": "ada", "id": 1, "type": "User"}, "repository": {}, **changed}


def read(value: object) -> BodyEdit | None:
    return read_body_edit(json.dumps(value).encode())


def test_an_edit_tells_who_changed_what_and_when() -> None:
    edit = read(event())
    assert edit == BodyEdit(7, "c" * 40, "ada", render_checklist(), AFTER, "2026-06-01T10:00:00Z")
    mark = edit.mark(event_id="99", proposal_digest=DIGEST)
    assert mark
    assert (mark.audit, mark.on, mark.login, mark.event_id, mark.at, mark.digest) == (
        "notes", True, "ada", "99", "2026-06-01T10:00:00Z", "a" * 16,
    )  # fmt: skip


def test_an_edit_of_anything_else_than_one_box_is_no_mark() -> None:
    edit = read(event(changes={"body": {"from": ""}}))
    assert edit
    assert edit.mark(event_id="99", proposal_digest=DIGEST) is None


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(event(action="synchronize", changes=None), id="a push"),
        pytest.param(event(changes={"title": {"from": "old"}}), id="another title"),
        pytest.param(event(changes={}), id="nothing"),
    ],
)
def test_another_event_is_no_edit_of_the_body(told: object) -> None:
    assert read(told) is None


def test_a_body_that_was_empty_or_is_now_is_read() -> None:
    edit = read(event(changes={"body": {"from": None}}))
    assert edit
    assert edit.before == ""


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(json.dumps(event(sender={"login": "a\nb"})).encode(), id="a login of two lines"),
        pytest.param(json.dumps(event(sender=None)).encode(), id="nobody"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b"[" * 100_000, id="nested without end"),
    ],
)
def test_what_is_no_event_of_a_pull_request_is_refused(payload: bytes) -> None:
    with pytest.raises(UsageError, match="not one of a pull request") as caught:
        read_body_edit(payload)
    assert caught.value.hint
