"""Notes of a section for its audiences, by a model whose every sentence is checked, or without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notewright.changelog.section import Section
from notewright.control import Advanced, Cancel, Finished, Report, Started, Warned, ignore
from notewright.errors import ModelError
from notewright.grounding.checks import Claim
from notewright.grounding.facts import Fact
from notewright.llm.batch import ask_all
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.notes.assembly import assemble, told_entries
from notewright.notes.audience import Audience
from notewright.notes.call import build_request, read_claims
from notewright.notes.document import Notes
from notewright.notes.facts import fact_of
from notewright.notes.numbers import amount
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.prompting.request import Identity, Reply, Request
from notewright.rendering.neutral import visible

NO_ENGINE = "none"


def prepare_notes(
    section: Section,
    audiences: Sequence[Audience],
    *,
    engine: Engine | None,
    language: str = "en",
    report: Report = ignore,
    cancel: Cancel | None = None,
) -> tuple[Notes, ...]:
    """Write the notes for each audience, in their order. Without an engine every sentence is fixed and of the same bytes each time. A model
    that fails, or that answers nonsense, costs its own sentences only: fixed ones take their place, and a warning says so. Raises
    `Cancelled`, and `ConfigError` for a prompt that cannot be filled in."""
    cancel = cancel or Cancel()
    cancel.check()
    batches = [batch for reader, audience in enumerate(audiences) for batch in _batches(section, reader, audience)] if engine else []
    report(Started("notes", len(batches)))
    answers = _Desk(engine, language, report, cancel).ask(batches) if engine else []
    written = []
    for reader, audience in enumerate(audiences):
        own = [answer for answer in answers if answer.batch.reader == reader]
        _warn(own, report)
        written.append(_assemble(section, audience, own, engine))
    report(Finished("notes", summarize(written)))
    return tuple(written)


def summarize(written: Sequence[Notes]) -> str:
    """Return one line for people: "developer 23 sentences, customer 7; 4 by rule"."""
    counts = ", ".join(f"{notes.audience} {len(notes.sentences)}" for notes in written)
    sentences = [sentence for notes in written for sentence in notes.sentences]
    fixed = sum(sentence.status == "fallback" for sentence in sentences)
    by_rule = "all by rule" if fixed == len(sentences) else f"{fixed} by rule" if fixed else "none by rule"
    return f"sentences: {counts}; {by_rule}" if sentences else "no sentences: nothing in this section is for these audiences"


@dataclass(frozen=True, slots=True)
class _Batch:
    """Entries of one call: for which audience, at which place of those that it is told."""

    reader: int
    place: int
    audience: Audience
    facts: tuple[Fact, ...]

    def halves(self) -> tuple[_Batch, _Batch]:
        middle = len(self.facts) // 2
        return (
            _Batch(self.reader, self.place, self.audience, self.facts[:middle]),
            _Batch(self.reader, self.place + middle, self.audience, self.facts[middle:]),
        )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of one batch: claims and who made them, or the rule that the batch as a whole broke, and why."""

    batch: _Batch
    claims: tuple[Claim, ...] = ()
    who: Identity | None = None
    failed: str | None = None
    reason: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Desk:
    """Asks one engine for the notes of several audiences."""

    engine: Engine
    language: str
    report: Report
    cancel: Cancel

    def ask(self, batches: Sequence[_Batch]) -> list[_Answer]:
        """Return the answers in the order of the batches. What does not fit, or was cut off, is asked again in halves; never the same
        again."""
        outcomes = self._ask_once(batches, answered=lambda done: self.report(Advanced("notes", done)))
        while halves := [half for batch in outcomes if isinstance(batch, _Batch) for half in batch.halves()]:
            outcomes = [*(outcome for outcome in outcomes if isinstance(outcome, _Answer)), *self._ask_once(halves)]
        answers = [outcome for outcome in outcomes if isinstance(outcome, _Answer)]
        return sorted(answers, key=lambda answer: (answer.batch.reader, answer.batch.place))

    def _ask_once(self, batches: Sequence[_Batch], *, answered: Callable[[int], None] = lambda _: None) -> list[_Answer | _Batch]:
        """Return the answer to each batch; the batch itself where it was too much at once."""
        requests = [build_request(batch.facts, batch.audience, language=self.language) for batch in batches]
        outcomes = ask_all(self.engine, requests, self.cancel, answered=answered)
        return [_read(*one) for one in zip(batches, requests, outcomes, strict=True)]


def _batches(section: Section, reader: int, audience: Audience) -> list[_Batch]:
    facts = [fact_of(entry) for entry in told_entries(section, audience.policy)]
    size = audience.prompt.items_per_call
    return [_Batch(reader, start, audience, tuple(facts[start : start + size])) for start in range(0, len(facts), size)]


def _read(batch: _Batch, request: Request, outcome: Reply | ModelError) -> _Answer | _Batch:
    try:
        if isinstance(outcome, ModelError):
            raise outcome
        return _Answer(batch, read_claims(outcome, request, batch.facts), outcome.answered_by)
    except (PromptTooLong, TruncatedReply) as error:
        return batch if len(batch.facts) > 1 else _Answer(batch, failed="reply", reason=error.message)
    except InvalidReply as error:
        return _Answer(batch, failed="reply", reason=error.message)
    except ModelError as error:
        return _Answer(batch, failed="engine", reason=error.message, kind=error.kind if isinstance(error, EngineFailed) else "")


def _assemble(section: Section, audience: Audience, answers: Sequence[_Answer], engine: Engine | None) -> Notes:
    if engine is None:
        return Notes(section.version, audience.name, NO_ENGINE, assemble(section, audience.policy))
    claims = tuple(claim for answer in answers for claim in answer.claims)
    failed = {fact.id: answer.failed for answer in answers if answer.failed for fact in answer.batch.facts}
    return Notes(section.version, audience.name, _name(answers, engine), assemble(section, audience.policy, claims=claims, failed=failed))


def _warn(answers: Sequence[_Answer], report: Report) -> None:
    """Say once for each audience and kind of failure what the first one was, and how many entries all of them cost."""
    failed: dict[str, list[_Answer]] = {}
    for answer in answers:
        if answer.failed:
            failed.setdefault(answer.kind or answer.reason, []).append(answer)
    for first, *others in failed.values():
        told = amount(sum(len(answer.batch.facts) for answer in (first, *others)), "entry is", "entries are")
        report(Warned(f"{first.batch.audience.name}: {first.reason}", hint=f"{told} told by rule instead"))


def _name(answers: Sequence[_Answer], engine: Engine) -> str:
    """Return who wrote the notes: "llama_server:qwen3.5-9b"; both where a small and a large model did."""
    try:
        asked = {answer.who or engine.identity() for answer in answers if not answer.failed} or {engine.identity()}
    except ModelError:  # the calls failed because nobody is there
        return NO_ENGINE
    return visible(" and ".join(sorted(f"{who.engine}:{who.model}" for who in asked)))[:200]
