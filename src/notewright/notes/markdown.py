"""Notes as Markdown: the sentences under their headings, and links, references, counts and people from the section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notewright.changelog.section import Entry, Section
from notewright.notes.document import Notes, Sentence
from notewright.notes.numbers import amount, enumerate_words, told_kinds, told_people
from notewright.notes.policy import AudiencePolicy, Part, part_of
from notewright.rendering.neutral import neutral_text

# What a policy's paragraphs may name; one whose placeholders have no value is left out
PLACEHOLDERS = frozenset({"version", "date", "changes", "kinds", "people", "welcome", "changelog"})

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SEPARATOR = " \u00b7 "
_MOST_WELCOMED = 20
_ISSUE = re.compile(r"(?:(?P<repository>[\w.-]+/[\w.-]+)?#|GH-)(?P<number>\d{1,12})")
# First words that are the same word in lower case
_OPENERS = frozenset("a an the you we it this that these there now no when where if in on with for to all some every each".split())


@dataclass(frozen=True, slots=True)
class _Told:
    """A part with its sentences, and how many of its entries none of them cites."""

    part: Part
    sentences: tuple[Sentence, ...]
    left: int


def notes_markdown(notes: Notes, section: Section, policy: AudiencePolicy, *, repository_url: str | None = None) -> str:
    """Return the notes as one Markdown document that ends with a newline. Words of commits and models are shown and do nothing else;
    every link is made here, to pages below `repository_url`, and without it there is none."""
    entries = {entry.id: entry for entry in section.entries()}
    values = _values(section, repository_url)
    introduction = policy.lead if notes.sentences else policy.nothing
    parts = (_part(told, entries, policy, repository_url) for told in _by_part(notes, section, policy))
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


def _part(told: _Told, entries: Mapping[str, Entry], policy: AudiencePolicy, url: str | None) -> str:
    cited = {cite for sentence in told.sentences for cite in sentence.cites}
    heading = f"**{told.part.heading.replace('{count}', str(len(cited)))}**"
    if not told.sentences and not told.left:
        return f"{heading} {told.part.empty}" if told.part.empty else ""
    items = [_item(sentence, entries, policy, url) for sentence in told.sentences]
    if told.part.layout == "paragraph":
        more = [f"{amount(told.left, 'more is', 'more are')} in the changelog."] if told.left else []
        return " ".join((heading, *items, *more))
    if told.left:
        items.append(
            f"and {told.left:,} more in the changelog" if items else f"{amount(told.left, 'change', 'changes')}, listed in the changelog"
        )
    return "\n".join((heading, *(f"- {item}" for item in items)))


def _item(sentence: Sentence, entries: Mapping[str, Entry], policy: AudiencePolicy, url: str | None) -> str:
    cited = [entries[cite] for cite in sentence.cites if cite in entries]
    text, label = sentence.text, ""
    scopes = {entry.scope for entry in cited}
    if policy.labels and len(scopes) == 1 and (scope := scopes.pop()):
        text, label = _lowered(text, cited), f"**{neutral_text(scope)}:** "
    references = dict.fromkeys(reference for entry in cited for reference in entry.references)
    told = ", ".join(_reference(reference, url) for reference in references) if policy.references else ""
    return f"{label}{neutral_text(text)}" + (f" ({told})" if told else "")


def _lowered(text: str, cited: Iterable[Entry]) -> str:
    """Return the text with a small first letter where that is the same word: after a label the sentence goes on. A name keeps its own."""
    first = re.match(r"[A-Z](?:[a-z]*)(?=[ ,])", text)
    small = first[0].lower() if first else ""
    written = any(entry.summary.startswith(f"{small} ") for entry in cited)
    return small + text[len(small) :] if first and (written or small in _OPENERS) else text


def _reference(reference: str, url: str | None) -> str:
    """Return a link to an issue or pull request (GitHub leads from one to the other); what is no such reference is shown as it is."""
    issue = _ISSUE.fullmatch(reference)
    if issue is None or url is None:
        return neutral_text(reference)
    home = url.rstrip("/")
    if issue["repository"]:
        home = f"{home.rsplit('/', 2)[0]}/{issue['repository']}"
    return f"[{reference}]({home}/issues/{issue['number']})"


def _values(section: Section, url: str | None) -> dict[str, str]:
    entries = sum(1 for _ in section.entries())
    newcomers = [neutral_text(contributor.name) for contributor in section.contributors if contributor.new]
    shown = newcomers[:_MOST_WELCOMED] + ([f"{len(newcomers) - _MOST_WELCOMED} more"] if len(newcomers) > _MOST_WELCOMED else [])
    return {
        "version": neutral_text(section.version or "the next version"),
        "date": section.date or "",
        "changes": amount(entries, "change", "changes"),
        "kinds": told_kinds(section),
        "people": told_people(section),
        "welcome": f"welcome {enumerate_words(shown)}" if shown else "",
        "changelog": _comparison(section, url),
    }


def _comparison(section: Section, url: str | None) -> str:
    """Return a link to what changed since the release before, where both ends have a name that a URL can hold as it is."""
    ends = (section.previous, section.tag)
    if url is None or not all(end and re.fullmatch(r"[\w.+-]+(?:/[\w.+-]+)*", end) for end in ends):
        return ""
    return f"[Full changelog]({url.rstrip('/')}/compare/{ends[0]}...{ends[1]})"


def _filled(paragraph: str, values: Mapping[str, str]) -> str:
    """Return a paragraph with its placeholders filled in, without the pieces between middle dots that name an empty one."""
    pieces = paragraph.split(_SEPARATOR)
    kept = (piece for piece in pieces if all(values[name] for name in _PLACEHOLDER.findall(piece)))
    return _SEPARATOR.join(_PLACEHOLDER.sub(lambda name: values[name[1]], piece) for piece in kept)
