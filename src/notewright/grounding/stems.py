"""Stems: one spelling for the inflected forms of an English word, and the terms of a text that carry meaning."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from notewright.grounding.wording import plain, words

# Irregular forms are mapped before anything is cut off
_IRREGULAR = {
    form: line.split()[0]
    for line in """
    be am are been being is was were
    become became becomes becoming
    begin began begun
    bind bound
    break broke broken
    bring brought
    build built
    buy bought
    catch caught
    choose chose chosen
    come came
    do did does doing done
    draw drawn drew
    drive driven drove
    fall fallen fell
    feel felt
    find found
    forbid forbade forbidden
    forget forgot forgotten
    freeze froze frozen
    get got gotten
    give gave given
    go goes going went
    grow grew grown
    have had has having
    hide hid hidden
    hold held
    keep kept
    know knew known
    lie lay lain lying
    lose losing lost loss losses
    make made
    mean meant
    meet met
    panic panicked panicking
    pay paid
    re-read reread
    rise arose risen rose
    run ran running
    say said
    see saw seen
    sell sold
    send sent
    shake shook shaken
    show shown showed
    shrink shrank shrunk
    sleep slept
    speak spoke spoken
    speed sped
    spend spent
    stand stood
    steal stole stolen
    stick stuck
    swap swapped
    take taken took
    teach taught
    tell told
    think thought
    throw threw thrown
    understand understood
    wake woke woken
    wear wore worn
    win won
    withdraw withdrawn withdrew
    write written wrote
    child children
    half halves
    index indexes indices
    man men
    matrix matrices
    person people persons
    vertex vertices
    analysis analyses
    status statuses
    behaviour behavior behaviors behaviours
    colour color colors colours
    """.strip().splitlines()
    for form in line.split()
}
# Words without which a text says the same about the same thing
_EMPTY = frozenset(
    """
    a about above after again all also am an and any anymore are as at be because been before being below between both but by can cannot
    could did do does doing done down during each either else every few for from further get gets go had has have having he here how
    however i if in instead into is it its itself just let lets like made make makes many may me might more most much must my need needs
    neither new no nor not now of off on once one only onto or other otherwise our out over own per rather release same say see set shall
    she should since so some such than that the their them then there these they this those through thus to too under until up upon us use
    used user users uses using version very via was we well were what when where whether which while who whose why will with within without
    would yet you your yours e g i e etc longer it's don't doesn't isn't aren't can't won't
    """.split()
)
_UNITS = {
    form: line.split()[0]
    for line in "min minute minutes/s second seconds/h hour hours/kg kilogram kilograms/lb pound pounds/km kilometre kilometres".split("/")
    for form in line.split()
}
_PARTS = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+(?:\.\d+)*")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRITISH = re.compile(r"is(?=(?:e|ed|es|er|ers|ing|ation|ations)$)")
_ISE = re.compile(r"[a-z]{4,}is(?:e|ed|es|er|ers|ing|ation|ations)")
_SHORTEST = 3  # letters that every stem keeps, a vowel among them: "string" is no form of "str"
_WHOLE = frozenset(
    "embed need feed seed speed exceed proceed succeed bleed breed weed heed indeed hundred shred".split()
)  # no form of "emb"
_VOWEL = re.compile("[aeiouy]")


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return one spelling for the forms of a word: "rejects", "rejected" and "rejecting" are "reject", "kept" is "keep". Nouns and verbs
    of one spelling are not told apart."""
    folded = word.casefold().removesuffix("'s")
    if folded in _IRREGULAR:
        return _trimmed(_IRREGULAR[folded])
    if _ISE.fullmatch(folded):
        folded = _BRITISH.sub("iz", folded)
    return _trimmed(_without_ending(folded))


def _without_ending(word: str) -> str:
    for ending, instead in (("ically", "ic"), ("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("ly", ""), ("es", "e")):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST - (ending in ("ies", "ied")):
            if ending == "ed" and word in _WHOLE:
                return word
            if ending in ("ing", "ed") and not _VOWEL.search(word[: -len(ending)]):
                return word
            return _undoubled(word[: -len(ending)] + instead) if ending in ("ing", "ed") else word[: -len(ending)] + instead
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST else word


def _undoubled(word: str) -> str:
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiouls" else word


def _trimmed(word: str) -> str:
    """Drop what spelling adds and takes away: a silent e, y for i, one of two l."""
    if word.endswith("ll"):
        word = word[:-1]
    if word.endswith("e") and len(word) > _SHORTEST:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST else word


def is_empty(word: str) -> bool:
    """Return whether a word carries no meaning of its own."""
    return word.casefold() in _EMPTY


@lru_cache(maxsize=1 << 14)
def word_stems(text: str) -> frozenset[str]:
    """Return the stems of all words that carry meaning, as they are written: "macOS" is one word."""
    return frozenset(_UNITS.get(word) or stem(word) for word in words(text) if word not in _EMPTY)


@lru_cache(maxsize=1 << 14)
def word_pairs(text: str) -> frozenset[tuple[str, str]]:
    """Return the stems of each two words that follow each other."""
    stems = [stem(word) for word in words(text)]
    return frozenset(pairwise(stems))


@lru_cache(maxsize=1 << 14)
def terms(text: str) -> frozenset[str]:
    """Return the stems of the words that carry meaning, those inside names such as `RichTextField` and `max_distance` too."""
    line = plain(text)
    found = {stem(part) for piece in line.split() for part in _PARTS.findall(_HUMP.sub(" ", piece)) if part.casefold() not in _EMPTY}
    return frozenset(found)
