"""Marks: how a later run knows its own words in a changelog, and what it knows of a section's bytes."""

from __future__ import annotations

import re

from notewright.rendering.canonical import digest

_MARK = re.compile(r"<!-- notewright ([0-9a-f]{12}) -->")
_DAMAGED = re.compile(r"<!--\s*notewright\s+[0-9a-f]{6,64}\b.*", re.IGNORECASE)


def mark_section(markdown: str) -> str:
    """Return a section with the mark that lets a later run know its own words."""
    body = markdown.rstrip("\n")
    return f"{body}\n\n{_mark(body)}\n"


def is_own(section: str) -> bool:
    """Return whether a section of a document is, but for line ends, as `mark_section` made it."""
    body, _, last = unix(section).rstrip().rpartition("\n")
    return _MARK.fullmatch(last) is not None and _mark(body.rstrip("\n")) == last


def is_mark(line: str) -> bool:
    """Return whether a line is a mark, of these words or of others."""
    return "<!--" in line and _MARK.fullmatch(line.strip()) is not None


def is_damaged_mark(line: str) -> bool:
    """Return whether a line was a mark once and is none any more."""
    return "<!--" in line and not is_mark(line) and _DAMAGED.match(line.strip()) is not None


def has_mark(section: str) -> bool:
    """Return whether a section holds a mark, whole or damaged: we wrote it, whoever changed it since."""
    return any(is_mark(line) or is_damaged_mark(line) for line in unix(section).split("\n"))


def says_the_same(section: str, other: str) -> bool:
    """Return whether two sections differ at most in line ends, blanks at the end of lines and marks."""
    return _plain(section) == _plain(other)


def only_mark_differs(section: str, fresh: str) -> bool:
    """Return whether a section holds the words of `fresh` to the byte, and one mark that belongs to others: a person changed it, and
    now history says the same."""
    lines = unix(section).rstrip().split("\n")
    if sum(map(_is_any_mark, lines)) != 1 or not _is_any_mark(lines[-1]):
        return False
    return "\n".join(lines[:-1]).rstrip("\n") == unmarked(fresh) and not is_own(section)


def unmarked(section: str) -> str:
    """Return a section's lines with Unix line ends, without marks and the blank lines around it."""
    return "\n".join(line for line in unix(section).split("\n") if not _is_any_mark(line)).strip("\n")


def unix(text: str) -> str:
    """Return `text` with Unix line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_any_mark(line: str) -> bool:
    return is_mark(line) or is_damaged_mark(line)


def _plain(section: str) -> str:
    return "\n".join(line.rstrip() for line in unix(section).split("\n") if not _is_any_mark(line)).strip()


def _mark(body: str) -> str:
    return f"<!-- notewright {digest(body.encode('utf-8', 'surrogateescape')).removeprefix('sha256:')[:12]} -->"
