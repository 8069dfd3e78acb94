"""Old and new in plain words: which of two things a text says took the other's place, where neither is a token."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from notewright.grounding.stems import terms
from notewright.grounding.wording import plain

_MOST_CHARACTERS = 4_000  # read of one field
_MOST_WORDS = 5  # of each side; what stands farther from the relation is said of both
_be = r"(?:is |are |was |were |has been |have been |been )?(?:now )?"
_use = r"(?:use|prefer|switch to|move to|convert to|stay with|stick (?:with|to)|go (?:with|for)|keep (?:to|using)|choose|rely on)"
# What stands between the new and the old, and between the old and the new
_NEW_FIRST = (
    r",? (?:instead of|rather than|in place of|as opposed to|and no longer|and not|not)\b"
    r"|(?:, | \()(?:previously|formerly|before|was|were)\b"
    rf"|\b{_be}(?:replac(?:es?|ed|ing)|supersed(?:es?|ed|ing)|tak(?:es?|en|ing) the place of)(?! by| with)\b"
)
_OLD_FIRST = (
    rf"\b{_be}(?:deprecated\W+(?:and )?)?{_be}(?:in favou?r of|(?:(?:renamed|replaced|superseded|changed)(?: to| by| with| into)"
    rf"|converted (?:in)?to)\b)"
    r"|\b(?:will go away|goes away|is going away|(?:is|are) (?:gone|removed|dropped))[,;:.]?"
    rf" (?:and )?(?:please )?{_use}\b"
    rf"|\b(?:gives?|gave|made|makes?) way (?:to|for)|\b{_be}deprecated[,;:]? (?:and )?(?:please )?{_use}\b"
)
_RELATION = re.compile(rf"(?P<new>{_NEW_FIRST})|(?P<old>{_OLD_FIRST})", re.IGNORECASE)
_DEPRECATES = re.compile(rf"\bdeprecate[sd]? (?P<old>[^,;:]{{1,60}}), (?={_use}\b)", re.IGNORECASE)
_DENIED = re.compile(r"\bnot $")
_STOP = re.compile(r"[;:!?()]|[.,](?!\w)")
_UNIT = re.compile(r"\b[kMGTm]?(?:Wh?|Hz|B|g|m|l|V|A|Pa)\b")
_NOT_THINGS = frozenset("deprecat replac renam now instead chang remov drop support".split())
_IS_GONE = re.compile(
    r"\b(?:is|are|was|were|has been|have been|becomes?) (?:now )?(?:deprecated|obsolete|removed|dropped|gone|retired|discontinued)\b",
    re.IGNORECASE,
)
_IS_DEFAULT = re.compile(r"\b(?:is|are|becomes?) (?:now )?(?:the|a) (?:new )?default\b", re.IGNORECASE)
Pair = tuple[frozenset[str], frozenset[str]]


def exchanged(text: str, sources: Iterable[str], *, faults: bool) -> Iterator[str]:
    """Yield what a text says replaces what, where a source says that it is the other way round: "open days rather than calendar days".
    `faults` tells that the sources state what was wrong, so that what they call the present is the old."""
    stated = [pair[::-1] if faults else pair for source in sources for pair in _pairs(source[:_MOST_CHARACTERS])]
    yield from _gone(text, stated)
    for old, new in _pairs(text):
        for older, newer in stated:
            if old & newer and new & older and not (old & older and new & newer):
                yield f"{' '.join(sorted(old & newer))} -> {' '.join(sorted(new & older))}"
                return


def _gone(text: str, stated: Collection[Pair]) -> Iterator[str]:
    """Yield what a text says is gone or deprecated and nothing else of, where it is what took another's place."""
    line = plain(text).replace("`", "")
    for match in _IS_GONE.finditer(line):
        subject = terms(" ".join(_STOP.split(line[: match.start()])[-1].split()[-_MOST_WORDS:])) - _NOT_THINGS
        yield from (
            f"{' '.join(sorted(subject & newer))} took the other's place"
            for older, newer in stated
            if subject & newer and (not subject & older or (newer <= subject and not older <= subject))
        )
    for match in _IS_DEFAULT.finditer(line):
        subject = terms(" ".join(_STOP.split(line[: match.start()])[-1].split()[-_MOST_WORDS:])) - _NOT_THINGS
        yield from (
            f"{' '.join(sorted(subject & older))} was the default"
            for older, newer in stated
            if subject & older and (not subject & newer or (older <= subject and not newer <= subject))
        )


def _pairs(text: str) -> Iterator[Pair]:
    """Yield the words of (old, new) of each relation, without those that both have."""
    line = _DEPRECATES.sub(r"\g<old> deprecated, ", plain(text).replace("`", ""))
    for relation in _RELATION.finditer(line):
        if _DENIED.search(line, 0, relation.start()):  # "not converted to mm"
            continue
        before = _STOP.split(line[: relation.start()].rstrip(" ,;("))[-1].split()[-_MOST_WORDS:]
        after = _STOP.split(line[relation.end() :].lstrip(" ,:("))[0].split()[:_MOST_WORDS]
        first, second = (_things(" ".join(side)) - _NOT_THINGS for side in (before, after))
        old, new = (second, first) if relation["new"] else (first, second)
        if old - new and new - old:
            yield old - new, new - old


def _things(text: str) -> frozenset[str]:
    """Return the terms of a text, with units as they are written: "kWh" has no "Wh" in it."""
    return terms(_UNIT.sub(" ", text)) | {unit.casefold() for unit in _UNIT.findall(text)}
