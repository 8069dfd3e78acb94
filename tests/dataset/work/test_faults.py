"""Runs in which calls fail: the rest is done, what failed is listed by class, and a retry completes it."""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.adapters.dataset.store.values import Spent
from notewright.errors import ModelError, StorageError
from notewright.flows.dataset.retry import retry_failed
from notewright.flows.dataset.work import Limits
from notewright.llm.failure import EngineFailed
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.prompting.request import Reply
from notewright.system.database import NewerDatabase
from tests.dataset.work.oracle import Oracle, digest_of, fill, generation, run, run_once, told

_NAMES = [f"{name}.py" for name in "abcdefghijkl"]
_WHOLE = Reply("[", "length", 100, 60, 7, 1.0)
_FAULTS: list[tuple[str, Callable[[], ModelError]]] = [
    ("timeout", lambda: EngineFailed("no new token for 300 s", kind="timeout")),
    ("connection", lambda: EngineFailed("connection reset", kind="connection")),
    ("overload", lambda: EngineFailed("too many requests", kind="overload", retry_after_s=0.0)),
    ("out_of_memory", lambda: EngineFailed("out of memory", kind="out_of_memory")),
    ("refused", lambda: EngineFailed("no such model", kind="refused")),
    ("refused", lambda: ModelError("it is not there")),
    ("invalid", lambda: InvalidReply("the reply is no JSON")),
    ("truncated", lambda: TruncatedReply("the reply was cut off", reply=_WHOLE)),
    ("too_long", lambda: PromptTooLong("the prompt does not fit")),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store.db", label="test")) as opened:
        fill(opened, _NAMES)
        yield opened


def _whole(tmp_path: Path) -> bytes:
    with closing(open_store(tmp_path / "whole.db", label="test")) as whole:
        fill(whole, _NAMES)
        run(whole, Oracle())
    return told(tmp_path / "whole.db")


def _injected(prompt: str, before: int) -> ModelError | None:
    """Fail 30 % of all calls, the same ones in every run of the same length."""
    chance = int(digest_of(prompt, str(before))[:8], 16) / 16**8
    return None if chance >= 0.3 else _FAULTS[int(chance / 0.3 * len(_FAULTS))][1]()


def test_with_three_calls_of_ten_failing_a_run_ends_and_retries_complete_it(store: Store, tmp_path: Path) -> None:
    engine = Oracle(fault=_injected)
    worked = run(store, engine)
    assert worked.ended == "finished"
    assert worked.left == 0
    status = store.reader.status()
    assert worked.failures == status.failures
    assert {"refused", "invalid", "truncated", "too_long"} <= set(status.failures)
    assert sum(status.failures.values()) == len(store.reader.failures())
    for _ in range(20):
        if not store.retry():
            break
        run(store, engine)
    assert store.reader.status().failures == {}
    assert told(store.reader.path) == _whole(tmp_path)


@pytest.mark.parametrize(("kind", "error"), [pytest.param(kind, error, id=f"{kind}{n}") for n, (kind, error) in enumerate(_FAULTS)])
def test_a_failure_is_of_the_class_that_says_what_can_be_done(store: Store, kind: str, error: Callable[[], ModelError]) -> None:
    run(store, Oracle(fault=lambda _prompt, _before: error()))
    assert store.reader.status().failures == {kind: len(_NAMES) * 3}
    assert {(failure.kind, failure.stage, failure.message) for failure in store.reader.failures()} == {(kind, "questions", error().message)}


def test_what_may_heal_is_tried_as_often_as_allowed_behind_all_others_and_the_rest_once(store: Store) -> None:
    engine = Oracle(slots=1, fault=lambda _prompt, _before: EngineFailed("slow", kind="timeout"))
    run(store, engine, limits=Limits(max_attempts=3))
    asked = [request.messages[0].content for request in engine.requests]
    assert len(asked) == 3 * 36
    assert asked[:36] == asked[36:72] == asked[72:]
    invalid = Oracle(fault=lambda _prompt, _before: InvalidReply("no"))
    store.retry()
    run(store, invalid, limits=Limits(max_attempts=3))
    assert len(invalid.requests) == 36


def test_attempts_count_across_runs(store: Store) -> None:
    failing = Oracle(slots=1, fault=lambda _prompt, _before: EngineFailed("down", kind="connection"))
    for _ in range(2):
        run(store, failing, limits=Limits(max_attempts=2))
    assert len(failing.requests) == 2 * 36
    assert run(store, failing, limits=Limits(max_attempts=2)).tasks == 0


def test_retry_takes_one_class_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(open_store(path, label="test")) as store:
        fill(store, _NAMES)
        run(store, Oracle(fault=lambda prompt, _: _FAULTS[0 if int(prompt[0], 16) < 8 else 6][1]()))
        failures = store.reader.status().failures
    assert retry_failed(path, "timeout") == failures["timeout"]
    assert Reader(path).status().failures == {"invalid": failures["invalid"]}
    assert retry_failed(path, None) == failures["invalid"]
    assert retry_failed(path, None) == 0
    with pytest.raises(StorageError, match="no dataset"):
        retry_failed(tmp_path / "none.db", None)


def test_what_failed_calls_took_is_counted(store: Store) -> None:
    worked = run(store, Oracle(fault=lambda _prompt, _before: TruncatedReply("cut off", reply=_WHOLE)))
    assert worked.spent == Spent(36, 3600, 2160, 252, 36.0)
    assert store.reader.status().spent == {"questions": worked.spent}


def test_an_engine_that_is_left_alone_is_waited_for_and_no_task_fails_of_it(store: Store, tmp_path: Path) -> None:
    left = [6]

    def fault(_prompt: str, _before: int) -> ModelError | None:
        left[0] -= 1
        return EngineFailed("the engine is left alone", kind="refused", retry_after_s=0.01) if left[0] >= 0 else None

    assert run(store, Oracle(fault=fault)).ended == "finished"
    assert store.reader.failures() == []
    assert told(store.reader.path) == _whole(tmp_path)


def test_an_engine_that_stays_down_ends_the_run_and_leaves_its_tasks_for_the_next(store: Store) -> None:
    calls = [0]

    def fault(_prompt: str, _before: int) -> ModelError:
        calls[0] += 1
        down = EngineFailed("connection refused", kind="connection")
        return EngineFailed("left alone", kind="refused", retry_after_s=0.01) if calls[0] > 5 and calls[0] % 2 else down

    worked = run(store, Oracle(slots=1, fault=fault), limits=Limits(max_attempts=50))
    assert worked.ended == "engine"
    assert worked.left == 36
    assert worked.failures == {}
    assert store.reader.runs()[0].ended == "engine"


def test_a_bug_ends_the_run_with_its_error_and_loses_no_task(store: Store, tmp_path: Path) -> None:
    def fault(prompt: str, _before: int) -> ModelError | None:
        if prompt[0] in "01":
            raise ValueError("a bug")
        return None

    with pytest.raises(ValueError, match="a bug"):
        run(store, Oracle(fault=fault))
    assert store.reader.runs()[0].ended == "error"
    store.close()
    run_once(store.reader.path, tmp_path / "log", delay_s=0)
    assert told(store.reader.path) == _whole(tmp_path)


def test_two_runs_at_once_are_refused_and_the_holder_is_named(store: Store) -> None:
    with pytest.raises(StorageError, match=rf"process {os.getpid()} \(test\)") as failure:
        open_store(store.reader.path, label="other")
    assert "wait for it" in str(failure.value.hint)
    store.close()
    open_store(store.reader.path, label="other").close()


def test_a_store_of_a_newer_version_is_refused_and_nobody_is_locked_out(store: Store) -> None:
    store.close()
    with closing(sqlite3.connect(store.reader.path)) as connection:
        connection.execute("INSERT INTO migrations (name, digest) VALUES ('m999_future', '')")
        connection.commit()
    for _ in range(2):
        with pytest.raises(NewerDatabase, match="m999_future"):
            open_store(store.reader.path, label="test")
    with pytest.raises(NewerDatabase, match="m999_future"):
        store.reader.status()


def test_a_full_disk_is_said_and_what_was_written_before_is_there(store: Store, tmp_path: Path) -> None:
    run(store, Oracle(), limits=Limits(max_minutes=0.0001))
    path = store.reader.path
    store.close()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 64_000, hard))
    try:
        with pytest.raises(StorageError, match=r"full|failed|I/O") as failure:
            run_once(path, tmp_path / "log", delay_s=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "disk" in str(failure.value.hint)
    run_once(path, tmp_path / "log", delay_s=0)
    assert told(path) == _whole(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user for a moment")
def test_a_store_that_may_not_be_written_says_so(store: Store, tmp_path: Path) -> None:
    store.close()
    for folder in [tmp_path, *tmp_path.parents]:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(StorageError, match="Permission denied") as failure:
            open_store(store.reader.path, label="test")
    finally:
        os.seteuid(0)
    assert "can be written" in str(failure.value.hint)
    assert store.reader.repositories()[0].prepared_commit == "c1"


def test_a_generation_without_a_beginning_is_a_bug(store: Store) -> None:
    with pytest.raises(ValueError, match="a passage begins with"):
        store.start_generation(type(generation())(generation().variants[1:]))
