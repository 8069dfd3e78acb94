"""The rate limit: at most so many requests a minute, first come, first served."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.rate import RateLimited
from notewright.llm.layers.timing import TimeLimit
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Reply
from tests.parts.answering import GOOD, QUESTION, Answering, Hourglass


def _limited(per_minute: float | None, clock: Hourglass, engine: Answering | None = None) -> RateLimited:
    return RateLimited(engine or Answering(GOOD), EngineSettings(requests_per_minute=per_minute), clock=clock)


@pytest.mark.parametrize("per_minute", [0.5, 1, 20, 6000])
def test_no_minute_holds_more_requests_than_allowed(per_minute: float) -> None:
    clock = Hourglass()
    begun: list[float] = []

    def note(_: Cancel) -> Reply:
        begun.append(clock.now)
        return GOOD

    layer = _limited(per_minute, clock, Answering(note))
    for _ in range(50):
        layer.chat(QUESTION, clock)
    assert begun[0] == 0, "the first one need not wait"
    assert all(later - earlier >= 60 / per_minute - 1e-6 for earlier, later in pairwise(begun))
    assert begun[-1] == pytest.approx(49 * 60 / per_minute, rel=0.01), "and nobody waits longer than that"


def test_time_that_passed_unused_is_not_saved_up() -> None:
    clock = Hourglass()
    layer = _limited(6, clock)
    clock.now = 1000
    for _ in range(3):
        layer.chat(QUESTION, clock)
    assert clock.now == pytest.approx(1020, abs=0.1)


def test_without_a_limit_nobody_waits() -> None:
    clock = Hourglass()
    layer = _limited(None, clock)
    for _ in range(100):
        layer.chat(QUESTION, clock)
    assert clock.waits == []


def test_whoever_came_first_is_served_first() -> None:
    served: list[int] = []
    layer = RateLimited(Answering(GOOD), EngineSettings(requests_per_minute=1200))
    layer.chat(QUESTION, Cancel())

    def ask(number: int) -> None:
        layer.chat(QUESTION, Cancel())
        served.append(number)

    with ThreadPoolExecutor(6) as pool:
        for number in range(6):
            pool.submit(ask, number)
            while len(layer._waiting) + len(served) <= number:
                threading.Event().wait(0.001)
    assert served == list(range(6))


def test_waiting_ends_when_someone_asks_to_stop_and_the_place_goes_to_the_next() -> None:
    clock, leaving = Hourglass(), Hourglass(cancelled_at=1)
    engine = Answering(GOOD)
    layer = _limited(1, clock, engine)
    layer.chat(QUESTION, clock)
    with pytest.raises(Cancelled):
        layer.chat(QUESTION, leaving)
    assert engine.asked == 1
    layer.chat(QUESTION, clock)
    assert clock.now == pytest.approx(60)


def test_time_that_runs_out_in_the_queue_is_no_failure_of_the_engine() -> None:
    clock = Hourglass()
    layer = _limited(1, clock)
    layer.chat(QUESTION, clock)
    limit = TimeLimit(clock, limit_s=5, failure=EngineFailed("no answer within 5 s", kind="timeout"), clock=clock)
    with pytest.raises(EngineFailed, match="waiting for its turn") as raised:
        layer.chat(QUESTION, limit)
    assert (raised.value.kind, raised.value.hint) == ("refused", "raise llm.requests_per_minute")
    assert clock.now == pytest.approx(5)
