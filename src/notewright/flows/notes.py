"""Notes of a section for its audiences, by a model whose every sentence is checked, or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from notewright.changelog.section import Section
from notewright.control import Advanced, Cancel, Finished, Report, Started, Warned, ignore
from notewright.errors import ModelError
from notewright.grounding.checks import Claim
from notewright.grounding.facts import Fact
from notewright.llm.batch import ask_all
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.notes.assembly import asked_entries, assemble, told_entries
from notewright.notes.audience import Audience
from notewright.notes.call import build_lead, build_repair, build_request, read_claims, read_lead
from notewright.notes.document import Notes, Sentence
from notewright.notes.facts import fact_of, facts_of
from notewright.notes.judging import Written, judge_lead, rejected_claims
from notewright.notes.language import is_english
from notewright.notes.numbers import amount
from notewright.notes.policy import required_entries
from notewright.notes.rejected import Rejected
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
    desk = _Desk(engine, language, report, cancel) if engine else None
    batches = [batch for reader, audience in enumerate(audiences) for batch in _batches(section, reader, audience)] if desk else []
    report(Started("notes", len(batches)))
    _warn_of_language(audiences, language, report)
    drafts = [_Draft(section, audience) for audience in audiences]
    if desk:
        drafts = _answered(drafts, desk.ask(batches), report)
        drafts = [replace(draft, repairs=repairs) for draft, repairs in zip(drafts, desk.ask_again(drafts), strict=True)]
    written = [draft.notes(engine, language) for draft in drafts]
    written = desk.lead(drafts, written) if desk else written
    report(Finished("notes", summarize(written)))
    return tuple(written)


def summarize(written: Sequence[Notes]) -> str:
    """Return one line for people: "developer 23 sentences, customer 7; 4 by rule"."""
    counts = ", ".join(f"{notes.audience} {len(notes.sentences)}" for notes in written)
    sentences = [sentence for notes in written for sentence in notes.sentences]
    fixed, repaired = (sum(sentence.status == status for sentence in sentences) for status in ("fallback", "repaired"))
    by_rule = "all by rule" if fixed == len(sentences) else f"{fixed} by rule" if fixed else "none by rule"
    mended = f", {repaired} repaired" if repaired else ""
    return f"sentences: {counts}; {by_rule}{mended}" if sentences else "no sentences: nothing in this section is for these audiences"


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
class _Draft:
    """The notes of one audience on their way: what was answered, and what was said when asked once more."""

    section: Section
    audience: Audience
    answers: tuple[_Answer, ...] = ()
    repairs: tuple[Claim, ...] = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """All that was answered at first."""
        return tuple(claim for answer in self.answers for claim in answer.claims)

    def rejected(self, language: str) -> tuple[tuple[_Batch, list[Rejected]], ...]:
        """Return what is to be asked for once more, by the call that it came from."""
        policy, told = self.audience.policy, {entry.id for entry in told_entries(self.section, self.audience.policy)}
        written = Written(self.claims, language=language)
        wrong = rejected_claims(written, policy, facts_of(self.section), told=told)
        return tuple((answer.batch, [one for one in wrong if one.claim in answer.claims]) for answer in self.answers)

    def omitted(self) -> tuple[_Batch, ...]:
        """Return of each call that was answered the entries that the audience must know and that no claim is about."""
        required = {entry.id for entry in required_entries(self.section, self.audience.policy)}
        answered = [(answer.batch, {cite for claim in answer.claims for cite in claim.cites}) for answer in self.answers if answer.claims]
        left = [replace(batch, facts=tuple(fact for fact in batch.facts if fact.id in required - cited)) for batch, cited in answered]
        return tuple(batch for batch in left if batch.facts)

    def notes(self, engine: Engine | None, language: str) -> Notes:
        """Return the notes without a lead of a model's."""
        policy, version = self.audience.policy, self.section.version
        if engine is None or not self.audience.prompt.is_asked:
            return Notes(version, self.audience.name, NO_ENGINE, assemble(self.section, policy), language)
        failed = {fact.id: answer.failed for answer in self.answers if answer.failed for fact in answer.batch.facts}
        reserved = policy.style.most_words if policy.headline else 0
        sentences = assemble(
            self.section, policy, claims=self.claims, repairs=self.repairs, failed=failed, language=language, reserved_words=reserved
        )
        return Notes(version, self.audience.name, _name(self.answers, engine), sentences, language)


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

    def ask_again(self, drafts: Sequence[_Draft]) -> list[tuple[Claim, ...]]:
        """Return for each draft what the model says when asked once more: of each call what failed, after the call that it mends, and what
        the audience must know and was left out, in a call of its own."""
        asked = [(place, batch, request) for place, draft in enumerate(drafts) for batch, request in self._requests_again(draft)]
        outcomes = ask_all(self.engine, [request for _, _, request in asked], self.cancel)
        said: list[list[Claim]] = [[] for _ in drafts]
        for (place, batch, request), outcome in zip(asked, outcomes, strict=True):
            answer = _read(batch, request, outcome)
            said[place] += answer.claims if isinstance(answer, _Answer) else ()
        return [tuple(claims) for claims in said]

    def _requests_again(self, draft: _Draft) -> Iterator[tuple[_Batch, Request]]:
        for batch, failed in draft.rejected(self.language):
            request = build_repair(batch.facts, batch.audience, failed, language=self.language) if failed else None
            if request:
                yield batch, request
        for batch in draft.omitted():
            yield batch, build_request(batch.facts, batch.audience, language=self.language)

    def lead(self, drafts: Sequence[_Draft], written: Sequence[Notes]) -> list[Notes]:
        """Return the notes with a sentence that sums up what stands in them, where the audience has one, a model wrote any of it, and what
        it sums up with stands too; asked for once more where it does not."""
        led = list(written)
        failed: dict[int, tuple[Rejected, ...]] = {place: () for place, draft in enumerate(drafts) if _may_lead(draft, written[place])}
        for _ in range(2):
            asked = {place: self._lead_request(drafts[place], written[place], wrong) for place, wrong in failed.items()}
            requests = {place: request for place, request in asked.items() if request}
            outcomes = ask_all(self.engine, list(requests.values()), self.cancel)
            failed = {}
            for (place, request), outcome in zip(requests.items(), outcomes, strict=True):
                led[place], wrong = _led(led[place], drafts[place], request, outcome, self.language)
                failed |= {place: (wrong,)} if wrong else {}
        return led

    def _lead_request(self, draft: _Draft, notes: Notes, failed: Sequence[Rejected]) -> Request | None:
        texts = [sentence.text for sentence in _summed_up(draft, notes)]
        return build_lead(texts, draft.audience, language=self.language, failed=failed)

    def _ask_once(self, batches: Sequence[_Batch], *, answered: Callable[[int], None] = lambda _: None) -> list[_Answer | _Batch]:
        """Return the answer to each batch; the batch itself where it was too much at once."""
        requests = [build_request(batch.facts, batch.audience, language=self.language) for batch in batches]
        outcomes = ask_all(self.engine, requests, self.cancel, answered=answered)
        return [_read(*one) for one in zip(batches, requests, outcomes, strict=True)]


