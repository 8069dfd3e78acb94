"""Faults: what a fix says was wrong, told as gone or as what the software does now."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.grounding.facts import Fact
from notewright.grounding.lists.opposites import OPPOSITES, REMEDIES
from notewright.grounding.natures import bare_summary
from notewright.grounding.stance import WORD, Stance, stance
from notewright.grounding.stems import stem, terms, word_pairs, word_stems
from notewright.grounding.telling import AS_WHAT, WAY, Told, told
from notewright.grounding.wording import plain

_LETTERS = 5  # that "deletion" shares with "delete"
_MOST_CHARACTERS = 4_000  # read of one field
_FAULT = "the fault, told as what happens now"
_FEWEST_WORDS = 3  # of a fault, for a sentence to tell it word by word
# What says only that something comes of it
_LIGHT = frozenset(
    map(stem, "behind give result produce cause lead trigger happen occur come make get even although though despite send message".split())
)
_TIMELESS = frozenset(map(stem, "still already always sometimes often occasionally never again".split()))
_REMEDIES = frozenset(REMEDIES.split())
_WAS = re.compile(r"\((?:was|were)\b[^()]*\)|, (?:was|were) [^\s,;]+$", re.IGNORECASE)
_PAST = re.compile(r"\b(?:was|were|did|had|used to|would|could|kept)\b", re.IGNORECASE)
_CIRCUMSTANCE = re.compile(r"(?i)\b(?:when|if|while|after|before|during|unless|until|once|despite|because|even)\b")
_INSTEAD = re.compile(r"\b(?:instead of|rather than|in place of)\b[^.,;:()]*", re.IGNORECASE)
_WHERE_IT_WAS = re.compile(r",? (?:where|which|that|who) (?:\w+ ){0,3}?(?:was|were|had|used to)\b[^.;:,]*")
_EXISTENCE = frozenset({"presence", "support", "sight", "keeping", "noise", "success", "activity", "permission"})
_BEGUN = re.compile(r"\b(?:has|have) (?:started|begun) \w+ing\b|\b(?:starts?|begins?) to (?!work|respond)\w+")
_CLAUSE = re.compile(r"\b(?:when|if|while|after|before|once|until|because|since|that|who|which)\b")


def states_fault(fact: Fact) -> bool:
    """Return whether an entry states what was wrong, and not what is done about it."""
    entry = told(fact)
    return bool(entry.faulty) or (entry.fixes and _PAST.search(_WAS.sub("", plain(fact.summary)[:_MOST_CHARACTERS])) is not None)


def is_uncertain(fact: Fact) -> bool:
    """Return whether an entry of type fix may state the fault or the remedy."""
    return told(fact).uncertain


def tells_remedy(text: str, fact: Fact) -> bool:
    """Return whether a sentence speaks of a fault as gone, in a word that the entry lacks, or by what the entry says should have been: then
    the fault may stand in it."""
    told_words = _REMEDIES & set(WORD.findall(plain(text).casefold()))
    line = bare_summary(fact)[:_MOST_CHARACTERS].casefold()
    fault = _INSTEAD.sub(" ", line)
    wanted = frozenset[str]().union(*(terms(wish) for wish in _INSTEAD.findall(line))) - terms(fault)
    said = stance(text).words | terms(_INSTEAD.sub(" ", plain(text)))
    return bool(told_words - set(WORD.findall(f"{fault} {fact.summary[:_MOST_CHARACTERS].casefold()}"))) or (
        bool(wanted) and wanted <= said
    )


def retold(text: str, said: Stance, entry: Told, *, remedied: bool) -> Iterator[str]:
    """Yield the fault that a fix states where a sentence tells it as what the software does now: by its words for faults, in its own words,
    or in most of them. `remedied` says that the sentence tells it as gone."""
    if entry.as_what and (as_what := frozenset(AS_WHAT.findall(plain(text).casefold()))) and as_what.isdisjoint(entry.as_what):
        return  # "counted as part-time" for "counted as full-time"
    if not (remedied and entry.fixes):
        yield from _restated(text, said, entry, main=stance(_main(text)))
        yield from _begun(text, said, entry)
    if _puts_right(text, entry):
        return
    if not (remedied and entry.fixes) or _REMEDIES & set(WORD.findall(plain(text).casefold())) == {"again"}:
        now = terms(_INSTEAD.sub(" ", plain(text)))
        if not _PAST.search(_CLAUSE.split(plain(text), maxsplit=1)[0]):
            yield from [_FAULT] if _is_copied(text, said, entry) else _word_by_word(said, entry, about=now)


def _begun(text: str, said: Stance, entry: Told) -> Iterator[str]:
    """A fault that begins: "have started producing bounces"."""
    begun = _BEGUN.search(plain(text).casefold())
    if begun and entry.faulty and not said.denies and not any(sign < 0 for (_, sign), _ in said.signs):
        yield f"{begun[0]}: {_FAULT}"


def _puts_right(text: str, entry: Told) -> bool:
    """Return whether a sentence has the opposite of a word of the fault in its place: "in miles" for "in kilometres", "from right to left"
    for "left to right"."""
    told_words = {stem(word) for word in WORD.findall(plain(text).casefold())}
    wrong = {stem(word) for word in entry.words}
    turned = any((end, begin) in entry.ways for begin, end in WAY.findall(plain(text).casefold()))
    return turned or any(OPPOSITES.get(word, frozenset()) & wrong - told_words for word in told_words - wrong)


def _main(text: str) -> str:
    """Return a text without what only says where and when: "after an invalid feed"."""
    text = _WHERE_IT_WAS.sub(" ", text)
    return ", ".join(_CIRCUMSTANCE.split(part, maxsplit=1)[0] for part in plain(text).split(", "))


def _restated(text: str, said: Stance, entry: Told, *, main: Stance) -> Iterator[str]:
    """The fault that a fix states, told as what the software does now, by its words for faults."""
    if said.denies or any(sign < 0 for (_, sign), _ in said.signs):
        return
    still = (entry.fault & main.plain) - {one for one, _ in entry.pairs & word_pairs(text)}  # "a missing manifest" is what it is about
    yield from (f"{word}: the entry fixes it" for word in sorted(still)[:1])


def _word_by_word(said: Stance, entry: Told, *, about: frozenset[str]) -> Iterator[str]:
    """The fault that a fix states, told as what the software does now: most of its words and none of another kind, for a remedy needs a
    word of its own: "alerts arrive in time" for "alerts arrive late"."""
    if said.denials != entry.denials or any(
        sign < 0 and not said.denies and stem(word) not in entry.faulty for (_, sign), word in said.signs
    ):
        return
    words_said = said.plain | about
    faulty = entry.faulty - _TIMELESS
    told_words = words_said | {word for word in faulty if any(_kin(word, other) for other in words_said)}
    known = entry.terms | entry.faulty
    others = {word for word in about if not any(_kin(word, term) for term in known)} - _TIMELESS - _LIGHT
    enough = faulty <= told_words and len(others) == 1 if others else 3 * len(faulty & told_words) >= 2 * len(faulty)
    verbs = {stem(word) for _, word in entry.main}
    verb_told = not verbs or any(_kin(verb, word) for verb in verbs for word in words_said)
    if len(faulty) >= _FEWEST_WORDS and enough and verb_told and (not entry.fault or entry.fault & told_words):
        yield _FAULT


def _is_copied(text: str, said: Stance, entry: Told) -> bool:
    """Return whether a sentence says the fault in the entry's own words, most of them, names and code too, and no others."""
    copied = word_stems(_INSTEAD.sub(" ", plain(text)))
    enough = len(copied) >= _FEWEST_WORDS and 3 * len(copied & entry.wording) >= 2 * len(entry.wording)
    verbs = {stem(word) for _, word in entry.main}
    telling = entry.fault <= copied and (not verbs or bool(verbs & copied))
    undone = any(sign < 0 and stem(word) not in entry.faulty for (_, sign), word in said.signs)  # "leaves out agents on leave"
    return bool(entry.faulty) and enough and telling and not undone and copied <= entry.known and said.denials == entry.denials


