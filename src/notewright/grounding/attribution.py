"""Attribution: which entries of a section a sentence sounds like, by the words that few entries have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from notewright.grounding.facts import Fact
from notewright.grounding.stems import terms

_MOST_TERMS = 64  # of one sentence
_LETTERS = 5  # that forms of a word share which a stem keeps apart: selection, select
_CLEARLY = 0.1  # of what a sentence says: how much more of it another entry must have
_ENOUGH = 0.1  # of what a sentence says: what an entry must have to be a candidate


class Facts(dict[str, Fact]):
    """The facts of a section by their ids, in its order, with an index that is made once; `release` is its version. Not changed after it
    is made."""

    def __init__(self, facts: Mapping[str, Fact], *, release: str | None = None) -> None:
        super().__init__(facts)
        self.release = release

    @cached_property
    def index(self) -> Index:
        """The index over these facts."""
        return Index(self.values())


class Index:
    """Which facts have which terms, and how much a term says: the fewer facts have it, the more."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        postings: dict[str, list[str]] = {}
        count = 0
        for count, fact in enumerate(facts, start=1):  # noqa: B007  # the last count is how many there are
            for term in _cut(fact_terms(fact)):
                postings.setdefault(term, []).append(fact.id)
        self._postings = postings
        self._weights = {term: math.log1p((count - len(ids) + 0.5) / (len(ids) + 0.5)) for term, ids in postings.items()}
        self._novel = math.log1p((count + 0.5) / 0.5)  # the weight of a term that no fact has

    def scores(self, text: str) -> dict[str, float]:
        """Return for each fact that shares a term with the text how much of what the text says it has, 0 to 1."""
        said = sorted(_cut(terms(text)))[:_MOST_TERMS]
        total = sum(self._weights.get(term, self._novel) for term in said)
        scores = Counter[str]()
        for term in said:
            for fact_id in self._postings.get(term, ()):
                scores[fact_id] += self._weights[term] / total  # type: ignore[assignment]  # a Counter of floats counts well
        return dict(scores)


def index_of(known: Mapping[str, Fact]) -> Index:
    """Return the index over facts; `Facts` keep theirs."""
    return known.index if isinstance(known, Facts) else Index(known.values())


def better_sources(text: str, cites: Sequence[str], index: Index) -> tuple[str, ...]:
    """Return the ids of uncited facts that a text clearly sounds more like than like each of those it cites, best first."""
    scores = index.scores(text)
    cited = max((scores.get(fact_id, 0.0) for fact_id in cites), default=0.0)
    others = sorted((-score, fact_id) for fact_id, score in scores.items() if fact_id not in cites)
    return tuple(fact_id for score, fact_id in others if -score >= max(_ENOUGH, cited + _CLEARLY))


def fact_terms(fact: Fact) -> frozenset[str]:
    """Return the terms of everything that a fact says."""
    return frozenset[str]().union(*(terms(text) for text in fact.texts))


def _cut(stems: Iterable[str]) -> frozenset[str]:
    return frozenset(term[:_LETTERS] for term in stems)
