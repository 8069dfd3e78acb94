"""Trailers, and the part of a message that holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

Trailer = tuple[str, str]

# Below prose a block is known by words that are trailers everywhere, as git knows the ones that it writes itself.
_KNOWN = r"[a-z-]+-by|close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see-also|issue|change-id|notewright-[a-z]+"
_WELL_KNOWN = re.compile(rf"(?i:{_KNOWN})$")
# Conventional Commits 1.0.0, rule 8: a word with hyphens, then ": " or " #". A line that states a change is prose about it, never a
# trailer ("fix: …" under a feature). A template's well-known word without a value says nothing, yet belongs to the block.
_TRAILER = re.compile(
    r"(?!(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test): |BREAKING-CHANGE(?::|[ \t]))"
    rf"(?:([A-Za-z][A-Za-z0-9-]*+)(?::[ \t]++|[ \t]++(?=\#))(\S.*)|((?i:{_KNOWN})):$)"
)
_CHERRY_PICKED = re.compile(r"\(cherry picked from commit [0-9a-f]{7,64}\)$")
_BREAKING_FORM = r"[ \t]*+(?:[*-][ \t]++)?BREAKING[ -]CHANGE(?::|[ \t]++(?=\#))[ \t]*+(.*)"
_BREAKING = re.compile(_BREAKING_FORM)
_BREAKING_LINES = re.compile(rf"^{_BREAKING_FORM}", re.MULTILINE)
# Trailers above the last paragraph are none, but neither are they the words of a break above them.
_ASIDE = re.compile(
    r"^(?:[A-Za-z-]++(?<=-by):[ \t]|(?i:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see-also|issue)(?::[ \t]*+|[ \t]++)(?:\#|GH-|https?://)).*(?:\n+|\Z)",
    re.MULTILINE,
)
# So much of the last paragraph is looked at: nobody types longer blocks, and a hostile one costs no more.
_MOST = 1 << 16


class Entry(NamedTuple):
    """A trailer with its value, or, where `token` is None, what a BREAKING CHANGE says. Lines that go on are joined by line ends."""

    token: str | None
    value: str


class Block(NamedTuple):
    """The trailers of a text: from which character on they stand, and what they say. `start` is the text's length if there is none."""

    start: int
    entries: tuple[Entry, ...] = ()


def read_block(text: str) -> Block:
    """Find and read the trailers of `text`, a message without its header and without blank lines around it or blanks at line ends.

    Trailers live in the last paragraph only: either all of it, continuation lines included, or, below prose, the lines
    after the last word of prose if one of them is well known (git-interpret-trailers, "recognized prefix").
    """
    paragraph = text.rfind("\n\n") + 2 if "\n\n" in text else 0
    window = paragraph if len(text) - paragraph <= _MOST else text.find("\n", len(text) - _MOST) + 1 or len(text)
    lines = text[window:].split("\n")
    if not _may_end_block(lines):
        return Block(len(text))
    matches = [_TRAILER.match(line) or _CHERRY_PICKED.match(line) or _breaking(line) for line in lines]
    first = _first_line(lines, matches)
    if first == len(lines) or ((window, first) != (paragraph, 0) and not any(map(_is_well_known, matches[first:]))):
        return Block(len(text))
    return Block(window + sum(map(len, lines[:first])) + first, tuple(_entries(lines[first:], matches[first:])))


def breaking_text(line: str) -> str | None:
    """Return what a `BREAKING CHANGE:` line says on that line; None if it is not one."""
    match = _breaking(line)
    return match[1] if match else None


def read_breaks(text: str) -> tuple[int, str | None]:
    """Return where the first `BREAKING CHANGE:` line of `text` starts, its length if there is none, and what they all say, each
    up to the next one or the end, blank lines included (rule 10). None if there is none, "" if none says anything."""
    before, *parts = _BREAKING_LINES.split(text) if "BREAKING" in text else (text,)
    if not parts:
        return len(text), None
    said = "\n".join(filter(None, [(line + rest).strip() for line, rest in zip(parts[::2], parts[1::2], strict=True)]))
    if "#" in said or "GH-" in said or "://" in said or "-by:" in said:
        said = _ASIDE.sub("", said).strip()
    return len(before), said


def _may_end_block(lines: list[str]) -> bool:
    """Whether the last line that does not go on with another is no prose: most messages end in prose, and need no more looks."""
    last = next((line for line in reversed(lines) if line[:1] not in (" ", "\t")), "")
    return bool(_TRAILER.match(last) or _CHERRY_PICKED.match(last)) or any("BREAKING" in line for line in lines)


def _first_line(lines: list[str], matches: list[re.Match[str] | None]) -> int:
    """Return the index of the first line of the block that ends `lines`, len(lines) if none does."""
    first, within_breaking = len(lines), False
    for index, match in enumerate(matches):
        if match:
            first, within_breaking = min(first, index), match.re is _BREAKING
        elif not within_breaking and lines[index][:1] not in (" ", "\t"):  # neither goes on with what is above: prose
            first = len(lines)
    return first


def _entries(lines: list[str], matches: list[re.Match[str] | None]) -> Iterator[Entry]:
    """Yield what the lines of a block say; a token without a value says nothing."""
    starts = [index for index, match in enumerate(matches) if match]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = matches[start]
        if match and match.re is _BREAKING:
            yield Entry(None, "\n".join((match[1], *lines[start + 1 : end])).strip())
        elif match and match.re is _TRAILER:
            value = "\n".join((match[2] or "", *map(str.strip, lines[start + 1 : end]))).strip()
            if value:
                yield Entry(match[1] or match[3], value)


def _breaking(line: str) -> re.Match[str] | None:
    return _BREAKING.match(line) if "BREAKING" in line else None


def _is_well_known(match: re.Match[str] | None) -> bool:
    if match is None:
        return False
    return match.re is not _TRAILER or bool(match[1] and _WELL_KNOWN.match(match[1]))
