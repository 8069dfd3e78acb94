"""Splicing: a section enters CHANGELOG.md, and everything else in it stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from notewright.changelog.markdown import DOCUMENT_HEAD
from notewright.history.versions import parse_version
from notewright.rendering.canonical import digest

_MARK = re.compile(r"<!-- notewright ([0-9a-f]{12}) -->")
_HEADING_VERSION = re.compile(r"^\[?v?(\d[0-9A-Za-z.+-]*)\]?")
_LINK_DEFINITION = re.compile(r"\[[^\]]+\]:\s*\S+")


@dataclass(frozen=True, slots=True)
class RenderedSection:
    """Markdown of one section with Unix line ends; `version` None is the unreleased one."""

    version: str | None
    markdown: str


@dataclass(frozen=True, slots=True)
class Spliced:
    """The document after splicing. `edited` are the versions (or "Unreleased") whose sections a person changed: they
    are left as they are."""

    text: str
    edited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Region:
    name: str
    start: int  # first line, its heading
    end: int  # line after the last


def splice_sections(document: str, sections: Sequence[RenderedSection]) -> Spliced:
    """Put `sections` (newest first) into `document`: each replaces its own earlier form or enters above the first older
    release. Splicing twice changes nothing; a section that is not as we wrote it is never overwritten."""
    text, edited = document, []
    for section in reversed(sections):
        text, kept = _splice(text, section)
        edited += [section.version or "Unreleased"] if kept else []
    return Spliced(text, tuple(reversed(edited)))


def marked(markdown: str) -> str:
    """Return a section with the mark that lets a later run know its own words."""
    body = markdown.rstrip("\n")
    return f"{body}\n\n<!-- notewright {_mark(body)} -->\n"


def _splice(document: str, section: RenderedSection) -> tuple[str, bool]:
    newline = "\r\n" if document.count("\r\n") * 2 > document.count("\n") else "\n"
    fresh = marked(section.markdown).replace("\n", newline)
    if not document.strip("\ufeff \t\r\n"):
        return document[: document.startswith("\ufeff")] + DOCUMENT_HEAD.replace("\n", newline) + newline + fresh, False
    lines = document.splitlines(keepends=True)
    regions = _regions(document, len(lines))
    wanted = {(section.version or "unreleased").lower()}
    if section.version:
        wanted |= {"unreleased"} if _own(lines, _named(regions, {"unreleased"})) else set()
    for region in regions:
        if region.name in wanted:
            return _replaced(lines, region, fresh, newline, same=region.name == (section.version or "unreleased").lower())
    at = next((region.start for region in regions if region.name != "unreleased"), _end_of_text(lines))
    before, after = "".join(lines[:at]), "".join(lines[at:])
    gap = "" if not before or before.endswith(newline * 2) else newline if before.endswith(("\n", "\r")) else newline * 2
    return before + gap + fresh + (newline if after.strip() else "") + after, False


def _replaced(lines: list[str], region: _Region, fresh: str, newline: str, *, same: bool) -> tuple[str, bool]:
    """Replace a region that is as we wrote it; keep one that a person changed, saying so unless it is what we'd write."""
    before, body, after = "".join(lines[: region.start]), lines[region.start : region.end], "".join(lines[region.end :])
    if same and _plain(body) == _plain(fresh.splitlines(keepends=True)):
        return "".join(lines), False
    if not _own(lines, region):
        return "".join(lines), True
    return before + fresh + (newline if after.strip() else "") + after, False


def _own(lines: list[str], region: _Region | None) -> bool:
    """Whether a region is byte for byte what we wrote, which its mark tells."""
    if region is None:
        return False
    text = "".join(lines[region.start : region.end]).replace("\r\n", "\n").rstrip()
    body, _, last = text.rpartition("\n")
    match = _MARK.fullmatch(last)
    return bool(match) and _mark(body.rstrip("\n")) == match[1]  # type: ignore[index]  # matched


def _mark(body: str) -> str:
    return digest(body.encode("utf-8", "surrogateescape")).removeprefix("sha256:")[:12]


def _plain(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines if not _MARK.fullmatch(line.strip())).strip()


def _named(regions: list[_Region], names: set[str]) -> _Region | None:
    return next((region for region in regions if region.name in names), None)


def _regions(document: str, total: int) -> list[_Region]:
    """Find release sections: headings of level 1 or 2, outside code and HTML, that name a version or Unreleased."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable(["inline", "text_join"])
    tokens = parser.parse(document)
    headings = [
        (token.map[0], int(token.tag[1]), tokens[index + 1].content)
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map and token.tag in ("h1", "h2")
    ]
    ends = [start for start, _, _ in headings[1:]] + [_end_of_text(document.splitlines(keepends=True))] * bool(headings)
    named = ((_heading_name(content), start, max(end, start + 1)) for (start, _, content), end in zip(headings, ends, strict=True))
    return [_Region(name, start, min(end, total)) for name, start, end in named if name]


def _heading_name(content: str) -> str | None:
    text = content.strip()
    if re.match(r"\[?unreleased\b", text, re.IGNORECASE):
        return "unreleased"
    match = _HEADING_VERSION.match(text)
    return match[1].lower() if match and parse_version(match[1]) else None


def _end_of_text(lines: list[str]) -> int:
    """The line after the text: link definitions at the very end belong to no section."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _LINK_DEFINITION.match(lines[end - 1])):
        end -= 1
    definitions = any(line.strip() for line in lines[end:])
    return end if definitions else len(lines)
