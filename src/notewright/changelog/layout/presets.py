"""Presets: the words of a section's lines, and the frame that they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from notewright.changelog.layout.links import Links, is_reference, is_shown_in_links
from notewright.changelog.section import Entry, Group, Section
from notewright.history.references import may_refer, named
from notewright.rendering.neutral import neutral_text, neutral_words

NOTHING = "No changes that users would notice."
_SHORT = 7


@dataclass(frozen=True, slots=True)
class Preset:
    """How a section looks. `words` makes text harmless; `heading`, `title` and `item` are the words of a line each; the other four are what
    stands around them: `opening` and `group` with a place for the words, the bullet of an item, and blocks below the groups."""

    words: Callable[[str], str]
    heading: Callable[[Section, Links | None], str]
    title: Callable[[Group], str]
    item: Callable[[Entry, Links | None], str]
    opening: str = "## {heading}"
    group: str = "### {title}"
    bullet: str = "-"
    closing: Callable[[Section, Links | None], Iterable[str]] = lambda _section, _links: ()


def render_preset(preset: Preset, section: Section, *, links: Links | None, limit: int | None) -> str:
    """Render a section, at most `limit` entries of each group. The jinja2 template of the preset's name gives the same bytes; this takes a
    tenth of its time, and needs no jinja2."""
    heading = preset.heading(section, links)
    blocks = [preset.opening.format(heading=heading, underline=underline(heading))]
    for group in section.groups:
        blocks.append(preset.group.format(title=preset.title(group)))
        blocks.append("\n".join(_items(preset, group, links, limit)))
    if not section.groups:
        blocks.append(NOTHING)
    return "\n\n".join((*blocks, *preset.closing(section, links))) + "\n"


def _items(preset: Preset, group: Group, links: Links | None, limit: int | None) -> Iterator[str]:
    item, bullet = preset.item, f"{preset.bullet} "
    for entry in islice(group.entries, limit):
        yield bullet + item(entry, links)
        if entry.breaking_text and (text := preset.words(entry.breaking_text)):
            yield f"  {bullet}{text}"
    if more := left_out(group, limit):
        yield f"{bullet}… and {more} more, in the first release's ledger"


def left_out(group: Group, limit: int | None) -> int:
    """Return how many entries of a group are not shown."""
    return max(len(group.entries) - limit, 0) if limit is not None else 0


def underline(heading: str) -> str:
    """Return the line below a heading without signs."""
    return "-" * len(heading)


def version_words(section: Section, links: Links | None) -> str:
    """Return a section's version, linked to what it changed, or to its page if it is the first; "Unreleased" without one."""
    if section.version is None:
        return "Unreleased"
    address = None
    if links and section.tag:
        address = links.compare(section.previous, section.tag) if section.previous else links.release(section.tag)
    return _linked(section.version, address)


def comparison(section: Section, links: Links | None) -> str:
    """Return the two tags that a release lies between, linked; its tag alone for the first one, "" where there is no tag."""
    if section.tag is None:
        return ""
    if section.previous is None:
        return _linked(section.tag, links.commits(section.tag) if links else None)
    return _linked(f"{section.previous}...{section.tag}", links.compare(section.previous, section.tag) if links else None)


def reference_words(reference: str, links: Links | None) -> str:
    """Return a reference, linked where it leads anywhere. One that the forge knows stays bare without a link: it makes its own."""
    address = links.reference(reference) if links else None
    if address or is_reference(reference):
        shown = reference.replace("_", "\\_") if "_" in reference else reference  # an owner's or a repository's name may look like emphasis
        return f"[{shown}]({address})" if address else shown
    return neutral_text(reference)


def commit_words(sha: str, links: Links | None) -> str:
    """Return the short name of a commit, linked."""
    short = sha[:_SHORT]
    if not (short.isalnum() and short.isascii()):
        return neutral_text(short)
    address = links.commit(sha) if links else None
    return f"[{short}]({address})" if address else short


def _linked(name: str, address: str | None) -> str:
    shown = neutral_text(name)
    return f"[{shown}]({address})" if address and is_shown_in_links(name) else shown


def _dated(section: Section, links: Links | None) -> str:
    words = version_words(section, links)
    return f"{words} - {neutral_text(section.date)}" if section.version is not None and section.date else words


