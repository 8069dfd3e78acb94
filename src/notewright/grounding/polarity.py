"""Polarity: whether a sentence says the contrary of what its entries say, by opposite verbs or by negation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from notewright.grounding.clauses import align
from notewright.grounding.facts import Fact
from notewright.grounding.faults import is_missing_still, missing_still, retold, states_fault, tells_remedy
from notewright.grounding.idioms import without_idioms
from notewright.grounding.natures import bare_summary, nature
from notewright.grounding.opposites import FAULTS, REMEDY_VERBS
from notewright.grounding.stance import NAME, Stance, stance
from notewright.grounding.stems import stem, terms
from notewright.grounding.telling import ATTRIBUTIVE, IMPLIED, Told, told
from notewright.grounding.wording import plain, words

_FAULTS = frozenset(map(stem, FAULTS.split()))
_MANY = 3  # terms of an entry that are told one by one
_LETTERS = 5  # that "deletion" shares with "delete"
_MOST_CHARACTERS = 4_000  # read of one field
# One word for all clauses of a sentence: "Two bugs are gone: …", "… and … are fixed"
_ANNOUNCES = re.compile(
    r"\b(?:fix|fixes|fixed|bugs?|resolved|solved|problems?|issues?|glitch(?:es)?|correct(?:s|ed)|repair(?:s|ed)?|cured|put right|gone"
    r"|(?:sorted|ironed) out|squashed|dealt with|taken care of|no more|things? of the past|(?:is|are) (?:history|over))\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\bto (?P<verb>[a-z]{2,}) (?P<object>[^.;,]+)", re.IGNORECASE)
_DENIES_USE = re.compile(
    r"\b(?:can ?not|can't|can no longer)\b|\bnot \w+ any ?more\b"
    r"|\bno longer (?!advised|recommended|preferred|encouraged|maintained|the |a |an |developed|be )\w+"
)
_WAIVES = re.compile(
    r"\bwithout (?:an? |any |the |its |their |having to |needing to )?(?P<one>[a-z]+)"
    r"|\b(?:no longer|not|never) (?:asks?|needs?|requires?)(?: for)? (?:an? |the |its |their )?(?P<four>[a-z]+)"
    r"|\bno (?:\w+ )??(?P<two>[a-z]+) (?:is |are )?(?:needed|required|asked)\b|\b(?P<three>[a-z]+) (?:is |are )(?:now )?optional\b"
)
_NEED_NOT = re.compile(r"\b(?:no longer|not|never) (?:asks?|needs?|requires?)\b")
_NEEDLESS = re.compile(r"\bno (?:\w+ )??([a-z]+) (?:is |are )?(?:now )?(?:needed|required|asked|necessary)\b")
_REQUIRES = re.compile(
    r"\b(?:now )?(?:requires?|needs?|demands?|must (?:have|be|carry|use)|(?:mandatory|compulsory)) (?:an? |the )?"
    r"(?P<what>[a-z]+(?: (?!to\b|in\b|for\b|of\b|on\b)[a-z]+)?)"
)
_INSTRUCTS = re.compile(
    rf"=|[;,.] (?:please )?(?:{'|'.join(REMEDY_VERBS.split())})\b"
    r"|\b(?:set|setting|use|pass|run|add|call|choose|take|move|migrate|switch|needs?|must|should|can|may|to|if|unless|with|via|through|want)\b",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(?:no longer|no(?= [a-z]+\b)|not|never"
    r"|can ?not|refus\w+|reject\w+|fail\w*|nobody|turned away|block\w*|den(?:y|ie[sd])|impossible)\b|n't\b"
)
_BOUNDED = re.compile(r"\b(?:no|not|never|cannot|can't|none)\b[^.;:]* (?:more|less|fewer|longer|later|earlier|larger|smaller) than\b")
_WITHOUT_OR_UN = re.compile(r"\bwithout\b|\bun(?!der|til|ion|it)[a-z]+ed\b")
_TAKEN_BACK = re.compile(
    r"\b(?:any ?more|not|revers|revert|undone|undo|taken back|rolled back|back out|withdrawn|no longer)", re.IGNORECASE
)
# What was, and what one may do: where a sentence says either, a word that its entry denies may stand in it
_CHANGES = re.compile(
    r"\b(?:from \S+ to|previous\w*|former\w*|used to|instead|rather|replac\w+|chang\w+|renam\w+|until now|so far|only|out of|away"
    r"|free of|end(?:s|ed)?"
    r"|if|unless|must|should|to (?:get|keep|have|restore))\b"
    r"|(?:^|[;,.:] |\b(?:and|please|can|to) )(?:set|use|pass|add|grant|choose|convert|take|move|migrate|update|switch)\b",
    re.IGNORECASE,
)
_SAYS_DEPRECATED = re.compile(r"\b(?:is|are) (?:now )?(?:deprecated|obsolete)\b|\bwill be (?:removed|dropped|deleted)\b", re.IGNORECASE)
_SAYS_GONE = re.compile(
    r"\b(?:(?:is|are|was|were|has been|have been) (?:now )?(?:removed|dropped|deleted|gone|taken out)"
    r"|no longer|any ?more|no more|removes?)\b",
    re.IGNORECASE,
)
_LACKING = re.compile(r"\bwithout (?:an? |the )?([a-z]+)")
_HAVING = re.compile(r"\bwith (?:an? |the )?([a-z]+)")
_LOGIN = re.compile(r"\b(?:log|sign)(?:ging|ing)?[ -]?in\b")
_SHUT = re.compile(r"\b(?:shut|taken|switched|turned) (?:down|off)\b", re.IGNORECASE)
_SAYS_NOW = re.compile(r"\b(?:now|again)\b", re.IGNORECASE)
_IS_NEW = re.compile(r"\b(?:is|are) new\b|\b(?:introduce[sd]?|added)\b", re.IGNORECASE)
_LATER = re.compile(r"\bwill\b|\b(?:in|on|at|by|from|until|before|with) (?:the end of )?(?:version )?[vV]?\d", re.IGNORECASE)
_OFFERS = re.compile(r"\b(?:now|can|new|supports?|supported|available|possible)\b", re.IGNORECASE)
_LEFT_OUT = frozenset(map(stem, "exclude omit withhold skip include lack miss absent".split()))
_CODE = NAME.strip()
_DEGREES = frozenset({"amount", "speed"})
_LEAD_IN = re.compile(r"^(?:now|we|you can now|users can now|this release|there is now)\s+", re.IGNORECASE)


def contradictions(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a sentence says against its entries, clause by clause: each clause is compared with the entry that it speaks of. One
    that begins as its entry does quotes it. Hints (`doubts`) count where two of different kinds meet."""
    if _takes_back(text, facts):
        return
    if not _is_quote(text, facts):
        yield from _waived(text, facts)
        yield from _with(text, facts)
    for clause, entry, remedied in _compared(text, facts):
        yield from _against(clause, entry, remedied=remedied)
        hints = tuple(_hints(clause, entry, remedied=remedied))
        yield from hints if len(hints) > 1 else ()


