"""`notewright commit parse`: one line of JSON for each message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from notewright.history.conventional import parse_message
from tests.parts.command import run_command

MESSAGES = [
    b"feat(api)!: drop v1 (#12)\n\nWhy.\n\nBREAKING CHANGE: use v2\nRefs: #3\nReviewed-by: Z\n",
    b"",
    b"\n",
    b"Words",
    "fix: Grüße 日本語 \u2028".encode(),
    b"fix: \xff\xfe",
    b"revert: feat: a\r\n\r\nThis reverts commit 0123456789abcdef.\r\n",
    b"feat: " + b"x" * 200_000,
]
KEYS = ["conventional", "type", "scope", "description", "breaking", "breaking_description", "body", "trailers", "references", "reverts"]


@pytest.mark.parametrize("last", [b"", b"\0"], ids=["no last NUL", "a last NUL"])
def test_every_message_is_one_line_in_their_order(last: bytes, tmp_path: Path) -> None:
    done = run_command("commit", "parse", "--stdin0", cwd=tmp_path, stdin=b"\0".join(MESSAGES) + last)
    assert (done.code, done.err) == (0, "")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [list(row) for row in rows] == [KEYS] * len(MESSAGES)
    for row, message in zip(rows, MESSAGES, strict=True):
        parsed = parse_message(message.decode("utf-8", "replace"))
        assert row == json.loads(json.dumps({key: getattr(parsed, key) for key in KEYS}))
    assert rows[0]["trailers"] == [["Refs", "#3"], ["Reviewed-by", "Z"]]
    assert rows[1] == {**dict.fromkeys(KEYS), "conventional": False, "breaking": False, "trailers": [], "references": [], "reverts": []}


@pytest.mark.parametrize(
    ("stdin", "lines"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(b"\0", 1, id="one empty message"),
        pytest.param(b"\0\0\0", 3, id="three empty messages"),
        pytest.param(b"a\0\0", 2, id="a message and an empty one"),
    ],
)
def test_empty_messages_are_counted(stdin: bytes, lines: int, tmp_path: Path) -> None:
    assert run_command("commit", "parse", "--stdin0", cwd=tmp_path, stdin=stdin).out.count(b"\n") == lines


def test_one_message_is_all_of_stdin(tmp_path: Path) -> None:
    row = json.loads(run_command("commit", "parse", cwd=tmp_path, stdin=MESSAGES[0]).out)
    assert (row["type"], row["scope"], row["breaking_description"], row["body"]) == ("feat", "api", "use v2", "Why.")


def test_json_is_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    environment = {"LC_ALL": "POSIX", "LANG": "POSIX", "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run_command("commit", "parse", cwd=tmp_path, stdin="fix: 日本語".encode(), env=environment)
    assert json.loads(done.out.decode("utf-8"))["description"] == "日本語"
