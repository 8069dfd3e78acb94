"""What an audience's notes cover, leave out and look like, and the entries that they select."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from notewright.changelog.section import Entry, Section
from notewright.grounding.checks import Style
from notewright.grounding.tokens import scan
from notewright.grounding.wording import words
from notewright.notes.forms import Form
from notewright.notes.subject import clean

_FEWEST_WORDS = 3  # "fix typo", "update tests": nobody learns what changed
Mark = Literal["breaking", "security"]
Layout = Literal["list", "paragraph", "post"]
Step = Literal["what", "who", "everyone", "do", "todo"]


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences under one heading, or under none: those about entries with one of the marks, types or group titles, or with one of the
    words in scope or summary; `rest` takes what no other part took. At most `most` entries are told (None: all); the others become
    "and N more". `empty` is shown where there is nothing to tell, if it is not empty itself. `{count}` in the heading counts the
    entries."""

    heading: str
    marks: tuple[Mark, ...] = ()
    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    rest: bool = False
    most: int | None = None
    layout: Layout = "list"
    empty: str = ""

    def takes(self, entry: Entry, group: str) -> bool:
        """Return whether an entry of this group belongs here."""
        marked = ("breaking" in self.marks and entry.breaking) or ("security" in self.marks and entry.security)
        return marked or self.rest or entry.type in self.types or group.casefold() in self.groups or self._names(entry)

    def _names(self, entry: Entry) -> bool:
        """Words are those that anybody may read in the entry; a word in capitals there may be a name: `PATH`, `config.py`."""
        if not self.words:
            return False
        said = set(re.findall(r"[a-z]+", f"{entry.scope or ''} {entry.summary}".casefold()))
        return any(word in said or f"{word}s" in said for word in self.words)


@dataclass(frozen=True, slots=True)
class AudiencePolicy:
    """One audience. `required` entries must be covered; `parts` stand in their order, and an entry belongs to the first that takes it; one
    that no part takes is left out. `most_words` and `most_characters` bound the whole document: optional sentences leave until it fits
    (None: no bound).

    `sentences` gives the fixed sentence for each form of subject (`notes.forms`); `vague` those for marked entries that the audience's
    rules leave no other words for, with `{place}` for " in SCOPE", `vague_several` those for more than one of them; `steps` the fixed
    sentence of a breaking entry as what changes, for whom, and what to do; and `pointer` says where to read what to do, if the
    sentence cannot. Around the parts stand paragraphs of Markdown with the placeholders that `notes.markdown` fills in: `subject`,
    `opening`, then `lead` or, where a model summed up, `headline`, or, where no sentence is, `nothing`, and `closing`. `labels` puts
    the scope before a sentence, `references` the references after it."""

    audience: str
    required: tuple[Mark, ...]
    parts: tuple[Part, ...]
    style: Style
    most_words: int | None
    most_characters: int | None
    sentences: Mapping[Form, str]
    vague: Mapping[Mark, str]
    vague_several: Mapping[Mark, str]
    steps: Mapping[Step, str]
    pointer: str
    subject: str
    opening: tuple[str, ...]
    lead: str
    headline: str
    nothing: str
    closing: tuple[str, ...]
    labels: bool
    references: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """Entries of one part: `told` get a sentence, `others` are counted."""

    part: Part
    told: tuple[Entry, ...]
    others: tuple[Entry, ...]


def required_entries(section: Section, policy: AudiencePolicy) -> tuple[Entry, ...]:
    """Return the entries that the audience's notes must cover, in the section's order."""
    return tuple(entry for entry in section.entries() if is_required(entry, policy))


def is_required(entry: Entry, policy: AudiencePolicy) -> bool:
    """Return whether the audience's notes must cover the entry."""
    return ("breaking" in policy.required and entry.breaking) or ("security" in policy.required and entry.security)


def select(section: Section, policy: AudiencePolicy) -> tuple[Chosen, ...]:
    """Return each part of the policy with its entries, in the section's order; required ones are always told. Where a part has more
    entries than places, those that say hardly anything come last, and, where the audience wants plain words, those with identifiers."""
    taken: dict[int, list[Entry]] = {number: [] for number in range(len(policy.parts))}
    for entry, number in _assigned(section, policy):
        taken[number].append(entry)
    return tuple(_choose(part, taken[number], policy) for number, part in enumerate(policy.parts))


def part_of(section: Section, policy: AudiencePolicy) -> dict[str, int]:
    """Return the number of the part that takes each entry, by entry id; entries that are left out are absent."""
    return {entry.id: number for entry, number in _assigned(section, policy)}


def _assigned(section: Section, policy: AudiencePolicy) -> Iterator[tuple[Entry, int]]:
    for group in section.groups:
        for entry in group.entries:
            fitting = (number for number, part in enumerate(policy.parts) if not part.rest and part.takes(entry, group.title))
            rest = (number for number, part in enumerate(policy.parts) if part.rest)
            number = next(fitting, next(rest, None))
            if number is None and is_required(entry, policy):
                number = 0  # a policy without a place for what it requires tells it first
            if number is not None:
                yield entry, number


def _has_code(entry: Entry) -> bool:
    return any(token.is_code for token in scan(clean(entry.summary)))


def _is_bare(entry: Entry) -> bool:
    return len(words(entry.summary)) < _FEWEST_WORDS


def _choose(part: Part, entries: list[Entry], policy: AudiencePolicy) -> Chosen:
    if part.most is None or len(entries) <= part.most:
        return Chosen(part, tuple(entries), ())
    required = [entry for entry in entries if is_required(entry, policy)]
    optional = [entry for entry in entries if not is_required(entry, policy)]
    optional.sort(key=lambda entry: (policy.style.plain_words and _has_code(entry), _is_bare(entry)))
    told = {entry.id for entry in required + optional[: max(part.most - len(required), 0)]}
    return Chosen(part, tuple(e for e in entries if e.id in told), tuple(e for e in entries if e.id not in told))