def _kin(one: str, other: str) -> bool:
    """Return whether two stems are of one family: "read" and "readable"."""
    shorter, longer = sorted((one, other), key=len)
    return one[:_LETTERS] == other[:_LETTERS] or (len(shorter) >= _LETTERS - 1 and longer.startswith(shorter))


def is_missing_still(text: str, said: Stance, entry: Told) -> bool:
    """Return whether a sentence tells something missing as missing, and has no word but the entry's besides: "is now hidden"."""
    absent = {stem(word) for (_, sign), word in said.signs if sign < 0}
    others = {word for word in terms(text) - absent if not any(_kin(word, term) for term in entry.terms | entry.faulty)}
    return not others - _LIGHT and any(missing_still(said, entry))


def missing_still(said: Stance, entry: Told) -> Iterator[str]:
    """Something that a fix says was missing, told as missing: "no longer logged" for "missing from the log"."""
    lacks = any(axis in _EXISTENCE and sign > 0 for (axis, sign), _ in entry.main) and bool(entry.faulty)
    if lacks and entry.typed:
        told_absent = [word for (axis, sign), word in said.signs if axis in _EXISTENCE and sign < 0]
        present = [word for (axis, sign), word in said.signs if axis in _EXISTENCE and sign > 0]
        fault = {term[:_LETTERS] for term in entry.faulty}
        if told_absent and not present and not any(stem(word)[:_LETTERS] in fault for word in told_absent):
            yield f"{told_absent[0]}: the entry says that it was missing"
