"""Regions: the release sections that a changelog file already holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.changelog.document.headings import Named, read_heading
from notewright.changelog.document.marks import is_damaged_mark, is_mark
from notewright.history.versions import Version

if TYPE_CHECKING:
    from markdown_it.token import Token

_LINK_DEFINITION = re.compile(r"\[[^\]]+\]:\s*\S+")
_ANCHOR = re.compile(r"<a\s+(?:name|id)=[^<>]*>\s*(?:</a>)?", re.IGNORECASE)
# Markdown's line ends. `str.splitlines` knows more (form feed, U+2028 …) and would count other lines than the parser.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Region:
    """A section as it stands in a document: `start` is the line of its heading, or of the anchor above it, `end` the line after its last.
    `name` is the version in lower case, or UNRELEASED; `version` is None for that one. `component` stands in front of the version."""

    name: str
    version: Version | None
    start: int
    end: int
    component: str = ""


@dataclass(frozen=True, slots=True)
class _Heading:
    start: int
    level: int
    named: Named | None


def split_lines(document: str) -> list[str]:
    """Return the lines with their ends; joined, they are the document."""
    return _LINE.findall(document)


def find_regions(document: str, lines: Sequence[str]) -> list[Region]:
    """Find release sections: headings of level 1 or 2, outside code and HTML, that name a version or Unreleased."""
    regions: list[Region] = []
    below = {1: end_of_text(lines)}  # level → the nearest heading below the one looked at
    release = below[1]  # the nearest of a release
    for heading in reversed(list(_headings(document, lines))):
        if heading.named:
            closing = min(release, *(line for level, line in below.items() if level <= heading.level))
            first = heading.start + 1
            end = _end_of_section(lines, heading.start, max(release, first), max(closing, first))
            named = heading.named
            regions.append(Region(named.name, named.version, heading.start, end, named.component))
            release = heading.start
        below[heading.level] = heading.start
    return regions[::-1]


def name_of(markdown: str) -> Named | None:
    """Return what the first heading of level 1 or 2 names, if nothing but an anchor stands above it."""
    lines = split_lines(markdown)
    first = next((line for line in lines if line.strip() and not _ANCHOR.fullmatch(line.strip())), "")
    if match := re.match(r"\#{1,2}[ \t]+(.*?)[ \t]*\#*\s*$", first):
        return read_heading(match[1])
    heading = next(_headings(markdown, lines), None)
    above = lines[: heading.start] if heading else []
    return heading.named if heading and not "".join(above).strip() else None


def end_of_text(lines: Sequence[str]) -> int:
    """Return the line after the text: link definitions at the very end belong to no section."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _LINK_DEFINITION.match(lines[end - 1])):
        end -= 1
    definitions = any(line.strip() for line in lines[end:])
    return end if definitions else len(lines)


def line_at_end(lines: Sequence[str]) -> int:
    """Return where a new section can enter below all others: after the text, or above a last block that nobody closed (code,
    a comment), which would swallow it."""
    end = end_of_text(lines)
    tokens = [token for token in _blocks("".join((*lines[:end], "\n\n# x\n"))) if token.map and token.level == 0]
    block, start = (tokens[-1].type, tokens[-1].map) if tokens else ("heading_open", None)
    return end if block == "heading_open" or start is None else start[0]


def _headings(document: str, lines: Sequence[str]) -> Iterator[_Heading]:
    tokens = _blocks(document)
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map and token.tag in ("h1", "h2"):
            content = tokens[index + 1].content.strip()
            yield _Heading(_below_anchors(lines, token.map[0]), int(token.tag[1]), read_heading(content))


def _below_anchors(lines: Sequence[str], heading: int) -> int:
    """Return the line of the first anchor that stands right above a heading, or the heading's own."""
    start = line = heading
    while line and (not lines[line - 1].strip() or _ANCHOR.fullmatch(lines[line - 1].strip())):
        line -= 1
        start = line if lines[line].strip() else start
    return start


def _blocks(document: str) -> list[Token]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable(["inline", "text_join"])
    return parser.parse(document)


def _end_of_section(lines: Sequence[str], start: int, release: int, closing: int) -> int:
    """Return the line after our mark above the next `release`, and the blank lines below it, for what a person wrote there is no part of
    ours; without a mark the `closing` heading. A template of ours may have headings as high as the release's."""
    mark = next((line for line in range(start, release) if is_mark(lines[line]) or is_damaged_mark(lines[line])), None)
    if mark is None:
        return closing
    return next((line for line in range(mark + 1, release) if lines[line].strip()), release)
