"""Labelled lines for people: a word on the left, and beside it text as wide as 80 columns allow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from notewright.rendering.neutral import visible

_WIDTH = 80


def labelled(rows: Iterable[tuple[str, str]], *, indent: int = 9) -> str:
    """Return the rows as text; a long one goes on under itself. What strangers wrote of it cannot move the cursor."""
    return "".join(_row(label, text, indent) for label, text in rows)


def listed(lines: Iterable[str]) -> str:
    """Return the lines, each below a heading."""
    return labelled((("", line) for line in lines), indent=2)


def _row(label: str, text: str, indent: int) -> str:
    lines = textwrap.wrap(visible(text), _WIDTH - indent, break_long_words=False, break_on_hyphens=False) or [""]
    first, *others = lines
    return "\n".join([f"{label:<{indent}}{first}".rstrip(), *(f"{'':<{indent}}{line}" for line in others)]) + "\n"
