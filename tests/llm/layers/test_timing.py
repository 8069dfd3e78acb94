"""Time limits: of one call, and of all calls of a task."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.timing import Timed, TimeLimit, seconds_left
from notewright.llm.settings import EngineSettings, TaskSettings
from notewright.prompting.request import Reply
from tests.parts.answering import GOOD, QUESTION, Answering, Hourglass

_LATE = EngineFailed("too late", kind="timeout")


def test_a_limit_asks_to_stop_by_itself() -> None:
    clock = Hourglass()
    limit = TimeLimit(clock, limit_s=5, failure=_LATE, clock=clock)
    assert not limit.wait(3)
    limit.check()
    assert limit.wait(3)
    assert (clock.now, limit.requested, seconds_left(limit)) == (5, True, 0)
    with pytest.raises(EngineFailed, match="too late"):
        limit.check()


def test_a_wish_to_stop_goes_through_the_limit_both_ways_and_is_named_first() -> None:
    outer = Cancel()
    limit = TimeLimit(outer, limit_s=0, failure=_LATE)
    limit.request()
    assert outer.requested
    with pytest.raises(Cancelled):
        limit.check()


def test_the_nearest_of_several_limits_counts() -> None:
    clock = Hourglass()
    near = TimeLimit(clock, limit_s=2, failure=_LATE, clock=clock)
    far = TimeLimit(near, limit_s=9, failure=EngineFailed("much too late", kind="timeout"), clock=clock)
    assert (seconds_left(far), seconds_left(clock)) == (2, float("inf"))
    assert far.wait(60)
    with pytest.raises(EngineFailed, match=r"^too late"):
        far.check()


def _timed(engine: Answering, clock: Hourglass, limit_s: float | None = 10) -> Timed:
    return Timed(engine, EngineSettings(task_timeout_s=limit_s, tasks={"commit": TaskSettings(task_timeout_s=100)}), clock=clock)


def _taking(clock: Hourglass, seconds: float) -> Answering:
    def answer(cancel: Cancel) -> Reply:
        cancel.wait(seconds)
        cancel.check()
        return GOOD

    assert clock.now == 0
    return Answering(answer)


def test_a_task_that_used_its_time_up_is_refused_at_once() -> None:
    clock = Hourglass()
    engine = _taking(clock, 4)
    layer = _timed(engine, clock)
    for _ in range(2):
        layer.chat(QUESTION, clock)
    with pytest.raises(EngineFailed, match="all calls of the task notes together took more than 10 s") as raised:
        layer.chat(QUESTION, clock)
    assert (raised.value.kind, clock.now) == ("timeout", 10)
    with pytest.raises(EngineFailed, match="task notes"):
        layer.chat(QUESTION, clock)
    assert engine.asked == 3


def test_every_task_has_its_own_limit() -> None:
    clock = Hourglass()
    layer = _timed(_taking(clock, 9), clock)
    layer.chat(QUESTION, clock)
    for _ in range(5):
        layer.chat(replace(QUESTION, task="commit"), clock)
    with pytest.raises(EngineFailed):
        layer.chat(QUESTION, clock)


def test_the_time_between_calls_does_not_count() -> None:
    clock = Hourglass()
    layer = _timed(_taking(clock, 4), clock)
    layer.chat(QUESTION, clock)
    clock.now = 1000
    assert layer.chat(QUESTION, clock) == GOOD


def test_calls_side_by_side_count_once() -> None:
    clock, together = Hourglass(), Barrier(4)

    def answer(_: Cancel) -> Reply:
        if together.wait(20) == 0:
            clock.now += 4
        together.wait(20)
        return GOOD

    layer = _timed(Answering(answer), clock)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            assert list(pool.map(lambda _: layer.chat(QUESTION, clock), range(4))) == [GOOD] * 4
    assert sum(spent.seconds for spent in layer._spent.values()) == 8


def test_without_a_limit_the_token_goes_through_as_it_is() -> None:
    seen: list[Cancel] = []

    def answer(cancel: Cancel) -> Reply:
        seen.append(cancel)
        return GOOD

    cancel = Hourglass()
    _timed(Answering(answer), cancel, None).chat(QUESTION, cancel)
    assert seen == [cancel]
