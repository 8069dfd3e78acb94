"""Code in an answer: each line is the passage's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.dataset.gates.parts import Parts
from notewright.dataset.gates.reasons import Fault
from notewright.dataset.gates.source import Source, code_tokens

_COMMENT = re.compile(r"(?:^|\s)(?:#|//|--|/\*).*$")
_LEFT_OUT = re.compile(r"\.{3}|\u2026")
_SHOWN = 80


def foreign_code(parts: Parts, source: Source) -> Iterator[Fault]:
    """Yield a fault for the first line of a block that the source does not have, however it is laid out there. Dots stand for what is
    left out, and a comment may be the answer's own."""
    if parts.open:
        yield Fault("too_long", "a block of code that never ends")
    for line in parts.lines:
        if not _is_of(line, source) and not _is_of(_COMMENT.sub("", line), source):
            yield Fault("code", line.strip()[:_SHOWN])
            return


def own_comments(parts: Parts, source: Source) -> str:
    """Return the comments in blocks that the source does not have: prose like any other."""
    return "\n".join(match[0] for line in parts.lines if not _is_of(line, source) and (match := _COMMENT.search(line)))


def _is_of(line: str, source: Source) -> bool:
    pieces = _LEFT_OUT.split(line) if line not in source.text else ()
    return all(code_tokens(piece.rstrip(" ;")) in source.tokens for piece in pieces if re.search(r"\w", piece))
