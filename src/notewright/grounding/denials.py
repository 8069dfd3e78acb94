"""Denials: what an entry denies, ends or requires, and what a sentence affirms, denies or waives of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from notewright.grounding.facts import Fact
from notewright.grounding.faults import states_fault
from notewright.grounding.lists.opposites import FAULTS
from notewright.grounding.stance import NAME, Stance, stance
from notewright.grounding.stems import stem, terms
from notewright.grounding.telling import Told, told
from notewright.grounding.wording import plain

_MANY = 3  # terms of an entry that are told one by one
_LETTERS = 5  # that "deletion" shares with "delete"
_MOST_CHARACTERS = 4_000  # read of one field
_WAIVES = re.compile(
    r"\bwithout (?:an? |any |the |its |their |having to |needing to )?(?P<one>[a-z]+)"
    r"|\b(?:no longer|not|never) (?:asks?|needs?|requires?)(?: for)? (?:an? |the |its |their )?(?P<four>[a-z]+)"
    r"|\bno (?:\w+ )??(?P<two>[a-z]+) (?:is |are )?(?:needed|required|asked)\b|\b(?P<three>[a-z]+) (?:is |are )(?:now )?optional\b"
)
_NEED_NOT = re.compile(r"\b(?:no longer|not|never) (?:asks?|needs?|requires?)\b")
_NEEDLESS = re.compile(r"\bno (?:\w+ )??([a-z]+) (?:is |are )?(?:now )?(?:needed|required|asked|necessary)\b")
_REQUIRES = re.compile(
    r"\b(?:now )?(?:asks? for|requires?|needs?|demands?|must (?:have|be|carry|use)|(?:mandatory|compulsory)) (?:an? |the )?"
    r"(?P<what>[a-z]+(?: (?!to\b|in\b|for\b|of\b|on\b)[a-z]+)?)"
)
_REFUSED_WITHOUT = re.compile(r"^(?:reject|refuse|block|deny|disallow|forbid)s? [^.,;:]*?\bwithout (?:an? |any |the )?(?:valid )?([a-z]+)")
_REFUSES = re.compile(
    r"\b(?:no longer|no(?= [a-z]+\b)|not|never"
    r"|can ?not|refus\w+|reject\w+|fail\w*|nobody|turned away|block\w*|den(?:y|ie[sd])|impossible)\b|n't\b"
)
_BOUNDED = re.compile(r"\b(?:no|not|never|cannot|can't|none)\b[^.;:]* (?:more|less|fewer|longer|later|earlier|larger|smaller) than\b")
_WITHOUT_OR_UN = re.compile(r"\bwithout\b|\bun(?!der|til|ion|it)[a-z]+ed\b")
# What was, and what one may do: where a sentence says either, a word that its entry denies may stand in it
CHANGES = re.compile(
    r"\b(?:from \S+ to|previous\w*|former\w*|used to|instead|rather|replac\w+|chang\w+|renam\w+|until now|so far|only|out of|away"
    r"|free of|end(?:s|ed)?|(?:keeps?|kept) (?:\w+ ){0,3}from"
    r"|if|unless|must|should|to (?:get|keep|have|restore))\b"
    r"|(?:^|[;,.:] |\b(?:and|please|can|to) )(?:set|use|pass|add|grant|choose|convert|take|move|migrate|update|switch)\b",
    re.IGNORECASE,
)
_LACKING = re.compile(r"\bwithout (?:an? |the )?([a-z]+)")
_HAVING = re.compile(r"\bwith (?:an? |the )?([a-z]+)")
_LOGIN = re.compile(r"\b(?:log|sign)(?:ging|ing)?[ -]?in\b")
_FINITE = re.compile(r"\b(?:is|are|can|may|now|has|have)\b", re.IGNORECASE)
_PROHIBITS = frozenset(
    "refuse reject stop prevent block forbid disallow deny ban prohibit avoid never remove drop disable redact exclude omit scrub"
    " mask".split()
)
_ENDS_TOO = re.compile(
    r"\b(?:errors?|fail\w*|only|(?:is|are|stay\w*|leave\w*|left|lock\w*|shut\w*) out|(?:keep\w*|kept)(?: \w+){0,3} (?:out|from)"
    r"|off|away|clear|free|safe\w*|protect\w*|instead|alone|gone|stays?|remains?|ends?|ended|unless|until|warn\w*"
    r"|raises?|throws?|answers?|returns?|get|gets)\b",
    re.IGNORECASE,
)
_FAULTS = frozenset(map(stem, FAULTS.split()))
_GOES_ON = stem("continue")  # "keep playing"
_CODE = NAME.strip()
_DEGREES = frozenset({"amount", "speed"})


def is_denied(text: str, entry: Told) -> bool:
    """Return whether a sentence denies twice, or denies for others than those that the entry is for: "created only by admins"."""
    bounded = stance(text).denies and bool(entry.bounds) and entry.bounds.isdisjoint(terms(text))
    kept = entry.denies and not stance(text).denies and re.search(r"\bonly\b", plain(text)) is not None  # "accepted as PDF/A only"
    needless = {stem(what) for what in _NEEDLESS.findall(plain(text).casefold())}
    waived = bool(needless & entry.lacking)  # "no account is needed" for "without an account"
    lacking = {stem(what) for what in _LACKING.findall(plain(text).casefold())}  # "shown without the minimap" for "hide the minimap"
    waived |= any(sign < 0 and entry.objects.get(word, frozenset()) & lacking for (_, sign), word in entry.main)
    limited = _BOUNDED.search(plain(text).casefold()) is not None  # "no member may hold more than two"
    return bounded or kept or limited or waived or _denies_twice(text)


def _denies_twice(text: str) -> bool:
    """Return whether a sentence denies what it says of something that is denied itself: "without a key nothing opens"."""
    line = plain(text).casefold()
    return len(_REFUSES.findall(line)) + (_WITHOUT_OR_UN.search(line) is not None) > 1


def waived_needs(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a sentence says is not needed while an entry begins to require it: "without the PIN" for "require the PIN"."""
    asked = {fact.id: frozenset(map(stem, _REFUSED_WITHOUT.findall(_as_login(fact.summary[:_MOST_CHARACTERS])))) for fact in facts}
    waived = _waives(text) - frozenset[str]().union(*(_waives(part) - asked[fact.id] for fact in facts for part in fact.texts))
    for fact in facts if waived and not _REFUSES.search(_NEED_NOT.sub(" ", plain(text).casefold())) else ():
        if told(fact).fixes and states_fault(fact):
            continue
        for match in _REQUIRES.finditer(_as_login(fact.summary[:_MOST_CHARACTERS])):
            yield from (f"without {what}: the entry requires it" for what in sorted(waived & terms(match["what"])))
        yield from (f"without {what}: the entry requires it" for what in sorted(waived & asked[fact.id]))


