"""The checks of a sentence against the entries it cites: one function and one row for each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from notewright.grounding.additions import additions
from notewright.grounding.attribution import Facts, Index, better_sources, index_of
from notewright.grounding.exclusions import exclusions, unbounded
from notewright.grounding.facts import Evidence, Fact, gather
from notewright.grounding.faults import is_uncertain, states_fault, tells_remedy
from notewright.grounding.licences import unlicensed
from notewright.grounding.merges import causes, crossed, foreign_deeds, mixed, other_compounds, outdated, unheard
from notewright.grounding.names import names_platform, other_names, unnamed, unquoted
from notewright.grounding.novelty import novel_words
from notewright.grounding.own_version import names_release
from notewright.grounding.polarity import contradictions, doubts, instructions
from notewright.grounding.residue import residue
from notewright.grounding.roles import reversed_roles, told_gone
from notewright.grounding.tokens import Token, scan
from notewright.grounding.word_roles import exchanged
from notewright.grounding.wording import is_readable, plain, words

MOST_CITES = 4
MOST_CHARACTERS = 4_000  # of a sentence; a longer one is blocked, and only its beginning read
_FEW_ADDED, _ADDED = 2, 3  # words of an addition that is noticed, and of one that is blocked
Verdict = Literal["pass", "warn", "block"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and the ids of the entries that it says it rests on."""

    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """What an audience's sentences may be: at most `most_words` words, `most_words_breaking` where a breaking entry is cited; `plain_words`
    asks for text without identifiers and code. `own_words` are those that the audience itself puts around what an entry says."""

    most_words: int
    most_words_breaking: int
    plain_words: bool
    own_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Failure:
    """One rule that a sentence breaks. `detail` names the offending words."""

    rule: str
    detail: str
    blocking: bool


class Said:
    """The sentences of a text so far, found by their words."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._claims: dict[tuple[str, ...], list[Claim]] = {}
        for claim in claims:
            self.add(claim)

    def add(self, claim: Claim) -> None:
        """Remember a sentence."""
        self._claims.setdefault(words(claim.text), []).append(claim)

    def alike(self, claim: Claim) -> tuple[Claim, ...]:
        """Return the sentences with the same words, in the order said."""
        return tuple(self._claims.get(words(claim.text), ()))


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a rule may look at: the claim, its length and its tokens, the cited facts that exist and what they license, every fact by
    its id and the index over them, what was said in the same words before."""

    claim: Claim
    characters: int
    tokens: tuple[Token, ...]
    cited: tuple[Fact, ...]
    evidence: Evidence
    known: Mapping[str, Fact]
    index: Index
    alike: tuple[Claim, ...]
    style: Style


Rule = Callable[[Reading], Iterator[str]]


def verdict(failures: Iterable[Failure]) -> Verdict:
    """Return the worst of the failures: block, warn, or pass where there is none."""
    severities = {failure.blocking for failure in failures}
    return "block" if True in severities else "warn" if severities else "pass"


def check_claim(claim: Claim, known: Mapping[str, Fact], *, style: Style, said: Said) -> tuple[Failure, ...]:
    """Check one sentence by every rule, in the order of the table. `said` holds the sentences before it, and is left as it is."""
    read = Claim(claim.text[:MOST_CHARACTERS], claim.cites)
    cited = tuple(known[fact_id] for fact_id in dict.fromkeys(claim.cites) if fact_id in known)
    reading = Reading(read, len(claim.text), scan(read.text), cited, gather(cited), known, index_of(known), said.alike(claim), style)
    return tuple(Failure(name, detail, blocking) for name, rule, blocking in RULES for detail in dict.fromkeys(rule(reading)))


def check_claims(claims: Iterable[Claim], known: Mapping[str, Fact], *, style: Style) -> tuple[tuple[Failure, ...], ...]:
    """Check the sentences of one text, in order, each also against those before it."""
    said, failures = Said(), []
    for claim in claims:
        failures.append(check_claim(claim, known, style=style, said=said))
        said.add(claim)
    return tuple(failures)


