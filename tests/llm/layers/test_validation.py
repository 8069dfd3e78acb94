"""Validation: no reply comes through but a valid one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given

from notewright.control import Cancel
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.layers.validation import Validated
from notewright.llm.settings import EngineSettings
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.prompting.request import Reply
from notewright.prompting.schema import object_of, text_of
from tests.parts.answering import GOOD, QUESTION, Answering
from tests.parts.impostor import Answer, Impostor, end, prompt_length, stream, token
from tests.parts.schemas import json_values


def _ask(text: str, **changes: object) -> Reply:
    return Validated(Answering(replace(GOOD, text=text, **changes))).chat(QUESTION, Cancel())  # type: ignore[arg-type]  # fields of Reply


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('<think>hm, {}</think>{"ok":true}', id="thoughts"),
        pytest.param('\n<think>\nhm\n\n</think>\n\n{"ok":true}', id="thoughts-between-lines"),
        pytest.param('<think></think>{"ok":true}', id="no-thought"),
        pytest.param('<think>is it <think>?</think>{"ok":true}', id="thoughts-about-thoughts"),
        pytest.param('{"ok":true}', id="none"),
    ],
)
def test_thoughts_before_the_reply_are_stripped(text: str) -> None:
    assert _ask(text).text == '{"ok":true}'


def test_a_reply_that_quotes_thoughts_keeps_them() -> None:
    text = '{"text":"<think>a</think>b"}'
    request = replace(QUESTION, schema=object_of({"text": text_of(at_most=50)}))
    assert Validated(Answering(replace(GOOD, text=text))).chat(request, Cancel()).text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('<think>hm, {"ok":true}', "thought aloud and never came to its reply", id="thoughts-without-end"),
        pytest.param("Sure! Here is", "no JSON", id="chatter"),
        pytest.param('```json\n{"ok":true}\n```', "no JSON", id="fenced"),
        pytest.param('{"ok":1}', "breaks its schema", id="another-type"),
        pytest.param('{"ok":true,"why":"x"}', "breaks its schema", id="more"),
        pytest.param("<think>hm</think>", "no JSON", id="nothing-but-thoughts"),
        pytest.param("", "no JSON", id="nothing"),
    ],
)
def test_an_invalid_reply_is_refused_and_what_was_paid_for_is_kept(text: str, message: str) -> None:
    with pytest.raises(InvalidReply, match=message) as raised:
        _ask(text)
    assert raised.value.hint
    assert raised.value.reply is not None
    assert raised.value.reply.generated_tokens == GOOD.generated_tokens


@pytest.mark.parametrize("text", ['{"ok":tr', '{"ok":true}', "<think>hm, what if"])
def test_a_reply_that_was_cut_off_is_never_taken_whatever_it_holds(text: str) -> None:
    with pytest.raises(TruncatedReply):
        _ask(text, finish="length")


@given(json_values)
def test_no_json_comes_through_that_the_schema_forbids(value: object) -> None:
    try:
        reply = _ask(json.dumps(value))
    except InvalidReply:
        return
    assert json.loads(reply.text) == value
    assert value in ({"ok": True}, {"ok": False})


def test_a_server_that_ignores_the_schema_with_200_ends_here() -> None:
    answer: Answer = lambda exchange: exchange.send(stream(token("Sure! Here is"), end(prompt_length(exchange))))  # noqa: E731
    with Impostor({"/completion": answer}) as server, pytest.raises(InvalidReply, match="no JSON"):
        Validated(LlamaServer(server.url, settings=EngineSettings(), digests=Digests(None))).chat(QUESTION, Cancel())
