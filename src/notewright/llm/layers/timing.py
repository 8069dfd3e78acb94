"""Time limits on calls and tasks."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Reply, Request

Clock = Callable[[], float]


class TimeLimit(Cancel):
    """A wish to stop that somebody else makes or that comes by itself, `limit_s` seconds from now. `check` says which it was."""

    def __init__(self, cancel: Cancel, *, limit_s: float, failure: EngineFailed, clock: Clock = time.monotonic) -> None:
        super().__init__()
        self._cancel = cancel
        self._failure = failure
        self._clock = clock
        self._ends_at = clock() + limit_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, by this limit and those around it."""
        return min(max(self._ends_at - self._clock(), 0.0), seconds_left(self._cancel))

    @property
    def requested(self) -> bool:
        """Whether someone asked to stop, or time is up."""
        return self._cancel.requested or self.left_s <= 0

    def request(self) -> None:
        """Ask everybody who holds the token inside to stop."""
        self._cancel.request()

    def check(self) -> None:
        """Raise `Cancelled` if someone asked to stop, `EngineFailed` if time is up."""
        self._cancel.check()
        if self.left_s <= 0:
            raise self._failure

    def wait(self, timeout_s: float) -> bool:
        """Sleep up to `timeout_s` seconds; return early, and True, when someone asks to stop or time is up."""
        self._cancel.wait(min(timeout_s, self.left_s))
        return self.requested


def seconds_left(cancel: Cancel) -> float:
    """Return how many seconds work under this token may still take; infinity where nothing limits it."""
    return cancel.left_s if isinstance(cancel, TimeLimit) else float("inf")


@dataclass(slots=True)
class _Spent:
    """How long calls of one task have run: `seconds` before, and those since `since` while `running` is not 0."""

    seconds: float = 0.0
    running: int = 0
    since: float = 0.0


class Timed(Layer):
    """Ends all calls of a task in this run after its limit. Calls side by side count once; the time between calls does not count."""

    def __init__(self, inner: Engine, settings: EngineSettings, *, clock: Clock = time.monotonic) -> None:
        super().__init__(inner)
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: defaultdict[str, _Spent] = defaultdict(_Spent)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer while the task has time left. Raises `EngineFailed` when it has none, or none any more."""
        limit_s = self._settings.task(request.task).task_timeout_s or self._settings.task_timeout_s
        if limit_s is None:
            return self.inner.chat(request, cancel)
        failure = EngineFailed(
            f"all calls of the task {request.task} together took more than {limit_s:g} s",
            kind="timeout",
            hint="raise llm.task_timeout, or choose a smaller model",
        )
        with self._running(request.task) as before_s:
            limit = TimeLimit(cancel, limit_s=limit_s - before_s, failure=failure, clock=self._clock)
            limit.check()
            return self.inner.chat(request, limit)

    @contextmanager
    def _running(self, task: str) -> Iterator[float]:
        """Count the time within, and give the seconds so far."""
        with self._lock:
            spent, now = self._spent[task], self._clock()
            if spent.running == 0:
                spent.since = now
            spent.running += 1
            before_s = spent.seconds + now - spent.since
        try:
            yield before_s
        finally:
            with self._lock:
                spent.running -= 1
                if spent.running == 0:
                    spent.seconds += self._clock() - spent.since
