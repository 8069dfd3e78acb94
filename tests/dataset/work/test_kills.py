"""Runs that are killed at any moment and go on: nothing is lost, nothing is done twice, and nothing but calls under way is asked again."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.queue import MOST_INTERRUPTIONS
from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.store import open_store
from notewright.adapters.dataset.store.values import Claimed
from notewright.control import Cancel
from tests.dataset.work.oracle import Oracle, fill, generation, run, run_once, told

_MODULE = "tests.dataset.work.test_kills"
_KILLS = 100
_SLOTS = 4
_NAMES = [f"{name}.py" for name in "abcdefgh"]


class _Killer:
    """A process without threads that starts runs by forking, which costs no start of Python, and kills them."""

    def __init__(self) -> None:
        command, root = [sys.executable, "-m", _MODULE], Path(__file__).parents[3]
        self._process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        assert self._process.communicate(timeout=60)[0] == ""

    def run(self, database: Path, log: Path, *, seconds: float) -> bool:
        """Do what is left, and kill that after so many seconds; return whether it was still at work."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(database), str(log), seconds]) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline() == "killed\n"


def _serve() -> None:
    for line in sys.stdin:
        database, log, seconds = json.loads(line)
        if (child := os.fork()) == 0:
            try:
                run_once(Path(database), Path(log), delay_s=0.002)
            finally:
                os._exit(0)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        print("killed" if os.WIFSIGNALED(os.waitpid(child, 0)[1]) else "finished", flush=True)  # noqa: T201  # to its parent


def test_a_run_killed_at_a_hundred_moments_gives_what_an_undisturbed_one_gives(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "whole.db", label="test")) as store:
        fill(store, _NAMES)
        run(store, Oracle(tmp_path / "whole.log"))
    whole, asked = told(tmp_path / "whole.db"), set((tmp_path / "whole.log").read_text().split())
    chance = random.Random(7)
    kills = rounds = repeated = 0
    while kills < _KILLS:
        rounds += 1
        database, log, before = tmp_path / f"{rounds}.db", tmp_path / f"{rounds}.log", kills
        with closing(open_store(database, label="test")) as store:
            fill(store, _NAMES)
        with closing(_Killer()) as killer:
            while kills < _KILLS and killer.run(database, log, seconds=chance.uniform(0.01, 0.12)):
                kills += 1
        run_once(database, log, delay_s=0)
        calls = Counter(log.read_text().split())
        assert told(database) == whole
        assert set(calls) == asked
        assert calls.total() - len(calls) <= (kills - before) * _SLOTS
        repeated += calls.total() - len(calls)
        _assert_whole(database)
    assert repeated > _KILLS / 4, "they were not killed while at work"


def _assert_whole(database: Path) -> None:
    """Every task has one result, and no pair is there twice; none is left in anybody's hands."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM tasks WHERE state != 3").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM tasks LEFT JOIN results ON task = tasks.id WHERE task IS NULL").fetchone() == (0,)
        assert connection.execute("SELECT count(*) - count(DISTINCT task || ' ' || ordinal) FROM pairs").fetchone() == (0,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert Reader(database).status().ready == {}


def _claim_and_die(database: Path) -> list[Claimed]:
    """Claim what comes next, and leave it as a process does that dies."""
    store = open_store(database, label="test")
    store.start_generation(generation())
    claimed = store.claim_passages(1)
    store.close()
    return claimed


def test_a_task_that_a_process_died_of_goes_to_the_end_of_the_queue_and_fails_after_twenty_times(tmp_path: Path) -> None:
    database = tmp_path / "store.db"
    with closing(open_store(database, label="test")) as store:
        fill(store, ["a.py", "b.py"], passages=1)
    order = [_claim_and_die(database)[0].passage.path for _ in range(2 * MOST_INTERRUPTIONS)]
    assert order == ["a.py", "b.py"] * MOST_INTERRUPTIONS
    with closing(open_store(database, label="test")) as store:
        assert store.claim_passages(1) == []
        assert store.reader.status().failures == {"crash": 2}
        assert [failure.message for failure in store.reader.failures()] == ["the program died 20 times while it was at this task"] * 2
        assert store.retry("crash") == 2
        run(store, Oracle())
        assert store.reader.status().failures == {}


def test_only_what_was_under_way_counts_as_interrupted(tmp_path: Path) -> None:
    database = tmp_path / "store.db"
    with closing(open_store(database, label="test")) as store:
        fill(store, ["a.py"], passages=1)
        store.start_generation(generation())
        run(store, Oracle(), answer="old")
    with closing(open_store(database, label="test")) as store:
        store.start_generation(generation())
        first = store.claim_passages(1)[0].tasks
    with closing(open_store(database, label="test")) as store:
        again = store.claim_passages(1)[0].tasks
        assert [task.id for task in again] == [task.id for task in first[1:]]  # the first one waits behind the rest
        assert [task.id for task in store.claim_passages(1)[0].tasks] == [first[0].id]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_with_all_that_is_answered_written_and_nothing_in_hand(tmp_path: Path, signum: signal.Signals) -> None:
    database, log = tmp_path / "store.db", tmp_path / "log"
    with closing(open_store(database, label="test")) as store:
        fill(store, _NAMES)
    child = subprocess.Popen([sys.executable, "-m", _MODULE, str(database), str(log)], cwd=Path(__file__).parents[3])
    ends_at = time.monotonic() + 30
    while not (log.exists() and log.stat().st_size > 65 * 20) and time.monotonic() < ends_at:
        time.sleep(0.01)
    child.send_signal(signum)
    assert child.wait(timeout=30) == 130
    calls = Counter(log.read_text().split())
    assert calls.total() == len(calls)
    with closing(sqlite3.connect(database)) as connection:
        (done,) = connection.execute("SELECT count(*) FROM results").fetchone()
        assert connection.execute("SELECT count(*) FROM tasks WHERE state = 2 OR interruptions > 0").fetchone() == (0,)
    assert calls.total() - _SLOTS <= done < calls.total() + 1
    assert Reader(database).runs()[0].ended == "cancelled"


def _serve_until_a_signal(database: Path, log: Path) -> None:
    """Work as the command line does: a signal asks to stop, and is raised in the main thread."""
    cancel = Cancel()

    def stop(_signum: int, _frame: object) -> None:
        cancel.request()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        with closing(open_store(database, label="test")) as store:
            run(store, Oracle(log, delay_s=0.01), cancel=cancel)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    if sys.argv[1:]:
        _serve_until_a_signal(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        _serve()
