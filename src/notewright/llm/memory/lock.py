"""The machine-wide lock of those who load models: one at a time, in the order of asking."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from notewright.control import Cancel, Report, Warned
from notewright.llm.failure import EngineFailed
from notewright.llm.memory.job_queue import Ticket, describe_queue, read_queue

_LOOK_EVERY_S = 0.1


class MachineLock:
    """Held by a process as long as it has models in memory: every engine of it takes the lock when it loads and releases it when it
    unloads, and the last one lets the next process in. The kernel frees what a dead process held."""

    def __init__(self, path: Path | None, *, wait_s: float, report: Report) -> None:
        """Without a path there is nothing to wait for."""
        self._path = path
        self._wait_s = wait_s
        self._report = report

    def take(self, label: str, cancel: Cancel) -> None:
        """Wait for the lock, and say so if it is held. Raises `EngineFailed` when the wait gets too long, and `Cancelled`.

        `label` says what for, to those who wait as well. Where no lock can be made there is a warning, and no lock.
        """
        if self._path is None:
            return
        hold = _hold_of(self._path)
        with hold.lock:  # another engine of this process waits as well, behind this one
            if not hold.engines:
                hold.ticket = self._draw(self._path, label, cancel)
            hold.engines += 1

    def release(self) -> None:
        """Give back what one `take` took."""
        if self._path is None:
            return
        hold = _hold_of(self._path)
        with hold.lock:
            hold.engines -= 1
            if not hold.engines and hold.ticket is not None:
                hold.ticket.close()
                hold.ticket = None

    def _draw(self, path: Path, label: str, cancel: Cancel) -> Ticket | None:
        try:
            ticket = Ticket(path, label)
            try:
                self._wait(path, ticket, cancel)
            except BaseException:
                ticket.close()
                raise
            return ticket
        except OSError as error:
            self._report(Warned(f"loading models without the machine's lock {path}: {error.strerror}", "make its folder writable"))
            return None

    def _wait(self, path: Path, ticket: Ticket, cancel: Cancel) -> None:
        ends_at = time.monotonic() + self._wait_s
        if ticket.hold():
            return
        self._report(Warned(f"waiting for the machine's memory: {describe_queue(read_queue(path))}", "llm.lock_wait limits the wait"))
        while not ticket.hold():
            if time.monotonic() > ends_at:
                raise EngineFailed(
                    f"waited {self._wait_s:g} s for the machine's memory: {describe_queue(read_queue(path))}",
                    kind="refused",
                    hint="raise llm.lock_wait, or end the other job",
                )
            cancel.check()
            cancel.wait(_LOOK_EVERY_S)


class _Hold:
    """What this process holds of one lock: for how many engines, and its place in the queue."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.engines = 0
        self.ticket: Ticket | None = None


_HOLDS: dict[Path, _Hold] = {}


def _hold_of(path: Path) -> _Hold:
    return _HOLDS.setdefault(path, _Hold())
