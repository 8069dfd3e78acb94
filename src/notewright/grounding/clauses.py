"""Clauses: the parts of a sentence that may each speak of another entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from notewright.grounding.stems import terms
from notewright.grounding.wording import plain

_CODE = re.compile(r"`[^`]*`")
_BORDER = re.compile(r"(?<=[;:!?])\s+|(?<=[.])\s+(?=[A-Z`])|,\s+(?:and|while|but|whereas|as well as|plus)\s+|\s+(?:-|while|whereas)\s+")
_AND = re.compile(r",?\s+and\s+|,\s+")


@lru_cache(maxsize=1 << 10)
def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of a sentence in their order; code spans are not cut."""
    return _cut(plain(text), _BORDER)


def align(text: str, sources: Sequence[frozenset[str]]) -> tuple[tuple[str, int | None], ...]:
    """Return each part of a sentence with the number of the source, given as terms, that shares most of its terms; None where it shares
    none, and where several share as many. Parts are clauses, cut at "and" where both sides lean to different sources."""
    parts: list[tuple[str, int | None]] = []
    for clause in clauses(text):
        pieces = [(piece, _closest(piece, sources)) for piece in _cut(clause, _AND)]
        if len({number for _, number in pieces if number is not None}) > 1:
            parts += pieces
        else:
            parts.append((clause, _closest(clause, sources)))
    return tuple(parts)


def _closest(text: str, sources: Sequence[frozenset[str]]) -> int | None:
    said = terms(text)
    shares = [len(said & source) for source in sources]
    best = max(shares, default=0)
    return shares.index(best) if best and shares.count(best) == 1 else None


def _cut(text: str, border: re.Pattern[str]) -> tuple[str, ...]:
    covered = _CODE.sub(lambda match: "x" * len(match[0]), text)
    places = [0, *(place for match in border.finditer(covered) for place in match.span()), len(text)]
    pieces = (text[start:end].strip() for start, end in zip(places[::2], places[1::2], strict=True))
    return tuple(piece for piece in pieces if piece)
