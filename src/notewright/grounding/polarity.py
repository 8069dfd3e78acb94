"""Polarity: whether a sentence says the contrary of what its entries say, by opposite verbs or by negation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from notewright.grounding.clauses import align
from notewright.grounding.denials import CHANGES, affirmed, ended, is_denied, negated, offered_again, regained, undenied, waived_needs
from notewright.grounding.facts import Fact
from notewright.grounding.faults import is_missing_still, missing_still, retold, tells_remedy
from notewright.grounding.lists.idioms import without_idioms
from notewright.grounding.lists.opposites import REMEDY_VERBS
from notewright.grounding.natures import bare_summary, nature
from notewright.grounding.stance import Stance, stance
from notewright.grounding.stems import stem, terms
from notewright.grounding.telling import ATTRIBUTIVE, IMPLIED, Told, told
from notewright.grounding.wording import plain, words

_MOST_ANNOUNCED = 8  # words that say so; a sentence with more is none
_LETTERS = 5  # that "deletion" shares with "delete"
_MOST_CHARACTERS = 4_000  # read of one field
# One word for all clauses of a sentence: "Two bugs are gone: …", "… and … are fixed"
_ANNOUNCES = re.compile(
    r"\b(?:fix|fixes|fixed|bugs?|resolved|solved|problems?|issues?|glitch(?:es)?|correct(?:s|ed)|repair(?:s|ed)?|cured|put right|gone"
    r"|(?:sorted|ironed) out|squashed|dealt with|taken care of|no more|things? of the past|(?:is|are) (?:history|over))\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"(?:we|this release|it|now|also|two|three|both|(?:we )?have)? ?(?:also|now|have)? ?", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:and|both|neither|two|three|four|all)\b.{0,200}?\b(?:are|were|have been|both|neither|two|three|four|all)\b"
    r"|\b(?:are|have been) \w+$|\b(?:fix|fixes|bugs|problems|issues)$",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\bto (?P<verb>[a-z]{2,}) (?P<object>[^.;,]+)", re.IGNORECASE)
_DENIES_USE = re.compile(
    r"\b(?:can ?not|can't|can no longer)\b|\bnot \w+ any ?more\b"
    r"|\bno longer (?!advised|recommended|preferred|encouraged|maintained|the |a |an |developed|be )\w+"
)
_INSTRUCTS = re.compile(
    rf"=|[;,.] (?:please )?(?:{'|'.join(REMEDY_VERBS.split())})\b"
    r"|\b(?:set|setting|use|pass|run|add|call|choose|take|move|migrate|switch|needs?|must|should|can|may|to|if|unless|with|via|through|want)\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:any ?more|not|revers|revert|undone|undo|taken back|rolled back|back out|withdrawn|no longer)", re.IGNORECASE
)
_SAYS_DEPRECATED = re.compile(r"\b(?:is|are) (?:now )?(?:deprecated|obsolete)\b|\bwill be (?:removed|dropped|deleted)\b", re.IGNORECASE)
_SAYS_GONE = re.compile(
    r"\b(?:(?:is|are|was|were|has been|have been) (?:now )?(?:removed|dropped|deleted|gone|taken out)"
    r"|no longer|any ?more|no more|removes?)\b",
    re.IGNORECASE,
)
_SHUT = re.compile(r"\b(?:shut|taken|switched|turned) (?:down|off)\b", re.IGNORECASE)
_SAYS_NOW = re.compile(r"\b(?:now|again)\b", re.IGNORECASE)
_IS_NEW = re.compile(r"\b(?:is|are) new\b|\b(?:introduce[sd]?|added)\b", re.IGNORECASE)
_LATER = re.compile(r"\bwill\b|\b(?:in|on|at|by|from|until|before|with) (?:the end of )?(?:version )?[vV]?\d", re.IGNORECASE)
_OFFERS = re.compile(r"\b(?:now|can|new|supports?|supported|available|possible)\b", re.IGNORECASE)
_LEFT_OUT = frozenset(map(stem, "exclude omit withhold skip include lack miss absent".split()))
_LEAD_IN = re.compile(r"^(?:now|we|you can now|users can now|this release|there is now)\s+", re.IGNORECASE)


def contradictions(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a sentence says against its entries, clause by clause: each clause is compared with the entry that it speaks of. One
    that begins as its entry does quotes it. Hints (`doubts`) count where two of different kinds meet."""
    if _takes_back(text, facts):
        return
    if not _is_quote(text, facts):
        yield from waived_needs(text, facts)
        yield from regained(text, facts)
    for clause, entry, remedied in _compared(text, facts):
        yield from _against(clause, entry, remedied=remedied)
        hints = tuple(_hints(clause, entry, remedied=remedied))
        yield from hints if len(hints) > 1 or _is_done_now(clause, hints) else ()


def doubts(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what only hints at the contrary: a fix's own verb with another sign, something missing told as missing, something removed told
    as there. Of such hints alone, three in five were wrong on sentences that the rules did not know."""
    for clause, entry, remedied in () if _takes_back(text, facts) else _compared(text, facts):
        yield from _hints(clause, entry, remedied=remedied)


def _is_done_now(text: str, hints: Sequence[str]) -> bool:
    """Return whether the verb that a hint names, and that takes something away, follows a "now": "is now turned away"."""
    line = without_idioms(plain(text).casefold())
    taken = {word for (_, sign), word in stance(text).signs if sign < 0}
    return any(
        (word := hint.split(" ")[0].rstrip(":")) in taken and re.search(rf"\bnow +(?:be )?{re.escape(word)}\b", line) for hint in hints
    )


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
    remedied = _announces(plain(text))
    for clause, number in align(text, [entry.terms for entry in entries]):
        if number is not None and (told(facts[number]).faulty or not _quotes(clause, facts[number])):
            yield clause, entries[number], remedied or tells_remedy(clause, facts[number])


def _announces(line: str) -> bool:
    """Return whether a sentence says of all that it tells that it was wrong and is put right: before a colon, or at its end."""
    found = islice(_ANNOUNCES.finditer(line), _MOST_ANNOUNCED)
    return any(
        ":" in line[match.end() :] or _BEGINS.fullmatch(line, 0, match.start()) or _OF_ALL.search(line[: match.end()]) for match in found
    )


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
    said, denied = stance(text), is_denied(text, entry)
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
        yield from () if denied else negated(said, entry)
    if not (entry.fixes and (entry.faulty or remedied)) and not CHANGES.search(plain(text)):
        yield from affirmed(said, entry, about=terms(text))
        yield from offered_again(said, entry, about=terms(text)) if _SAYS_NOW.search(plain(text)) else ()
    yield from undenied(text, said, entry)
    yield from ended(text, said, entry)
    yield from _mistaken(text, said, entry)


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
        yield from () if not entry.fixes or is_denied(text, entry) else _opposed(said, entry, about=terms(text), alike=True)
        yield from missing_still(said, entry)
    if not (entry.fixes and (entry.faulty or remedied)) and not CHANGES.search(plain(text)) and _OFFERS.search(plain(text)):
        yield from offered_again(said, entry, about=terms(text))


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
    return 2 * shared >= len(entry.terms) or (bool(entry.head) and all(term[:_LETTERS] in known for term in entry.head))
