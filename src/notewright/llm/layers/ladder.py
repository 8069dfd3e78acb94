"""The layer that chooses between a small and a large model."""

from __future__ import annotations

import threading
from dataclasses import replace

from notewright.control import Cancel, Report, Warned, ignore
from notewright.errors import ModelError
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.prompting.request import Identity, Messages, Reply, Request

_Outcome = Reply | ModelError
_NO_MEMORY = "the large one ran out of memory"


class Ladder(Layer):
    """Asks the small model what is simple enough for it, and the large one the rest and what the small one did not do well. A large
    one that runs out of memory is closed, and the small one does the rest of the run. Without a small one nothing changes.

    To its callers it is the large one, for as long as there is one; `Reply.answered_by` and `choice` say who answered and why.
    """

    def __init__(self, small: Engine | None, large: Engine, settings: EngineSettings, report: Report = ignore) -> None:
        super().__init__(large)
        self._small = small
        self._settings = settings
        self._report = report
        self._lock = threading.Lock()
        self._left_large = threading.Event()
        self._large_calls = 0

    @property
    def slots(self) -> int:
        """Requests worth having in flight at once, whichever of the two they go to."""
        return min(engine.slots for engine in self._engines())

    def identity(self) -> Identity:
        """Name the large one; the small one where the large one is given up, or nobody answers for it."""
        *before, last = self._engines()
        return next(filter(None, map(_name, before)), None) or last.identity()

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens as the large one does, for as long as there is one."""
        return self._engines()[0].count(messages)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer by the model that fits. Where neither did, raises what says more: that a reply was wrong rather than that there was
        none."""
        small = self._small
        if small is None:
            return self.inner.chat(request, cancel)
        if not self._left_large.is_set():
            if (reason := self._objection(small, request)) is None:
                return self._climb(small, request, cancel)
            outcome = self._try_large(request, cancel)
            if not self._left_large.is_set() or isinstance(outcome, Reply | InvalidReply):
                return _settle(outcome, self.inner, f"large: {reason}")
        return _settle(_try(small, request, cancel), small, f"small: {_NO_MEMORY}")

    def close(self) -> None:
        """Close both."""
        try:
            super().close()
        finally:
            if self._small is not None:
                self._small.close()

    def _engines(self) -> list[Engine]:
        """Return who is still asked, the larger one first."""
        if self._small is None:
            return [self.inner]
        return [self._small] if self._left_large.is_set() else [self.inner, self._small]

    def _objection(self, small: Engine, request: Request) -> str | None:
        """Return why a request is not for the small model; None if it is. The prompt is counted only if nothing else decides."""
        task = self._settings.task(request.task)
        if task.model == "large":
            return "set for this task"
        most_items = self._settings.small_items if task.small_items is None else task.small_items
        if request.items > most_items:
            return f"{request.items:,} {'item' if request.items == 1 else 'items'}, more than {most_items:,}"
        most_tokens = self._settings.small_tokens if task.small_tokens is None else task.small_tokens
        try:
            tokens = small.count(request.messages)
        except ModelError as error:
            return f"the small one {_told(error)}"
        return None if tokens is None or tokens <= most_tokens else f"{tokens:,} prompt tokens, more than {most_tokens:,}"

    def _climb(self, small: Engine, request: Request, cancel: Cancel) -> Reply:
        """Ask the small one, and the large one where that did not do. What says more is taken, the other one is kept for its cost."""
        confidence = self._settings.task(request.task).small_confidence
        least = self._settings.small_confidence if confidence is None else confidence
        first = _try(small, replace(request, weigh=request.weigh or least > 0), cancel)
        if (doubt := _doubt(first, least)) is None:
            return _settle(first, small, "small: simple enough")
        second = self._try_large(request, cancel)
        if _rank(first) < _rank(second):
            discarded = _paid(second, self.inner, f"large: the small one {doubt}")
            return _settle(first, small, f"small: it {doubt}, and the large one {_told(second)}", discarded)
        return _settle(second, self.inner, f"large: the small one {doubt}", _paid(first, small, "small: simple enough"))

    def _try_large(self, request: Request, cancel: Cancel) -> _Outcome:
        with self._lock:
            if self._left_large.is_set():
                return EngineFailed(_NO_MEMORY, kind="out_of_memory")
            self._large_calls += 1
        try:
            outcome = _try(self.inner, request, cancel)
            if isinstance(outcome, EngineFailed) and outcome.kind == "out_of_memory":
                self._leave_large(outcome)
        finally:
            with self._lock:
                self._large_calls -= 1
                ends = self._left_large.is_set() and not self._large_calls
            if ends:  # the small one needs what it holds
                self.inner.close()
        return outcome

    def _leave_large(self, error: EngineFailed) -> None:
        with self._lock:
            said = self._left_large.is_set()
            self._left_large.set()
        if not said:
            self._report(Warned(f"the small model does the rest of this run: {error.message}", error.hint))


def _try(engine: Engine, request: Request, cancel: Cancel) -> _Outcome:
    try:
        return engine.chat(request, cancel)
    except ModelError as error:
        return error


def _settle(outcome: _Outcome, engine: Engine, choice: str, discarded: tuple[Reply, ...] = ()) -> Reply:
    """Return the reply, or raise the failure, either with who it was, why, and what was paid for in vain."""
    paid = [replace(reply, discarded=discarded) for reply in _paid(outcome, engine, choice)]
    if isinstance(outcome, Reply):
        return paid[0]
    if isinstance(outcome, InvalidReply) and paid:
        outcome.reply = paid[0]
    raise outcome


def _paid(outcome: _Outcome, engine: Engine, choice: str) -> tuple[Reply, ...]:
    """Return the reply of an outcome, if there is any, with who gave it and why."""
    reply = outcome.reply if isinstance(outcome, InvalidReply) else outcome
    return (replace(reply, choice=choice, answered_by=_name(engine)),) if isinstance(reply, Reply) else ()


def _doubt(outcome: _Outcome, least: float) -> str | None:
    """Return what is wrong with an outcome; None for a reply that will do."""
    if not isinstance(outcome, Reply):
        return _told(outcome)
    if outcome.confidence is None or outcome.confidence >= least:
        return None
    return f"was unsure ({outcome.confidence:.2f}, less than {least:.2f})"


def _told(outcome: _Outcome) -> str:
    """Say in a few words how a request went wrong."""
    match outcome:
        case TruncatedReply():
            return "was cut off"
        case InvalidReply():
            return "gave an invalid reply"
        case PromptTooLong():
            return "has no room for the prompt"
        case EngineFailed():
            return f"failed ({outcome.kind.replace('_', ' ')})"
    return "failed"


def _rank(outcome: _Outcome) -> int:
    """Order outcomes by how much a caller can make of them; the first is a reply."""
    return next(rank for rank, kind in enumerate((Reply, InvalidReply, PromptTooLong, ModelError)) if isinstance(outcome, kind))


def _name(engine: Engine) -> Identity | None:
    try:
        return engine.identity()
    except ModelError:
        return None