def _in_brackets(section: Section, links: Links | None) -> str:
    words = version_words(section, links)
    return f"{words} ({neutral_text(section.date)})" if section.version is not None and section.date else words


def _title(group: Group) -> str:
    return neutral_text(group.title)


def _warned(group: Group) -> str:
    breaking = bool(group.entries) and all(entry.breaking for entry in group.entries)
    return neutral_text(f"⚠ {group.title.upper().lstrip('⚠ ')}" if breaking else group.title)


@lru_cache(maxsize=1024)
def _bold(scope: str | None) -> str:
    name = neutral_text(scope or "")
    return f"**{name}:** " if name else ""


@lru_cache(maxsize=1024)
def _label(words: Callable[[str], str], scope: str | None) -> str:
    name = words(scope or "")
    return f"{name}: " if name else ""


def _kept_item(entry: Entry, links: Links | None) -> str:
    sources = [reference_words(reference, links) for reference in entry.references]
    sources.append(commit_words(entry.commits[0], links))
    return f"{_bold(entry.scope)}{neutral_text(entry.summary)} ({', '.join(sources)})".lstrip()


def _conventional_item(entry: Entry, links: Links | None) -> str:
    """Like conventional-changelog's, but that a reference is never said to be closed: that would close it once more, or one that was only
    mentioned, where the section stands in a pull request."""
    first, *others = [reference_words(reference, links) for reference in _source_first(entry)] or [""]
    source = f" ({first})" if first else ""
    rest = f", refs {', '.join(others)}" if others else ""
    return f"{_bold(entry.scope)}{neutral_text(entry.summary)}{source} ({commit_words(entry.commits[0], links)}){rest}".lstrip()


def _source_first(entry: Entry) -> Sequence[str]:
    """Return an entry's references, the first that its words do not say before the others: the number at a header's end, which is cut off
    them, or the pull request's. What the words say is only mentioned there."""
    if len(entry.references) < 2 or not may_refer(entry.summary):
        return entry.references
    mentioned = set(named(entry.summary))
    source = next((reference for reference in entry.references if reference not in mentioned), entry.references[0])
    return (source, *(reference for reference in entry.references if reference != source))


def _github_item(entry: Entry, links: Links | None) -> str:
    text = _label(neutral_text, entry.scope) + neutral_text(entry.summary)
    names = [name for name in map(neutral_text, entry.authors) if name]
    people = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    sources = [reference_words(reference, links) for reference in entry.references] or [commit_words(entry.commits[0], links)]
    return f"{text}{' by ' if people else ''}{people} in {', '.join(sources)}".lstrip()


def _github_closing(section: Section, links: Links | None) -> Iterator[str]:
    new = [f"* {neutral_text(person.name)} made their first contribution" for person in section.contributors if person.new]
    if new:
        yield "### New Contributors"
        yield "\n".join(new)
    if words := comparison(section, links):
        yield f"**Full Changelog**: {words}"


def _plain_heading(section: Section, _links: Links | None) -> str:
    version = "Unreleased" if section.version is None else neutral_words(section.version)
    return f"{version} ({neutral_words(section.date)})" if section.version is not None and section.date else version


def _plain_title(group: Group) -> str:
    return neutral_words(group.title)


def _plain_item(entry: Entry, _links: Links | None) -> str:
    text = _label(neutral_words, entry.scope) + neutral_words(entry.summary)
    bare = [reference if is_reference(reference) and "_" not in reference else neutral_words(reference) for reference in entry.references]
    return f"{text} ({', '.join((*bare, commit_words(entry.commits[0], None)))})".lstrip()


PRESETS = {
    "keepachangelog": Preset(neutral_text, _dated, _title, _kept_item),
    "conventional": Preset(neutral_text, _in_brackets, _warned, _conventional_item, bullet="*"),
    # GitHub's own notes begin with a heading of level 2, which would end the section below the version's heading
    "github": Preset(
        neutral_text, _dated, _title, _github_item,
        opening="## {heading}\n\n### What's Changed", group="#### {title}", bullet="*", closing=_github_closing,
    ),
    "plain": Preset(neutral_words, _plain_heading, _plain_title, _plain_item, opening="{heading}\n{underline}", group="{title}:"),
}  # fmt: skip
