"""The work loop: workers and their slots, ends that are no errors, pauses, and what a changed prompt costs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.store import Store, open_store
from notewright.control import Advanced, Cancel, Event, Finished, Reached, Started, Warned, ignore
from notewright.errors import Cancelled, ModelError, StorageError
from notewright.flows.dataset.pauses import Machine
from notewright.flows.dataset.status import read_status
from notewright.flows.dataset.work import Limits, work
from notewright.prompting.request import Reply, Request
from notewright.system.battery import Battery, read_battery
from notewright.system.cgroup import Memory
from tests.dataset.work.oracle import EXTRACTING, QUESTIONS, Extracted, Oracle, fill, generation, run, stages, told

_NAMES = [f"{name}.py" for name in "abcdef"]
_PASSAGES = 3 * len(_NAMES)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store.db", label="test")) as opened:
        fill(opened, _NAMES)
        yield opened


def test_a_worker_stays_with_a_passage_on_its_slot_until_it_is_done(store: Store) -> None:
    engine = Oracle(slots=3, delay_s=0.01)  # long enough for every worker to begin
    worked = run(store, engine, limits=Limits(max_concurrent=8))
    assert {request.slot for request in engine.requests} == {0, 1, 2}
    for slot in range(3):
        passages = [request.messages[0].content for request in engine.requests if request.slot == slot]
        assert len(list(groupby(passages))) == len(set(passages))
    assert worked.tasks == len(engine.requests) == worked.spent.calls
    assert worked.left == 0


def test_one_worker_asks_for_no_slot_and_no_more_work_than_the_limit_allows(store: Store) -> None:
    engine = Oracle(slots=8)
    run(store, engine, limits=Limits(max_concurrent=1))
    assert {request.slot for request in engine.requests} == {None}


def test_an_engine_that_gives_slots_up_gets_fewer_calls(store: Store) -> None:
    engine = Oracle(slots=4, fault=lambda _prompt, _before: setattr(engine, "slots", 1))
    run(store, engine)
    late = [request.slot for request in engine.requests[len(engine.requests) // 2 :]]
    assert set(late) == {0}
    assert store.reader.status().ready == {}


def test_a_second_run_asks_nothing(store: Store) -> None:
    run(store, Oracle())
    before = told(store.reader.path)
    engine = Oracle()
    worked = run(store, engine)
    assert (worked.tasks, worked.pairs, engine.requests) == (0, 0, [])
    assert (worked.seeded.new, worked.seeded.reused) == ({}, {})
    assert told(store.reader.path) == before


def test_a_changed_prompt_redoes_exactly_what_depends_on_it_and_going_back_redoes_nothing(store: Store) -> None:
    run(store, Oracle())
    before, engine = told(store.reader.path), Oracle()
    worked = run(store, engine, answer="v2")
    assert worked.seeded.reused == {"questions": _PASSAGES}
    assert worked.seeded.new == {"answer": _PASSAGES * QUESTIONS}
    assert {request.task for request in engine.requests} <= {"answer", "repair", "judge"}
    assert told(store.reader.path) != before
    back = run(store, engine := Oracle())
    assert (back.tasks, engine.requests) == (0, [])
    assert told(store.reader.path) == before
    judged = run(store, Oracle(), judge="v2")
    assert set(judged.seeded.new) == {"judge"}


def test_a_renamed_file_a_moved_repository_and_a_fork_cost_no_call(store: Store) -> None:
    run(store, Oracle())
    engine = Oracle()
    fill(store, _NAMES, paths=[f"moved/{name}" for name in _NAMES], commit="c2")
    fill(store, _NAMES, url="https://example.org/fork")
    fill(store, _NAMES, url="https://example.org/new-home")
    store.keep_only(["https://example.org/fork", "https://example.org/new-home"])
    assert run(store, engine).tasks == 0
    assert engine.requests == []
    assert {row.repository for row in store.reader.rows()} == {"https://example.org/fork"}


def test_only_passages_of_a_changed_file_are_asked_about(store: Store) -> None:
    run(store, Oracle())
    engine = Oracle()
    fill(store, [*_NAMES[1:], "z.py"], commit="c2")
    assert run(store, engine).seeded.new == {"questions": 3}
    assert {request.messages[0].content.split()[-1] for request in engine.requests} == {"z.py"}
    assert {row.path for row in store.reader.rows()} == {*_NAMES[1:], "z.py"}


def test_pairs_that_ask_nobody_need_no_engine(store: Store) -> None:
    worked = work(store, EXTRACTING, {"extract": Extracted()}, None, limits=Limits(), report=ignore, cancel=Cancel())
    assert (worked.tasks, worked.pairs, worked.spent.calls) == (_PASSAGES, 2 * _PASSAGES, 0)
    assert [row.pair.kind for row in store.reader.rows()] == ["extracted"] * 2 * _PASSAGES


def test_a_time_limit_ends_the_run_cleanly_and_the_next_one_goes_on(store: Store, tmp_path: Path) -> None:
    first = run(store, Oracle(slots=1, delay_s=0.01), limits=Limits(max_minutes=0.1 / 60))
    assert first.ended == "time"
    assert 0 < first.tasks < 30
    assert first.left > 0
    assert store.reader.runs()[0].ended == "time"
    run(store, Oracle())
    with closing(open_store(tmp_path / "whole.db", label="test")) as whole:
        fill(whole, _NAMES)
        run(whole, Oracle())
    assert told(store.reader.path) == told(tmp_path / "whole.db")


def test_a_cancelled_run_writes_what_is_finished_and_puts_the_rest_back(store: Store) -> None:
    cancel = Cancel()
    calls = [0]

    def fault(_prompt: str, _before: int) -> ModelError | None:
        calls[0] += 1
        if calls[0] == 10:
            cancel.request()
        return None

    engine = Oracle(slots=1, fault=fault)
    with pytest.raises(Cancelled):
        run(store, engine, cancel=cancel)
    status = store.reader.status()
    assert sum(status.done.values()) == 10
    assert store.reader.runs()[0].ended == "cancelled"
    assert 0 < sum(store.count_waiting().values()) < _PASSAGES
    assert run(store, Oracle()).left == 0


def test_a_reader_never_waits_for_the_writer_nor_the_writer_for_it(store: Store) -> None:
    run(store, Oracle(), limits=Limits(max_minutes=0.02 / 60))
    rows = store.reader.rows()
    first = next(rows, None)
    with store.grouped():
        assert store.reader.status().done
        store.note_repository("https://example.org/other", state="failed", error="it is gone")
    fill(store, ["z.py"], commit="c3")
    run(store, Oracle())
    assert all(row.commit == "c1" for row in rows)  # as it was when the reading began
    assert first is None or first.commit == "c1"
    assert {row.commit for row in store.reader.rows()} == {"c3"}


class _Meeting(Oracle):
    """Answers when as many calls are under way as it has slots."""

    def __init__(self, slots: int) -> None:
        super().__init__(slots=slots)
        self._barrier = threading.Barrier(slots)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        self._barrier.wait(timeout=10)
        return super().chat(request, cancel)


def test_as_many_calls_are_under_way_as_the_engine_has_slots(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "store.db", label="test")) as store:
        fill(store, ["a.py", "b.py", "c.py", "d.py"], passages=1)
        only_questions = replace(generation(), variants=generation().variants[:1])
        worked = work(store, only_questions, stages(), _Meeting(4), limits=Limits(), report=ignore, cancel=Cancel())
    assert worked.tasks == 4


def test_work_tells_how_far_it_is(store: Store) -> None:
    events: list[Event] = []
    work(store, generation(), stages(), Oracle(slots=1), limits=Limits(), report=events.append, cancel=Cancel())
    assert events[0] == Started("generate", _PASSAGES)
    advanced = [event for event in events if isinstance(event, Advanced)]
    assert [event.done for event in advanced] == list(range(1, _PASSAGES + 1))
    assert advanced[-1].tokens == 12 * sum(spent.calls for spent in store.reader.status().spent.values())
    first = [event for event in events if isinstance(event, Reached)][:2]
    assert first[0].place == ("https://example.org/one", "a.py")
    assert (first[0].done, first[0].total) == (1, 1 + QUESTIONS)
    end = events[-1]
    assert isinstance(end, Finished)
    assert "pairs kept" in end.summary
    assert "prompt tokens read for each" in end.summary


def test_work_pauses_on_low_battery_and_goes_on_by_itself(store: Store) -> None:
    events: list[Event] = []
    levels = iter([Battery(15, plugged=False), Battery(15, plugged=False), Battery(15, plugged=True)])
    machine = Machine(20, battery=lambda: next(levels, None), look_every_s=0.01)
    worked = work(store, generation(), stages(), Oracle(), limits=Limits(), report=events.append, cancel=Cancel(), machine=machine)
    assert worked.ended == "finished"
    warned = [event.message for event in events if isinstance(event, Warned)]
    assert warned == ["the work pauses: the battery has 15 % left, and there is no mains power"]


def test_work_pauses_while_memory_is_short_and_a_pause_ends_at_the_time_limit(store: Store) -> None:
    events: list[Event] = []
    machine = Machine(memory=lambda: Memory(8 << 30, 1 << 20, "the machine"), look_every_s=0.01)
    limits = Limits(max_minutes=0.1 / 60)
    worked = work(store, generation(), stages(), Oracle(), limits=limits, report=events.append, cancel=Cancel(), machine=machine)
    assert (worked.ended, worked.tasks) == ("time", 0)
    assert any("memory are free (the machine)" in event.message for event in events if isinstance(event, Warned))


def test_this_machine_s_battery_is_read_or_there_is_none() -> None:
    battery = read_battery()
    assert battery is None or 0 <= battery.percent <= 100


def test_status_is_told_before_and_after_the_first_generation(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with pytest.raises(StorageError, match="no dataset"):
        read_status(path)
    with closing(open_store(path, label="test")) as store:
        assert read_status(path) == type(read_status(path))((), None, None)
        fill(store, ["a.py"])
        with pytest.raises(StorageError, match="nothing was generated yet"):
            next(store.reader.rows())
        run(store, Oracle())
    status = read_status(path)
    assert status.generation
    assert status.generation.done["questions"] == 3
    assert status.run
    assert status.run.ended == "finished"
    assert [repository.prepared_commit for repository in status.repositories] == ["c1"]
