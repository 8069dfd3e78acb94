"""Trying an engine: whether it does what everything that asks a model relies on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from notewright.config.config import Config
from notewright.control import Cancel, Report, ignore
from notewright.errors import Cancelled, ModelError
from notewright.flows.models import engine_settings
from notewright.llm.door import open_engine
from notewright.llm.engine import Engine
from notewright.prompting.reply import read_reply
from notewright.prompting.request import Identity, Message, Messages, Reply, Request
from notewright.prompting.schema import (
    Schema,
    boolean,
    choice_of,
    constant,
    integer,
    list_of,
    nullable,
    object_of,
    text_of,
)

State = Literal["pass", "fail", "cannot say"]
_Outcome = tuple[State, str]
_ANSWER = object_of({"ok": choice_of(("yes", "no"))})
_WORDS = object_of({"text": text_of(at_most=60)})
_LONG = object_of({"lines": list_of(text_of(at_most=100), at_least=40, at_most=40)})
_ENTRY = object_of({"cites": list_of(choice_of(("1", "2", "3")), at_least=1, at_most=2), "text": text_of(at_most=40)})
_SCHEMAS: tuple[Schema, ...] = (
    object_of({"kind": choice_of(("feature", "fix", "other")), "rank": choice_of((1, 2, 3))}),
    object_of({"sentences": list_of(_ENTRY, at_most=3)}),
    object_of({"reason": nullable(text_of(at_most=30)), "sure": boolean(), "version": constant(1)}),
    list_of(object_of({"count": integer(), "name": nullable(choice_of(("a", "b")))}), at_least=1, at_most=2),
    constant(None),
)
# One control token of each family of models; what is no token of the model asked is ordinary text anyway.
_CONTROL = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "</s>", "[INST]", "<|end|>")
_REPEATS = 4
_LINE = "Entry {0}: the command reads file number {0} and writes what it found to the folder beside it."
# These know how much of a prompt they had read before; other servers may reuse it and say nothing.
_TELL_REUSE = ("llama_server", "llama_cpp", "mlx")
_CANCEL_AFTER_S = (0.2, 0.05, 0.01)  # one after the other, while the reply is there sooner
_STOP_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check: `detail` are the figures, or the reason."""

    name: str
    state: State
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Checked:
    """An engine and what came of its checks, in their order. `identity` is None where it does not even say who it is."""

    reason: str
    identity: Identity | None
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> int:
        """How many checks failed."""
        return sum(one.state == "fail" for one in self.findings)


def check_engine(
    config: Config, *, flag: str | None, report: Report = ignore, cancel: Cancel, told: Callable[[Finding], None] = lambda _: None
) -> Checked:
    """Try the engine that `--engine` names, else the one configured, past the response cache; give each finding to `told` as it comes.
    Raises `ModelError` where there is no engine, and `Cancelled`."""
    settings = replace(engine_settings(config), cache_mb=0)
    opened = open_engine(config.engine_spec(flag), settings=settings, report=report)
    if opened.engine is None:
        raise ModelError(f"there is no engine to check: {opened.reason}", hint="name one with --engine")
    findings: list[Finding] = []
    with closing(opened.engine) as engine:
        trial = _Trial(engine, cancel)
        for name, check in _CHECKS.items():
            loads = not findings or findings[0].state == "pass"
            findings.append(_judge(name, partial(check, trial)) if loads else Finding(name, "cannot say", "nobody answers", 0.0))
            told(findings[-1])
        return Checked(opened.reason, trial.identity, tuple(findings))


class _Trial:
    """Asks one engine small questions."""

    def __init__(self, engine: Engine, cancel: Cancel) -> None:
        self.engine = engine
        self.cancel = cancel
        self.identity: Identity | None = None

    def ask(self, text: str, schema: Schema = _ANSWER, *, cancel: Cancel | None = None) -> Reply:
        """Ask, and check the reply. Raises `ModelError`."""
        slot = 0 if self.engine.slots > 1 else None
        request = Request("check", messages_of(text), schema, max_tokens=2_000, slot=slot)
        reply = self.engine.chat(request, cancel or self.cancel)
        read_reply(reply, schema)
        return reply


def messages_of(text: str) -> Messages:
    """Return what is asked: the same instruction each time, and `text`."""
    return (Message("system", "Answer in JSON, as the schema says."), Message("user", text))


def _judge(name: str, check: Callable[[], _Outcome]) -> Finding:
    started = time.monotonic()
    try:
        state, detail = check()
    except ModelError as error:
        state, detail = "fail", error.message + (f" ({error.hint})" if error.hint else "")
    return Finding(name, state, detail, time.monotonic() - started)


