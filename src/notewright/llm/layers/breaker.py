"""The layer that leaves an engine alone which fails again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil
from typing import TypeVar

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply
from notewright.prompting.request import Identity, Messages, Reply, Request

Answer = TypeVar("Answer")


class Breaking(Layer):
    """Refuses at once after so many failures of the engine in a row; after a pause one call goes through, and if it is answered, all do.

    A reply that is no good is an answer: the engine is there. A question that is refused and a prompt that is too long say nothing
    of the engine; nor does a count, which may come from memory. Calls that were under way when it opened change nothing any more.
    """

    def __init__(self, inner: Engine, settings: EngineSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(inner)
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._reason = ""
        self._identity: Identity | None = None

    def identity(self) -> Identity:
        """Say who answers, or answered last: kept replies need nobody who is there."""
        if self._opened_at is not None and self._identity is not None:
            return self._identity
        self._identity = self._guard(self.inner.identity, proves=False)
        return self._identity

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens exactly; None if the engine cannot say."""
        return self._guard(lambda: self.inner.count(messages), proves=False)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer. Raises `EngineFailed` of the kind refused while the engine is left alone."""
        return self._guard(lambda: self.inner.chat(request, cancel), proves=True)

    def _guard(self, ask: Callable[[], Answer], *, proves: bool) -> Answer:
        probe = self._admit()
        answered = False
        try:
            answer = ask()
            answered = proves
            return answer
        except InvalidReply:
            answered = True
            raise
        except ModelError as error:
            if not isinstance(error, PromptTooLong) and getattr(error, "kind", None) != "refused":
                self._fail(error.message, probe=probe)
            raise
        finally:
            self._leave(probe=probe, answered=answered)

    def _admit(self) -> bool:
        """Let a call through, and return whether it is the one that tries an open breaker."""
        with self._lock:
            if self._opened_at is None:
                return False
            left_s = self._opened_at + self._settings.breaker_pause_s - self._clock()
            if left_s <= 0 and not self._probing:
                self._probing = True
                return True
            when = f"it is tried again in {ceil(left_s)} s" if left_s > 0 else "one call is trying it again right now"
            raise EngineFailed(
                f"the engine is left alone after {self._failures} failures in a row, and {when}; the last one: {self._reason}",
                kind="refused",
                hint="look at its log; llm.breaker_failures and llm.breaker_pause decide when it is left alone",
                retry_after_s=max(left_s, 0.0),
            )

    def _fail(self, reason: str, *, probe: bool) -> None:
        with self._lock:
            if probe or self._opened_at is None:
                self._failures += 1
                self._reason = reason
                if self._failures >= self._settings.breaker_failures:
                    self._opened_at = self._clock()

    def _leave(self, *, probe: bool, answered: bool) -> None:
        with self._lock:
            if answered and (probe or self._opened_at is None):
                self._failures, self._opened_at = 0, None
            if probe:
                self._probing = False
