"""The engine that replays a file."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.engines.scripted import Scripted
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import boolean


def _open(tmp_path: Path, *lines: str) -> Scripted:
    path = tmp_path / "script.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return Scripted(path)


def _say(engine: Scripted, prompt: str, *, timeout_s: float = 5, cancel: Cancel | None = None) -> str:
    return engine.chat(Request("notes", (Message("user", prompt),), boolean(), 10, timeout_s), cancel or Cancel()).text


def test_lines_answer_in_their_order_each_once(tmp_path: Path) -> None:
    engine = _open(tmp_path, '{"reply": "one"}', "", '{"reply": {"b": 1, "a": "ü"}}')
    assert [_say(engine, "x"), _say(engine, "x")] == ["one", '{"a":"ü","b":1}']
    with pytest.raises(ModelError, match="no reply left") as failure:
        _say(engine, "x")
    assert failure.value.hint


def test_a_line_with_a_match_answers_every_prompt_that_it_is_found_in(tmp_path: Path) -> None:
    engine = _open(tmp_path, '{"match": "pass(key|word)", "reply": "secret"}', '{"reply": "other"}')
    assert [_say(engine, prompt) for prompt in ("a passkey", "hello", "a password")] == ["secret", "other", "secret"]


def test_a_script_says_who_it_is_and_has_no_tokens(tmp_path: Path) -> None:
    engine = _open(tmp_path, '{"reply": "one"}')
    assert (engine.identity().engine, engine.identity().model) == ("scripted", "script.jsonl")
    assert engine.identity().digest.startswith("sha256:")
    unknown: int | None = engine.count((Message("user", "hello"),))
    assert unknown is None


def test_errors_cut_off_replies_and_delays_can_be_scripted(tmp_path: Path) -> None:
    engine = _open(tmp_path, '{"error": "out of memory"}', '{"reply": "[", "finish": "length"}', '{"reply": "late", "delay_s": 0.1}')
    with pytest.raises(ModelError, match="out of memory"):
        _say(engine, "x")
    assert engine.chat(Request("notes", (), boolean(), 10), Cancel()).finish == "length"
    started = time.monotonic()
    assert _say(engine, "x") == "late"
    assert time.monotonic() - started >= 0.1


def test_a_delay_ends_at_the_time_limit_and_when_someone_asks_to_stop(tmp_path: Path) -> None:
    engine = _open(tmp_path, '{"match": "", "reply": "late", "delay_s": 30}')
    with pytest.raises(ModelError, match=r"no new token for 0\.05 s"):
        _say(engine, "x", timeout_s=0.05)
    cancel = Cancel()
    threading.Timer(0.05, cancel.request).start()
    with pytest.raises(Cancelled):
        _say(engine, "x", timeout_s=60, cancel=cancel)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("reply: one", "line 2 .* is wrong", id="no-json"),
        pytest.param("[]", "line 2 .* is wrong", id="an-array"),
        pytest.param("{}", "it has reply or error", id="empty"),
        pytest.param('{"reply": 1, "match_": "x"}', "none but delay_s, error, finish, match, reply", id="unknown-key"),
        pytest.param('{"reply": 1, "finish": "never"}', "finish is stop or length", id="unknown-end"),
        pytest.param('{"reply": 1, "match": "("}', "line 2 .* is wrong", id="wrong-pattern"),
        pytest.param('{"reply": 1, "delay_s": "soon"}', "line 2 .* is wrong", id="wrong-delay"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        _open(tmp_path, '{"reply": 1}', line)


def test_a_missing_script_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no script"):
        Scripted(tmp_path / "missing.jsonl")
