"""Told: what an entry says its change does, read from its summary: the remedy, or the fault that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from notewright.grounding.attribution import fact_terms
from notewright.grounding.facts import Fact
from notewright.grounding.lists.idioms import without_idioms
from notewright.grounding.lists.opposites import AXES, CERTAIN_FAULTS, FAULTS, NOUNS, REMEDY_VERBS
from notewright.grounding.natures import bare_summary, nature
from notewright.grounding.roles import changed_amounts
from notewright.grounding.stance import NAME, Sign, Stance, stance
from notewright.grounding.stems import stem, terms, word_pairs, word_stems
from notewright.grounding.tokens import without_code
from notewright.grounding.wording import plain, words

_MOST_CHARACTERS = 4_000  # read of one field
_CERTAIN_FAULTS = frozenset(map(stem, CERTAIN_FAULTS.split()))
_FAULTS = frozenset(map(stem, FAULTS.split()))
_REMEDY_VERBS = frozenset(REMEDY_VERBS.split())
_CONDITION = re.compile(r"\b(?:when|if|while|after|before|during|unless|until|once|because|due to|caused by|on|for|with|via|by)\b")
# Entries that put one thing in the place of another: the old one is gone, and nothing said of it is a contradiction
_REPLACES = re.compile(r"\b(?:renam|replac|mov|migrat|switch|chang|convert|instead|in favou?r|rather|default)|->(?! ?\d)")
_INSTEAD_OF = re.compile(r"\b(?:instead of|rather than|in place of)\b[^.,;:()]*", re.IGNORECASE)
_LEFT_UNDONE = re.compile(
    r"^(?!do\b|don't\b|not\b)\S+ (?:\S+ ){0,4}?not (?:\w+ed|reset|read|sent|set|shown|written|kept|run|found)\b(?!.*\bnow\b)"
)
# "skipped clips", "a deleted file": what is done to them is no news
ATTRIBUTIVE = re.compile(
    r"\b([a-z]+ed) (?!(?:by|in|on|at|from|for|to|with|when|while|after|before|if|as|without|instead|and|or|until|via|under|over|during"
    r"|twice|again|once|only|too|several|into|across|between|through|off|out|up|down|not|than|because|since|unless|against|outside|inside)\b)[a-z]"
)
WAY = re.compile(r"\b([a-z]+) to ([a-z]+)\b")
AS_WHAT = re.compile(r"\bas (?!well\b|soon\b|long\b|much\b|many\b|the\b|an?\b)([\w`-]+(?:\.\w+)*)")
_AFTER_HEAD = re.compile(r" (?:with|for|in|on|at|by|via|from|of|to|as|when|if|and|or|up|that|which)\b|[,;:(]")
_FEWEST = 2  # words before a condition that may tell the fault alone
IMPLIED = "its type"  # says that a feature is there and what is removed is not
_PREPOSITION = re.compile(r"\b(?:in|at|to|of|from|by|on|with|for|when|after|before|if|while|until|during|unless|as|and|or)\b|[.,;:()]")
# What a security fix says was possible: without such a word it may as well state the remedy, "links expire after 14 days"
_OPEN = re.compile(
    r"\b(?:was|were|could|can|may|might|visible|expos\w+|readable|accessible|sees?|leak\w*|disclos\w+|bypass\w*|accepted|included)\b"
)
# A noun that may be a verb, before what it does: "load balancing counts stations", "round robin assigns tickets"
_NOUN = re.compile(
    r"[a-z]+ [a-z]+(?<!s) (?P<verb>[a-z]+s) (?!(?:in|on|at|for|of|to|with|from|when|if|after|before|by|as|and|or|is|are|was|were)\b)[a-z]"
)
_RESTRICTS = re.compile(r"\b(?:expires?|requires?|needs?|(?:is|are) (?:locked|masked|redacted|signed|hidden|encrypted))\b")  # the remedy
_ENDS = re.compile(r"\b(?:ends?|ended|(?:is|are) over|expires?|expired|runs? out|last|sunset|clos(?:e|es|ed)|stop(?:s|ped)?)\b")
# A finite verb in the past: "views ran with the rights of the caller"
_RAN = re.compile(
    r"^(?:(?!(?:that|which|who|when|if|while|where|they|it|you|we) )[a-z-]+ ){1,7}"
    r"(?<!\bon )(?<!\bof )(?<!\bfor )(?<!\bwith )(?<!\bthe )"
    r"(?:ran|went|got|came|kept|took|gave|did|began|broke|threw|froze|hung|grew|fell|became|was|were|had"
    r"|stayed|remained|appeared|disappeared|happened"
    r"|occurred|differed|crashed|failed|vanished|flickered|jumped)\b"
)
_NOW = re.compile(r"\b(?:now|again|handled|fixed|instead|must|should)\b")
_PARTICIPLES = frozenset("sent shown written kept taken given read set drawn built found run made held hidden chosen broken".split())
_REFUSALS = frozenset(map(stem, ("reject", "ignore")))  # what a security fix begins to do
_VERBS = frozenset(word for both in AXES.values() for side in both for word in side.split()) - NOUNS
_REFUSING = frozenset("reject refuse block deny forbid disallow prohibit".split())
_BY_DEFAULT = re.compile(r"\bby default\b")
_REVERT = re.compile(r"^revert(?:s|ed)?:? [\"']?")
_AUXILIARIES = frozenset(
    "does do did is are was were has have had can cannot could will would must should doesn't don't isn't aren't".split()
)
_NO_LONGER = re.compile(r"\b(?:no longer|any ?more|any longer)\b")
_ONLY = re.compile(r"([\w-]+ )?\bonly\b((?: [\w-]+){0,2})")
_WITHOUT = re.compile(r"\bwithout (?:an? |any |the )?([a-z-]+)")
_DONE_WITHOUT = re.compile(r"\b(?:[a-z]+ed|ran|went|got) without\b")
_DEPRECATES = re.compile(
    r"\bdeprecat|\bobsolete|\bfor the last time\b|\b(?:last|final) (?:release|version)\b|\bsunset|\bend of life"
    r"|\b(?:will|to) be (?:removed|dropped)\b"
)
_REMOVES = re.compile(r"(?<!to be )(?<!will be )(?<!for )\b(?:remov(?:e|ed|es|ing)|drop|delet|discontinu|eliminat|gone)\b")


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry says: `main` are the signs of what its change does, `also` whatever else its words say; `fault` are the words for
    faults in what a fix says was wrong, and `faulty` all words of it; both are empty where it states the remedy. `objects` are what
    the words of `main` are about, `denies` is whether there is a negation; `wording` are the stems of what the summary says is so, names
    and code too, `known` those of the scope as well, `pairs` each two that follow each other,
    `as_what` what follows "as"; `offers` are the signs of the breaking text, `lacking` the stems of what comes after "without",
    `words` all words of the summary as written, `stated` the terms of what it says is so, `ways` the ends of each "left to right",
    `head` the terms of what comes before its first preposition."""

    main: tuple[tuple[Sign, str], ...]
    also: frozenset[Sign]
    fault: frozenset[str]
    faulty: frozenset[str]
    denies: bool
    objects: dict[str, frozenset[str]]
    plain: frozenset[str]
    terms: frozenset[str]
    replaces: bool
    deprecates: bool
    removes: bool
    fixes: bool
    typed: bool
    negated: frozenset[str]
    denials: int
    bounds: frozenset[str]
    first: frozenset[Sign]
    uncertain: bool
    ends: bool
    remedy: str
    wording: frozenset[str]
    known: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    as_what: frozenset[str]
    offers: frozenset[Sign]
    lacking: frozenset[str]
    words: tuple[str, ...]
    stated: frozenset[str]
    ways: tuple[tuple[str, str], ...]
    head: frozenset[str]


