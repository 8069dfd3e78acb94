"""Many requests at once: in which order, on which slots, and what becomes of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.batch import ask_all, group_requests
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.failure import EngineFailed
from notewright.llm.settings import EngineSettings
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Message, Reply, Request
from notewright.prompting.schema import object_of, text_of
from tests.parts.llama import serve_model
from tests.parts.said import Says, reply

_SCHEMA = object_of({"text": text_of(at_most=8)})
_CONTEXT = "what the file says, word for word; " * 80  # 2,800 characters


def _request(*texts: str) -> Request:
    *before, last = texts
    messages = (*(Message("system", text) for text in before), Message("user", last))
    return Request("answers", messages, _SCHEMA, 128)


def _echo(request: Request, _cancel: Cancel) -> Reply:
    return reply(request.messages[-1].content[-20:])


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([("a",)], [[0]], id="one"),
        pytest.param([("sys", "a"), ("sys", "b"), ("sys", "c")], [[0], [1], [2]], id="a-short-system-part-is-no-reason-to-wait"),
        pytest.param([(_CONTEXT, "b"), (_CONTEXT, "a"), (_CONTEXT, "c")], [[1, 0, 2]], id="long-system-part"),
        pytest.param([(_CONTEXT, "a"), ("x" + _CONTEXT, "a"), (_CONTEXT, "b")], [[0, 2], [1]], id="differing-system-parts"),
        pytest.param(
            [("s", f"A{_CONTEXT}1"), ("s", f"B{_CONTEXT}1"), ("s", f"A{_CONTEXT}2"), ("s", f"B{_CONTEXT}2")],
            [[0, 2], [1, 3]],
            id="the-context-begins-the-last-message",
        ),
        pytest.param([(f"A{_CONTEXT}1",), ("A",), (f"A{_CONTEXT}2",)], [[0, 2], [1]], id="a-prompt-of-another-kind-between"),
        pytest.param([(f"{_CONTEXT}{'y' * 3000}",), (f"{_CONTEXT}{'z' * 3000}",)], [[0], [1]], id="less-than-half-is-shared"),
        pytest.param([("s", _CONTEXT), ("s", _CONTEXT)], [[0, 1]], id="the-same-twice"),
    ],
)
def test_requests_that_begin_alike_and_long_are_together(texts: list[tuple[str, ...]], groups: list[list[int]]) -> None:
    assert group_requests([_request(*one) for one in texts]) == groups


def test_a_role_that_differs_parts_requests() -> None:
    one = _request(_CONTEXT, "a")
    other = replace(one, messages=(one.messages[0], Message("assistant", "a")))
    assert group_requests([one, other]) == [[0], [1]]


def test_those_that_share_most_stand_side_by_side() -> None:
    texts = [f"{_CONTEXT}{deep}{one}" for one in "ab" for deep in ("first part ", "second part ")]
    assert group_requests([_request("s", text) for text in texts]) == [[0, 2, 1, 3]]


@given(st.lists(st.text("ab", max_size=4).map(lambda letters: "".join(letter * 1000 for letter in letters)), max_size=12))
def test_every_request_is_in_one_group(texts: list[str]) -> None:
    groups = group_requests([_request("s", text) for text in texts])
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    assert [min(group) for group in groups] == sorted(min(group) for group in groups)


@given(st.integers(1, 5), st.lists(st.sampled_from(["A" + _CONTEXT, "B" + _CONTEXT, ""]), max_size=15))
def test_replies_come_in_the_order_of_the_requests(slots: int, contexts: list[str]) -> None:
    requests = [_request("s", f"{context}question {number}") for number, context in enumerate(contexts)]
    counts: list[int] = []
    replies = ask_all(Says(_echo, slots=slots), requests, Cancel(), answered=counts.append)
    assert [one.text for one in replies if isinstance(one, Reply)] == [request.messages[-1].content[-20:] for request in requests]
    assert counts == list(range(1, len(requests) + 1))


def test_one_failure_never_loses_the_others() -> None:
    failures: tuple[ModelError, ...] = (ModelError("one"), EngineFailed("two", kind="timeout"))
    engine = Says(failures[0], _echo, failures[1], _echo)
    outcomes = ask_all(engine, [_request("s", f"{number}") for number in range(5)], Cancel())
    assert [outcome if isinstance(outcome, ModelError) else outcome.text for outcome in outcomes] == [
        failures[0],
        "1",
        failures[1],
        "3",
        "4",
    ]


def test_a_group_stays_on_its_slot_one_request_after_the_other() -> None:
    under_way: set[int | None] = set()
    lock = threading.Lock()

    def answer(request: Request, cancel: Cancel) -> Reply:
        with lock:
            assert request.slot not in under_way
            under_way.add(request.slot)
        cancel.wait(0.002)
        with lock:
            under_way.remove(request.slot)
        return _echo(request, cancel)

    engine = Says(answer, slots=3)
    requests = [_request("s", f"{group}{_CONTEXT}question {number}") for number in range(4) for group in range(6)]
    assert all(isinstance(one, Reply) for one in ask_all(engine, requests, Cancel()))
    of_group: dict[str, set[int | None]] = {}
    for asked in engine.asked:
        of_group.setdefault(asked.messages[-1].content[0], set()).add(asked.slot)
    assert all(len(slots) == 1 for slots in of_group.values())
    assert {slot for slots in of_group.values() for slot in slots} == {0, 1, 2}


def test_all_slots_are_filled_at_once() -> None:
    together = threading.Barrier(4, timeout=30)  # broken, and so an error, unless four are in flight

    def meet(request: Request, cancel: Cancel) -> Reply:
        together.wait()
        return _echo(request, cancel)

    assert len(ask_all(Says(meet, slots=4), [_request("s", str(number)) for number in range(8)], Cancel())) == 8


def test_one_slot_is_asked_in_turn_and_left_to_choose() -> None:
    engine = Says(_echo)
    ask_all(engine, [_request("s", str(number)) for number in range(4)], Cancel())
    assert [(request.messages[-1].content, request.slot) for request in engine.asked] == [(str(number), None) for number in range(4)]


def test_an_engine_that_gives_up_slots_is_asked_less_at_once_and_everything_is_answered() -> None:
    in_flight, most_after = 0, 0
    lock = threading.Lock()

    def answer(request: Request, cancel: Cancel) -> Reply:
        nonlocal in_flight, most_after
        with lock:
            in_flight += 1
            most_after = max(most_after, in_flight) if len(engine.asked) > 8 else 0
            engine.slots = 1
        cancel.wait(0.002)
        with lock:
            in_flight -= 1
        return _echo(request, cancel)

    engine = Says(answer, slots=4)
    assert len(ask_all(engine, [_request("s", str(number)) for number in range(30)], Cancel())) == 30
    assert most_after == 1


def test_an_engine_that_does_not_tell_its_slots_is_asked_all_the_same() -> None:
    class _Gone(Says):
        @property
        def slots(self) -> int:
            raise EngineFailed("gone", kind="connection")

        @slots.setter
        def slots(self, _slots: int) -> None:
            pass

    (outcome,) = ask_all(_Gone(EngineFailed("gone", kind="connection")), [_request("s", "a")], Cancel())
    assert isinstance(outcome, EngineFailed)


@pytest.mark.parametrize("slots", [1, 3])
def test_cancelling_stops_all(slots: int) -> None:
    cancel = Cancel()

    def stop(_request: Request, wish: Cancel) -> Reply:
        cancel.request()
        wish.check()
        raise AssertionError

    engine = Says(stop, slots=slots)
    with pytest.raises(Cancelled):
        ask_all(engine, [_request("s", str(number)) for number in range(50)], cancel)
    assert len(engine.asked) <= slots


def test_a_mistake_of_ours_is_not_taken_for_one_of_the_engine() -> None:
    def refuse(_request: Request, _cancel: Cancel) -> Reply:
        raise ValueError("schema outside the subset")

    with pytest.raises(ValueError, match="outside the subset"):
        ask_all(Says(refuse, slots=2), [_request("s", str(number)) for number in range(5)], Cancel())


# a real server


@pytest.fixture(scope="module")
def many_slots(tiny_gguf: Path) -> Iterator[LlamaServer]:
    """A real server with four slots, as one on a GPU has."""
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    settings = EngineSettings(request_timeout_s=60)
    with (
        serve_model(tiny_gguf, slots=4, context=4 * 4096) as url,
        closing(LlamaServer(url, settings=settings, digests=Digests(None))) as engine,
    ):
        yield engine


def _evaluated(outcomes: list[Reply | ModelError]) -> tuple[int, int]:
    """Return how many prompt tokens a real engine evaluated, and how many there were."""
    replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    assert len(replies) == len(outcomes)
    assert all(read_reply(one, _SCHEMA) for one in replies)
    return sum(one.prompt_tokens - one.cached_tokens for one in replies), sum(one.prompt_tokens for one in replies)


def _questions(context: str, count: int) -> list[Request]:
    return [_request("You answer.", f"{context}\nQuestion {number}?") for number in range(count)]


def test_a_context_is_evaluated_once_on_a_real_server_with_many_slots(many_slots: LlamaServer) -> None:
    contexts = [f"file {name}: " + "def main(args): return None " * 80 for name in ("one", "two", "three", "four", "five")]
    requests = [request for five in zip(*(_questions(context, 6) for context in contexts), strict=True) for request in five]
    evaluated, read = _evaluated(ask_all(many_slots, requests, Cancel()))
    own = sum(many_slots.count(_questions(context, 1)[0].messages) for context in contexts)
    assert evaluated <= 1.25 * own, f"{evaluated:,} of {read:,} prompt tokens were evaluated; the contexts have {own:,}"


def test_a_context_is_evaluated_once_on_a_real_server_with_one_slot(llama: LlamaServer) -> None:
    contexts = [f"text {name}: " + "release notes for version 1.2.3 " * 80 for name in ("one", "two", "three")]
    requests = [request for three in zip(*(_questions(context, 6) for context in contexts), strict=True) for request in three]
    evaluated, read = _evaluated(ask_all(llama, requests, Cancel()))
    own = sum(llama.count(_questions(context, 1)[0].messages) for context in contexts)
    assert evaluated <= 1.25 * own, f"{evaluated:,} of {read:,} prompt tokens were evaluated; the contexts have {own:,}"
