"""The log of a run, held to what it may cost, say and break."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from notewright.control import Advanced, Event, Finished, Reached, Started, Warned, ignore
from notewright.system.logs import Entry, RunLog

AT = datetime(2026, 7, 4, 3, 0, tzinfo=UTC)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_each_event_is_a_line_of_json_with_its_moment_and_what_it_cost(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "state" / "run.jsonl", ignore, run="7", now=lambda: AT)
    log.write(Entry(event="finished", name="ab12", stage="answer", repository="o/r", attempt=1))
    log.write(
        Entry(event="finished", name="ab12", stage="answer", seconds=1.23456, prompt_tokens=900, cached_tokens=700, generated_tokens=0)
    )
    log.write(Entry(event="failed", name="cd34", stage="answer", failure="timeout", seconds=60.0))
    log.close()
    known = {"at": "2026-07-04T03:00:00.000+00:00", "run": "7", "stage": "answer"}
    assert lines(tmp_path / "state" / "run.jsonl") == [
        {**known, "event": "finished", "name": "ab12", "repository": "o/r", "attempt": 1},
        {**known, "event": "finished", "name": "ab12", "seconds": 1.235, "prompt_tokens": 900, "cached_tokens": 700, "generated_tokens": 0},
        {**known, "event": "failed", "name": "cd34", "failure": "timeout", "seconds": 60.0},
    ]


def test_steps_and_warnings_are_noted_and_every_event_is_passed_on(tmp_path: Path) -> None:
    passed: list[Event] = []
    log = RunLog(tmp_path / "log", passed.append)
    events: list[Event] = [
        Started("sync", 3),
        Advanced("sync", 1),
        Reached("sync", ("o/r",), 1, 2),
        Warned("o/r is gone", "see"),
        Finished("sync", "2 read"),
    ]
    for event in events:
        log(event)
    assert passed == events
    told = [(line["event"], line.get("name"), line.get("message"), line.get("total")) for line in lines(tmp_path / "log")]
    assert told == [("started", "sync", None, 3), ("warned", None, "o/r is gone", None), ("finished", "sync", "2 read", None)]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        pytest.param("cannot read https://x-access-token:hunter2@host/o/r", "cannot read https://***@host/o/r", id="in an address"),
        pytest.param("sent Authorization: Bearer abc.def-123456", "sent Authorization: Bearer ***", id="in a header"),
        pytest.param("with ghp_0123456789abcdefghij again", "with *** again", id="a token of GitHub"),
        pytest.param("the word opensesame was said", "the word *** was said", id="one that the run was given"),
        pytest.param("two\nlines \x1b[31mred\u202e", "two lines [31mred", id="control characters"),
        pytest.param("long " * 1000, "long " * 100, id="without end"),
    ],
)
def test_no_secret_and_no_trick_reaches_the_log(tmp_path: Path, message: str, shown: str) -> None:
    RunLog(tmp_path / "log", ignore, secrets=("opensesame", ""))(Warned(message))
    assert [line["message"] for line in lines(tmp_path / "log")] == [shown]


def test_only_its_owner_may_read_the_log(tmp_path: Path) -> None:
    RunLog(tmp_path / "log", ignore).write(Entry(event="started"))
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_however_long_it_runs_four_bounded_files_hold_the_last_lines(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log", ignore, file_bytes=1000)
    for number in range(200):
        log.write(Entry(event="finished", attempt=number))
    files = sorted(tmp_path.iterdir(), reverse=True)
    assert [file.name for file in files] == ["log.3", "log.2", "log.1", "log"]
    assert all(file.stat().st_size <= 1000 for file in files)
    kept = [line["attempt"] for file in files for line in lines(file)]
    assert kept == list(range(kept[0], 200))


def test_a_later_run_goes_on_in_the_same_file_until_that_is_full(tmp_path: Path) -> None:
    for run in range(20):
        RunLog(tmp_path / "log", ignore, run=str(run), file_bytes=300).write(Entry(event="started"))
    assert {file.name for file in tmp_path.iterdir()} == {"log", "log.1", "log.2", "log.3"}
    assert lines(tmp_path / "log")[-1]["run"] == "19"


def test_threads_do_not_write_into_each_others_lines(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log", ignore, file_bytes=10_000)

    def write(thread: int) -> None:
        for number in range(100):
            log.write(Entry(event="finished", name=f"{thread}.{number}"))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [line["name"] for file in tmp_path.iterdir() for line in lines(file)]
    assert len(kept) == len(set(kept)) > 100


def test_a_line_that_a_killed_run_left_half_written_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b'{"event": "clai')
    RunLog(tmp_path / "log", ignore).write(Entry(event="started", name="sync"))
    assert json.loads((tmp_path / "log").read_text("utf-8").splitlines()[1])["name"] == "sync"


def test_a_full_disk_is_told_once_and_stops_nothing() -> None:
    told: list[Event] = []
    log = RunLog(Path("/dev/full"), told.append)
    for _ in range(3):
        log.write(Entry(event="started"))
    log.close()
    assert told == [Warned("the log /dev/full cannot be written: No space left on device", "the run goes on without it")]


def test_a_folder_that_cannot_be_made_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", "utf-8")
    told: list[Event] = []
    log = RunLog(tmp_path / "state" / "log", told.append)
    log(Started("sync"))
    log(Finished("sync"))
    assert [type(event) for event in told] == [Warned, Started, Finished]
