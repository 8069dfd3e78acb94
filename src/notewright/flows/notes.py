"""Notes of a section for its audiences, by a model whose every sentence is checked, or without one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from notewright.changelog.section import Section
from notewright.control import Advanced, Cancel, Finished, Report, Started, Warned, ignore
from notewright.errors import ModelError
from notewright.grounding.checks import Claim
from notewright.grounding.facts import Fact
from notewright.llm.engine import Engine
from notewright.notes.assembly import assemble, told_entries
from notewright.notes.audience import Audience
from notewright.notes.call import build_request, read_claims
from notewright.notes.document import Notes
from notewright.notes.facts import fact_of
from notewright.notes.numbers import amount
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.rendering.neutral import visible

NO_ENGINE = "none"
# After so many calls in a row that the engine failed, it is not asked again in this run: each may take a whole timeout.
_PATIENCE = 2


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
    writer = _Writer(engine, language, report, cancel or Cancel())
    report(Started("notes", len(audiences)))
    written = []
    for done, audience in enumerate(audiences, start=1):
        written.append(writer.write(section, audience))
        report(Advanced("notes", done))
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
class _Answer:
    """What came of one batch: claims, or the rule that the batch as a whole broke and why."""

    facts: tuple[Fact, ...]
    claims: tuple[Claim, ...] = ()
    failed: str | None = None
    reason: str = ""


class _Writer:
    """Asks one engine for the notes of several audiences."""

    def __init__(self, engine: Engine | None, language: str, report: Report, cancel: Cancel) -> None:
        self._engine = engine
        self._language = language
        self._report = report
        self._cancel = cancel
        self._failures_in_a_row = 0

    def write(self, section: Section, audience: Audience) -> Notes:
        """Write the notes for one audience."""
        self._cancel.check()
        if self._engine is None:
            return Notes(section.version, audience.name, NO_ENGINE, assemble(section, audience.policy))
        facts = [fact_of(entry) for entry in told_entries(section, audience.policy)]
        answers = self._ask_all(self._engine, facts, audience)
        self._warn(answers, audience)
        claims = tuple(claim for answer in answers for claim in answer.claims)
        failed = {fact.id: answer.failed for answer in answers if answer.failed for fact in answer.facts}
        return Notes(section.version, audience.name, _name(self._engine), assemble(section, audience.policy, claims=claims, failed=failed))

    def _ask_all(self, engine: Engine, facts: Sequence[Fact], audience: Audience) -> list[_Answer]:
        """Ask for all entries in batches, as many at once as the engine has slots; return the answers in the entries' order."""
        size = audience.prompt.items_per_call
        batches = [tuple(facts[start : start + size]) for start in range(0, len(facts), size)]
        with ThreadPoolExecutor(max_workers=max(1, engine.slots), thread_name_prefix="notes") as pool:
            return [answer for answers in pool.map(lambda batch: self._ask(engine, batch, audience), batches) for answer in answers]

    def _ask(self, engine: Engine, facts: tuple[Fact, ...], audience: Audience) -> list[_Answer]:
        """Ask about one batch. What does not fit, or was cut off, is asked again in halves; never the same again."""
        self._cancel.check()
        if self._failures_in_a_row >= _PATIENCE:
            return [_Answer(facts, failed="engine")]
        request = build_request(facts, audience, language=self._language)
        try:
            claims = read_claims(engine.chat(request, self._cancel), request, facts)
        except (PromptTooLong, TruncatedReply) as error:
            if len(facts) > 1:
                middle = len(facts) // 2
                return self._ask(engine, facts[:middle], audience) + self._ask(engine, facts[middle:], audience)
            return [_Answer(facts, failed="reply", reason=error.message)]
        except InvalidReply as error:
            return [_Answer(facts, failed="reply", reason=error.message)]
        except ModelError as error:
            self._failures_in_a_row += 1
            return [_Answer(facts, failed="engine", reason=error.message)]
        self._failures_in_a_row = 0
        return [_Answer(facts, claims)]

    def _warn(self, answers: Sequence[_Answer], audience: Audience) -> None:
        for answer in answers:
            if answer.reason:
                told = amount(len(answer.facts), "entry is", "entries are")
                self._report(Warned(f"{audience.name}: {answer.reason}", hint=f"{told} told by rule instead"))
        skipped = sum(len(answer.facts) for answer in answers if answer.failed and not answer.reason)
        if skipped:
            hint = "check the engine with `notewright doctor` and run the same command again"
            told = amount(skipped, "more entry is", "more entries are")
            self._report(Warned(f"{audience.name}: the engine failed {_PATIENCE} times in a row; {told} told by rule", hint=hint))


def _name(engine: Engine) -> str:
    """Return who wrote the notes: "llama_server:qwen3.5-9b"."""
    try:
        who = engine.identity()
    except ModelError:  # the calls failed because nobody is there
        return NO_ENGINE
    return visible(f"{who.engine}:{who.model}")[:200]
