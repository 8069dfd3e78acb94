"""Splicing: a section enters CHANGELOG.md, and everything else in it stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notewright.changelog.markdown import DOCUMENT_HEAD
from notewright.changelog.regions import UNRELEASED, Region, find_regions, is_own, line_at_end, mark_section, says_the_same, split_lines
from notewright.history.versions import Version, parse_version

_BLANK_LINE_AT_END = re.compile(r"(?:\r\n|\r(?!\n)|\n)[ \t]*(?:\r\n|\r|\n)\Z")


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
class Spliced:
    """The document after splicing. `edited` are the versions (or "Unreleased") whose sections a person changed: they
    are left as they are."""

    text: str
    edited: tuple[str, ...]


def splice_sections(document: str, sections: Sequence[RenderedSection]) -> Spliced:
    """Put `sections` (newest first) into `document`: each replaces its own earlier form or enters above the first older
    release. Splicing twice changes nothing; a section that is not as we wrote it is never overwritten."""
    newline = _usual_line_end(document)
    fresh = [mark_section(section.markdown).replace("\n", newline) for section in sections]
    if not document.strip("\ufeff \t\r\n"):
        head = document[: document.startswith("\ufeff")] + DOCUMENT_HEAD.replace("\n", newline)
        return Spliced(newline.join((head, *fresh)) if fresh else document, ())
    lines = split_lines(document)
    regions = find_regions(document, lines)
    text = {region: "".join(lines[region.start : region.end]) for region in regions}
    places = _places(sections, regions)
    stale = {index: region for index, region in places.items() if not says_the_same(text[region], fresh[index])}
    new = [index for index in range(len(sections)) if index not in places]
    replaced = {region: fresh[index] for index, region in stale.items()}
    replaced |= dict.fromkeys(_released(regions, [sections[index] for index in new], taken=set(places.values())), "")
    replaced = {region: words for region, words in replaced.items() if is_own(text[region])}
    inserted: dict[int, list[str]] = {}
    for index in new:
        line = _line_above_older(sections[index], regions)
        inserted.setdefault(line_at_end(lines) if line is None else line, []).append(fresh[index])
    edited = tuple(sections[index].version or "Unreleased" for index, region in stale.items() if region not in replaced)
    return Spliced(_joined(_pieces(lines, replaced, inserted), newline), edited)


def _usual_line_end(document: str) -> str:
    both = document.count("\r\n")
    count = {"\n": document.count("\n") - both, "\r\n": both, "\r": document.count("\r") - both}
    return max(count, key=lambda end: count[end])


def _places(sections: Sequence[RenderedSection], regions: Sequence[Region]) -> dict[int, Region]:
    """Find the region of each section that is there: of one name, the first section has the first region."""
    free: dict[str, list[Region]] = {}
    for region in reversed(regions):
        free.setdefault(region.name, []).append(region)
    return {index: free[section.name].pop() for index, section in enumerate(sections) if free.get(section.name)}


def _released(regions: Sequence[Region], new: Sequence[RenderedSection], taken: set[Region]) -> list[Region]:
    """Return unreleased regions whose changes a new release now holds: one that is newer than all others."""
    newest = max((region.version.key() for region in regions if region.version), default=())
    if not any(version.key() > newest for version in map(_version, new) if version):
        return []
    return [region for region in regions if region.name == UNRELEASED and region not in taken]


def _line_above_older(section: RenderedSection, regions: Sequence[Region]) -> int | None:
    """Return the line of the first older release's heading, where a new section enters; None if all are newer."""
    version = _version(section)
    older = (region.start for region in regions if region.version and (version is None or region.version.key() < version.key()))
    return next(older, None)


def _version(section: RenderedSection) -> Version | None:
    return parse_version(section.version) if section.version else None


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
    text, below_new = "", False
    for piece, new in pieces:
        if not piece:
            continue
        if new and text.strip("\ufeff") and not _BLANK_LINE_AT_END.search(text[-80:]):
            text += newline if text.endswith("\n") or (text.endswith("\r") and newline != "\n") else newline * 2
        elif below_new and not piece.startswith(("\r", "\n")):
            text += newline
        text += piece
        below_new = new
    return text
