"""The layer that asks no more often than a minute allows."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Reply, Request

_LOOK_EVERY_S = 0.25


class RateLimited(Layer):
    """Spreads calls evenly over the minute, first come, first served. Without a limit it costs nothing."""

    def __init__(self, inner: Engine, settings: EngineSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(inner)
        self._apart_s = 60 / settings.requests_per_minute if settings.requests_per_minute else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[object] = deque()
        self._free_at = clock()

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer when it is this call's turn. Whoever leaves before gives the place to the next."""
        if self._apart_s:
            self._wait(cancel)
        return self.inner.chat(request, cancel)

    def _wait(self, cancel: Cancel) -> None:
        ticket = object()
        with self._lock:
            self._waiting.append(ticket)
        try:
            while (left_s := self._left_s(ticket)) > 0:
                cancel.wait(min(left_s, _LOOK_EVERY_S))
                cancel.check()
        except EngineFailed as error:
            # time ran out here: that is no failure of the engine
            raise EngineFailed(f"{error.message}, waiting for its turn", kind="refused", hint="raise llm.requests_per_minute") from error
        finally:
            with self._lock:
                if ticket in self._waiting:
                    self._waiting.remove(ticket)

    def _left_s(self, ticket: object) -> float:
        """Return the seconds until this call's turn; 0 takes it."""
        with self._lock:
            place, now = self._waiting.index(ticket), self._clock()
            left_s = self._free_at + place * self._apart_s - now
            if place or left_s > 0:
                return max(left_s, 0.001)  # those ahead were slow to leave
            self._waiting.popleft()
            self._free_at = now + self._apart_s
            return 0.0
