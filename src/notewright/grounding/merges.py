"""Merges: sentences that tell of several entries, and whether they tie together what no entry ties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notewright.grounding.attribution import fact_terms
from notewright.grounding.clauses import align
from notewright.grounding.facts import Fact, gather
from notewright.grounding.tokens import scan
from notewright.grounding.wording import plain

_CAUSE = re.compile(
    r"\b(?:because|since|thanks to|due to|owing to|as a (?:result|consequence)|so that|so|therefore|thus|hence|thereby|now that|which"
    r"|by \w+ing|caused by|in order to|made possible|allow(?:s|ing)|enabl(?:es|ing)|lead(?:s|ing) to|result(?:s|ing) in|as)\b",
    re.IGNORECASE,
)
_AS = re.compile(r"\b(?:as well as|(?:as|so) \w+ as|such as|as of|so far|known as|as an?|as the|as [A-Z`\d])", re.IGNORECASE)
_JOINT = re.compile(r"[;:,]|\b(?:and|while|plus|but|or|both|also|besides|whereas|together)\b", re.IGNORECASE)
_CODE = re.compile(r"`[^`]*`")


def causes(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the words that make one entry the cause of another. Inside one entry a cause may be what the entry says."""
    parts = align(text, [fact_terms(fact) for fact in facts])
    if len(facts) > 1:
        prose = _AS.sub(" ", _CODE.sub("x", plain(text)))
        found = _CAUSE.search(prose)
        if found:
            yield found[0]
        elif not _JOINT.search(prose) and len(parts) == 1:
            yield "several entries told as one thing"


def crossed(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the hard tokens that stand in a clause about one cited entry, while only another cited entry has them."""
    if len(facts) > 1:
        for clause, number in align(text, [fact_terms(fact) for fact in facts]):
            if number is not None:
                own, others = gather([facts[number]]), gather([*facts[:number], *facts[number + 1 :]])
                tokens = (token for token in scan(clause) if not own.supports(token) and not own.implies(token, clause))
                yield from (f"{token.text} in: {clause}" for token in tokens if others.supports(token))