@lru_cache(maxsize=1 << 14)
def told(fact: Fact) -> Told:
    """Read an entry."""
    kind, line = nature(fact), plain(without_code(bare_summary(fact)[:_MOST_CHARACTERS], instead=NAME)).casefold()
    line = _REVERT.sub("", line) if kind == "revert" else line
    faulty = _states_fault(fact, line)
    first = line.split(". ", 1)[0]
    begin = _CONDITION.split(first, maxsplit=1)[0]
    main = stance(first if faulty is False or len(begin.split()) < _FEWEST else begin)  # "undo after a cut deletes the title"
    offers = stance(plain((fact.breaking_text or "")[:_MOST_CHARACTERS]).casefold()).all_signs()
    whole = stance(plain(f"{fact.summary[:_MOST_CHARACTERS]} . {(fact.breaking_text or '')[:_MOST_CHARACTERS]}").casefold())
    flip = -1 if bool(faulty) != (kind == "revert") else 1
    signs = () if faulty is None else tuple(((axis, sign * flip), word) for (axis, sign), word in _decisive(main, first, kind))
    signs += () if flip < 0 else tuple(_amounts(fact))
    also = {(axis, sign * flip) for axis, sign in main.all_signs()}
    also |= whole.all_signs() if flip > 0 else whole.all_signs() - main.all_signs()
    if kind == "feat" and not fact.breaking and not whole.denies and not any(sign < 0 for _, sign in whole.all_signs()):
        signs += tuple(((axis, 1), IMPLIED) for axis in ("presence", "support", "activity"))
    if _BY_DEFAULT.search(first) and not (whole.denies or faulty or any(sign < 0 for _, sign in main.all_signs())):
        signs += ((("activity", 1), "by default"),)
    if kind == "remove":
        signs += (("presence", -1), IMPLIED), (("support", -1), IMPLIED)
    removes = kind == "remove" or _REMOVES.search(" ".join(fact.texts).casefold())
    objects = {word: _objects(first, word) for _, word in signs if word != IMPLIED}
    fault = main.words if faulty else frozenset[str]()
    if faulty and fault.isdisjoint(_FAULTS):  # "names with umlauts rejected"
        fault |= stance(first).words & _FAULTS
    stated = _INSTEAD_OF.sub(" ", bare_summary(fact)[:_MOST_CHARACTERS])
    return Told(
        signs, frozenset(also), fault & _FAULTS, frozenset(filter(str.isalpha, terms(line))) - {NAME.strip()} if faulty else fault,
        whole.denies, objects, whole.plain, fact_terms(fact), _REPLACES.search(line) is not None,
        not removes and (kind == "deprecate" or _DEPRECATES.search(line) is not None),
        (kind == "remove" or _REMOVES.match(line) is not None) and not _DEPRECATES.search(" ".join(fact.texts).casefold()),
        kind in ("fix", "security") or bool(faulty),
        fact.type is not None, _denied(fact), stance(bare_summary(fact)[:_MOST_CHARACTERS].casefold()).denials,
        frozenset(term for before, after in _ONLY.findall(line) for term in terms(after) or terms(before)),
        main.all_signs(), faulty is None, _ENDS.search(line) is not None,
        _remedy(line) if faulty is False and kind != "revert" and (kind in ("feat", "perf") or _first(line) in _REMEDY_VERBS) else "",
        word_stems(stated), word_stems(f"{stated} {_INSTEAD_OF.sub(' ', fact.summary[:_MOST_CHARACTERS])} {fact.scope or ''}"),
        word_pairs(bare_summary(fact)[:_MOST_CHARACTERS]), frozenset(AS_WHAT.findall(line)), offers,
        frozenset(map(stem, _WITHOUT.findall(line))), words(line), terms(stated), tuple(WAY.findall(line)),
        terms(_AFTER_HEAD.split(line, maxsplit=1)[0]),
    )  # fmt: skip


