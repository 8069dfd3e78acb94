"""Splicing: a section enters CHANGELOG.md, and everything else in it stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notewright.changelog.document.headings import UNRELEASED, Named
from notewright.changelog.document.marks import has_mark, is_own, mark_section, only_mark_differs, says_the_same, unmarked
from notewright.changelog.document.places import find_lines, find_places, find_superseded
from notewright.changelog.document.regions import Region, find_regions, name_of, split_lines
from notewright.changelog.layout.markdown import DOCUMENT_HEAD
from notewright.errors import ConfigError, UsageError

_BLANK_LINE_AT_END = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)\Z")
_TAIL = 80
_MARKDOWN = (".md", ".markdown", ".mdown", ".mdx")
_FOREIGN = {".rst": "reStructuredText", ".rest": "reStructuredText", ".adoc": "AsciiDoc", ".asciidoc": "AsciiDoc", ".org": "Org"}
_RESTRUCTURED = re.compile(r"^\.\. (?:towncrier release notes start|[a-z]+(?:-[a-z]+)*::|_[^:\n]+:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RenderedSection:
    """Markdown of one section with Unix line ends; `version` None is the unreleased one."""

    version: str | None
    markdown: str

    @property
    def name(self) -> str:
        """What its region is called."""
        return (self.version or UNRELEASED).lower()


@dataclass(frozen=True, slots=True)
class Edit:
    """A section that a person changed, and that stays: `name` is its version, or "Unreleased"; `ours` is what we would write (empty where
    another section holds its changes now), `theirs` what is there, both with Unix line ends and without marks. `by_hand` says that it is
    an Unreleased one that has no mark, so that it was never ours."""

    name: str
    ours: str
    theirs: str
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Spliced:
    """The document after splicing, and the sections that a person changed and that are left as they are, in its order."""

    text: str
    edits: tuple[Edit, ...] = ()

    @property
    def edited(self) -> tuple[str, ...]:
        """The versions (or "Unreleased") of the sections that a person changed."""
        return tuple(edit.name for edit in self.edits)


def splice_sections(document: str, sections: Sequence[RenderedSection], *, superseded: Collection[str] = ()) -> Spliced:
    """Put `sections` (newest first) into `document`: each replaces its own earlier form or enters above the first older release. Sections
    of ours for the versions in `superseded` go: others hold their changes now. Splicing twice changes nothing; a section that is not as we
    wrote it is never overwritten. Raises `ConfigError` for a section that a later run could not find."""
    newline = _usual_line_end(document)
    named = [check_name(section) for section in sections]
    fresh = [mark_section(section.markdown).replace("\n", newline) for section in sections]
    if not document.strip("\ufeff \t\r\n"):
        head = document[: document.startswith("\ufeff")] + DOCUMENT_HEAD.replace("\n", newline)
        return Spliced(newline.join((head, *fresh)) if fresh else document)
    lines = split_lines(document)
    regions = find_regions(document, lines)
    places = find_places(named, regions)
    gone = find_superseded(regions, named, superseded, taken=set(places.values()))
    wanted = {**dict.fromkeys(gone, ""), **{region: fresh[index] for index, region in places.items()}}
    text = {region: "".join(lines[region.start : region.end]) for region in wanted}
    replaced = {region: words for region, words in wanted.items() if _is_replaced(text[region], words)}
    names = {region: sections[index].version or "Unreleased" for index, region in places.items()}
    edits = [
        _edit(names.get(region, region.version.text if region.version else "Unreleased"), text[region], words)
        for region, words in sorted(wanted.items(), key=lambda one: one[0].start)
        if region not in replaced and _is_edited(text[region], words)
    ]
    new = {index: name for index, name in enumerate(named) if index not in places}
    inserted: dict[int, list[str]] = {}
    for index, line in find_lines(new, regions, lines).items():
        inserted.setdefault(line, []).append(fresh[index])
    return Spliced(_joined(_pieces(lines, replaced, inserted), newline), tuple(edits))


def check_name(section: RenderedSection) -> Named:
    """Return what a rendered section's heading names. Raises `ConfigError` if that is not the section: no later run would find it."""
    named = name_of(section.markdown)
    if named is None or named.name != section.name:
        first = next(iter(section.markdown.split("\n")), "")
        raise ConfigError(
            f"the section of {section.version or 'what is unreleased'} begins with {first[:60]!r}, so no later run could find it",
            hint="let the template begin with a heading of level 1 or 2 that names the version, or Unreleased",
        )
    return named


def refuse_foreign(name: str, document: str) -> None:
    """Refuse a changelog file that is no Markdown: a section would show as something else in it. Raises `UsageError`."""
    form = next((form for suffix, form in _FOREIGN.items() if name.lower().endswith(suffix)), None)
    if form is None and not name.lower().endswith(_MARKDOWN) and _RESTRUCTURED.search(document):
        form = _FOREIGN[".rst"]
    if form:
        raise UsageError(f"{name} is {form}, and a section is Markdown", hint="name a Markdown file, such as CHANGELOG.md")


def _is_replaced(section: str, words: str) -> bool:
    """Whether a section is ours to replace by `words` ("": to remove), and differs from them."""
    if words and only_mark_differs(section, words):
        return True
    return is_own(section) and not says_the_same(section, words)


def _is_edited(section: str, words: str) -> bool:
    """Whether a section that stays is not what we would write; where nothing is to be written, only if it once was ours."""
    return not says_the_same(section, words) if words else has_mark(section)


def _edit(name: str, section: str, words: str) -> Edit:
    return Edit(name, unmarked(words), unmarked(section), by_hand=name == "Unreleased" and not has_mark(section))


def _usual_line_end(document: str) -> str:
    both = document.count("\r\n")
    count = {"\n": document.count("\n") - both, "\r\n": both, "\r": document.count("\r") - both}
    return max(count, key=lambda end: count[end])


def _pieces(lines: Sequence[str], replaced: Mapping[Region, str], inserted: Mapping[int, list[str]]) -> Iterator[tuple[str, bool]]:
    """Yield the document in pieces, each with whether it is new. A region replaced by nothing goes."""
    cuts = {region.start: (region.end, words) for region, words in replaced.items()}
    start = 0
    for line in sorted({*cuts, *inserted}):
        yield "".join(lines[start:line]), False
        yield from ((words, True) for words in inserted.get(line, ()))
        start, words = cuts.get(line, (line, ""))
        yield words, True
    yield "".join(lines[start:]), False


def _joined(pieces: Iterable[tuple[str, bool]], newline: str) -> str:
    """Join pieces with a blank line above and below each new one."""
    text: list[str] = []
    tail, below_new = "", False  # the last characters of the text so far
    for piece, new in pieces:
        if not piece:
            continue
        if new and tail.strip("\ufeff") and not _BLANK_LINE_AT_END.search(tail):
            text.append(newline if tail.endswith("\n") or (tail.endswith("\r") and newline != "\n") else newline * 2)
        elif below_new and not piece.startswith(("\r", "\n")):
            text.append(newline)
        text.append(piece)
        tail, below_new = (tail + piece[-_TAIL:])[-_TAIL:], new
    return "".join(text)
