"""The layer that asks again: the only one, and only what can heal."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.llm.layers.timing import TimeLimit, seconds_left
from notewright.llm.settings import EngineSettings
from notewright.prompting.reply import InvalidReply
from notewright.prompting.request import Identity, Messages, Reply, Request

if TYPE_CHECKING:
    import stamina

Answer = TypeVar("Answer")

_MOST_PAUSE_S = 8.0
# A server that wants to be left alone for longer than this is down, for whoever waits: the caller falls back instead.
_MOST_ASKED_S = 60.0
# What is asked without a token that could stop it is asked again no later than this.
_DEAF_S = 5.0


class Retrying(Layer):
    """Asks again after a failure that can heal, with growing pauses that are partly chance, or those that the server asks for.

    A reply that came back is never asked for again, valid or not.
    """

    def __init__(self, inner: Engine, settings: EngineSettings, *, first_pause_s: float = 0.5) -> None:
        super().__init__(inner)
        self._settings = settings
        self._first_pause_s = first_pause_s

    def identity(self) -> Identity:
        """Say who answers."""
        return self._look(self.inner.identity)

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens exactly; None if the engine cannot say."""
        return self._look(lambda: self.inner.count(messages))

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer, and say how many attempts failed before, in the reply or in the failure."""
        cancel.check()
        said = self._settings.task(request.task)
        retries = self._settings.max_retries if said.max_retries is None else said.max_retries
        limit = _limit_call(cancel, said.call_timeout_s or self._settings.call_timeout_s)
        reply, failed = self._insist(lambda: self.inner.chat(request, limit), retries=retries, cancel=limit)
        return replace(reply, retries=failed)

    def _look(self, ask: Callable[[], Answer]) -> Answer:
        answer, _ = self._insist(ask, retries=self._settings.max_retries, cancel=_limit_call(Cancel(), _DEAF_S))
        return answer

    def _insist(self, ask: Callable[[], Answer], *, retries: int, cancel: Cancel) -> tuple[Answer, int]:
        """Return the answer and how many attempts failed before it. Raises what the last attempt raised, which knows it too."""
        try:
            return ask(), 0  # what succeeds at once pays nothing for stamina: that would be the most of a cache hit (measured)
        except EngineFailed as error:
            first = error
        failed = 0
        pauses = _Pauses(cancel)
        for attempt in _attempts(pauses.allows, retries=retries, first_pause_s=self._first_pause_s):
            failed = attempt.num - 1
            pauses.wait()
            pauses.next_s = attempt.next_wait
            with attempt:
                try:
                    if not failed:
                        raise first
                    return ask(), failed
                except EngineFailed as error:
                    error.retries = failed
                    raise
                except InvalidReply as error:
                    error.reply = error.reply and replace(error.reply, retries=failed)
                    raise
        raise AssertionError("stamina raises what the last attempt raised")


class _Pauses:
    """Decides whether there is a next attempt, and waits for it: stamina's own sleep is deaf to whoever asks to stop."""

    def __init__(self, cancel: Cancel) -> None:
        self.next_s = 0.0
        self._cancel = cancel
        self._pause_s = 0.0

    def allows(self, error: Exception) -> bool | float:
        """Return 0, for no sleep of stamina's own, if the question is worth asking again after a pause that there is time for."""
        if not isinstance(error, EngineFailed) or not error.heals:
            return False
        asked_s = error.retry_after_s or 0.0
        # chance spreads those who failed together; what a server asks for is the least
        self._pause_s = asked_s + self.next_s * random.uniform(0.5, 1.0)  # noqa: S311  # guards nothing
        return 0.0 if asked_s <= _MOST_ASKED_S and self._pause_s < seconds_left(self._cancel) else False

    def wait(self) -> None:
        """Wait for the pause decided on. Raises `Cancelled` at once when someone asks to stop."""
        if self._pause_s:
            self._cancel.wait(self._pause_s)
            self._cancel.check()


def _attempts(on: Callable[[Exception], bool | float], *, retries: int, first_pause_s: float) -> Iterator[stamina.Attempt]:
    # tenacity below it takes .05 s to import, and most commands ask no model
    import stamina
    import stamina.instrumentation

    # its own hooks would log every attempt to stderr; ours is the usage table
    stamina.instrumentation.set_on_retry_hooks(())
    context = stamina.retry_context(on, retries + 1, timeout=None, wait_initial=first_pause_s, wait_max=_MOST_PAUSE_S, wait_jitter=0)
    return iter(context)


def _limit_call(cancel: Cancel, limit_s: float | None) -> Cancel:
    if limit_s is None:
        return cancel
    failure = EngineFailed(
        f"the model did not answer within {limit_s:g} s", kind="timeout", hint="raise llm.call_timeout, or choose a smaller model"
    )
    return TimeLimit(cancel, limit_s=limit_s, failure=failure)
