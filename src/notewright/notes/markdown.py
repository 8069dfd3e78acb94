"""Notes as Markdown: the sentences under their headings, and links, references, counts and people from the section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notewright.changelog.layout.links import Links
from notewright.changelog.section import Entry, Section
from notewright.notes.document import Notes, Sentence
from notewright.notes.language import is_english
from notewright.notes.numbers import amount, enumerate_words, told_kinds, told_people
from notewright.notes.policy import AudiencePolicy, Part, part_of
from notewright.notes.verbs import DOES, DONE, ORDERS
from notewright.rendering.neutral import neutral_text

# What a policy's paragraphs may name; one whose placeholders have no value is left out
PLACEHOLDERS = frozenset("version Version title Title date changes kinds breaking security people welcome changelog address".split())

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SEPARATOR = " \u00b7 "
_MOST_WELCOMED = 20
_MOST_SUBJECT = 60  # characters that mail programs show of a subject
# First words that are the same word in lower case
_OPENERS = (
    DONE
    | DOES
    | ORDERS
    | frozenset("a an the you we it this that these there now no when where if in on with for to all some every each".split())
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A part with its sentences, and how many of its entries none of them cites."""

    part: Part
    sentences: tuple[Sentence, ...]
    left: int


@dataclass(frozen=True, slots=True)
class _View:
    """What every sentence is shown with."""

    entries: Mapping[str, Entry]
    policy: AudiencePolicy
    links: Links | None
    address: str

    @property
    def more(self) -> str:
        """Where the rest stands."""
        return f"in the [changelog]({self.address})" if self.address else "in the changelog"


def notes_markdown(notes: Notes, section: Section, policy: AudiencePolicy, *, links: Links | None = None) -> str:
    """Return the notes as one Markdown document that ends with a newline. Words of commits and models are shown and do nothing else;
    every link is made here, and without `links` there is none. Where links would make it longer than the audience reads, there is
    none either."""
    text = _document(notes, section, policy, links)
    too_long = policy.most_characters is not None and len(text.strip()) > policy.most_characters
    return _document(notes, section, policy, None) if too_long else text


def _document(notes: Notes, section: Section, policy: AudiencePolicy, links: Links | None) -> str:
    values = _values(section, links)
    view = _View({entry.id: entry for entry in section.entries()}, policy, links, values["address"])
    parts = (_part(told, view) for told in _by_part(notes, section, policy))
    opening, closing = ([_filled(line, values) for line in lines] for lines in (policy.opening, policy.closing))
    before = (_subject(_filled(policy.subject, values)), *opening, _introduction(notes, policy, values))
    after = (*closing, _about_language(notes))
    return "\n\n".join(filter(None, (*before, *parts, *after))) + "\n"


def _introduction(notes: Notes, policy: AudiencePolicy, values: Mapping[str, str]) -> str:
    """Return the paragraph before the parts: a model's lead, else the fixed one."""
    if not notes.sentences:
        return _filled(policy.nothing, values)
    first = notes.sentences[0]
    return _filled(policy.headline, {**values, "text": neutral_text(first.text)}) if first.lead else _filled(policy.lead, values)


def _subject(line: str) -> str:
    return f"Subject: {line if len(line) <= _MOST_SUBJECT else line[: _MOST_SUBJECT - 1].rstrip() + chr(0x2026)}" if line else ""


def _about_language(notes: Notes) -> str:
    """Return a paragraph that says which sentences are in another language than the one asked for."""
    fixed = sum(sentence.status == "fallback" for sentence in notes.sentences)
    if is_english(notes.language) or not fixed:
        return ""
    return f"{amount(fixed, 'sentence was', 'sentences were')} written by rule, and rules write English."


