"""The breaker: an engine that fails again and again is left alone for a while."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.failure import EngineFailed, Kind
from notewright.llm.layers.breaker import Breaking
from notewright.llm.layers.retry import Retrying
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply
from notewright.prompting.request import Reply
from tests.parts.answering import GOOD, QUESTION, Answer, Answering, Hourglass

_SETTINGS = EngineSettings(breaker_failures=3, breaker_pause_s=30)


def _failure(kind: Kind = "connection") -> EngineFailed:
    return EngineFailed("the server is gone", kind=kind)


def _open(*answers: Answer) -> tuple[Breaking, Answering, Hourglass]:
    """Return an open breaker, whose engine gives `answers` next."""
    clock = Hourglass()
    engine = Answering(*[_failure()] * 3, *answers)
    breaker = Breaking(engine, _SETTINGS, clock=clock)
    _fail(breaker, 3)
    return breaker, engine, clock


def _fail(breaker: Breaking, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelError):
            breaker.chat(QUESTION, Cancel())


def _is_open(breaker: Breaking, engine: Answering) -> bool:
    asked = engine.asked
    with suppress(ModelError):
        breaker.chat(QUESTION, Cancel())
    return engine.asked == asked


@pytest.mark.parametrize("kind", ["connection", "timeout", "overload", "out_of_memory"])
def test_it_opens_after_so_many_failures_in_a_row(kind: Kind) -> None:
    engine = Answering(_failure(kind))
    breaker = Breaking(engine, _SETTINGS)
    _fail(breaker, 3)
    assert _is_open(breaker, engine)


def test_an_open_breaker_says_why_and_when_the_engine_is_tried_again() -> None:
    breaker, _, clock = _open(GOOD)
    clock.now = 10
    with pytest.raises(EngineFailed) as raised:
        breaker.chat(QUESTION, Cancel())
    assert str(raised.value) == (
        "the engine is left alone after 3 failures in a row, and it is tried again in 20 s; the last one: the server is gone"
    )
    assert (raised.value.kind, raised.value.retry_after_s) == ("refused", 20)


def test_an_answer_begins_the_row_anew() -> None:
    engine = Answering(_failure(), _failure(), GOOD, _failure(), _failure(), GOOD)
    breaker = Breaking(engine, _SETTINGS)
    _fail(breaker, 2)
    breaker.chat(QUESTION, Cancel())
    _fail(breaker, 2)
    assert breaker.chat(QUESTION, Cancel()) == GOOD


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(InvalidReply("no JSON", reply=GOOD), id="invalid-reply"),
        pytest.param(PromptTooLong("too long"), id="prompt-too-long"),
        pytest.param(_failure("refused"), id="refused"),
        pytest.param(Cancelled("cancelled"), id="cancelled"),
    ],
)
def test_what_is_the_questions_fault_never_opens_it(error: Exception) -> None:
    engine = Answering(error)
    breaker = Breaking(engine, _SETTINGS)
    for _ in range(20):
        with pytest.raises(type(error)):
            breaker.chat(QUESTION, Cancel())
    assert engine.asked == 20


def test_after_the_pause_an_answer_closes_it() -> None:
    breaker, engine, clock = _open(GOOD)
    clock.now = 29.9
    assert _is_open(breaker, engine)
    clock.now = 30
    assert breaker.chat(QUESTION, Cancel()) == breaker.chat(QUESTION, Cancel()) == GOOD


def test_after_the_pause_one_failure_opens_it_again() -> None:
    breaker, engine, clock = _open(_failure(), GOOD)
    clock.now = 30
    _fail(breaker, 1)
    clock.now = 59
    assert _is_open(breaker, engine)
    clock.now = 60
    assert breaker.chat(QUESTION, Cancel()) == GOOD


def test_a_bad_reply_to_the_one_call_closes_it_because_the_engine_is_there() -> None:
    breaker, engine, clock = _open(InvalidReply("no JSON", reply=GOOD), GOOD)
    clock.now = 30
    _fail(breaker, 1)
    assert not _is_open(breaker, engine)


def test_a_cancelled_trial_leaves_the_trial_to_the_next_call() -> None:
    breaker, _, clock = _open(Cancelled("cancelled"), GOOD)
    clock.now = 30
    with pytest.raises(Cancelled):
        breaker.chat(QUESTION, Cancel())
    assert breaker.chat(QUESTION, Cancel()) == GOOD


def test_of_many_threads_exactly_one_tries_the_engine_after_the_pause() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(_: Cancel) -> Reply:
        entered.set()
        assert leave.wait(20)
        return GOOD

    breaker, engine, clock = _open(slow)
    clock.now = 30
    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(breaker.chat, QUESTION, Cancel())
        assert entered.wait(20)
        others = [pool.submit(breaker.chat, QUESTION, Cancel()) for _ in range(15)]
        for other in others:
            with pytest.raises(EngineFailed, match="one call is trying it again right now"):
                other.result(20)
        assert engine.asked == 4
        leave.set()
        assert first.result(20) == GOOD
        assert breaker.chat(QUESTION, Cancel()) == GOOD


def test_a_call_that_began_before_it_opened_does_not_close_it() -> None:
    entered, leave = threading.Event(), threading.Event()

    def slow(_: Cancel) -> Reply:
        entered.set()
        assert leave.wait(20)
        return GOOD

    engine = Answering(slow, _failure())
    breaker = Breaking(engine, _SETTINGS)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(breaker.chat, QUESTION, Cancel())
        assert entered.wait(20)
        _fail(breaker, 3)
        leave.set()
        assert call.result(20) == GOOD
    assert _is_open(breaker, engine)


def test_counting_proves_nothing_but_a_count_that_fails_is_a_failure() -> None:
    breaker, engine, clock = _open(GOOD)
    with pytest.raises(EngineFailed, match="left alone"):
        breaker.count(QUESTION.messages)
    clock.now = 30
    assert breaker.count(QUESTION.messages) == 5
    engine.unknown = _failure()
    with pytest.raises(EngineFailed, match="the server is gone"):
        breaker.count(QUESTION.messages)
    assert _is_open(breaker, engine), "the count before did not close it"


def test_who_answered_before_is_known_while_it_is_open() -> None:
    engine = Answering(_failure())
    breaker = Breaking(engine, _SETTINGS)
    identity = breaker.identity()
    _fail(breaker, 3)
    engine.unknown = _failure()
    assert breaker.identity() == identity


def test_who_never_answered_is_refused_while_it_is_open() -> None:
    breaker, engine, _ = _open(GOOD)
    with pytest.raises(EngineFailed, match="left alone"):
        breaker.identity()
    assert engine.looked == 0


def test_retries_are_not_spent_on_an_open_breaker() -> None:
    engine, clock = Answering(_failure()), Hourglass()
    layers = Retrying(Breaking(engine, _SETTINGS, clock=clock), EngineSettings(max_retries=9))
    for retries in (3, 0, 0):
        with pytest.raises(EngineFailed, match="left alone after 3 failures") as raised:
            layers.chat(QUESTION, clock)
        assert raised.value.retries == retries
    assert engine.asked == 3