def _load(trial: _Trial) -> _Outcome:
    trial.ask("Are you there?")
    who = trial.identity = trial.engine.identity()
    window = f", a context of {who.context_length:,} tokens" if who.context_length else ""
    return "pass", f"{who.engine}:{who.model}{f' by {who.runtime}' if who.runtime else ''}{window}"


def _generate(trial: _Trial) -> _Outcome:
    reply = trial.ask("Write one sentence about files.", _WORDS)
    speed = f", {reply.generated_tokens / reply.seconds:,.0f} a second" if reply.seconds else ""
    return "pass", f"{reply.generated_tokens:,} tokens{speed}"


def _schema(trial: _Trial) -> _Outcome:
    for number, schema in enumerate(_SCHEMAS, start=1):
        try:
            trial.ask(f"Fill in form {number}.", schema)
        except ModelError as error:
            return "fail", f"form {number} of {len(_SCHEMAS)}: {error.message}"
    return "pass", f"{len(_SCHEMAS)} replies of {len(_SCHEMAS)} are what their schema allows"


def _determinism(trial: _Trial) -> _Outcome:
    texts = [trial.ask("Write one sentence about tests.", _WORDS).text for _ in range(3)]
    same = texts.count(texts[0])
    return ("pass", "the same bytes 3 times of 3") if same == len(texts) else ("fail", f"only {same} replies of {len(texts)} are the same")


def _tokens(trial: _Trial) -> _Outcome:
    text = "\n".join(["Count these tokens: naïve, 日本語, 12345.", *_lines(8, "count")])
    counted, read = trial.engine.count(messages_of(text)), trial.ask(text).prompt_tokens
    if counted is None or not read:
        return "cannot say", "the engine counts no prompt tokens before it reads them" if counted is None else "the engine tells no tokens"
    if counted < read:
        return "fail", f"{counted:,} tokens are counted, and {read:,} are read: prompts may be cut"
    if counted > read:
        return "cannot say", f"{counted:,} tokens are counted where {read:,} are read: never too few"
    return "pass", f"{counted:,} tokens are counted, and as many are read"


def _prefix(trial: _Trial) -> _Outcome:
    shared = "\n".join(_lines(24, "prefix"))
    trial.ask(f"{shared}\nIs the first entry about files?")
    second = trial.ask(f"{shared}\nIs the last entry about folders?")
    if second.cached_tokens * 2 >= second.prompt_tokens > 0:
        return "pass", f"{second.cached_tokens:,} tokens of {second.prompt_tokens:,} were not read again"
    if trial.identity and trial.identity.engine in _TELL_REUSE:
        return "fail", f"{second.prompt_tokens - second.cached_tokens:,} tokens of {second.prompt_tokens:,} were read again"
    return "cannot say", "the engine does not tell what it reads again"


def _cancel(trial: _Trial) -> _Outcome:
    took_s = next((took_s for after_s in _CANCEL_AFTER_S if (took_s := _stop(trial, after_s)) is not None), None)
    if took_s is None:
        return "cannot say", "the reply was there before it could be stopped"
    trial.ask("Are you still there?")
    late = took_s > _STOP_WITHIN_S
    return ("fail" if late else "pass"), f"stopped {took_s:.1f} s after it was asked to, and answers again"


def _stop(trial: _Trial, after_s: float) -> float | None:
    """Ask for a long reply and stop it after so many seconds; return how many more it took, None where the reply was there before."""
    stop = Cancel()
    timer = threading.Timer(after_s, stop.request)
    timer.start()
    started = time.monotonic()
    try:
        trial.ask("Write forty long lines about folders.", _LONG, cancel=stop)
    except Cancelled:
        return max(time.monotonic() - started - after_s, 0.0)
    finally:
        timer.cancel()
        trial.cancel.check()
    return None


def _control(trial: _Trial) -> _Outcome:
    least = trial.ask("Text: ").prompt_tokens
    if not least:
        return "cannot say", "the engine tells no tokens"
    for token in _CONTROL:
        read = trial.ask(f"Text: {token * _REPEATS}").prompt_tokens - least
        if read < 2 * _REPEATS:
            return "fail", f"{token} in a text is read as a control token"
    return "pass", f"{len(_CONTROL)} control tokens of {len(_CONTROL)} in a text stay text"


def _lines(count: int, word: str) -> Iterator[str]:
    yield f"About {word}."
    yield from (_LINE.format(number) for number in range(1, count + 1))


_CHECKS: dict[str, Callable[[_Trial], _Outcome]] = {
    "load": _load,
    "generate": _generate,
    "schema": _schema,
    "determinism": _determinism,
    "tokens": _tokens,
    "prefix": _prefix,
    "cancel": _cancel,
    "control": _control,
}
