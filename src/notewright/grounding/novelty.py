"""Novelty: rare words of a sentence that its entries do not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notewright.grounding.attribution import fact_terms
from notewright.grounding.facts import Fact
from notewright.grounding.lists.everyday_words import EVERYDAY_WORDS
from notewright.grounding.stems import stem, terms
from notewright.grounding.tokens import without_amounts, without_code

_LETTERS = 5  # that forms of a word share which a stem keeps apart
_EVERYDAY = frozenset(stem(word)[:_LETTERS] for word in EVERYDAY_WORDS)
_SHORTEST = 3
_FEW = 2  # rare new words: more are noticed; as many only where they are a large part of what is said
_LARGE = 0.25


def novel_words(text: str, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield the stems of rare words that no fact has, if they are many for the sentence. Lay wording has some: it is only noticed."""
    known = frozenset(term[:_LETTERS] for fact in facts for term in fact_terms(fact))
    said = sorted(term for term in terms(without_amounts(without_code(text))) if term.isalpha() and len(term) >= _SHORTEST)
    new = [term for term in said if term[:_LETTERS] not in known | _EVERYDAY]
    if len(new) > _FEW or (len(new) == _FEW and len(new) >= _LARGE * len(said)):
        yield ", ".join(new)
