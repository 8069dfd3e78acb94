"""Old and new: which of two tokens a text says took the other's place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from notewright.grounding.quantities import loose_keys
from notewright.grounding.tokens import Token, scan
from notewright.grounding.wording import plain

_be = r"(?:is |are |was |were |has been |have been )?"
_into = (
    rf"->|=>|to|becomes?|became|{_be}now(?: called)?|{_be}(?:now )?(?:renamed|replaced|superseded|changed)(?: to| by| with| as)?"
    rf"|(?:[a-z-]+ ){{1,3}}in favou?r of|{_be}(?:now )?(?:deprecated|removed|dropped)?\W*(?:in favou?r of"
    r"|(?:use|pass|prefer|call|write|choose)(?: now| the| an?)?(?: [a-z]+)?|(?:move|switch|change) to|same as|equivalent to)"
)
_for = (
    r"instead of|rather than|in place of|previously|formerly|was|from|replaces?|replacing|(?:compared|opposed) (?:with|to)|not"
    rf"|{_be}(?:renamed|changed|moved|raised|lowered) from"
)
# All that stands between an old token and its new one, or the other way round, such as "to" and ", previously"
_old = r"(?:\W*\b(?:the|its|an?|now|old|former|deprecated|obsolete|legacy)\b){0,3}"
_OLD_FIRST = re.compile(rf"\W*(?:{_into})\W*", re.IGNORECASE)
_NEW_FIRST = re.compile(rf"(?:\W*\b\w+\b){{0,3}}?\W*\b(?:{_for}){_old}\W*", re.IGNORECASE)
# What makes the token after it the new one, or the old one
_BEFORE_NEW = re.compile(rf"(?:->|=>|\b(?:{_into}))\W*$", re.IGNORECASE)
_BEFORE_OLD = re.compile(rf"\b(?:{_for})\W*$", re.IGNORECASE)
# What says of the token before it that it is gone, and of the token after it that it is the present one
_GONE = re.compile(
    r"[`\")]{0,2} (?:(?:is|are|was|were|has been|have been) )?(?:now )?"
    r"(?:deprecated|removed|dropped|gone|refused|rejected|no longer \w+)\b",
    re.IGNORECASE,
)
_USE = re.compile(
    r"\W*(?:[a-z-]+ ){0,3}[a-z-]*[,;:(] ?(?:please )?(?:use|send|pass|prefer|call|write|choose|set|import|take)(?: \w+){0,2} ?\W*"
)
_DEPRECATES = re.compile(r"\bdeprecat|\bobsolete", re.IGNORECASE)
_OTHERWISE = re.compile(r"\W*(?:[a-z-]+ ){0,3}[a-z-]*[,;:(] ?(?!and |or |also |both |which |that )[a-z]+(?: [a-z]+){0,2} \W*")
_LEAVES = re.compile(r"\b(?:remov|drop|delet|discontinu|deprecat|no longer|not supported|unsupported|ends?\b)", re.IGNORECASE)
# "Drop 22.0 to 22.10", "from 1.2 to 1.4 are no longer supported": a range that goes, and no change
_RANGE_GOES = re.compile(
    r"\b(?:drop|dropped|remove[sd]?|end(?:s|ed)?|discontinue[sd]?)\b(?: \w+){0,5} from (?!.*\b(?:from|instead|use|prefer)\b)\S+"
    r" (?:to|through) "
    r"|\bfrom \S+ (?:to|through|until) \S+ (?:is|are) (?:now |no longer |not |un|gone|dropped|removed)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"\b(?:(?:is|are) now(?: at| on)?|becomes?"
    r"|(?:is|are|was|were|been) (?:updated|bumped|upgraded|raised|moved|brought|changed|set) to"
    r"|(?:went|goes|gone|go) (?:up|down) to|(?:rose|risen|rises|fell|fallen|falls|dropped|drops|grew|grown|grows|raised|lowered"
    r"|increased|reduced"
    r"|decreased|shrank|shrunk|cut|climbed|moved|bumped|updated|upgraded|changed) to)\W*$",
    re.IGNORECASE,
)
_STAYS = re.compile(r"[^,;:()]*\b(?:remains?|stays?|are kept|is kept|still)\b[^,;:()]*")
_PREFERS = re.compile(r"\bprefer(?:s|red)?\W+$", re.IGNORECASE)  # "prefer `b` to `a`"
_SAYS_NOW = re.compile(r"\bnow\b", re.IGNORECASE)
_SAYS_PAST = re.compile(
    r"\b(?:was|were|had|did|used to|instead|rather|before|previous\w*|former\w*|from|until|no longer|not|never|than|once|so far|old"
    r"|replac\w+"
    r"|renam\w+|deprecat\w+|drop\w*|remov\w+|without|either|both|also)\b|n't|->",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\b(?:between \S+ and|from \S+ to|\d to \d|anywhere)\b")  # a range, both ends of which are told
_INSTEAD = re.compile(r"\b(?:instead of|rather than|in place of)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;!?] ")
_AMOUNT = re.compile(r"(?:n|q:[a-z]+):\d+(?:\.\d+)?")
_LONGEST_BETWEEN = 60  # characters; farther apart, two tokens do not speak of each other


def reversed_roles(text: str, sources: Iterable[str], faults: Collection[str] = ()) -> Iterator[str]:
    """Yield the pairs that a text states as old and new while a source has them the other way round: "30 days instead of 90" where the
    source says "90 days, previously 30". In `faults`, sources that state what was wrong, it is what comes first that is gone: "returns
    500 instead of 404"."""
    sources = tuple(sources)
    changes = [(source, *pair) for source in sources if not _RANGE_GOES.search(plain(source)) for pair in _changes(source)]
    turned = {source for source in faults if _INSTEAD.search(source)}
    stated = [(_keys(new), _keys(old)) if source in turned else (_keys(old), _keys(new)) for source, old, new in changes]
    renamed = frozenset[str]()
    for old, new in _claimed(text):
        backward = any(_keys(old) & newer and _keys(new) & older for older, newer in stated)
        forward = any(_keys(old) & older and _keys(new) & newer for older, newer in stated)
        if backward and not forward:
            yield f"{old.text} -> {new.text}"
        renamed |= _keys(new) if forward else frozenset()
    yield from _outdated(text, stated, gone=renamed.union(*(_gone(source) for source in sources)))