def _denied(fact: Fact) -> frozenset[str]:
    """Return the stems of what the summary says is not so, and never says otherwise."""
    line = bare_summary(fact)[:_MOST_CHARACTERS].casefold()
    read = stance(line)
    fixes = nature(fact) in ("fix", "security")
    if _first(line) in _REFUSING:  # "reject requests without a token" asks for one
        return read.negated - read.plain
    was = fixes and (_DONE_WITHOUT.search(line) or _first(line) not in _REMEDY_VERBS)  # "opened without asking" is the fault
    return (read.negated - read.plain) | (frozenset() if was else {stem(word) for word in _WITHOUT.findall(line)})


def _states_fault(fact: Fact, line: str) -> bool | None:
    """Return whether an entry states what was wrong rather than what is done about it; None if that is uncertain."""
    kind, first, others = nature(fact), _first(line), line.partition(" ")[2]
    if kind in ("fix", "security") and _LEFT_UNDONE.search(line):
        return True
    finite = any(
        _is_finite_fault(word) and not (fact.security and stem(word) in _REFUSALS)
        for word in _CONDITION.split(others, maxsplit=1)[0].split()
    )
    if kind is None and fact.type is None:
        return first not in _REMEDY_VERBS and (finite or stem(first) in _CERTAIN_FAULTS)
    if kind not in ("fix", "security"):
        return False
    if _RAN.search(line) and not _NOW.search(line.replace("instead of", "")):
        return True
    if _NO_LONGER.search(line):
        return False if fact.security or kind == "security" else None  # the fault, or what is left of it
    if (kind == "security" or fact.security) and not _OPEN.search(line) and (not finite or _RESTRICTS.search(line)):
        return False if kind == "security" or first in _REMEDY_VERBS or _RESTRICTS.search(line) else None
    if fact.breaking and not finite and first not in _REMEDY_VERBS:
        return None
    if first in _REMEDY_VERBS or first == "ignore":
        noun = None if first in _VERBS else _NOUN.match(line)
        return bool(noun and _base(noun["verb"]) in _REMEDY_VERBS) or (None if finite else False)  # "retry queue loses jobs"
    told_so = line.replace("instead of", "") if _does(line.partition("instead of")[0]) else line
    return None if _NOW.search(told_so) else True