def regained(text: str, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield what a sentence says goes with what an entry says goes without: "runs only with sidecars"."""
    line = plain(text).casefold()
    for fact in facts:
        if not (told(fact).fixes and states_fault(fact)) and not _WITHOUT_OR_UN.search(line):
            without = {stem(what) for what in _LACKING.findall(plain(fact.summary)[:_MOST_CHARACTERS].casefold())}
            yield from (f"with {what}: the entry says without" for what in _HAVING.findall(line) if stem(what) in without)


def _waives(text: str) -> frozenset[str]:
    """Return the stems of what a text says is not needed."""
    return frozenset(stem(what) for match in _WAIVES.finditer(_as_login(text)) for what in match.groups() if what)


def _as_login(text: str) -> str:
    """Return a text in lower case with one word for logging in, by whatever name."""
    return _LOGIN.sub("login", plain(text).casefold())


def undenied(text: str, said: Stance, entry: Told) -> Iterator[str]:
    """Every word of an entry that denies, without the negation: "grid lines are drawn" for "draw no grid lines"."""
    about = {term[:_LETTERS] for term in terms(text)}
    stated = {term[:_LETTERS] for term in entry.stated}
    says_so = not (said.denies or any(sign < 0 for (_, sign), _ in said.signs) or CHANGES.search(plain(text)))
    if says_so and entry.denials == 1 and not (entry.fixes or entry.lacking) and len(stated) >= _MANY and stated <= about:
        yield "without the entry's negation"


def ended(text: str, said: Stance, entry: Told) -> Iterator[str]:
    """What an entry puts an end to, told as done, in whatever words: "follows links that lead out" for "refuse links that lead out"."""
    if not (entry.words and entry.words[0] in _PROHIBITS) or entry.faulty or entry.replaces:
        return
    if said.denies or any(sign < 0 for (_, sign), _ in said.signs) or _ENDS_TOO.search(plain(text)) or CHANGES.search(plain(text)):
        return
    about, verb = {term[:_LETTERS] for term in terms(text)}, stem(entry.words[0])[:_LETTERS]
    wanted = {term[:_LETTERS] for term in entry.stated - entry.negated} - {verb}
    if (
        verb not in about
        and _FINITE.search(plain(text))
        and len(wanted & about) >= _MANY - 1
        and 3 * len(wanted & about) >= 2 * len(wanted)
    ):
        yield f"{entry.words[0]}: told as done"


def affirmed(said: Stance, entry: Told, *, about: frozenset[str]) -> Iterator[str]:
    """What an entry says is not so, told as if it were: "now requires admin" for "runs without admin"."""
    if not said.denies and not any(sign < 0 and stem(word) not in entry.negated for (_, sign), word in said.signs):
        known = {word[:_LETTERS] for word in said.plain | about}
        yield from (f"{word}: the entry denies it" for word in sorted(entry.negated) if word[:_LETTERS] in known)


def offered_again(said: Stance, entry: Told, *, about: frozenset[str]) -> Iterator[str]:
    """What an entry removes, told as there."""
    if not said.denies and not any(sign < 0 for (_, sign), _word in said.signs):
        known = {word[:_LETTERS] for word in said.plain | about}
        removed = [entry.objects.get(word, frozenset()) for sign, word in entry.main if sign == ("presence", -1)]
        cut = [{term[:_LETTERS] for term in objects - {_CODE}} for objects in removed]
        verbs = {stem(word)[:_LETTERS] for _, word in entry.main}
        whole = {term[:_LETTERS] for term in entry.terms} - verbs if removed else set[str]()
        if any(objects and 3 * len(objects & known) >= 2 * len(objects) for objects in cut) or (
            len(whole) >= _MANY and 3 * len(whole & known) >= 2 * len(whole)
        ):
            yield "the entry removes it"


def negated(said: Stance, entry: Told) -> Iterator[str]:
    """What the entry says, with a "not" before it."""
    if entry.words[:1] == ("keep",) and entry.remedy == _GOES_ON and not entry.denies:
        yield from (f"not {word}" for word in sorted(said.negated & {stem(word) for word in entry.words[1:2]}))
    if entry.typed and not (
        entry.ends
        or entry.fixes
        or entry.replaces
        or entry.deprecates
        or entry.denies
        or any(sign < 0 and axis not in _DEGREES for axis, sign in (*dict(entry.main), *entry.first))
    ):
        known = {word[:_LETTERS] for word in entry.plain - {_CODE}}
        if _FAULTS.isdisjoint(entry.plain):
            yield from (f"not {word}" for word in sorted(said.negated) if word[:_LETTERS] in known)
