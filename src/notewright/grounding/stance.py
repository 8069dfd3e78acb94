"""Stance: what a text says of each axis of opposites, read word by word with its negations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from notewright.grounding.lists.idioms import without_idioms
from notewright.grounding.lists.opposites import AXES, NEGATORS, NOUNS, REVERSERS
from notewright.grounding.stems import stem
from notewright.grounding.tokens import without_code
from notewright.grounding.wording import plain

Sign = tuple[str, int]  # an axis of opposites, and +1 or -1

NAME = " codespan "  # stands for code and names
WORD = re.compile(r"[a-z\u00c0-\u024f]+(?:['-][a-z\u00c0-\u024f]+)*|[.,;:!?()]")
_MOST_WORDS = 400  # of one text; a sentence with more is none
_SHORT_REACH = 2  # words
_SIGNS: dict[str, frozenset[Sign]] = {}
for _axis, _both in AXES.items():
    for _sign, _words in zip((1, -1), _both, strict=True):
        for _word in _words.split():
            _SIGNS[stem(_word)] = _SIGNS.get(stem(_word), frozenset()) | {(_axis, _sign)}
_NAME = re.compile(r"(?<![^\s`])[^\s`]*\w[_.:=/\\][\w(][^\s`]*|\b\w+\(\)|(?<!\w)--?[a-z][\w-]*")
# A word after one of these is a noun, and says nothing; one of those that are nouns as often is a verb after one of the next
_BEFORE_NOUN = frozenset("the a an of in from by for with its their your each every per these those this that at on into as new".split())
_BEFORE_VERB = frozenset(
    ". can could may will would must should to now not no don't never and or also only longer always you it they that which"
    " codespan".split()
)
_BORDERS = frozenset(". , ; : ! ? ( ) but because when if unless while once until whenever so then that which who where".split())
_RELATIVE = frozenset("that which who where".split())
_SHORT = frozenset("without nothing none nobody hardly".split())
_PREPOSITIONS = frozenset("from for in on at by with of as".split())  # what they govern is denied: "not from the environment"
_FINITE = frozenset("is are will can may must".split())
_FINITE_NOW = frozenset("is are will can may must now".split())
_BE = frozenset("is are was were be".split())
_NOT = frozenset("not never cannot".split())
_SHORT_REACH = 2  # words
_NOUNS_AFTER_PARTICIPLES = frozenset("shows works runs fails saves opens starts stops closes".split())
# Verbs that carry no meaning of their own: who triggers no warning does not warn
_AFTER_PLURALS = frozenset("show drop need display".split())  # "keys drop rows"
_CARRIERS = frozenset(map(stem, "trigger cause give show produce raise issue get emit send print display lead".split()))
_SKIPPED = frozenset(
    "be is are was were been being a an the to any its their it they you can could will would must should may have has had do does did"
    " longer now also just simply ever get gets got".split()
)


@dataclass(frozen=True, slots=True)
class Stance:
    """What a text says of each axis of opposites: `signs` with the word that says it; `negated` and `plain` are the stems that directly
    follow a negation, and the others; `denials` is how many negations there are."""

    signs: tuple[tuple[Sign, str], ...]
    negated: frozenset[str]
    plain: frozenset[str]
    words: frozenset[str]
    denials: int

    @property
    def denies(self) -> bool:
        """Whether there is any denial."""
        return self.denials > 0

    def all_signs(self) -> frozenset[Sign]:
        """Return every sign."""
        return frozenset(sign for sign, _ in self.signs)


@lru_cache(maxsize=1 << 12)
def stance(text: str) -> Stance:
    """Read the words of a text with their negations. A negation reaches to the end of its clause."""
    line = without_idioms(_NAME.sub(NAME, plain(without_code(text, instead=NAME)).casefold()))
    signs: list[tuple[Sign, str]] = []
    negated, other = set[str](), set[str]()
    sign, fresh, reach, before, denials = 1, False, _MOST_WORDS, ".", 0
    relative, inside, excepted, spoken = False, False, False, 0
    for word in WORD.findall(line)[:_MOST_WORDS]:
        previous, before = before, word
        if word in _BORDERS:
            sign, fresh, reach, relative, excepted = 1, False, _MOST_WORDS, word in _RELATIVE, word == "unless"
            inside, spoken = relative, 0
        elif inside and spoken and word in _FINITE:  # "files that are not signed | are rejected"
            sign, fresh, reach, relative, inside = 1, False, _MOST_WORDS, False, False
        elif word in NEGATORS or word in REVERSERS:
            sign, denials = -1 if word == "nor" else -sign, denials + (word != "nor" or not denials)
            fresh = word in _NOT or (word == "no" and (previous in _BORDERS or previous in _BE))
            # "carry no signature are rejected" denies the signature only
            short = word in _SHORT or (word == "no" and previous not in _BORDERS)
            reach = _SHORT_REACH if short else _MOST_WORDS
        elif reach <= _SHORT_REACH and word in _FINITE_NOW:  # "refunds without a receipt | now need a PIN"
            sign, fresh, reach = 1, False, _MOST_WORDS
        elif word not in _SKIPPED and not (fresh and word in _PREPOSITIONS):
            spoken += 1
            (negated if fresh and sign < 0 else other).add(stem(word))
            sides = _sides(word, previous)
            signs += [((axis, side * sign), word) for axis, side in sides if not relative and not excepted]
            relative = relative and not sides  # "files that start with a mark are accepted": the first verb tells which files
            fresh, reach = fresh and stem(word) in _CARRIERS, reach - 1
            sign = sign if reach > 0 else 1
    return Stance(tuple(signs), frozenset(negated), frozenset(other), frozenset(negated | other), denials)


def _sides(word: str, previous: str) -> list[Sign]:
    if word == "stale":  # no form of "stall"
        return []
    if previous.endswith("ed") and word in _NOUNS_AFTER_PARTICIPLES:  # "cancelled shows"
        return []
    verb = previous in _BEFORE_VERB or (previous.endswith("s") and word in _AFTER_PLURALS)
    if previous in _BEFORE_NOUN or (word in NOUNS and not verb):
        return []
    last = stem(word.rpartition("-")[2])  # bulk-removed
    return sorted(_SIGNS.get(stem(word)) or _SIGNS.get(last) or frozenset())