def _first(line: str) -> str:
    """Return the word that a line begins with; nothing where it is a noun: "sync does not restart"."""
    first, _, rest = line.partition(" ")
    return "" if rest.partition(" ")[0] in _AUXILIARIES else first


def _base(word: str) -> str:
    """Return the verb of a third person: "assigns" is "assign", "matches" is "match"."""
    return word[:-2] if word.endswith(("shes", "ches", "xes", "sses")) else word[:-1]


def _remedy(line: str) -> str:
    """Return the stem of the word that a line begins with, or of the plain word for its idiom; nothing for code."""
    first = _first(without_idioms(line).strip())
    return stem(first) if first != NAME.strip() else ""


def _does(line: str) -> bool:
    """Return whether a line says after its first word what is done: "a request returns 500", "mails sent in English"."""
    later = line.split()[1:]
    return any(
        (word.endswith("s") and (word[:-1] in _REMEDY_VERBS or word[:-2] in _REMEDY_VERBS)) or word.endswith("ed") or word in _PARTICIPLES
        for word in later
    )


def _is_finite_fault(word: str) -> bool:
    return word.endswith(("s", "ed", "lost", "broken", "stuck")) and stem(word) in _FAULTS


def _decisive(main: Stance, line: str, kind: str | None) -> tuple[tuple[Sign, str], ...]:
    """The signs of the first word that has any, and of the last: the verb that begins a subject, or the participle that ends one. After
    a verb a participle is an adjective: "cancel running jobs"; so it is where a fault begins: "deleted files came back"."""
    begin, _, rest = without_idioms(line).strip().partition(" ")
    words = [word for _, word in main.signs]
    if words and begin in _REMEDY_VERBS:
        words = words[:1] if words[0] == begin else [word for word in words if not word.endswith(("ing", "ed"))]
    elif words and kind == "fix" and words[0] == begin and begin.endswith(("ed", "ing")) and rest:
        words = [word for word in words if word != begin]
    if kind == "fix":
        attributive = frozenset(ATTRIBUTIVE.findall(line))
        words = [word for word in words if word not in attributive]
    return tuple((sign, word) for sign, word in main.signs if words and word in (words[0], words[-1]))


def _objects(line: str, word: str) -> frozenset[str]:
    """Return what a verb is about: the words after it up to a preposition, or else the last ones before it; nothing for what the summary
    only says by an idiom or by its amounts."""
    before, found, after = line.partition(word)
    if not found or word[0].isdigit():
        return frozenset()
    near = [part for part in _PREPOSITION.split(after, maxsplit=1)[0].replace("-", " ").split() if part.isalpha()]
    return terms(" ".join(near[:3])) or terms(" ".join(before.split()[-2:]))


def _amounts(fact: Fact) -> Iterator[tuple[Sign, str]]:
    """The direction of each amount that an entry changes: "from 20 to 50" is more."""
    for text in fact.texts[:1]:
        for old, new in changed_amounts(text):
            yield ("amount", 1 if new > old else -1), f"{old} to {new}"