def uncovered(claims: Iterable[Claim], required: Iterable[str]) -> tuple[str, ...]:
    """Return the required ids that no sentence cites, in their order."""
    cited = {fact_id for claim in claims for fact_id in claim.cites}
    return tuple(fact_id for fact_id in required if fact_id not in cited)


def _known_ids(reading: Reading) -> Iterator[str]:
    yield from (fact_id for fact_id in reading.claim.cites if fact_id not in reading.known)


def _cites(reading: Reading) -> Iterator[str]:
    cites = reading.claim.cites
    if not 1 <= len(cites) <= MOST_CITES:
        yield f"{len(cites)} entries cited, 1 to {MOST_CITES} allowed"
    yield from (f"{fact_id} cited twice" for fact_id, count in Counter(cites).items() if count > 1)


def _unsupported(*kinds: str) -> Rule:
    def rule(reading: Reading) -> Iterator[str]:
        evidence, text = reading.evidence, reading.claim.text
        line, release = plain(text), reading.known.release if isinstance(reading.known, Facts) else None
        asked = (token for token in reading.tokens if token.kind in kinds)
        unknown = (token for token in asked if not evidence.supports(token) and not evidence.implies(token, text))
        yield from (
            token.text for token in unknown if not (names_release(token, line, release) or names_platform(token.text, reading.cited))
        )
        if "identifier" in kinds:
            yield from unquoted(text, reading.cited)

    return rule


def _names(reading: Reading) -> Iterator[str]:
    yield from unnamed(reading.claim.text, reading.cited, platforms=False)


def _other_names(reading: Reading) -> Iterator[str]:
    yield from other_names(reading.claim.text, reading.cited)


def _roles(reading: Reading) -> Iterator[str]:
    faults = tuple(text for fact in reading.cited if states_fault(fact) for text in fact.texts[:1])
    yield from reversed_roles(reading.claim.text, tuple(text for fact in reading.cited for text in fact.texts), faults)
    for fact in reading.cited:
        states = states_fault(fact)
        if (states or not is_uncertain(fact)) and not (states and tells_remedy(reading.claim.text, fact)):
            yield from exchanged(reading.claim.text, fact.texts[:1] if states else fact.texts, faults=states)
        summary, instruction = fact.summary[:MOST_CHARACTERS], (fact.breaking_text or "")[:MOST_CHARACTERS]
        yield from told_gone(reading.claim.text, summary=summary, instruction=instruction)


def _compatibility(reading: Reading) -> Iterator[str]:
    yield from unlicensed(reading.claim.text, reading.cited, rule="compatibility", blocks=True, own=reading.style.own_words)
    yield from unnamed(reading.claim.text, reading.cited, platforms=True)


def _licence(rule: str, *, blocks: bool) -> Rule:
    def check(reading: Reading) -> Iterator[str]:
        yield from unlicensed(reading.claim.text, reading.cited, rule=rule, blocks=blocks, own=reading.style.own_words)

    return check


def _polarity(reading: Reading) -> Iterator[str]:
    yield from contradictions(reading.claim.text, reading.cited)
    yield from unbounded(reading.claim.text, reading.cited)


def _instruction(reading: Reading) -> Iterator[str]:
    yield from instructions(reading.claim.text, reading.cited)


def _opposite(reading: Reading) -> Iterator[str]:
    yield from exclusions(reading.claim.text, reading.cited)
    yield from doubts(reading.claim.text, reading.cited)


def _cause(reading: Reading) -> Iterator[str]:
    yield from causes(reading.claim.text, reading.cited)


def _merge(reading: Reading) -> Iterator[str]:
    yield from crossed(reading.claim.text, reading.cited)
    yield from foreign_deeds(reading.claim.text, reading.cited)
    yield from mixed(reading.claim.text, reading.cited)
    yield from other_compounds(reading.claim.text, reading.cited)
    yield from outdated(reading.claim.text, reading.cited)
    yield from unheard(reading.claim.text, reading.cited)


