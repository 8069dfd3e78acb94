"""Trailers, and the part of a message that holds them."""

from __future__ import annotations

import re

Trailer = tuple[str, str]

# Conventional Commits 1.0.0, rule 8: a word with hyphens, then ": " or " #".
_TRAILER = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?::[ \t]+|[ \t]+(?=#))(\S.*)")
# Words that are trailers even below prose without a blank line between, as git decides for the ones it writes itself.
_WELL_KNOWN = re.compile(r"(?i)(?:[a-z-]+-by|close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see-also|issue|change-id|notewright-[a-z]+)$")
_CHERRY_PICKED = re.compile(r"\(cherry picked from commit [0-9a-f]{7,64}\)$")
_BREAKING = re.compile(r"[ \t]*(?:[*-][ \t]+)?BREAKING[ -]CHANGE(?::|[ \t]+(?=#))[ \t]*(.*)")
# A line that states a change is prose about it, never a trailer ("fix: …" under a feature).
_CHANGE_LINE = re.compile(r"(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()]*\))?!?: ")


def trailer_start(lines: list[str]) -> int:
    """Return the index of the first trailer line of `lines` (a message without its header), len(lines) if none.

    Trailers live in the last paragraph only: either all of it, continuation lines included, or, below prose, the lines
    after the last word of prose if one of them is well known (git-interpret-trailers, "recognized prefix").
    """
    paragraph = len(lines)
    while paragraph and lines[paragraph - 1]:
        paragraph -= 1
    belongs = _belonging(lines[paragraph:])
    start = len(lines)
    for index in range(len(lines) - 1, paragraph - 1, -1):
        if belongs[index - paragraph] is None:
            break
        if belongs[index - paragraph]:
            start = index
    below_prose = start > paragraph
    return len(lines) if below_prose and not any(map(_well_known, lines[start:])) else start


def parse_trailers(lines: list[str]) -> tuple[Trailer, ...]:
    """Read trailers from their lines, continuation lines joined by line ends; BREAKING CHANGE is not among them."""
    found: list[tuple[str, list[str]]] = []
    within_breaking = False
    for line in lines:
        if breaking_text(line) is not None:
            within_breaking = True
        elif (match := _TRAILER.match(line)) and not _CHANGE_LINE.match(line):
            within_breaking = False
            found.append((match[1], [match[2]]))
        elif found and line and not within_breaking and not _CHERRY_PICKED.match(line):
            found[-1][1].append(line.strip())
    return tuple((token, "\n".join(value)) for token, value in found)


def is_trailer(line: str) -> bool:
    """Whether one line has the form of a trailer."""
    return breaking_text(line) is not None or bool(_TRAILER.match(line) and not _CHANGE_LINE.match(line))


def breaking_text(line: str) -> str | None:
    """Return what a `BREAKING CHANGE:` line says on that line; None if it is not one."""
    match = _BREAKING.match(line) if "BREAKING" in line else None
    return match[1] if match else None


def _belonging(paragraph: list[str]) -> list[bool | None]:
    """Say of each line: True for a trailer, False for one that goes on with the trailer above it (indented, or text of
    a breaking change, rule 10), None for prose."""
    belongs: list[bool | None] = []
    within_breaking = False
    for line in paragraph:
        if is_trailer(line) or _CHERRY_PICKED.match(line):
            within_breaking = breaking_text(line) is not None
            belongs.append(True)
        else:
            belongs.append(False if within_breaking or line[:1] in (" ", "\t") else None)
    return belongs


def _well_known(line: str) -> bool:
    match = _TRAILER.match(line)
    return bool(_CHERRY_PICKED.match(line)) or bool(match and _WELL_KNOWN.match(match[1])) or breaking_text(line) is not None
