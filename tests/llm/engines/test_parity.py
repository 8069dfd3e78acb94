"""The same weights give the same reply, whichever engine reads them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Message, Messages, Request
from notewright.prompting.schema import boolean, choice_of, constant, integer, list_of, nullable, object_of, text_of

_NOTES = list_of(
    object_of({"cites": list_of(choice_of(["1", "2", "3"]), at_least=1, at_most=2), "text": text_of(at_most=20)}), at_least=1, at_most=2
)
_NULLABLE = list_of(nullable(object_of({"name": text_of(at_most=6), "version": constant(2)})), at_least=2, at_most=3)


def _ask(number: int) -> Messages:
    return (Message("system", "You write JSON."), Message("user", f"Describe change {number}."))


# llama.cpp works attention out in 16 bits and MLX in 32, which moves a token's logit by up to .014. The numbers are those whose replies
# have no two likeliest tokens closer than .35 at any place, so that rounding decides nothing on any processor.
@pytest.mark.parametrize(
    ("schema", "numbers"),
    [
        pytest.param(_NOTES, (59, 164, 51), id="notes"),
        pytest.param(object_of({"questions": list_of(text_of(at_most=12), at_least=2, at_most=3)}), (357, 250, 167), id="questions"),
        pytest.param(object_of({"answer": text_of(at_most=40), "answerable": boolean()}), (119, 191, 111), id="answer"),
        pytest.param(object_of({"kind": choice_of(["feature", "fix", "hidden"]), "sure": choice_of([1, 2, 3])}), (8, 133, 332), id="class"),
        pytest.param(_NULLABLE, (159, 141, 248), id="nullable"),
        pytest.param(object_of({"count": integer(), "unit": choice_of(["ms", "s"])}), (271, 280, 79), id="number"),
        pytest.param(text_of(at_most=40), (7, 348, 148), id="text"),
    ],
)
def test_llama_server_llama_cpp_and_mlx_give_the_same_greedy_reply(
    open_local: Callable[..., Engine], schema: dict[str, object], numbers: tuple[int, ...]
) -> None:
    replies: dict[str, list[str]] = {}
    prompts: dict[str, list[int]] = {}
    for name in ("embedded", "llama_cpp", "mlx"):
        with closing(open_local(name)) as engine:
            answered = [engine.chat(Request("notes", _ask(number), schema, 3_000), Cancel()) for number in numbers]
        for reply in answered:
            read_reply(reply, schema)
        replies[name] = [reply.text for reply in answered]
        prompts[name] = [reply.prompt_tokens for reply in answered]
    assert replies["embedded"] == replies["llama_cpp"] == replies["mlx"]
    assert prompts["embedded"] == prompts["llama_cpp"] == prompts["mlx"]
