"""Failures that a test orders from a server: an error, a hanging call, a dropped connection."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What one call suffers: an error reply, or, without a `status`, a connection that is held and then closed."""

    method: str
    path_regex: str
    status: int | None
    message: str | None
    after: bool
    hang_s: float
    headers: Mapping[str, str]

    def fits(self, method: str, path: str) -> bool:
        """Return whether this fault is meant for a call; `path` includes the query."""
        return self.method in ("*", method) and re.search(self.path_regex, path) is not None


class Faults:
    """The failures still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault, times: int) -> None:
        """Let the next `times` calls that fit fail."""
        with self._lock:
            self._waiting += [fault] * times

    def take(self, method: str, path: str) -> Fault | None:
        """Return the first fault that fits, used up by this, or None."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.fits(method, path):
                    return self._waiting.pop(place)
        return None

    def left(self) -> int:
        """Return how many faults no call has met yet."""
        with self._lock:
            return len(self._waiting)