def doubts(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what only hints at the contrary: a fix's own verb with another sign, something missing told as missing, something removed told
    as there. Of such hints alone, three in five were wrong on sentences that the rules did not know."""
    for clause, entry, remedied in () if _takes_back(text, facts) else _compared(text, facts):
        yield from _hints(clause, entry, remedied=remedied)


def _takes_back(text: str, facts: Sequence[Fact]) -> bool:
    return any(nature(fact) == "revert" for fact in facts) and _TAKEN_BACK.search(plain(text)) is not None


def _is_quote(text: str, facts: Sequence[Fact]) -> bool:
    return len(facts) == 1 and not told(facts[0]).faulty and _quotes(text, facts[0])


def _compared(text: str, facts: Sequence[Fact]) -> Iterator[tuple[str, Told, bool]]:
    """Yield each clause with the entry that it speaks of, and whether it tells a fault as gone."""
    entries = [told(fact) for fact in facts]
    if len(entries) == 1:
        if not _is_quote(text, facts):
            yield text, entries[0], tells_remedy(text, facts[0])
        return
    remedied = _ANNOUNCES.search(plain(text)) is not None
    for clause, number in align(text, [entry.terms for entry in entries]):
        if number is not None and (told(facts[number]).faulty or not _quotes(clause, facts[number])):
            yield clause, entries[number], remedied or tells_remedy(clause, facts[number])


def instructions(text: str, facts: Iterable[Fact]) -> Iterator[str]:
    """Yield what a sentence tells as a fact, though an entry only says it of what one may do: "set `x: false` to keep workspaces"."""
    if instructs(text) or "`" in text:
        return
    said = stance(text)
    for fact in facts:
        known = terms(fact.summary[:_MOST_CHARACTERS])
        for match in _PURPOSE.finditer(plain(without_idioms(plain(fact.breaking_text or "")[:_MOST_CHARACTERS].casefold()))):
            objects, verb = terms(match["object"]), stem(match["verb"])
            objects = objects or terms(" ".join(fact.summary.split()[:2])) - {verb}  # "leave them out": what the summary speaks of
            if verb in said.plain - known and objects and 2 * len(objects & said.plain) > len(objects):
                yield f"{match['verb']}: the entry says how to, not that it is so"


def _quotes(text: str, fact: Fact) -> bool:
    """Return whether a sentence begins with the words of the entry, or with its verb in another form: "Improved …" for "improve …"."""
    said, written = words(_LEAD_IN.sub("", plain(text))), words(bare_summary(fact)[:_MOST_CHARACTERS])
    length = min(len(said), len(written))
    begins = length > 0 and stem(said[0]) == stem(written[0]) and said[1:length] == written[1:length]
    rest = stance(" ".join(said[length:]))
    return begins and not rest.denies and not any(sign < 0 for (_, sign), _ in rest.signs)


def instructs(text: str) -> bool:
    """Return whether a sentence says what one may do, and so may repeat an instruction."""
    return _INSTRUCTS.search(plain(text)) is not None


def _against(text: str, entry: Told, *, remedied: bool) -> Iterator[str]:
    said, denied = stance(text), _is_denied(text, entry)
    if not (remedied and entry.fixes):
        yield from () if denied else _opposed(_stated(text), entry, about=terms(text), alike=False, offered=instructs(text))
        if not denied and not entry.fixes:
            yield from _opposed(_stated(text), entry, about=terms(text), alike=True)
    yield from retold(text, said, entry, remedied=remedied)
    if not (remedied and entry.fixes) and is_missing_still(text, said, entry):
        yield from missing_still(said, entry)
    if entry.remedy in said.negated and not entry.denies:
        yield f"not {entry.remedy}"
    else:
        yield from () if denied else _negated(said, entry)
    if not (entry.fixes and (entry.faulty or remedied)) and not _CHANGES.search(plain(text)):
        yield from _affirmed(said, entry, about=terms(text))
        yield from _offered(said, entry, about=terms(text)) if _SAYS_NOW.search(plain(text)) else ()
    yield from _undenied(text, said, entry)
    yield from _mistaken(text, said, entry)


def _undenied(text: str, said: Stance, entry: Told) -> Iterator[str]:
    """Every word of an entry that denies, without the negation: "grid lines are drawn" for "draw no grid lines"."""
    about = {term[:_LETTERS] for term in terms(text)}
    stated = {term[:_LETTERS] for term in entry.stated}
    says_so = not (said.denies or any(sign < 0 for (_, sign), _ in said.signs) or _CHANGES.search(plain(text)))
    if says_so and entry.denials == 1 and not (entry.fixes or entry.lacking) and len(stated) >= _MANY and stated <= about:
        yield "without the entry's negation"


def _stated(text: str) -> Stance:
    """Read a sentence without what is only a quality there: "missed runs"."""
    said, qualities = stance(text), set(ATTRIBUTIVE.findall(plain(text).casefold()))
    return replace(said, signs=tuple((sign, word) for sign, word in said.signs if word not in qualities))


def _mistaken(text: str, said: Stance, entry: Told) -> Iterator[str]:
    """Deprecated told as removed, and removed told as only deprecated."""
    if entry.removes and _SAYS_DEPRECATED.search(plain(text)) and not _SAYS_GONE.search(plain(text)):
        yield "deprecated: removed is more than that"
    if entry.deprecates and not _LATER.search(plain(text)):
        gone = [word for sign, word in said.signs if sign in (("presence", -1), ("support", -1))]
        gone += _SHUT.findall(plain(text))
        gone += [] if entry.denies else _DENIES_USE.findall(plain(text).casefold())
        yield from (f"{word}: deprecated is not removed" for word in gone[:1])
        if _IS_NEW.search(plain(text)) and "deprecat" not in text.casefold() and not _IS_NEW.search(" ".join(entry.wording)):
            yield "new: the entry deprecates it"


def _hints(text: str, entry: Told, *, remedied: bool) -> Iterator[str]:
    """What is no evidence alone."""
    said = stance(text)
    if not (remedied and entry.fixes):
        yield from () if not entry.fixes or _is_denied(text, entry) else _opposed(said, entry, about=terms(text), alike=True)
        yield from missing_still(said, entry)
    if not (entry.fixes and (entry.faulty or remedied)) and not _CHANGES.search(plain(text)) and _OFFERS.search(plain(text)):
        yield from _offered(said, entry, about=terms(text))


def _is_denied(text: str, entry: Told) -> bool:
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


def _waived(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a sentence says is not needed while an entry begins to require it: "without the PIN" for "require the PIN"."""
    waived = _waives(text) - frozenset[str]().union(*(_waives(part) for fact in facts for part in fact.texts))
    for fact in facts if waived and not _REFUSES.search(_NEED_NOT.sub(" ", plain(text).casefold())) else ():
        if told(fact).fixes and states_fault(fact):
            continue
        for match in _REQUIRES.finditer(_as_login(fact.summary[:_MOST_CHARACTERS])):
            yield from (f"without {what}: the entry requires it" for what in sorted(waived & terms(match["what"])))


def _with(text: str, facts: Iterable[Fact]) -> Iterator[str]:
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


def _opposed(said: Stance, entry: Told, *, about: frozenset[str], alike: bool, offered: bool = True) -> Iterator[str]:
    """Opposite verbs: each word of the sentence against what the entry's change does. `alike` tells whether they are one word, `offered`
    whether the sentence may say what the breaking text offers."""
    wanted, signs = dict(entry.main), said.all_signs()
    allowed = entry.also if offered else entry.also - (entry.offers - entry.first)
    verbs = {stem(word)[:_LETTERS] for _, word in entry.main}
    named = set[str]() if entry.fixes else {term[:_LETTERS] for term in entry.wording} - verbs
    for (axis, sign), word in said.signs:
        agrees = any((other_axis, other_sign) in wanted for (other_axis, other_sign), other in said.signs if other == word)
        if word.endswith("ing") or stem(word)[:_LETTERS] in named:
            continue
        if (axis, -sign) in wanted and (axis, -sign) not in signs and (axis, sign) not in allowed and not agrees:
            verb = wanted[axis, -sign]
            if verb == IMPLIED and stem(word) in _LEFT_OUT:  # what a new thing leaves out, it may
                continue
            if (
                (stem(word) == stem(verb)) == alike
                and _speaks_of(said.words | about, entry, verb)
                and not (
                    not alike and (stem(verb) in said.plain or entry.as_what)  # "shows keys in redacted form" for "redact keys"
                )
            ):
                yield f"{word} (the entry: {verb})"
                return


def _speaks_of(said: frozenset[str], entry: Told, verb: str) -> bool:
    """Return whether a sentence is about what the verb is about: "the feed shows published posts" contradicts no "hide drafts"."""
    known = {part[:_LETTERS] for word in said for part in (word, *word.split("-"))}
    objects = entry.objects.get(verb)
    if objects is not None:
        return not objects or any(term[:_LETTERS] in known for term in objects)
    shared = sum(term[:_LETTERS] in known for term in entry.terms)
    return 2 * shared >= len(entry.terms)


def _affirmed(said: Stance, entry: Told, *, about: frozenset[str]) -> Iterator[str]:
    """What an entry says is not so, told as if it were: "now requires admin" for "runs without admin"."""
    if not said.denies and not any(sign < 0 and stem(word) not in entry.negated for (_, sign), word in said.signs):
        known = {word[:_LETTERS] for word in said.plain | about}
        yield from (f"{word}: the entry denies it" for word in sorted(entry.negated) if word[:_LETTERS] in known)


def _offered(said: Stance, entry: Told, *, about: frozenset[str]) -> Iterator[str]:
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


def _negated(said: Stance, entry: Told) -> Iterator[str]:
    """What the entry says, with a "not" before it."""
    if entry.typed and not (
        entry.ends
        or entry.fixes
        or entry.replaces
        or entry.deprecates
        or entry.denies
        or any(sign < 0 and axis not in _DEGREES for axis, sign in (*dict(entry.main), *entry.first))
    ):
        known = {word[:_LETTERS] for word in entry.plain}
        if _FAULTS.isdisjoint(entry.plain):
            yield from (f"not {word}" for word in sorted(said.negated) if word[:_LETTERS] in known)
