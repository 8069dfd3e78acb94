"""Notes that came from elsewhere, held to what their section says."""

from __future__ import annotations

from collections.abc import Iterator

from notewright.changelog.section import Entry, Section
from notewright.errors import CheckFailed
from notewright.notes.assembly import assemble
from notewright.notes.document import Notes, Sentence
from notewright.notes.policy import AudiencePolicy
from notewright.notes.report import NotesReport, check_notes
from notewright.notes.several import are_fixed

HINT = "something changed the notes after `prepare`, or it was another version of notewright: run `notewright release prepare` again"


def verify_notes(section: Section, notes: Notes, policy: AudiencePolicy, *, modelled: bool) -> None:
    """Hold notes to their section: for this release and audience, every sentence supported, every required entry told, every fixed
    sentence one that rules make. Where no model wrote, they are exactly what rules make. Raises `CheckFailed` naming the first fault."""
    fault = next(_faults(section, notes, policy, modelled=modelled), None)
    if fault:
        raise CheckFailed(f"the notes for {policy.audience} do not stand: {fault}", hint=HINT)


def _faults(section: Section, notes: Notes, policy: AudiencePolicy, *, modelled: bool) -> Iterator[str]:
    if (notes.audience, notes.version) != (policy.audience, section.version):
        yield f"they are the notes of {notes.version} for {notes.audience}"
    if not modelled and notes.sentences != assemble(section, policy):
        yield "without a model they are not what rules make of the section"
    entries = {entry.id: entry for entry in section.entries()}
    for number, sentence in enumerate(notes.sentences, start=1):
        yield from (f"sentence {number}: {fault}" for fault in _origin(sentence, entries, policy))
    yield from _unsupported(check_notes(section, notes, policy))


def _origin(sentence: Sentence, entries: dict[str, Entry], policy: AudiencePolicy) -> Iterator[str]:
    """Whether a sentence is what its status says it is."""
    if sentence.status == "human":
        yield "nobody edits notes before they are proposed"
    if sentence.status == "fallback":
        cited = [entries[cite] for cite in sentence.cites if cite in entries]
        if len(cited) < len(sentence.cites) or not are_fixed(sentence.text, cited, policy):
            yield "no rule makes it of the entries that it cites"


def _unsupported(report: NotesReport) -> Iterator[str]:
    for number, failures in enumerate(report.failures, start=1):
        yield from (f"sentence {number}: {failure.rule}: {failure.detail}" for failure in failures if failure.blocking)
    yield from (f"nothing tells {entry}, which this audience must know" for entry in report.missing)
