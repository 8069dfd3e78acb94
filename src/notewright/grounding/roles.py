"""Old and new: which of two tokens a text says took the other's place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from notewright.grounding.quantities import loose_keys
from notewright.grounding.tokens import Token, scan
from notewright.grounding.wording import plain

# All that stands between two tokens, such as "to" or ", previously"
_OLD_FIRST = re.compile(
    r"\W*(?:->|=>|to|becomes?|became|(?:is |are |was |were )?now(?: called)?"
    r"|(?:is |are |was |were |has been |have been )?(?:now )?(?:renamed|replaced|superseded|changed)(?: to| by| with| as)?"
    r"|(?:is |are )?(?:now )?(?:deprecated|removed|dropped)?\W*(?:in favou?r of|use|use now|move to))\W*",
    re.IGNORECASE,
)
_NEW_FIRST = re.compile(
    r"(?:\W*\b\w+\b){0,3}?\W*(?:instead of|rather than|in place of|previously|formerly|was|up from|down from|replaces?"
    r"|(?:compared|opposed) (?:with|to)|not)\W*",
    re.IGNORECASE,
)

_LONGEST_BETWEEN = 60  # characters; farther apart, two tokens do not speak of each other


def reversed_roles(text: str, sources: Iterable[str]) -> Iterator[str]:
    """Yield the pairs that a text states as old and new while a source has them the other way round: "30 days instead of 90" where the
    source says "90 days, previously 30"."""
    stated = {(old, new) for source in sources for pair in _changes(source) for old in _keys(pair[0]) for new in _keys(pair[1])}
    for old, new in _changes(text):
        said = {(one, other) for one in _keys(old) for other in _keys(new)}
        if not said & stated and {(other, one) for one, other in said} & stated:
            yield f"{old.text} -> {new.text}"


def _changes(text: str) -> Iterator[tuple[Token, Token]]:
    """Yield the (old, new) pairs of neighbouring tokens."""
    line = plain(text)
    for first, second in pairwise(scan(line)):
        between = line[first.end : second.start]
        if len(between) > _LONGEST_BETWEEN:
            continue
        if _OLD_FIRST.fullmatch(between):
            yield first, second
        elif _NEW_FIRST.fullmatch(between):
            yield second, first


def _keys(token: Token) -> frozenset[str]:
    return token.keys | (loose_keys(token.text) if token.kind in ("quantity", "number") else frozenset())