def _outdated(text: str, stated: Sequence[tuple[frozenset[str], frozenset[str]]], *, gone: frozenset[str]) -> Iterator[str]:
    """Yield the tokens that a text calls the present ones while the sources only have them as old ones: "is now at 1.0" for "from 1.0 to
    1.1"; and those that it calls gone while they took another's place, unless a source says so too, or the sentence
    itself says what takes their name."""
    line = plain(text)
    said = frozenset(key for token in scan(line) for key in _keys(token)) if _BOTH.search(line) else frozenset[str]()
    for token in scan(line):
        keys = _keys(token)
        if (
            keys.isdisjoint(gone)
            and _GONE.match(line, token.end)
            and any(keys & new for _, new in stated)
            and not any(keys & old for old, _ in stated)
        ):
            yield f"{token.text} is what takes the other's place"
        present = _NOW.search(line, 0, token.start) or (
            token.kind in ("quantity", "number", "version") and _SAYS_NOW.search(line) and not _SAYS_PAST.search(line)
        )
        if present and any(keys & old and not new & said for old, new in stated) and not any(keys & new for _, new in stated):
            yield f"{token.text} is what it was"


def old_amounts(text: str, sources: Iterable[str]) -> Iterator[str]:
    """Yield the amounts and versions of a text that sources have as old ones, and none as a new one."""
    changes = [change for source in sources for change in _changes(source)]
    old = frozenset(key for pair in changes for key in _keys(pair[0]))
    new = frozenset(key for pair in changes for key in _keys(pair[1]))
    amounts = (token for token in scan(plain(text)) if token.kind in ("quantity", "number", "version"))
    yield from (token.text for token in amounts if not _keys(token).isdisjoint(old) and _keys(token).isdisjoint(new))