def _addition(reading: Reading) -> Iterator[str]:
    yield from (part for part, count in additions(reading.claim.text, reading.cited, reading.style.own_words) if count >= _ADDED)


def _novelty(reading: Reading) -> Iterator[str]:
    yield from (
        part for part, count in additions(reading.claim.text, reading.cited, reading.style.own_words) if _FEW_ADDED <= count < _ADDED
    )
    yield from novel_words(reading.claim.text, reading.cited)


def _attribution(reading: Reading) -> Iterator[str]:
    better = better_sources(reading.claim.text, reading.claim.cites, reading.index)
    yield from (f"sounds like {fact_id}: {reading.known[fact_id].summary}" for fact_id in better[:1])


def _injection(reading: Reading) -> Iterator[str]:
    yield from residue(reading.claim.text, source="\n".join(text for fact in reading.cited for text in fact.texts))


def _duplicate(reading: Reading) -> Iterator[str]:
    """The same words again say nothing new, unless different entries say the same: twenty times "update locked dependencies"."""
    gists = {_gist(fact) for fact in reading.cited} if reading.alike else set()
    for claim in reading.alike:
        others = {_gist(reading.known[fact_id]) for fact_id in claim.cites if fact_id in reading.known}
        if set(claim.cites) & set(reading.claim.cites) or gists != others:
            yield f"already said: {claim.text}"
            return


def _gist(fact: Fact) -> tuple[str, ...]:
    return _gist_of(fact.summary)


@lru_cache(maxsize=1 << 14)
def _gist_of(summary: str) -> tuple[str, ...]:
    """The words of a summary without its references: "update lock file (#12)" and "(#34)" say the same."""
    line = plain(summary)
    for token in reversed(scan(line)):
        if token.kind == "reference":
            line = line[: token.start] + line[token.end :]
    return words(line)


def _wording(reading: Reading) -> Iterator[str]:
    sources = (text for fact in reading.cited for text in (*fact.texts, *fact.commits))
    if not is_readable(reading.claim.text, sources):
        yield f"no sentence: {reading.claim.text}"


def _style(reading: Reading) -> Iterator[str]:
    count = len(reading.claim.text.split())
    breaking = any(fact.breaking for fact in reading.cited)
    most = reading.style.most_words_breaking if breaking else reading.style.most_words
    if count > most:
        yield f"{count} words, {most} allowed"
    if reading.characters > MOST_CHARACTERS:
        yield f"{reading.characters} characters, {MOST_CHARACTERS} allowed"


def _plain_words(reading: Reading) -> Iterator[str]:
    if reading.style.plain_words:
        yield from (token.text for token in reading.tokens if token.is_code)


# name, rule, whether it blocks; a new rule about meaning starts as a warning
RULES: tuple[tuple[str, Rule, bool], ...] = (
    ("known-ids", _known_ids, True),
    ("cites", _cites, True),
    ("number", _unsupported("number", "quantity", "rate"), True),
    ("version", _unsupported("version"), True),
    ("identifier", _unsupported("identifier", "code"), True),
    ("reference", _unsupported("reference", "advisory", "url"), True),
    ("date", _unsupported("date"), True),
    ("roles", _roles, True),
    ("other-name", _other_names, True),
    ("performance", _licence("performance", blocks=True), True),
    ("security", _licence("security", blocks=True), True),
    ("compatibility", _compatibility, True),
    ("deprecation", _licence("deprecation", blocks=True), True),
    ("polarity", _polarity, True),
    ("addition", _addition, True),
    ("instruction", _instruction, True),
    ("injection", _injection, True),
    ("duplicate", _duplicate, True),
    ("wording", _wording, True),
    ("style", _style, True),
    ("name", _names, False),
    ("opposite", _opposite, False),
    ("attribution", _attribution, False),
    ("novelty", _novelty, False),
    ("cause", _cause, False),
    ("merge", _merge, False),
    ("overclaim", _licence("overclaim", blocks=False), False),
    ("benefit", _licence("benefit", blocks=False), False),
    ("plain-words", _plain_words, False),
)
