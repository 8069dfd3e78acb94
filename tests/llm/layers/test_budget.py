"""The budget layer: what is asked for, and what is refused before it is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.control import Cancel
from notewright.llm.layers.budget import Budgeted
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.request import Identity, Message, Messages, Reply, Request
from notewright.prompting.schema import boolean, list_of, object_of, reply_tokens, text_of

_SCHEMA = object_of({"ok": boolean()})
_LONG = list_of(text_of(at_most=500), at_most=20)
_SETTINGS = EngineSettings(context_window=8192)


class Counting:
    """An engine that counts one token a character, or cannot say, and remembers what it was asked."""

    slots = 1

    def __init__(self, *, counts: bool = True, context: int = 0) -> None:
        self.counted: list[int] = []
        self.asked: list[Request] = []
        self._counts = counts
        self._context = context

    def identity(self) -> Identity:
        return Identity("counting", "", "", self._context, "")

    def count(self, messages: Messages) -> int | None:
        self.counted.append(sum(len(message.content) for message in messages))
        return self.counted[-1] if self._counts else None

    def chat(self, request: Request, cancel: Cancel) -> Reply:  # noqa: ARG002  # the protocol's
        self.asked.append(request)
        return Reply("{}", "stop", 0, 0, 0, 0.0)

    def close(self) -> None: ...


def asked(engine: Counting, *, text: str = "hello", most: int = 100_000, long: bool = True) -> int:
    """How many tokens the engine was asked for."""
    Budgeted(engine, _SETTINGS).chat(Request("notes", (Message("user", text),), _LONG if long else _SCHEMA, most), Cancel())
    return engine.asked[-1].max_tokens


@pytest.mark.parametrize(
    ("engine", "options", "limit"),
    [
        pytest.param(Counting(), {"long": False}, reply_tokens(_SCHEMA), id="the schema's own bound"),
        pytest.param(Counting(), {"most": 4096}, 4096, id="the ceiling"),
        pytest.param(Counting(), {}, 8192 - 5, id="the room in the window"),
        pytest.param(Counting(context=6000), {}, 6000 - 5, id="the room in the model's smaller window"),
        pytest.param(Counting(counts=False), {}, reply_tokens(_LONG), id="no window where nobody counts"),
    ],
)
def test_a_reply_is_given_the_least_of_schema_ceiling_and_room(engine: Counting, options: dict[str, int], limit: int) -> None:
    assert asked(engine, **options) == min(limit, options.get("most", 100_000))  # type: ignore[arg-type]  # options of several types


def test_a_prompt_that_leaves_too_little_room_is_refused_before_it_is_sent() -> None:
    engine = Counting()
    with pytest.raises(PromptTooLong, match="8190 tokens"):
        asked(engine, text="x" * 8190)
    assert not engine.asked


def test_a_prompt_of_ten_megabytes_is_refused_without_being_counted() -> None:
    engine = Counting()
    with pytest.raises(PromptTooLong, match="do not fit the context window of 8192"):
        asked(engine, text="x" * 10_000_000)
    assert not engine.counted
    assert not engine.asked


def test_a_schema_outside_the_subset_is_refused_whether_or_not_tokens_are_counted() -> None:
    for engine in (Counting(), Counting(counts=False)):
        with pytest.raises(ValueError, match="outside the subset"):
            Budgeted(engine, _SETTINGS).chat(replace(Request("notes", (), _SCHEMA, 9), schema={"not": {}}), Cancel())
