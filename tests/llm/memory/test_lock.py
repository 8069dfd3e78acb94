"""The machine-wide lock, between real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notewright.control import Cancel, Event, Warned, ignore
from notewright.errors import Cancelled
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.job_queue import Ticket, describe_queue, read_queue
from notewright.llm.memory.lock import MachineLock

_JOB = """
import sys
from pathlib import Path
from notewright.control import Cancel
from notewright.llm.memory.lock import MachineLock
lock = MachineLock(Path(sys.argv[1]), wait_s=60, report=lambda event: print("waits", flush=True))
lock.take(sys.argv[2], Cancel())
print("holds", flush=True)
sys.stdin.readline()
lock.release()
print("released", flush=True)
sys.stdin.read()
"""


class Job:
    """Another process that takes the lock, and releases it when told."""

    def __init__(self, path: Path, label: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _JOB, str(path), label], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def release(self) -> None:
        assert self.process.stdin
        print(file=self.process.stdin, flush=True)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def _job(path: Path, label: str = "a job") -> Iterator[Job]:
    job = Job(path, label)
    with job.process:
        try:
            yield job
        finally:
            job.process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models.lock"


def _lock(path: Path | None, wait_s: float = 30, events: list[Event] | None = None) -> MachineLock:
    return MachineLock(path, wait_s=wait_s, report=ignore if events is None else events.append)


def test_a_second_process_waits_says_so_and_goes_on_when_the_first_releases(path: Path) -> None:
    with _job(path) as first, _job(path) as second:
        assert {first.says(), second.says()} == {"holds", "waits"}
        holder, waiter = (first, second) if read_queue(path).holder.pid == first.process.pid else (second, first)  # type: ignore[union-attr]  # one holds it
        holder.release()
        assert holder.says() == "released"
        assert waiter.says() == "holds"


def test_the_queue_shows_who_holds_and_who_waits_in_their_order(path: Path) -> None:
    with _job(path, "notes of v2") as holder:
        assert holder.says() == "holds"
        with _job(path, "first") as first:
            assert first.says() == "waits"
            with _job(path, "second") as second:
                assert second.says() == "waits"
                queue = read_queue(path)
                assert queue.holder
                assert (queue.holder.pid, queue.holder.label) == (holder.process.pid, "notes of v2")
                assert [(job.pid, job.label) for job in queue.waiters] == [(first.process.pid, "first"), (second.process.pid, "second")]
                assert f"process {holder.process.pid} (notes of v2) holds it since " in describe_queue(queue)
                assert describe_queue(queue).endswith("2 waiting")
                holder.release()
                assert first.says() == "holds"
                first.release()
                assert second.says() == "holds"


def test_nothing_is_left_when_the_holder_and_a_waiter_are_killed(path: Path) -> None:
    with _job(path) as holder:
        assert holder.says() == "holds"
        with _job(path) as doomed, _job(path) as last:
            assert (doomed.says(), last.says()) == ("waits", "waits")
            doomed.kill()
            assert [job.pid for job in read_queue(path).waiters] == [last.process.pid]
            holder.kill()
            assert last.says() == "holds"
            last.kill()
    queue = read_queue(path)
    assert (queue.holder, queue.waiters) == (None, ())
    assert describe_queue(queue) == "nobody holds it"
    _lock(path, wait_s=0).take("after them all", Cancel())
    _lock(path).release()


def test_a_wait_that_is_too_long_names_the_holder_and_leaves_the_queue(path: Path) -> None:
    events: list[Event] = []
    with _job(path, "the other job") as holder:
        assert holder.says() == "holds"
        with pytest.raises(EngineFailed, match=rf"process {holder.process.pid} \(the other job\) holds it since") as failure:
            _lock(path, wait_s=0.2, events=events).take("ours", Cancel())
        assert (failure.value.kind, failure.value.hint) == ("refused", "raise llm.lock_wait, or end the other job")
        assert next(event.message for event in events if isinstance(event, Warned)).startswith("waiting for the machine's memory: process")
        assert read_queue(path).waiters == ()


def test_a_waiting_job_can_be_cancelled(path: Path) -> None:
    cancel = Cancel()
    with _job(path) as holder:
        assert holder.says() == "holds"
        lock = MachineLock(path, wait_s=600, report=lambda _: threading.Timer(0.2, cancel.request).start())
        with pytest.raises(Cancelled):
            lock.take("ours", cancel)
        assert read_queue(path).waiters == ()


def test_engines_of_one_process_share_the_lock_until_the_last_has_unloaded(path: Path) -> None:
    first, second = _lock(path, wait_s=0), _lock(path, wait_s=0)
    first.take("large", Cancel())
    second.take("small", Cancel())
    first.release()
    holder = read_queue(path).holder
    assert holder
    assert (holder.pid, holder.label) == (os.getpid(), "large")
    second.release()
    assert read_queue(path).holder is None


def test_a_ticket_behind_a_living_one_does_not_take_a_free_lock(path: Path) -> None:
    first, second = Ticket(path, "first"), Ticket(path, "second")
    assert not second.hold()
    assert first.hold()
    assert not second.hold()
    first.close()
    assert second.hold()
    second.close()
    assert list(path.with_name("models.lock.queue").iterdir()) == []


def test_without_a_path_nothing_is_locked_and_nothing_is_asked(tmp_path: Path) -> None:
    _lock(None, wait_s=0).take("ours", Cancel())
    _lock(None).release()
    assert list(tmp_path.iterdir()) == []
    assert (read_queue(tmp_path / "none").holder, read_queue(tmp_path / "none").waiters) == (None, ())


def test_where_no_lock_can_be_made_models_are_loaded_with_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    events: list[Event] = []
    lock = _lock(tmp_path / "file" / "models.lock", events=events)
    lock.take("ours", Cancel())
    lock.release()
    assert [event.message for event in events if isinstance(event, Warned)] == [
        f"loading models without the machine's lock {tmp_path / 'file' / 'models.lock'}: Not a directory"
    ]


def test_many_processes_hold_it_one_after_the_other(path: Path) -> None:
    program = """
import os, sys, time
from pathlib import Path
from notewright.control import Cancel, ignore
from notewright.llm.memory.lock import MachineLock
lock, inside = MachineLock(Path(sys.argv[1]), wait_s=120, report=ignore), Path(sys.argv[1] + ".inside")
for _ in range(5):
    lock.take("one of many", Cancel())
    os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
    inside.unlink()
    lock.release()
"""
    processes = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(5)]
    assert [process.wait() for process in processes] == [0] * 5
