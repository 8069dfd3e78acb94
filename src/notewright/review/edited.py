"""Edited: notes that belong to a person, held beside the section without being rewritten, and what later commits would add."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from notewright.changelog.layout.links import Links
from notewright.changelog.section import Entry, Group, Section
from notewright.errors import CheckFailed, UsageError
from notewright.grounding.checks import Claim, Failure, Said, check_claim
from notewright.grounding.facts import Fact
from notewright.grounding.tokens import scan
from notewright.grounding.wording import words
from notewright.notes.document import Notes, Sentence, notes_value, read_notes
from notewright.notes.facts import facts_of
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy
from notewright.notes.report import NotesReport, check_notes
from notewright.rendering.canonical import canonical_json
from notewright.review.proposal import Line, Sha
from notewright.review.reading import read_layout, read_sentences

NAME = "suggestions.json"
_MOST_PLACES = 32  # entries that a sentence is held beside: what that costs grows with the pairs of what they say
# What a person says needs a source as well; how they say it is theirs. None of it blocks: the reviewer confirms it with the tick.
_HARD = frozenset({"number", "version", "identifier", "reference", "date", "injection"})


@dataclass(frozen=True, slots=True)
class EditedFile:
    """The file of one audience that a person edited. `content` is theirs to the byte; `commit` and `editor` say where it came from.
    `origin` are the sentences that the tool wrote or suggested up to then, and `seen` the ids of the entries that the section had."""

    audience: str
    commit: str
    editor: str
    content: bytes
    seen: tuple[str, ...]
    origin: Notes

    @property
    def markdown(self) -> str:
        """The file as text."""
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Suggested:
    """An edited file and the sentences that tell what came after it: notes of just those entries."""

    file: EditedFile
    notes: Notes


def hold_notes(file: EditedFile, section: Section, policy: AudiencePolicy, *, links: Links | None) -> Notes:
    """Return the notes that an edited file amounts to, for the section as it is now. A sentence that stands as the tool wrote it, and still
    passes, keeps its status; every other one is a person's."""
    ours = notes_markdown(replace(file.origin, version=section.version), section, policy, links=links)
    references = {reference for entry in section.entries() for reference in entry.references}
    layout = read_layout(ours, file.origin.sentences, references)
    read = tuple(replace(one, lead=one.lead and place == 0) for place, one in enumerate(read_sentences(file.markdown, layout)))
    known = {entry.id for entry in section.entries()}
    there = tuple(replace(one, cites=tuple(cite for cite in one.cites if cite in known)) for one in read)
    notes = replace(file.origin, version=section.version, sentences=there)
    report = check_notes(section, notes, policy)
    stands = [not any(failure.blocking for failure in failures) for failures in report.failures]
    return replace(notes, sentences=tuple(one if good else _theirs(one) for one, good in zip(there, stands, strict=True)))


def check_held(section: Section, notes: Notes, policy: AudiencePolicy) -> NotesReport:
    """Check notes that belong to a person: what they say without a source in the section is a warning, and nothing blocks."""
    report, known = check_notes(section, notes, policy), facts_of(section)
    places = _places(known) if any(one.status == "human" for one in notes.sentences) else {}
    found = zip(notes.sentences, report.failures, strict=True)
    own = {section.version, section.previous, section.tag}
    failures = tuple(_unsourced(one, known, places, policy, own) if one.status == "human" else failures for one, failures in found)
    return replace(report, failures=failures)


def unseen(file: EditedFile, notes: Notes, section: Section, policy: AudiencePolicy) -> Section:
    """Return the part of the section that the editor has not seen and that no sentence cites, with what the audience must know."""
    cited = {cite for sentence in notes.sentences for cite in sentence.cites}
    missing = set(check_held(section, notes, policy).missing)
    new = {entry.id for entry in section.entries() if entry.id not in cited and (entry.id not in file.seen or entry.id in missing)}
    groups = (Group(group.title, _among(group.entries, new)) for group in section.groups)
    return replace(section, groups=tuple(group for group in groups if group.entries))


