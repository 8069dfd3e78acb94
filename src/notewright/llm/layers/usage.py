"""What every call to a model cost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Literal

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.engine import Engine
from notewright.llm.layers.layer import Layer
from notewright.prompting.reply import InvalidReply, TruncatedReply, read_reply
from notewright.prompting.request import Identity, Reply, Request

_NOBODY = Identity("", "", "", 0, "")
Outcome = Literal["ok", "replayed", "truncated", "invalid", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `cached_tokens` of the `prompt_tokens` were not evaluated again; a replayed call cost none at all;
    `failure` is the engine's message where it failed."""

    task: str
    engine: str
    model: str
    digest: str
    prompt_tokens: int
    cached_tokens: int
    generated_tokens: int
    seconds: float
    outcome: Outcome
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of all calls; `outcomes` are (outcome, calls), by name."""

    calls: int
    prompt_tokens: int
    cached_tokens: int
    generated_tokens: int
    seconds: float
    outcomes: tuple[tuple[str, int], ...]


class Usage:
    """Collects the calls of a run, in the order in which they ended. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        """Note one call."""
        with self._lock:
            self._calls.append(call)

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far."""
        with self._lock:
            return tuple(self._calls)

    def totals(self) -> Totals:
        """Sum the calls so far."""
        calls = self.calls
        return Totals(
            calls=len(calls),
            prompt_tokens=sum(call.prompt_tokens for call in calls),
            cached_tokens=sum(call.cached_tokens for call in calls),
            generated_tokens=sum(call.generated_tokens for call in calls),
            seconds=round(sum(call.seconds for call in calls), 3),
            outcomes=tuple(sorted(Counter(call.outcome for call in calls).items())),
        )

    def as_json(self) -> dict[str, object]:
        """Give the JSON value of usage.json: every call, and the totals."""
        totals = asdict(self.totals())
        calls = [{**asdict(call), "seconds": round(call.seconds, 3)} for call in self.calls]
        return {"schema": 1, "calls": calls, "totals": {**totals, "outcomes": dict(totals["outcomes"])}}


class Recorded(Layer):
    """Notes every call, whatever becomes of it."""

    def __init__(self, inner: Engine, usage: Usage) -> None:
        super().__init__(inner)
        self._usage = usage

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer, and note what it cost."""
        started = time.monotonic()
        who = _NOBODY
        try:
            who = self.inner.identity()
            reply = self.inner.chat(request, cancel)
        except (ModelError, Cancelled) as error:
            outcome: Outcome = "cancelled" if isinstance(error, Cancelled) else "failed"
            self._usage.add(_unanswered(request.task, who, time.monotonic() - started, outcome, error.message))
            raise
        self._usage.add(_answered(request, who, reply))
        return reply


def _answered(request: Request, who: Identity, reply: Reply) -> Call:
    return Call(
        task=request.task,
        engine=who.engine,
        model=who.model,
        digest=who.digest,
        prompt_tokens=reply.prompt_tokens,
        cached_tokens=reply.cached_tokens,
        generated_tokens=reply.generated_tokens,
        seconds=reply.seconds,
        outcome="replayed" if reply.replayed else _judge(reply, request),
    )


def _unanswered(task: str, who: Identity, seconds: float, outcome: Outcome, failure: str) -> Call:
    return Call(task, who.engine, who.model, who.digest, 0, 0, 0, seconds, outcome, failure)


def _judge(reply: Reply, request: Request) -> Outcome:
    try:
        read_reply(reply, request.schema)
    except TruncatedReply:
        return "truncated"
    except InvalidReply:
        return "invalid"
    return "ok"
