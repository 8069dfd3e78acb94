"""Asking again: what can heal, and nothing else."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.failure import EngineFailed, Kind
from notewright.llm.layers.retry import Retrying
from notewright.llm.layers.timing import TimeLimit
from notewright.llm.settings import EngineSettings, TaskSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from tests.parts.answering import GOOD, QUESTION, Answering, Hourglass

_SETTINGS = EngineSettings(max_retries=3)


def _failure(kind: Kind = "overload", retry_after_s: float | None = None) -> EngineFailed:
    return EngineFailed("no", kind=kind, hint="wait", retry_after_s=retry_after_s)


@pytest.mark.parametrize("kind", ["overload", "timeout", "connection"])
def test_what_can_heal_is_asked_again_and_the_reply_says_how_often(kind: Kind) -> None:
    engine = Answering(_failure(kind), _failure(kind), GOOD)
    assert Retrying(engine, _SETTINGS).chat(QUESTION, Hourglass()) == replace(GOOD, retries=2)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(_failure("refused"), id="refused"),
        pytest.param(_failure("out_of_memory"), id="out-of-memory"),
        pytest.param(InvalidReply("no JSON", reply=GOOD), id="invalid"),
        pytest.param(TruncatedReply("cut", reply=GOOD), id="truncated"),
        pytest.param(PromptTooLong("too long"), id="too-long"),
        pytest.param(ModelError("not installed"), id="another-model-error"),
        pytest.param(Cancelled("cancelled"), id="cancelled"),
        pytest.param(ValueError("a bug"), id="bug"),
        pytest.param(KeyboardInterrupt(), id="interrupted"),
    ],
)
def test_what_cannot_heal_is_asked_once(error: BaseException) -> None:
    engine, clock = Answering(error), Hourglass()
    with pytest.raises(type(error)) as raised:
        Retrying(engine, _SETTINGS).chat(QUESTION, clock)
    assert raised.value is error
    assert (engine.asked, clock.waits) == (1, [])


def test_retries_end_where_the_settings_say_and_the_last_failure_knows_their_number() -> None:
    engine = Answering(_failure())
    with pytest.raises(EngineFailed) as raised:
        Retrying(engine, _SETTINGS).chat(QUESTION, Hourglass())
    assert (engine.asked, raised.value.retries) == (4, 3)


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_a_tasks_own_number_of_retries_counts(retries: int) -> None:
    settings = replace(_SETTINGS, tasks={"notes": TaskSettings(max_retries=retries)})
    for task, asked in (("notes", retries + 1), ("commit", 4)):
        engine = Answering(_failure())
        with pytest.raises(EngineFailed):
            Retrying(engine, settings).chat(replace(QUESTION, task=task), Hourglass())
        assert engine.asked == asked


def test_a_bad_reply_after_a_failure_knows_what_it_took() -> None:
    engine = Answering(_failure(), InvalidReply("no JSON", reply=GOOD))
    with pytest.raises(InvalidReply) as raised:
        Retrying(engine, _SETTINGS).chat(QUESTION, Hourglass())
    assert raised.value.reply == replace(GOOD, retries=1)


def test_pauses_grow_to_a_bound_and_are_partly_chance() -> None:
    runs = []
    for _ in range(20):
        clock = Hourglass()
        with pytest.raises(EngineFailed):
            Retrying(Answering(_failure()), replace(_SETTINGS, max_retries=8)).chat(QUESTION, clock)
        runs.append(clock.waits)
    for place, full in enumerate([0.5, 1, 2, 4, 8, 8, 8, 8]):
        pauses = [waits[place] for waits in runs]
        assert all(full / 2 <= pause <= full for pause in pauses)
        assert len(set(pauses)) > 10


def test_a_server_that_asks_for_time_gets_at_least_that() -> None:
    clock = Hourglass()
    Retrying(Answering(_failure(retry_after_s=20), GOOD), _SETTINGS).chat(QUESTION, clock)
    assert 20 < clock.now < 21


def test_a_server_that_asks_for_an_hour_is_not_waited_for() -> None:
    engine, clock = Answering(_failure(retry_after_s=3600)), Hourglass()
    with pytest.raises(EngineFailed):
        Retrying(engine, _SETTINGS).chat(QUESTION, clock)
    assert (engine.asked, clock.now) == (1, 0)


def test_whoever_waits_for_the_next_attempt_stops_when_asked_to() -> None:
    engine, clock = Answering(_failure(retry_after_s=30)), Hourglass(cancelled_at=3)
    with pytest.raises(Cancelled):
        Retrying(engine, _SETTINGS).chat(QUESTION, clock)
    assert (engine.asked, clock.now) == (1, 3)


def test_a_real_wait_ends_at_once_when_another_thread_asks_to_stop() -> None:
    cancel = Cancel()
    engine = Answering(_failure(retry_after_s=50))
    threading.Timer(0.1, cancel.request).start()
    with pytest.raises(Cancelled):  # else the test takes most of a minute
        Retrying(engine, _SETTINGS).chat(QUESTION, cancel)


def test_a_call_that_was_cancelled_before_asks_nobody() -> None:
    engine, cancel = Answering(GOOD), Cancel()
    cancel.request()
    with pytest.raises(Cancelled):
        Retrying(engine, _SETTINGS).chat(QUESTION, cancel)
    assert engine.asked == 0


def test_no_attempt_begins_that_the_time_left_cannot_pay_for() -> None:
    engine, clock = Answering(_failure(retry_after_s=4)), Hourglass()
    limit = TimeLimit(clock, limit_s=8, failure=_failure("timeout"), clock=clock)
    with pytest.raises(EngineFailed) as raised:
        Retrying(engine, _SETTINGS).chat(QUESTION, limit)
    assert (engine.asked, raised.value.kind) == (2, "overload"), "the real reason, at once"
    assert clock.now < 8


def test_a_call_limit_ends_the_attempt_that_runs() -> None:
    def never(cancel: Cancel):  # type: ignore[no-untyped-def]  # noqa: ANN202  # it has no reply
        while not cancel.wait(60):
            pass
        cancel.check()

    settings = replace(_SETTINGS, tasks={"notes": TaskSettings(call_timeout_s=0.05)})
    engine = Answering(never)
    with pytest.raises(EngineFailed, match=r"did not answer within 0\.05 s") as raised:
        Retrying(engine, settings).chat(QUESTION, Cancel())
    assert (engine.asked, raised.value.kind) == (1, "timeout")


def test_counts_and_identities_are_asked_again_too() -> None:
    engine = Answering(GOOD)
    layer = Retrying(engine, _SETTINGS, first_pause_s=0.001)
    for ask in (layer.identity, lambda: layer.count(QUESTION.messages)):
        engine.looked, engine.unknown = 0, _failure("connection")
        with pytest.raises(EngineFailed):
            ask()
        assert engine.looked == 4
        engine.unknown = None
        assert ask()


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        Retrying(Answering(_failure(), GOOD), _SETTINGS).chat(QUESTION, Hourglass())
    assert (caplog.records, capfd.readouterr()) == ([], ("", ""))
