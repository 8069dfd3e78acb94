"""The queue of jobs that want the machine's memory: files that the kernel keeps true."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_HOLDER = "holder"  # the name of the ticket that holds the lock


@dataclass(frozen=True, slots=True)
class Job:
    """A process that holds the lock or waits for it, since when, and what for."""

    pid: int
    label: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """Who holds the lock, and who waits for it, the next one first."""

    holder: Job | None
    waiters: tuple[Job, ...]


def read_queue(path: Path) -> Queue:
    """Look at the lock at `path` without taking part. Processes that died are not in it."""
    return Queue(_read_living(queue_folder(path) / _HOLDER), tuple(job for ticket in _tickets(path) if (job := _read_living(ticket))))


def describe_queue(queue: Queue) -> str:
    """Say in one line who holds the lock and how many wait, for people."""
    holder = queue.holder
    held = f"process {holder.pid} ({holder.label}) holds it since {holder.since_at:%H:%M:%S} UTC" if holder else "nobody holds it"
    return held + (f", {len(queue.waiters)} waiting" if queue.waiters else "")


class Ticket:
    """A place in the queue, a file locked by its owner: a dead owner's is free, and whoever comes behind throws it away."""

    def __init__(self, path: Path, label: str) -> None:
        """Raises `OSError` where no lock can be made."""
        self._path = path
        self._label = label
        self._holding: int | None = None
        folder = queue_folder(path)
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self._place = _draw(folder)
        _write_job(self._place, label)

    def hold(self) -> bool:
        """Take the lock if it is this ticket's turn and nobody holds it. Raises `OSError`."""
        if any(ticket.name < self._file.name and not _discard_dead(ticket) for ticket in _tickets(self._path)):
            return False
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(handle):
            os.close(handle)
            return False
        self._holding = handle
        _write_job(self._place, self._label)
        # the lock itself is never looked at, so that no look keeps anybody from taking it
        self._file = self._file.replace(self._file.with_name(_HOLDER))
        return True

    def close(self) -> None:
        """Leave the queue, or release the lock."""
        self._file.unlink(missing_ok=True)
        os.close(self._place)
        if self._holding is not None:
            os.close(self._holding)


def _draw(folder: Path) -> tuple[Path, int]:
    """Make a ticket behind all others, and lock it."""
    import fcntl  # not on Windows, where the command line is tried without models

    while True:
        file = folder / f"{time.time_ns():020}-{os.getpid()}"
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)  # others hold it for no longer than a look
        if file.exists():
            return file, handle
        os.close(handle)  # thrown away before it was locked


def _discard_dead(ticket: Path) -> bool:
    """Throw the ticket away if its owner is dead; return whether it is gone."""
    with _look_at(ticket) as alive:
        if not alive:  # while we look nobody can lock it: one that was only just drawn is not lost, but drawn again
            ticket.unlink(missing_ok=True)
        return not alive


@contextmanager
def _look_at(file: Path) -> Iterator[bool]:
    """Give whether some process has locked the file. The look is shared, so that lookers do not hinder one another."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        yield not _lock(handle, shared=True)
    finally:
        os.close(handle)


def _lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file if that needs no waiting; return whether it did."""
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tickets(path: Path) -> list[Path]:
    folder = queue_folder(path)
    return sorted(file for file in folder.iterdir() if file.name != _HOLDER) if folder.is_dir() else []


def queue_folder(path: Path) -> Path:
    """Return the folder of the files that are the queue of the lock at `path`."""
    return path.with_name(path.name + ".queue")


def _write_job(handle: int, label: str) -> None:
    content = json.dumps({"pid": os.getpid(), "label": label, "since": datetime.now(UTC).isoformat()}).encode()
    os.ftruncate(handle, 0)
    os.pwrite(handle, content, 0)


def _read_living(file: Path) -> Job | None:
    """Return the job that has locked the file; None without one, and for one that has not yet said who it is."""
    with _look_at(file) as alive:
        if not alive:
            return None
        try:
            said = json.loads(file.read_bytes())
            return Job(int(said["pid"]), str(said["label"]), datetime.fromisoformat(said["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
