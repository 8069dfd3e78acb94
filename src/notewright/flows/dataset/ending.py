"""Ending: when the work on a dataset stops, and why."""

from __future__ import annotations

import threading
import time
from typing import Final, Literal

from notewright.control import Cancel

Ended = Literal["finished", "time", "engine", "cancelled", "error"]

_NOTICE_S: Final = 0.5  # within which a worker that sleeps learns that another one stopped the work


class Ending:
    """A wish to stop: somebody's `cancel`, minutes that have passed, or a worker that saw a reason. Thread-safe; the first one counts."""

    def __init__(self, cancel: Cancel, max_minutes: float | None) -> None:
        self.cancel = cancel
        self._ends_at = float("inf") if max_minutes is None else time.monotonic() + max_minutes * 60
        self._lock = threading.Lock()
        self._reason: Ended | None = None

    @property
    def reason(self) -> Ended | None:
        """Why no task is begun any more; None while work goes on."""
        if self.cancel.requested:
            self.stop("cancelled")
        elif time.monotonic() >= self._ends_at:
            self.stop("time")
        return self._reason

    def stop(self, reason: Ended) -> None:
        """Let no worker begin another task."""
        with self._lock:
            self._reason = self._reason or reason

    def rest(self, seconds: float) -> bool:
        """Sleep so long; return at once, and True, when work is to stop."""
        until = time.monotonic() + seconds
        while self.reason is None and (left := min(until, self._ends_at) - time.monotonic()) > 0:
            self.cancel.wait(min(left, _NOTICE_S))
        return self.reason is not None