def says_past(text: str) -> bool:
    """Return whether a text speaks of what was."""
    return _SAYS_PAST.search(plain(text)) is not None


def _gone(source: str) -> Iterator[str]:
    """Yield the keys of what a source says is gone: one name may leave and be given to another thing."""
    line = plain(source)
    yield from (key for token in scan(line) if _GONE.match(line, token.end) for key in _keys(token))


def _changes(text: str) -> Iterator[tuple[Token, Token]]:
    """Yield the (old, new) pairs of neighbouring tokens."""
    line = plain(text)
    for first, second in pairwise(scan(line)):
        between = line[first.end : second.start]
        if len(between) > _LONGEST_BETWEEN:
            continue
        if _NEW_FIRST.fullmatch(between) or (between == " to " and _PREFERS.search(line, 0, first.start)):
            yield second, first
        elif _OLD_FIRST.fullmatch(between) or _leads(line, first, between):
            yield first, second


def _leads(line: str, first: Token, between: str) -> bool:
    """Return whether a line sends from what it ends to what follows: "deprecate `a`, mix in `b`"."""
    deprecates = _DEPRECATES.search(line, 0, first.start) is not None and _OTHERWISE.fullmatch(between) is not None
    return deprecates or (_USE.fullmatch(between) is not None and _LEAVES.search(line, 0, first.start) is not None)


def _claimed(text: str) -> Iterator[tuple[Token, Token]]:
    """Yield the (old, new) pairs that a sentence may mean: neighbours, and each token that is called new with every one before it, for
    something may stand between: "the `kind` prop of `Button` is now called `variant`"."""
    yield from _changes(text)
    line = plain(text)
    before: list[Token] = []
    for token in scan(line):
        lead = line[before[-1].end if before else 0 : token.start]
        if _BEFORE_NEW.search(lead) and not _BEFORE_OLD.search(lead):
            yield from ((other, token) for other in before if not _SENTENCE_END.search(line, other.end, token.start))
        before.append(token)


def _keys(token: Token) -> frozenset[str]:
    inside = (part.text for part in scan(token.text) if "=" in part.text) if token.kind == "code" else ()  # `f(a=1)` for `a=1`
    return token.keys | frozenset(inside) | (loose_keys(token.text) if token.kind in ("quantity", "number") else frozenset())


def told_gone(text: str, *, summary: str, instruction: str) -> Iterator[str]:
    """Yield the tokens that a text says are gone while an entry only says in its instruction to go there: "1.2 is no longer supported"
    for "drop 1.1", "move to 1.2"."""
    if _LEAVES.search(plain(summary)):
        named = {key for token in scan(summary) for key in _keys(token)}
        target = {key for token in scan(instruction) for key in _keys(token)} - named
        target |= {key for clause in _STAYS.findall(plain(summary)) for token in scan(clause) for key in _keys(token)}
        line = plain(text)
        yield from (
            f"{token.text} is where to go" for token in scan(line) if _GONE.match(line, token.end) and not target.isdisjoint(token.keys)
        )


def changed_amounts(text: str) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the (old, new) pairs of a text that are amounts of one dimension, so that one is more than the other."""
    for old, new in _changes(text):
        amounts = [dict(key.rsplit(":", 1) for key in sorted(_keys(token)) if _AMOUNT.fullmatch(key)) for token in (old, new)]
        shared = sorted(amounts[0].keys() & amounts[1].keys(), reverse=True)  # with a unit before without
        if shared and amounts[0][shared[0]] != amounts[1][shared[0]]:
            yield Decimal(amounts[0][shared[0]]), Decimal(amounts[1][shared[0]])
