"""What a server says when it refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notewright.llm.wire.refusal import explain_refusal, read_retry_after

_NOW = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param(" 0 ", 0.0, id="at-once"),
        pytest.param("Wed, 01 Jul 2026 12:01:30 GMT", 90.0, id="date"),
        pytest.param("Wed, 01 Jul 2026 12:01:30 -0000", 90.0, id="date-without-zone"),
        pytest.param("Wednesday, 01-Jul-26 12:00:10 GMT", 10.0, id="old-date"),
        pytest.param("Wed, 01 Jul 2026 11:00:00 GMT", 0.0, id="in-the-past"),
        pytest.param("9" * 400, 999_999_999.0, id="for-ever"),
        pytest.param(None, None, id="absent"),
        pytest.param("", None, id="empty"),
        pytest.param("soon", None, id="words"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("٣", None, id="other-digits"),
        pytest.param("Wed, 99 Jul 2026 12:00:00 GMT", None, id="no-such-day"),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, now=_NOW) == seconds


@pytest.mark.parametrize(
    ("body", "line"),
    [
        pytest.param(b'{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}', "503: Loading model", id="llama.cpp"),
        pytest.param(b'{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}', "429: slow down", id="openai"),
        pytest.param(b'{"error":{"message":"slow down","code":null}}', "429: slow down", id="no-code"),
        pytest.param(b'{"error":"server busy"}', "429: server busy", id="ollama"),
        pytest.param(b"<h1>slow\ndown</h1>", "429: <h1>slow down</h1>", id="html"),
        pytest.param(b'{"error":{"code":1e999,"message":"x"}}', "429: x", id="infinite-code"),
        pytest.param(b'{"error":{"code":200,"message":"x"}}', "429: x", id="code-of-success"),
        pytest.param(b"", "429", id="nothing"),
        pytest.param(b"[" * 100_000, "429: [[", id="bottomless"),
    ],
)
def test_the_words_of_every_kind_of_server_are_found(body: bytes, line: str) -> None:
    failure = explain_refusal("http://127.0.0.1:1", 429, body, retry_after="3")
    assert failure.message.startswith(f"the model server at http://127.0.0.1:1 refused with {line}")
    assert (failure.kind, failure.retry_after_s) == ("overload", 3.0)


def test_a_lack_of_memory_is_told_with_what_helps() -> None:
    failure = explain_refusal("http://127.0.0.1:1", 500, b'{"error":"CUDA error: out of memory"}')
    assert failure.kind == "out_of_memory"
    assert failure.hint == "choose a smaller model or a smaller llm.context_window"
