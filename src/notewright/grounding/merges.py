"""Merges: sentences that tell of several entries, and whether they tie together what no entry ties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from notewright.grounding.attribution import fact_terms
from notewright.grounding.clauses import align
from notewright.grounding.facts import Fact, gather
from notewright.grounding.lists.everyday_words import NEUTRAL_WORDS
from notewright.grounding.lists.opposites import REMEDY_VERBS
from notewright.grounding.natures import nature
from notewright.grounding.roles import old_amounts, says_past
from notewright.grounding.stance import stance
from notewright.grounding.stems import stem, terms
from notewright.grounding.telling import told
from notewright.grounding.tokens import scan
from notewright.grounding.wording import plain

_CAUSE = re.compile(
    r"\b(?:because|since|thanks to|due to|owing to|as a (?:result|consequence)|so that|so|therefore|thus|hence|thereby|now that|which"
    r"|to (?:allow|enable|bring|make|let|save|avoid|prevent)|by \w+ing|caused by|in order to|made possible"
    r"|allow(?:s|ing)|enabl(?:es|ing)|lead(?:s|ing) to|result(?:s|ing) in|as)\b",
    re.IGNORECASE,
)
_LETTERS = 5  # that forms of a word share which a stem keeps apart
_DONE = re.compile(
    r"\b(?:is|are|be|been|was|were)(?: (?:now|also|no longer|not|never|always|only))? "
    r"([a-z]+ed|hidden|lost|cut|taken|left)\b"
)
_NEUTRAL = frozenset(stem(word)[:_LETTERS] for word in NEUTRAL_WORDS)
_MAY = re.compile(r"\bcan (?:now |also |now also )?(?!be\b|not\b|no\b|now\b|also\b|have\b|use\b|choose\b)([a-z]{3,})\b")
_DOES = re.compile(r"(?<!the )(?<!an )(?<!a )(?<!of )(?<!in )(?<!for )(?<!with )\b[a-z]{3,}s\b")
_VERBS = frozenset(REMEDY_VERBS.split()) - frozenset("show use return list report set run check filter lock log print link order".split())
_MANY = 3  # entries of a sentence that tells what a release is about
_LONG = 4  # letters; shorter words say little
_AS = re.compile(r"\b(?:as well as|(?:as|so) \w+ as|such as|as of|so far|known as|as an?|as the|as [A-Z`\d])", re.IGNORECASE)
_JOINT = re.compile(r"[;:,]|\b(?:and|while|plus|but|or|both|also|besides|whereas|together)\b", re.IGNORECASE)
_PIECE = re.compile(
    r"[;:,()]\s|\s-\s|[.!?]\s|\b(?:and|while|plus|but|or|whereas|as well as|besides|along with|together with)\b", re.IGNORECASE
)
_COMPOUND = re.compile(r"(?<![\w-])(?P<head>[a-z]{3,})-(?P<rest>[a-z]{3,})(?![\w-])")
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


def foreign_deeds(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a clause says is done while the entry that it speaks of has no such word: "… and subtitles can be extracted"."""
    sources = [fact_terms(fact) for fact in facts]
    if len(facts) > 1:
        for clause, number in align(text, sources):
            known = frozenset[str]().union(*sources) if number is None else sources[number]
            letters = {term[:_LETTERS] for term in known} | _NEUTRAL
            deeds = [match[1] for match in _DONE.finditer(_CODE.sub("x", clause))]
            if number is not None and nature(facts[number]) not in ("fix", "security"):  # a remedy is told in many words
                deeds += _MAY.findall(_CODE.sub("x", clause))
                deeds += [word for word in _DOES.findall(_CODE.sub("x", clause)) if word[:-1] in _VERBS or word[:-2] in _VERBS]
            yield from (f"{deed} in: {clause}" for deed in deeds if stem(deed)[:_LETTERS] not in letters)


def unheard(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the words of a clause that the entry it speaks of does not have: "layers by temperature" for "layers by print time". A remedy
    is told in many words, but one that only denies tells the fault that is gone."""
    for clause, number in align(text, [fact_terms(fact) for fact in facts]) if len(facts) > 1 else ():
        if number is None:
            continue
        fact, said = facts[number], stance(clause)
        if nature(fact) not in ("fix", "security"):
            known = {term[:_LETTERS] for term in fact_terms(fact)} | _NEUTRAL
            if said.denies and nature(fact) in ("feat", "perf") and not told(fact).denies and not told(fact).removes:
                yield f"not in: {clause}"
            said_terms = (term for term in sorted(terms(_CODE.sub(" ", clause))) if len(term) >= _LONG and term.isalpha())
            new = [term for term in said_terms if term[:_LETTERS] not in known]
            if len(facts) < _MANY:  # a lead sentence has its own words
                yield from (f"{term} in: {clause}" for term in new)
        elif said.denies and (fault := told(fact).fault) and fault.isdisjoint(said.words):
            yield f"not {', '.join(sorted(fault))} in: {clause}"


def outdated(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the amounts of a clause that the entry it speaks of only has as old ones: "by 24 hours" for "14 days, previously 24 h"."""
    for clause, number in align(text, [fact_terms(fact) for fact in facts]) if len(facts) > 1 else ():
        if number is not None and not says_past(clause):
            yield from (f"{amount} in: {clause}" for amount in old_amounts(clause, facts[number].texts))


def mixed(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the pieces of a sentence that speak in one breath of what only one entry has and of what only another has: "delays can be added
    to the wallet". A faithful sentence tells one thing after the other, or names both in a list."""
    sources = [_cut_terms(fact) for fact in facts]
    own = [source.difference(*(sources[:at] + sources[at + 1 :])) for at, source in enumerate(sources)]
    for piece in _PIECE.split(_CODE.sub(lambda code: code[0].replace(",", " "), plain(text))) if len(facts) > 1 else ():
        said = {term[:_LETTERS] for term in terms(piece)}
        shares = [sorted(said & words) for words in own]
        if sum(map(bool, shares)) > 1:
            yield f"{', '.join(share[0] for share in shares if share)} in: {piece.strip()}"


def other_compounds(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield compounds that begin as one of an entry does and end otherwise: "bulk-remove" for "bulk-invite"."""
    written = " ".join(source for fact in facts for source in fact.texts)
    known = frozenset[str]().union(*(fact_terms(fact) for fact in facts))
    heads = {match["head"] for match in _COMPOUND.finditer(plain(written).casefold())}
    for match in _COMPOUND.finditer(_CODE.sub("x", plain(text)).casefold()) if len(facts) > 1 else ():
        if match["head"] in heads and stem(match["rest"]) not in known:
            yield match[0]


def _cut_terms(fact: Fact) -> frozenset[str]:
    return frozenset(term[:_LETTERS] for term in fact_terms(fact))


def crossed(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield the hard tokens that stand in a clause about one cited entry, while only another cited entry has them."""
    if len(facts) > 1:
        for clause, number in align(text, [fact_terms(fact) for fact in facts]):
            if number is not None:
                own, others = gather([facts[number]]), gather([*facts[:number], *facts[number + 1 :]])
                tokens = (token for token in scan(clause) if not own.supports(token) and not own.implies(token, clause))
                yield from (f"{token.text} in: {clause}" for token in tokens if others.supports(token))
