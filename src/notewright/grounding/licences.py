"""Licences: words that a sentence may use only where an entry that it cites says as much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from notewright.grounding.additions import additions
from notewright.grounding.attribution import fact_terms
from notewright.grounding.clauses import clauses
from notewright.grounding.facts import Fact
from notewright.grounding.frames import framed
from notewright.grounding.lists.claim_words import CLAIM_WORDS
from notewright.grounding.lists.compatibility_words import COMPATIBILITY_WORDS
from notewright.grounding.lists.licence import Licence
from notewright.grounding.lists.praise_words import PRAISE_WORDS
from notewright.grounding.natures import deed, nature
from notewright.grounding.phrases import Phrases, simple
from notewright.grounding.roles import changed_amounts
from notewright.grounding.stems import terms
from notewright.grounding.tokens import scan, without_code

# Words of the lists that mean something else here
_IDIOMS = re.compile(
    r"\b(?:in full|memory leaks?|(?:nearly|almost|before|if) (?:all|any)|any ?more|any longer|at once|first of all|above all|as a whole"
    r"|daylight saving time|quick start|all the way|any(?:thing|one|body) (?:that|who|wanting|with)"
    r"|every (?:other )?(?:second|minute|hour|day|night|week|month|quarter|year|time)"
    r"|(?:less|fewer|more) than(?= (?:an?|half|one|two|three|four|five|six|seven|eight|nine|ten|\d+)\b)"
    r"|(?:could|was|were|had|did) (?:\w+ )?still"
    r"|(?:you|people|users|they|we|(?<!without )one) (?:can |may |will )?(?:now )?(?:keep|continue)"
    r"|how (?:quickly|fast|slowly|soon|long|often)|(?:slower|faster|quicker|sooner|later|earlier) than"
    r"(?! (?:before|it used|they used|ever|previously|in |any|the old|version|ever)\b)"
    r"|anywhere (?=between|from)|(?<!not )(?<!never )(?<!without )break(?:s|ing)? (?:existing|old|your) \w+)\b"
)
_DENIED = re.compile(r"(?:\b(?:no longer|not|never|cannot)|n't)\b[^.,;:()]*$")
_ASSERTED = frozenset({"compatible", "everywhere", "still there", "goes on", "migrated for you"})  # denied, they promise nothing
# A fix of what was lost tells that it is kept
_LOST = re.compile(
    r"\b(?:lost|los(?:es?|ing)|reset\w*|forg[eo]t\w*|clear\w*|discard\w*|overwr\w+|dropp?\w*|disappear\w*|wip\w+|vanish\w*|gone)\b"
)
_PASSIVE = re.compile(r"(?:are|is|gets?|will be|has been|have been)\b")  # "convert peers" tells people to, not that they are converted
_FAMILY = {"still there": "old keeps working", "goes on": "old keeps working"}  # what goes on is what was
_SAME = {"old keeps working": ("still there", "goes on")}  # subclasses that license the weak words of another
_WITHOUT = re.compile(r"(?:(?:with )?no|without(?: a| any)?|needs? no) (?P<what>.+)")
LICENCES = (*CLAIM_WORDS, *COMPATIBILITY_WORDS, *PRAISE_WORDS)
_MOST_CHARACTERS = 4_000  # read of one field
_LETTERS = 5  # that forms of a word share which a stem keeps apart
_BY_NAME = {licence.subclass: licence for licence in LICENCES}
# Amounts say it too: what takes 1.4 s or is three times as much is about speed, what has 38 kB about size
_BY_AMOUNT = {"speed": ("q:times:",), "size": ("q:byte:",), "memory": ("q:byte:",)}


@cache  # a fifth of a second, which only who checks a sentence pays
def _said() -> Phrases:
    return Phrases({licence.subclass: licence.says for licence in LICENCES})


@cache
def _licensed() -> Phrases:
    return Phrases({licence.subclass: f"{licence.says}, {licence.also}" for licence in LICENCES})


@cache
def _added() -> Phrases:
    return Phrases({licence.subclass: licence.added for licence in LICENCES})


def unlicensed(text: str, facts: Iterable[Fact], *, rule: str, blocks: bool, own: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the words of a text, outside code, that belong to a rule's subclasses and that no fact licenses, each with its subclass.
    What the text adds is read without an audience's `own` words (`additions`)."""
    cited = tuple(facts)
    held = frozenset[str]().union(*(_held(fact) for fact in cited))
    for found in _found(text):
        licence = _BY_NAME[found[0]]
        if (licence.rule, licence.blocks) != (rule, blocks) or licence.subclass in held or _remedied(found[1], cited):
            continue
        if rule == "compatibility" and _is_instructed(found, text, cited):
            continue
        if rule in ("compatibility", "benefit") or not _is_quoted(found[1], cited):  # an old thing may be named and gone
            yield f"{found[1]} ({licence.subclass})"
    for part, _ in additions(text, cited, own):
        line = _IDIOMS.sub(" ", simple(without_code(part)))
        for added in _added().find(line):
            licence = _BY_NAME[added.name]
            known = not held.isdisjoint({licence.subclass, *_SAME.get(licence.subclass, ())})
            if (licence.rule, licence.blocks) == (rule, blocks) and not known and not _DENIED.search(line, 0, added.start):
                yield f"{added.text}: nothing of it in the entries ({licence.subclass})"