def suggestions_json(suggested: Sequence[Suggested]) -> bytes:
    """Encode as canonical bytes: what the next run must know of files that belong to people, and what they could take over."""
    return canonical_json({"schema": 1, "audiences": [_value(one) for one in sorted(suggested, key=lambda one: one.file.audience)]})


@dataclass(frozen=True, slots=True)
class _Record:
    audience: Line
    commit: Sha
    editor: Line
    seen: tuple[Annotated[str, Field(max_length=100)], ...]
    origin: dict[str, Any]
    suggested: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _File:
    schema: Literal[1]
    audiences: tuple[_Record, ...]


_FILE = TypeAdapter(_File)


def read_suggestions(content: bytes, texts: Mapping[str, bytes]) -> tuple[Suggested, ...]:
    """Read suggestions.json, which anybody may have written, with the edited files that it is about by audience. Raises `CheckFailed`."""
    try:
        records = _FILE.validate_python(json.loads(content)).audiences
        return tuple(_read(record, texts[record.audience]) for record in records)
    except (ValueError, ValidationError, RecursionError, KeyError, UsageError) as error:
        raise CheckFailed(f"{NAME} is not what prepare writes", hint="run `notewright release prepare` again") from error


def taken_up(file: EditedFile, known: Iterable[Suggested]) -> EditedFile:
    """Return a file edited anew that was a person's before: its sentences may be those first written and those suggested since."""
    for before in known:
        if before.file.audience == file.audience:
            said = {sentence.text for sentence in before.file.origin.sentences}
            more = tuple(replace(one, lead=False) for one in before.notes.sentences if one.text not in said)
            return replace(file, origin=replace(before.file.origin, sentences=(*before.file.origin.sentences, *more)))
    return file


def _theirs(sentence: Sentence) -> Sentence:
    return Sentence(sentence.text, sentence.cites, "human")


def _places(known: Mapping[str, Fact]) -> dict[str, list[str]]:
    """Return which entries hold each word and each reading of a hard token."""
    places: dict[str, list[str]] = {}
    for fact in known.values():
        texts = (*fact.texts, *fact.references)
        keys = {key for text in texts for key in (*words(text), *(key for token in scan(text) for key in token.keys))}
        for key in keys:
            places.setdefault(key, []).append(fact.id)
    return places


def _unsourced(
    sentence: Sentence, known: Mapping[str, Fact], places: Mapping[str, list[str]], policy: AudiencePolicy, own: set[str | None]
) -> tuple[Failure, ...]:
    """Return what of a sentence stands in no entry that has one of its words; the names of the releases themselves may always be said."""
    asked = (key for token in scan(sentence.text) for key in (*token.keys, *words(token.text)))
    near = dict.fromkeys((*sentence.cites, *(place for key in asked for place in places.get(key, ())[:_MOST_PLACES])))
    claim = Claim(sentence.text, tuple(near)[:_MOST_PLACES])
    found = check_claim(claim, known, style=policy.style, said=Said())
    return tuple(Failure(one.rule, one.detail, blocking=False) for one in found if one.rule in _HARD and one.detail not in own)


def _among(entries: Iterable[Entry], ids: set[str]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.id in ids)


def _value(one: Suggested) -> dict[str, object]:
    file = one.file
    return {
        "audience": file.audience,
        "commit": file.commit,
        "editor": file.editor,
        "seen": list(file.seen),
        "origin": notes_value(file.origin),
        "suggested": notes_value(one.notes),
    }


def _read(record: _Record, content: bytes) -> Suggested:
    origin, suggested = (read_notes(canonical_json(value)) for value in (record.origin, record.suggested))
    return Suggested(EditedFile(record.audience, record.commit, record.editor, content, record.seen, origin), suggested)
