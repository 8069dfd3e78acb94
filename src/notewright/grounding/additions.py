"""Additions: what a sentence ends with and its entries do not have, after a beginning that they do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from notewright.grounding.attribution import fact_terms
from notewright.grounding.facts import Fact
from notewright.grounding.lists.everyday_words import ABBREVIATIONS, NEUTRAL_WORDS
from notewright.grounding.natures import nature
from notewright.grounding.stems import is_empty, stem
from notewright.grounding.tokens import Kind, scan, without_amounts
from notewright.grounding.wording import plain, words

_LETTERS = 5  # that forms of a word share which a stem keeps apart
_SHORTEST = 3
_FEWEST_KNOWN = 2  # words or names before an addition that the entries have, and most of all before it
_MOST = 0.7
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_AMOUNTS: frozenset[Kind] = frozenset({"number", "quantity", "rate", "version", "date"})
_JOINT = re.compile(r"[,;:]|\b(?:and|but|so|which|because|since|while|without|thanks|for)\b", re.IGNORECASE)
_INNER = re.compile(r"\b(?:which|because|since|after|so|who|whose|as|where|when|making|letting)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;] (?:and|but|so|while)\b", re.IGNORECASE)
_STOP = re.compile(r"[,;:](?=\s)")


def _cut(word: str) -> str:
    return stem(word)[:_LETTERS]


_NEUTRAL = frozenset(_cut(word) for word in NEUTRAL_WORDS)
# Words that tell an amount in another way: "half an hour", "a quarter of the time it took before"
_OF_AMOUNTS = frozenset(
    _cut(word)
    for word in """
    half third quarter percentage point high higher weigh heavy heavier wide wider tall deep
    fifth sixth seventh eighth ninth tenth fraction part percent double twice triple times time former earlier before
    previous previously than second minute hour day week month year moment fewer less more faster quicker sooner shorter smaller lower
    little most least room size memory space load compared instead rather frame average whole full long large big
    eleven twelve twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen couple ahead
    """.split()
)


def own_words(phrases: Iterable[str]) -> frozenset[str]:
    """Return the words of phrases that an audience puts around what its entries say, as `additions` reads them; `{text}` is none."""
    return frozenset(_cut(word) for phrase in phrases for word in _WORD.findall(_PLACEHOLDER.sub(" ", plain(phrase))))


def additions(text: str, facts: Iterable[Fact], own: frozenset[str] = frozenset()) -> tuple[tuple[str, int], ...]:
    """Return each part of a sentence of which the facts have no word, in plain spelling, with how many words of meaning it has: its end,
    and what a relative clause or a reason puts between. There is none where they have too little of what stands before it. Another word for
    an amount is no addition, nor are an audience's `own` words, and of a fix only what is joined to the rest: a remedy is told in many
    words."""
    return _additions(text, tuple(facts), own)


@lru_cache(maxsize=1 << 10)  # several rules ask for those of one sentence
def _additions(text: str, facts: tuple[Fact, ...], own: frozenset[str]) -> tuple[tuple[str, int], ...]:
    line, prose = plain(text), without_amounts(text)
    known = {term[:_LETTERS] for fact in facts for term in fact_terms(fact)}
    known |= {_cut(word) for fact in facts for source in fact.texts for short in words(source) for word in ABBREVIATIONS.get(short, ())}
    neutral = own | _NEUTRAL | (_OF_AMOUNTS if any(_has_amount(fact) for fact in facts) else frozenset())
    told = sorted(_told(line, known, neutral))
    fixes = any(nature(fact) in ("fix", "security") for fact in facts)
    found = []
    for first, last in _runs([is_known for _, is_known in told]):
        supported = sum(is_known for _, is_known in told[:first])
        if supported < _FEWEST_KNOWN or supported < _MOST * first:
            continue
        begin, end = told[first - 1][0], told[last][0] if last < len(told) else len(line)
        before, after = line[begin : told[first][0]], line[told[last - 1][0] : end]
        at_end = last == len(told)
        clause = _CLAUSE.search(before) is not None and last - first > _FEWEST_KNOWN
        if (_JOINT.search(before) if fixes else True) if at_end else clause or (_INNER.search(before) and _STOP.search(after)):
            part = prose[begin:end].partition(" ")[2]
            found.append((part if at_end else _STOP.split(part, maxsplit=1)[0], last - first))
    return tuple(found)


def _runs(known: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield where each run of what is not known begins and ends."""
    place = 0
    for is_known, run in groupby(known):
        length = len(list(run))
        if not is_known:
            yield place, place + length
        place += length


def _told(line: str, known: set[str], neutral: frozenset[str]) -> Iterator[tuple[int, bool]]:
    """Yield the place of each name and each word of meaning, and whether it is known. What names something has a rule of its own."""
    prose = line
    for token in scan(line):
        if token.kind not in _AMOUNTS:
            yield token.start, True
        prose = prose[: token.start] + " " * (token.end - token.start) + prose[token.end :]
    for match in _WORD.finditer(prose):
        if not is_empty(match[0]) and len(match[0]) >= _SHORTEST:
            is_known = any(_cut(part) in known for part in (match[0], *re.split("[-']", match[0])))
            if is_known or _cut(match[0]) not in neutral:
                yield match.start(), is_known


def _has_amount(fact: Fact) -> bool:
    return any(token.kind in ("number", "quantity", "rate") for text in fact.texts for token in scan(text))