def _by_part(notes: Notes, section: Section, policy: AudiencePolicy) -> tuple[_Told, ...]:
    numbers = part_of(section, policy)
    sentences = [sentence for sentence in notes.sentences if not sentence.lead]
    cited = {entry_id for sentence in sentences for entry_id in sentence.cites}
    placed: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        placed.setdefault(min((numbers[cite] for cite in sentence.cites if cite in numbers), default=0), []).append(sentence)
    left = [number for entry_id, number in numbers.items() if entry_id not in cited]
    return tuple(_Told(part, tuple(placed.get(number, ())), left.count(number)) for number, part in enumerate(policy.parts))


def _part(told: _Told, view: _View) -> str:
    cited = {cite for sentence in told.sentences for cite in sentence.cites}
    heading = f"**{_heading(told.part.heading, len(cited))}**" if told.part.heading else ""
    if not told.sentences and not told.left:
        return f"{heading} {told.part.empty}".lstrip() if told.part.empty else ""
    items = [_item(sentence, view) for sentence in told.sentences]
    if told.part.layout in ("paragraph", "post"):
        rest = f"And {told.left:,} more." if told.part.layout == "post" else f"{amount(told.left, 'more is', 'more are')} {view.more}."
        return " ".join(filter(None, (heading, *items, rest if told.left else "")))
    if told.left:
        items.append(f"and {told.left:,} more {view.more}" if items else f"{amount(told.left, 'change', 'changes')}, listed {view.more}")
    return "\n".join(filter(None, (heading, *(f"- {item}" for item in items))))


def _heading(heading: str, count: int) -> str:
    """Return a heading with the number of entries told, and without the brackets for it where there are none."""
    return (heading if count else heading.replace(" ({count})", "")).replace("{count}", str(count))


def _item(sentence: Sentence, view: _View) -> str:
    cited = [view.entries[cite] for cite in sentence.cites if cite in view.entries]
    text, label, policy = sentence.text, "", view.policy
    scopes = {entry.scope for entry in cited}
    if policy.labels and len(scopes) == 1 and (scope := scopes.pop()):
        text, label = _lowered(text, cited), f"**{neutral_text(scope)}:** "
    references = dict.fromkeys(reference for entry in cited for reference in entry.references)
    told = ", ".join(_reference(reference, view.links) for reference in references) if policy.references else ""
    first, *steps = (neutral_text(step) for step in _steps(text, policy))
    return "\n".join((f"{label}{first}" + (f" ({told})" if told else ""), *(f"  - {step}" for step in steps)))


def _steps(text: str, policy: AudiencePolicy) -> list[str]:
    """Return the steps of a sentence that are shown in lines of their own: what its policy begins with a word and a colon."""
    labels = {line.partition(":")[0] for step, line in policy.steps.items() if step != "what" and ":" in line}
    return re.split(rf"(?<=[.!?\u2026]) (?=(?:{'|'.join(map(re.escape, sorted(labels)))}): )", text) if labels else [text]


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
        "breaking": amount(sum(entry.breaking for entry in section.entries()), "breaking change", "breaking changes"),
        "security": amount(sum(entry.security for entry in section.entries()), "security fix", "security fixes"),
        "people": told_people(section),
        "welcome": f"welcome {enumerate_words(shown)}" if shown else "",
        "changelog": f"[Full changelog]({address})" if (address := _address(section, links)) else "",
        "address": address,
    }


def _address(section: Section, links: Links | None) -> str:
    """Return the page of what changed since the release before, or of all there is; empty where there is none."""
    if links is None or section.tag is None:
        return ""
    return (links.compare(section.previous, section.tag) if section.previous else links.commits(section.tag)) or ""


def _filled(paragraph: str, values: Mapping[str, str]) -> str:
    """Return a paragraph with its placeholders filled in, without the pieces between middle dots that name an empty one."""
    pieces = paragraph.split(_SEPARATOR)
    kept = (piece for piece in pieces if all(values[name] for name in _PLACEHOLDER.findall(piece)))
    return _SEPARATOR.join(_PLACEHOLDER.sub(lambda name: values[name[1]], piece) for piece in kept)
