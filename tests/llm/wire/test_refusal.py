"""What a server says when it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from notewright.llm.wire.refusal import explain_length, explain_refusal, read_retry_after
from notewright.prompting.budget import PromptTooLong

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
        pytest.param(b'{"object":"error","message":"slow down","type":"x","code":503}', "503: slow down", id="vllm-up-to-0.10"),
        pytest.param(b'{"object":"error","message":"slow down"}', "429: slow down", id="vllm-without-a-code"),
        pytest.param(b'{"detail":"slow down"}', "429: slow down", id="fastapi"),
        pytest.param(
            b'{"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required","input":{}},{"loc":["body",3],"msg":"no"},7]}',
            "429: body.model: Field required; body.3: no; 7",
            id="fastapi-s-list",
        ),
        pytest.param(b'{"detail":[]}', "429", id="fastapi-s-empty-list"),
        pytest.param(b'{"message":"slow down"}', '429: {"message":"slow down"}', id="another-program"),
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


@pytest.mark.parametrize(
    "message",
    [
        "request (20012 tokens) exceeds the available context size (8192 tokens), try increasing it",
        "This model's maximum context length is 2048 tokens.",
        "Trying to keep the first 9000 tokens when context the overflows. Load the model with a larger Context Length",
    ],
)
def test_a_refusal_that_names_the_context_is_a_prompt_too_long(message: str) -> None:
    failure = explain_refusal("http://127.0.0.1:1", 400, json.dumps({"error": {"code": 400, "message": message}}).encode())
    with pytest.raises(PromptTooLong, match="context") as raised:
        explain_length(failure)
    assert raised.value.hint


def test_a_lack_of_memory_for_the_context_is_none() -> None:
    explain_length(explain_refusal("http://127.0.0.1:1", 500, b'{"error":"failed to allocate the context window"}'))


def test_a_lack_of_memory_is_told_with_what_helps() -> None:
    failure = explain_refusal("http://127.0.0.1:1", 500, b'{"error":"CUDA error: out of memory"}')
    assert failure.kind == "out_of_memory"
    assert failure.hint == "choose a smaller model or a smaller llm.context_window"
