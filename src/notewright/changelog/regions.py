"""Regions: the release sections that a changelog file already holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.history.versions import Version, parse_version
from notewright.rendering.canonical import digest

if TYPE_CHECKING:
    from markdown_it.token import Token

UNRELEASED = "unreleased"

_MARK = re.compile(r"<!-- notewright ([0-9a-f]{12}) -->")
_HEADING_VERSION = re.compile(r"(?:(?i:version|release)[ \t]+)?\[?v?(\d[0-9A-Za-z.+-]*)\]?")
_HEADING_UNRELEASED = re.compile(r"\[?unreleased\b", re.IGNORECASE)
_LINK_DEFINITION = re.compile(r"\[[^\]]+\]:\s*\S+")
# Markdown's line ends. `str.splitlines` knows more (form feed, U+2028 …) and would count other lines than the parser.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Region:
    """A section as it stands in a document: `start` is the line of its heading, `end` the line after its last.
    `name` is the version in lower case, or UNRELEASED; `version` is None for that one."""

    name: str
    version: Version | None
    start: int
    end: int


def split_lines(document: str) -> list[str]:
    """Return the lines with their ends; joined, they are the document."""
    return _LINE.findall(document)


def find_regions(document: str, lines: Sequence[str]) -> list[Region]:
    """Find release sections: headings of level 1 or 2, outside code and HTML, that name a version or Unreleased."""
    tokens = _blocks(document)
    headings = [
        (token.map[0], tokens[index + 1].content.strip())
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map and token.tag in ("h1", "h2")
    ]
    ends = [*(start for start, _ in headings[1:]), end_of_text(lines)]
    found = (
        _region(content, start, _end_of_section(lines, start, max(end, start + 1)))
        for (start, content), end in zip(headings, ends, strict=False)
    )
    return [region for region in found if region]


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


def mark_section(markdown: str) -> str:
    """Return a section with the mark that lets a later run know its own words."""
    body = markdown.rstrip("\n")
    return f"{body}\n\n<!-- notewright {_mark(body)} -->\n"


def is_own(section: str) -> bool:
    """Return whether a section of a document is, but for line ends, as `mark_section` made it."""
    body, _, last = _unix(section).rstrip().rpartition("\n")
    match = _MARK.fullmatch(last)
    return match is not None and _mark(body.rstrip("\n")) == match[1]


def says_the_same(section: str, other: str) -> bool:
    """Return whether two sections differ at most in line ends, blanks at the end of lines and marks."""
    return _plain(section) == _plain(other)


def _blocks(document: str) -> list[Token]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable(["inline", "text_join"])
    return parser.parse(document)


def _region(content: str, start: int, end: int) -> Region | None:
    if _HEADING_UNRELEASED.match(content):
        return Region(UNRELEASED, None, start, end)
    match = _HEADING_VERSION.match(content)
    version = parse_version(match[1]) if match else None
    return Region(version.text.lower(), version, start, end) if version else None


def _end_of_section(lines: Sequence[str], start: int, end: int) -> int:
    """Return the line after our mark and the blank lines below it, for what a person wrote there is no part of ours."""
    mark = next((line for line in range(start, end) if _MARK.fullmatch(lines[line].strip())), end)
    return next((line for line in range(mark + 1, end) if lines[line].strip()), end)


def _plain(section: str) -> str:
    return "\n".join(line.rstrip() for line in _unix(section).split("\n") if not _MARK.fullmatch(line.strip())).strip()


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _mark(body: str) -> str:
    return digest(body.encode("utf-8", "surrogateescape")).removeprefix("sha256:")[:12]