@lru_cache(maxsize=1 << 10)
def _found(text: str) -> tuple[tuple[str, str], ...]:
    line = _IDIOMS.sub(" ", simple(without_code(text)))
    claims = ((found.name, found.text, found.start) for found in _said().find(line))
    framed_claims = ((name, words, line.index(words)) for name, words in framed(line))
    return tuple(
        (name, words) for name, words, start in (*claims, *framed_claims) if not (name in _ASSERTED and _DENIED.search(line, 0, start))
    )


@lru_cache(maxsize=1 << 14)
def _held(fact: Fact) -> frozenset[str]:
    """Return the subclasses that a fact licenses, by its words, type or marks."""
    words = {found.name for text in (*fact.texts, *fact.references) for found in _said().find(simple(text))}
    words |= {name for text in fact.texts for name, _ in framed(simple(text)) if text == fact.summary or name != "everywhere"}
    if fact.breaking_text:  # what it says of one thing it says of no other: `_is_instructed`
        own = (fact.summary, fact.scope or "")
        said = {found.name for text in own for found in _said().find(simple(text))} | {
            name for text in own for name, _ in framed(simple(text))
        }
        words = {name for name in words if _BY_NAME[name].rule != "compatibility" or name in said}
    words |= {"old keeps working", "goes on"} if "still there" in words else set()
    words |= {"migrated for you"} if deed(fact) == "fix" and _LOST.search(simple(fact.summary[:_MOST_CHARACTERS])) else set()
    # what a breaking text tells people to do licenses nothing that it does not say itself
    words |= {
        found.name for text in (fact.summary, fact.scope or "") for found in _licensed().find(simple(without_code(text[:_MOST_CHARACTERS])))
    }
    keys = {key for text in fact.texts for token in scan(text) for key in token.keys}
    amounts = {name for name, dimensions in _BY_AMOUNT.items() for key in keys if key.startswith(dimensions)}
    if any(key.startswith("q:time:") for key in keys) or nature(fact) in ("perf", None):
        amounts |= {"speed" for _ in changed_amounts(fact.summary[:_MOST_CHARACTERS])}
    if any(key.startswith(("q:percent:", "q:times:")) for key in keys) or (
        sum(token.kind in ("number", "quantity") for token in scan(fact.summary[:_MOST_CHARACTERS])) > 1
    ):
        amounts.add("fraction")
    named = {name for name in words | amounts if _BY_NAME[name].rule == "performance"}
    marked = {licence.subclass for licence in LICENCES if _by_mark(fact, licence)}
    return frozenset(
        words | amounts | (marked - {"speed"} if named - {"fraction"} == {"size"} else marked)
    )  # "31 % smaller on disk" is not faster


def _is_instructed(found: tuple[str, str], text: str, facts: Iterable[Fact]) -> bool:
    """Return whether a breaking text makes the same claim of the same thing: "for the old behaviour" says nothing of callers."""
    near = frozenset[str]().union(*(terms(clause) for clause in clauses(text) if found[1] in simple(without_code(clause))))
    wanted = terms(found[1])
    for fact in facts:
        written = (fact.breaking_text or "")[:_MOST_CHARACTERS]
        same = any(_FAMILY.get(name, name) == _FAMILY.get(found[0], found[0]) for name, _ in _found(written))
        shared = {term for term in near & terms(written) if term.isalpha()} - terms(fact.summary[:_MOST_CHARACTERS])
        if (same and shared) or (wanted and wanted <= terms(written) and not _PASSIVE.match(found[1])):
            return True
    return False


def _is_quoted(found: str, facts: Iterable[Fact]) -> bool:
    """Return whether one entry has every word of a phrase, in whatever form: "saves memory" for `memorySaver`."""
    wanted = {term[:_LETTERS] for term in terms(found)}
    return bool(wanted) and any(wanted <= {term[:_LETTERS] for term in fact_terms(fact)} for fact in facts)


def _remedied(found: str, facts: Iterable[Fact]) -> bool:
    """Return whether a phrase says that what a fix or a change names as needed is not: "without restarting" for "required a restart"."""
    without = _WITHOUT.match(found)
    needed = terms(without["what"]) if without else frozenset[str]()
    return bool(needed) and any(needed <= terms(fact.summary[:_MOST_CHARACTERS]) for fact in facts if not fact.breaking)


def _by_mark(fact: Fact, licence: Licence) -> bool:
    marked = ("breaking" in licence.marks and fact.breaking) or ("security" in licence.marks and fact.security)
    closes = fact.security and licence.rule == "compatibility"  # what a security fix closes does not go on
    return marked or (deed(fact) in licence.natures and not closes)
