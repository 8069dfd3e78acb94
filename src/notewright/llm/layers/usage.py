"""What every call to a model cost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError, NotewrightError
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply, read_reply
from notewright.prompting.request import Identity, Reply, Request

_NOBODY = Identity("", "", "", 0, "")
# "unsure" is a valid reply of a small model that was not taken; "refused" is what no model read: a prompt that does not fit, or an
# engine that does not take it or is left alone.
Outcome = Literal["ok", "replayed", "unsure", "truncated", "invalid", "failed", "refused", "cancelled"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `cached_tokens` of the `prompt_tokens` were not evaluated again; a replayed call cost none at all. `seconds` are from the
    question to the answer, with all waiting. `failure` is what the engine said where it failed, `kind` which kind of failure that was;
    `retries` are attempts that failed before; `choice` is why this model was asked; `prompt` is the digest of the prompt's folder."""

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
    kind: str = ""
    retries: int = 0
    choice: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of some calls; `outcomes` are (outcome, calls), by name."""

    calls: int
    prompt_tokens: int
    cached_tokens: int
    generated_tokens: int
    seconds: float
    outcomes: tuple[tuple[str, int], ...]
    retries: int = 0

    @property
    def cached_share(self) -> float | None:
        """The share of prompt tokens that were not evaluated again; None where no model read any."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None


def sum_calls(calls: Sequence[Call]) -> Totals:
    """Add up calls."""
    return Totals(
        calls=len(calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        generated_tokens=sum(call.generated_tokens for call in calls),
        seconds=round(sum(call.seconds for call in calls), 3),
        outcomes=tuple(sorted(Counter(call.outcome for call in calls).items())),
        retries=sum(call.retries for call in calls),
    )


class Usage:
    """Collects the calls of a run, in the order in which they ended. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, *calls: Call) -> None:
        """Note calls."""
        with self._lock:
            self._calls += calls

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far."""
        with self._lock:
            return tuple(self._calls)

    def totals(self) -> Totals:
        """Sum the calls so far."""
        return sum_calls(self.calls)

    def as_json(self) -> dict[str, object]:
        """Give the JSON value of usage.json: every call, the totals, and those of each task."""
        calls = self.calls
        names = sorted({call.task for call in calls})
        return {
            "schema": 1,
            "calls": [{**asdict(call), "seconds": round(call.seconds, 3)} for call in calls],
            "totals": _totals_value(calls),
            "tasks": {name: _totals_value([call for call in calls if call.task == name]) for name in names},
        }


class Recorded(Layer):
    """Notes every call, whatever becomes of it: also those to a model whose reply was not taken."""

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
            self._note(request, who, error, time.monotonic() - started)
            raise
        self._note(request, who, reply, time.monotonic() - started)
        return reply

    def _note(self, request: Request, who: Identity, result: Reply | NotewrightError, seconds: float) -> None:
        """Note the replies that were discarded, each with its own time, and then how the call ended, with the rest of it."""
        reply = result.reply if isinstance(result, InvalidReply) else result
        discarded = reply.discarded if isinstance(reply, Reply) else ()
        rest = max(seconds - sum(one.seconds for one in discarded), 0.0)
        earlier = [_answered(request, who, one, one.seconds, _judge(one, request)) for one in discarded]
        self._usage.add(*earlier, _ended(request, who, result, rest))


def _ended(request: Request, who: Identity, result: Reply | NotewrightError, seconds: float) -> Call:
    if isinstance(result, Reply):
        return _answered(request, who, result, seconds, "replayed" if result.replayed else "ok")
    outcome = _outcome(result)
    if isinstance(result, InvalidReply) and result.reply is not None:
        return _answered(request, who, result.reply, seconds, outcome, failure=result.message)
    kind, retries = (result.kind, result.retries) if isinstance(result, EngineFailed) else ("", 0)
    return Call(
        request.task, who.engine, who.model, who.digest, 0, 0, 0, seconds, outcome, result.message, kind, retries, prompt=request.prompt
    )


def _answered(request: Request, who: Identity, reply: Reply, seconds: float, outcome: Outcome, *, failure: str = "") -> Call:
    who = reply.answered_by or who
    return Call(
        task=request.task,
        engine=who.engine,
        model=who.model,
        digest=who.digest,
        prompt_tokens=reply.prompt_tokens,
        cached_tokens=reply.cached_tokens,
        generated_tokens=reply.generated_tokens,
        seconds=seconds,
        outcome=outcome,
        failure=failure,
        retries=reply.retries,
        choice=reply.choice,
        prompt=request.prompt,
    )


def _outcome(error: NotewrightError) -> Outcome:
    kinds: tuple[tuple[type[NotewrightError], Outcome], ...] = (
        (Cancelled, "cancelled"),
        (TruncatedReply, "truncated"),
        (InvalidReply, "invalid"),
        (PromptTooLong, "refused"),
    )
    if isinstance(error, EngineFailed) and error.kind == "refused":
        return "refused"
    return next((outcome for kind, outcome in kinds if isinstance(error, kind)), "failed")


def _judge(reply: Reply, request: Request) -> Outcome:
    """Say why a reply that was paid for was not taken."""
    try:
        read_reply(reply, request.schema)
    except InvalidReply as error:
        return _outcome(error)
    return "unsure"


def _totals_value(calls: Sequence[Call]) -> dict[str, object]:
    totals = sum_calls(calls)
    share = totals.cached_share
    return {**asdict(totals), "outcomes": dict(totals.outcomes), "cached_share": None if share is None else round(share, 4)}