def _batches(section: Section, reader: int, audience: Audience) -> list[_Batch]:
    if not audience.prompt.is_asked:
        return []
    facts = [fact_of(entry) for entry in asked_entries(section, audience.policy)]
    size = audience.prompt.items_per_call
    return [_Batch(reader, start, audience, tuple(facts[start : start + size])) for start in range(0, len(facts), size)]


def _answered(drafts: Sequence[_Draft], answers: Sequence[_Answer], report: Report) -> list[_Draft]:
    own = [tuple(answer for answer in answers if answer.batch.reader == reader) for reader in range(len(drafts))]
    for some in own:
        _warn(some, report)
    return [replace(draft, answers=some) for draft, some in zip(drafts, own, strict=True)]


def _summed_up(draft: _Draft, notes: Notes) -> tuple[Sentence, ...]:
    return notes.sentences[: draft.audience.prompt.items_per_call]


def _may_lead(draft: _Draft, notes: Notes) -> bool:
    return bool(draft.audience.prompt.lead) and any(sentence.status in ("model", "repaired") for sentence in notes.sentences)


def _led(notes: Notes, draft: _Draft, request: Request, outcome: Reply | ModelError, language: str) -> tuple[Notes, Rejected | None]:
    """Return the notes with the lead if it stands; else with what did not, which is returned too where it may be asked for again."""
    if isinstance(outcome, ModelError):
        return notes, None
    try:
        claim = read_lead(outcome, request, [sentence.cites for sentence in _summed_up(draft, notes)])
    except ModelError:
        return notes, None
    rejected = judge_lead(claim, notes.sentences, draft.audience.policy, facts_of(draft.section), language=language)
    if rejected:
        return replace(notes, failed_lead=(*notes.failed_lead, rejected.failed)), rejected
    before = notes.failed_lead
    first = Sentence(claim.text, claim.cites, "repaired" if before else "model", before[0].rule if before else None, before, lead=True)
    return replace(notes, sentences=(first, *notes.sentences), failed_lead=()), None


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


def _warn(answers: Sequence[_Answer], report: Report) -> None:
    """Say once for each audience and kind of failure what the first one was, and how many entries all of them cost."""
    failed: dict[str, list[_Answer]] = {}
    for answer in answers:
        if answer.failed:
            failed.setdefault(answer.kind or answer.reason, []).append(answer)
    for first, *others in failed.values():
        told = amount(sum(len(answer.batch.facts) for answer in (first, *others)), "entry is", "entries are")
        report(Warned(f"{first.batch.audience.name}: {first.reason}", hint=f"{told} told by rule instead"))


def _warn_of_language(audiences: Sequence[Audience], language: str, report: Report) -> None:
    if not is_english(language) and audiences:
        hint = "names, numbers, versions and references are checked; sentences by rule stay English, and the notes say so"
        report(Warned(f"notes in {language}: checks that read English are off", hint=hint))


def _name(answers: Sequence[_Answer], engine: Engine) -> str:
    """Return who wrote the notes: "llama_server:qwen3.5-9b"; both where a small and a large model did."""
    try:
        asked = {answer.who or engine.identity() for answer in answers if not answer.failed} or {engine.identity()}
    except ModelError:  # the calls failed because nobody is there
        return NO_ENGINE
    return visible(" and ".join(sorted(f"{who.engine}:{who.model}" for who in asked)))[:200]
