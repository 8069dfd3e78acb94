"""What a reviewer is shown: a section, its notes sentence by sentence beside their entries, and how they came to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from notewright.changelog.document.edit_report import OVERRIDES_FILE, EditReport
from notewright.changelog.section import Entry, Section
from notewright.grounding.checks import Failure
from notewright.notes.document import Failed, Notes, Sentence
from notewright.notes.report import NotesReport
from notewright.review.audit import Audit
from notewright.review.changes import Changes
from notewright.review.edited import Suggested
from notewright.review.proposal import Proposal
from notewright.review.usage import Usage

UNCONVENTIONAL = "not conventional"  # as the ledger says it
STATUSES = {"model": "as the model wrote it", "repaired": "repaired", "fallback": "by rule", "human": "by a person"}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One sentence, the entries that it cites, and what the checks say about it. `number` counts from 1 within its audience."""

    audience: str
    number: int
    sentence: Sentence
    entries: tuple[Entry, ...]
    failures: tuple[Failure, ...]

    @property
    def supported(self) -> bool:
        """Whether no blocking check stands against the sentence."""
        return not any(failure.blocking for failure in self.failures)

    @property
    def status(self) -> str:
        """How the sentence came to be, in words, with the rule that made it so."""
        rule = self.sentence.rule
        return STATUSES[self.sentence.status] + (f": {rule}" if rule else "")


@dataclass(frozen=True, slots=True)
class Audience:
    """One audience's notes: finished Markdown, and the evidence for each sentence. Where the file belongs to a person, `suggested` says to
    whom and what later commits would add, the Markdown is theirs, and `missing` are required entries that it does not tell.
    `failed_lead` are leads of the model that did not stand."""

    name: str
    markdown: str
    exhibits: tuple[Exhibit, ...]
    suggested: Suggested | None = None
    missing: tuple[str, ...] = ()
    failed_lead: tuple[Failed, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """All that the views of a proposal show. `reason` says why the version is what it is, if it
    can be said; `decider` is the commit that decided it; `edits` tell of sections of the changelog that people changed;
    `changes` what is other than in the proposal before; `audit` is that of a published release."""

    proposal: Proposal
    section: Section
    section_markdown: str
    reason: str
    decider: str | None
    audiences: tuple[Audience, ...]
    usage: Usage
    edits: tuple[EditReport, ...] = ()
    changes: Changes | None = None
    audit: Audit | None = None

    def exhibits(self) -> Iterator[Exhibit]:
        """Yield every sentence of every audience."""
        for audience in self.audiences:
            yield from audience.exhibits

    def statuses(self) -> Counter[str]:
        """Count the sentences by status."""
        return Counter(exhibit.sentence.status for exhibit in self.exhibits())


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth a reviewer's eyes: what, where it stands, and why it is worth them."""

    what: str
    where: str
    why: str


def exhibit(section: Section, notes: Notes, report: NotesReport) -> tuple[Exhibit, ...]:
    """Put each sentence beside the entries that it cites and what the report says about it."""
    entries = {entry.id: entry for entry in section.entries()}
    return tuple(
        Exhibit(notes.audience, number, sentence, tuple(entries[cite] for cite in sentence.cites if cite in entries), failures)
        for number, (sentence, failures) in enumerate(zip(notes.sentences, report.failures, strict=True), start=1)
    )


def remarks(material: Material) -> tuple[Remark, ...]:
    """Return what is worth a reviewer's eyes: first sentences that were replaced or warned about, then what people changed in the
    changelog, then entries, and what is not shown at all."""
    return (
        *_about_sentences(material),
        *_about_files(material),
        *_about_edits(material),
        *_about_entries(material.section),
        *_about_hidden(material.section),
    )


def _about_sentences(material: Material) -> Iterator[Remark]:
    for shown in material.exhibits():
        where = f"{shown.audience}, {shown.number}"
        if shown.sentence.status == "fallback" and shown.sentence.rule:
            yield Remark(shown.sentence.text, where, f"the model's own did not stand ({shown.sentence.rule}): written by rule")
        for failure in shown.failures:
            yield Remark(shown.sentence.text, where, f"{failure.rule}: {failure.detail}")


def _about_files(material: Material) -> Iterator[Remark]:
    """What is worth knowing of notes that belong to people."""
    entries = {entry.id: entry for entry in material.section.entries()}
    for audience in material.audiences:
        if audience.suggested is None:
            continue
        file = audience.suggested.file
        kept = f"edited by {file.editor.partition(' <')[0]} ({file.commit:.7}): it stays as it is"
        more = len(audience.suggested.notes.sentences)
        later = f"; {more:,} suggested {'sentence tells' if more == 1 else 'sentences tell'} what it does not" if more else ""
        yield Remark(f"notes for {audience.name}", audience.name, kept + later)
        for missing in audience.missing:
            yield Remark(entries[missing].summary, audience.name, f"not told, though {audience.name} must know it")


def _about_edits(material: Material) -> Iterator[Remark]:
    for edit in material.edits:
        where = f"{material.proposal.changelog_file}, {edit.name}"
        if edit.superseded:
            yield Remark(
                edit.name,
                where,
                "edited by a person, so it stays, though another section has its changes now: delete it if that one says all",
            )
        for found in edit.differences:
            how = "; ".join(filter(None, (f"edited by a person, so it stays: {found.kind}", found.note)))
            yield Remark(found.theirs or found.ours or found.kind, where, how)


def _about_entries(section: Section) -> Iterator[Remark]:
    for group in section.groups:
        for entry in group.entries:
            what = f"{entry.summary} ({entry.commits[0]:.7})"
            if entry.breaking and not entry.breaking_text:
                yield Remark(what, group.title, "breaking, and its commit does not say what to do about it")
            if entry.type is None:
                yield Remark(what, group.title, f"not conventional, and no rule places it: give it a type in `{OVERRIDES_FILE}`")


def _about_hidden(section: Section) -> Iterator[Remark]:
    hidden = sum(line.outcome == "hidden" and line.rule.startswith(UNCONVENTIONAL) for line in section.ledger)
    if hidden:
        yield Remark(f"{hidden:,} hidden", "Ledger", "not conventional, and no rule places them: `changelog.unconventional` hides them")
