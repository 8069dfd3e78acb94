"""Notes as Markdown: the sentences under their headings, and links, references, counts and people from the section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notewright.changelog.layout.links import Links
from notewright.changelog.section import Entry, Section
from notewright.notes.document import Notes, Sentence
from notewright.notes.numbers import amount, enumerate_words, told_kinds, told_people
from notewright.notes.policy import AudiencePolicy, Part, part_of
from notewright.rendering.neutral import neutral_text

# What a policy's paragraphs may name; one whose placeholders have no value is left out
PLACEHOLDERS = frozenset({"version", "Version", "title", "Title", "date", "changes", "kinds", "people", "welcome", "changelog"})

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SEPARATOR = " \u00b7 "
_MOST_WELCOMED = 20
# First words that are the same word in lower case
_OPENERS = frozenset("a an the you we it this that these there now no when where if in on with for to all some every each".split())


@dataclass(frozen=True, slots=True)
class _Told:
    """A part with its sentences, and how many of its entries none of them cites."""

    part: Part
    sentences: tuple[Sentence, ...]
    left: int


def notes_markdown(notes: Notes, section: Section, policy: AudiencePolicy, *, links: Links | None = None) -> str:
    """Return the notes as one Markdown document that ends with a newline. Words of commits and models are shown and do nothing else;
    every link is made here, and without `links` there is none."""
    entries = {entry.id: entry for entry in section.entries()}
    values = _values(section, links)
    introduction = policy.lead if notes.sentences else policy.nothing
    parts = (_part(told, entries, policy, links) for told in _by_part(notes, section, policy))
    lines = (*policy.opening, introduction), policy.closing
    before, after = ([_filled(line, values) for line in paragraphs] for paragraphs in lines)
    return "\n\n".join(filter(None, (*before, *parts, *after))) + "\n"


def _by_part(notes: Notes, section: Section, policy: AudiencePolicy) -> tuple[_Told, ...]:
    numbers = part_of(section, policy)
    cited = {entry_id for sentence in notes.sentences for entry_id in sentence.cites}
    placed: dict[int, list[Sentence]] = {}
    for sentence in notes.sentences:
        placed.setdefault(min((numbers[cite] for cite in sentence.cites if cite in numbers), default=0), []).append(sentence)
    left = [number for entry_id, number in numbers.items() if entry_id not in cited]
    return tuple(_Told(part, tuple(placed.get(number, ())), left.count(number)) for number, part in enumerate(policy.parts))


def _part(told: _Told, entries: Mapping[str, Entry], policy: AudiencePolicy, links: Links | None) -> str:
    cited = {cite for sentence in told.sentences for cite in sentence.cites}
    heading = f"**{_heading(told.part.heading, len(cited))}**"
    if not told.sentences and not told.left:
        return f"{heading} {told.part.empty}" if told.part.empty else ""
    items = [_item(sentence, entries, policy, links) for sentence in told.sentences]
    if told.part.layout == "paragraph":
        more = [f"{amount(told.left, 'more is', 'more are')} in the changelog."] if told.left else []
        return " ".join((heading, *items, *more))
    if told.left:
        items.append(
            f"and {told.left:,} more in the changelog" if items else f"{amount(told.left, 'change', 'changes')}, listed in the changelog"
        )
    return "\n".join((heading, *(f"- {item}" for item in items)))


def _heading(heading: str, count: int) -> str:
    """Return a heading with the number of entries told, and without the brackets for it where there are none."""
    return (heading if count else heading.replace(" ({count})", "")).replace("{count}", str(count))


def _item(sentence: Sentence, entries: Mapping[str, Entry], policy: AudiencePolicy, links: Links | None) -> str:
    cited = [entries[cite] for cite in sentence.cites if cite in entries]
    text, label = sentence.text, ""
    scopes = {entry.scope for entry in cited}
    if policy.labels and len(scopes) == 1 and (scope := scopes.pop()):
        text, label = _lowered(text, cited), f"**{neutral_text(scope)}:** "
    references = dict.fromkeys(reference for entry in cited for reference in entry.references)
    told = ", ".join(_reference(reference, links) for reference in references) if policy.references else ""
    return f"{label}{neutral_text(text)}" + (f" ({told})" if told else "")


def _lowered(text: str, cited: Iterable[Entry]) -> str:
    """Return the text with a small first letter where that is the same word: after a label the sentence goes on. A name keeps its own."""
    first = re.match(r"[A-Z][a-z]*(?:['-][a-z]+)*(?=[ ,])", text)
    small = first[0].lower() if first else ""
    written = any(entry.summary.startswith(f"{small} ") for entry in cited)
    return small + text[len(small) :] if first and (written or small in _OPENERS) else text


def _reference(reference: str, links: Links | None) -> str:
    """Return a link to an issue or pull request; what is no such reference is shown as it is."""
    address = links.reference(reference) if links else None
    return f"[{reference}]({address})" if address else neutral_text(reference)


def _values(section: Section, links: Links | None) -> dict[str, str]:
    entries = sum(1 for _ in section.entries())
    newcomers = [neutral_text(contributor.name) for contributor in section.contributors if contributor.new]
    shown = newcomers[:_MOST_WELCOMED] + ([f"{len(newcomers) - _MOST_WELCOMED} more"] if len(newcomers) > _MOST_WELCOMED else [])
    return {
        "version": neutral_text(section.version or "the next version"),
        "Version": neutral_text(section.version or "Unreleased"),
        "title": f"version {neutral_text(section.version)}" if section.version else "the next version",
        "Title": f"Version {neutral_text(section.version)}" if section.version else "The next version",
        "date": neutral_text(section.date or ""),
        "changes": amount(entries, "change", "changes"),
        "kinds": told_kinds(section),
        "people": told_people(section),
        "welcome": f"welcome {enumerate_words(shown)}" if shown else "",
        "changelog": _comparison(section, links),
    }


def _comparison(section: Section, links: Links | None) -> str:
    """Return a link to what changed since the release before; empty where either end is unknown."""
    if links is None or section.previous is None or section.tag is None:
        return ""
    address = links.compare(section.previous, section.tag)
    return f"[Full changelog]({address})" if address else ""


def _filled(paragraph: str, values: Mapping[str, str]) -> str:
    """Return a paragraph with its placeholders filled in, without the pieces between middle dots that name an empty one."""
    pieces = paragraph.split(_SEPARATOR)
    kept = (piece for piece in pieces if all(values[name] for name in _PLACEHOLDER.findall(piece)))
    return _SEPARATOR.join(_PLACEHOLDER.sub(lambda name: values[name[1]], piece) for piece in kept)
