"""Exclusions: words of a sentence that cannot stand for what its entries say in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from notewright.grounding.attribution import fact_terms
from notewright.grounding.clauses import align
from notewright.grounding.facts import Fact
from notewright.grounding.faults import states_fault
from notewright.grounding.lists.opposites import NO_PREFIX, OPPOSITES, PREFIXES, REMEDIES
from notewright.grounding.natures import bare_summary, nature
from notewright.grounding.polarity import instructs
from notewright.grounding.stance import WORD, stance
from notewright.grounding.stems import stem, terms, word_stems
from notewright.grounding.wording import plain

_MOST_CHARACTERS = 4_000  # read of one field
_PLACE = re.compile(r"\b(?:in|on|at|with|for|from|when|while|if)\b")
_ALL = re.compile(r"\b(?:anyone|anybody|everyone|everybody|always)\b")
_SOME = re.compile(r"\b(?:only|unless|not|no|never|without|except)\b|n't\b")
_ON = re.compile(
    r"\benabl\w* (?:[\w`.-]+ ){1,4}by default\b"
    r"|\b(?:on|allowed|permitted|enabled|active|visible|shown|included|open|loaded|true)"
    r"(?: to [\w ]{1,24})? by default\b|\bdefaults? to [`\"']?(?:on|true|enabled|yes)\b"
)
_OFF = re.compile(
    r"\b(?:disabl|block|refus|reject|hid|exclud|forbid)\w* (?:[\w`.-]+ ){1,4}by default\b"
    r"|\b(?:not|no longer) (?:[\w`.-]+ ){1,4}by default\b"
    r"|\b(?:off|forbidden|refused|disabled|inactive|hidden|excluded|private|closed|localhost|loopback|false) by default\b"
    r"|\bdefaults? to [`\"']?(?:off|false|disabled|no)\b"
)
_BY_DEFAULT = re.compile(r"\b([a-z-]+) by default\b")
_REFUSED = re.compile(
    r"(?:block|reject|refuse|forbid|disallow|deny|prevent|prohibit|ban|stop)s? (?P<what>[^.,;:()]+?)"
    r"(?= (?:if|when|unless|for|in|on|with)\b|[.,;:()]|$)"
)
_CAN = re.compile(r"\b(?:can|may|could) (?:now |again )?(?:be )?(?P<deed>[a-z]{3,})\b")
_ONE = re.compile(r"\b(?:only|just) (?:one|a single)\b|\ba single\b|\bno more than one\b")
_SEVERAL = re.compile(r"\bup to (?:[2-9]|\d\d+|two|three|four|five|six|seven|eight|nine|ten)\b")
_EACH = re.compile(r"\b(?:every|each) (?P<what>[a-z]{3,})\b")
_IN_TURN = re.compile(r"\bone after (?:the other|another)\b")
_MAY_USE = re.compile(
    r"\b(?:can|may) (?:now |again )?(?:use|contain|carry|have|load|access|be (?!blocked|rejected|refused|found|reported|caught)\w+ed)\b"
)
_ONCE = re.compile(r"\b(?:once only|only once|at most once|just once|single[- ]use|one[- ]time|no more than once)\b")
_OFTEN = re.compile(
    r"\b(?:more than once|repeatedly|(?:several|many|multiple|any number of) times|as often as|again and again|reus(?:e|ed|able))\b"
)
_IS_DEFAULT = re.compile(
    r"\bdefaults? (?:is |now |of |to |are )+[`\"']?([\w.:-]*\w)|[`\"']([\w.:-]+)[`\"'] (?:is |as )?(?:now )?(?:the |by )default\b",
    re.IGNORECASE,
)
_CHOOSES = re.compile(
    r"\b(?:pass|set|use|choose|add|with|ask for|request|select|give|via|through)(?: [\w`=.:\"']+){0,3}? [`\"']?(?P<what>[\w.:-]*\w)[`\"']?"
    r"(?= (?:to|if|when|where|instead|for)\b|[.,;]|$)",
    re.IGNORECASE,
)
_CHANGES_BACK = re.compile(r"\b(?:no longer|not|was|were|used to|previously|default\w* (?:is |now )*to)\b|n't\b", re.IGNORECASE)
_MUST = re.compile(r"\b(?:must|has to|have to|is required|are required|is mandatory|are mandatory)\b(?! not)")
_ASKS = re.compile(
    r"\b(?:must|requir\w*|needs?|needed|mandatory|only|enforc\w+|ask(?:s|ed)?|demand\w*|has to|have to"
    r"|set|use|pass|add|move|migrate|call)\b"
)
_MAY = re.compile(r"\b(?:up to|optional\w*|can|may|allow\w*|support\w*|accept\w*|permit\w*|let|lets)\b")
_LETTERS = 5  # that "renewal" shares with "renew"
_REMEDIES = frozenset(REMEDIES.split())


def exclusions(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield words of a sentence in whose place an entry has a word that excludes them: "light" for "dark", "unmute" for "mute"."""
    if len(facts) > 1:
        for clause, number in align(text, [fact_terms(fact) for fact in facts]):
            yield from exclusions(clause, (facts[number],)) if number is not None else ()
    if _tells_remedy(text, facts):
        return
    source = frozenset[str]().union(*(_every_stem(part) for fact in facts for part in fact.texts))
    summaries = frozenset[str]().union(*(_every_stem(_stated(fact)) for fact in facts))
    if "without" in summaries:
        return
    said = stance(text)
    denied = frozenset[str]().union(*(stance(fact.summary[:_MOST_CHARACTERS]).negated for fact in facts))
    if not instructs(text):
        source = summaries  # what a breaking text says one may choose is not so
    for word in sorted(said.words - source):
        opposite = frozenset[str]() if said.denies else _prefixed(word) - denied  # "unsigned images are not accepted"
        others = (OPPOSITES.get(word, frozenset()) | opposite) & summaries
        yield from (f"{word} (the entry says {other})" for other in sorted(others - said.words) if word not in said.negated)
    yield from _counted(text, facts)
    for other in sorted(summaries - said.words):
        yield from (f"{word} (the entry says {other})" for word in sorted(_prefixed(other) & (said.plain - source)))


def unbounded(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a sentence opens to all and an entry to some, and what it puts after what an entry puts before."""
    if not _tells_remedy(text, facts):
        yield from _opened(text, facts)
        yield from _reordered(text, facts)
        yield from _turned(text, facts)
        yield from _admitted(text, facts)
        yield from _chosen(text, facts)
    yield from _repeated(text, facts)
    yield from _forced(text, facts)


def _counted(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text says of one or of each, where an entry says it of several: "only one timer" for "up to 6 timers"."""
    line, written = plain(text).casefold(), " ".join(plain(part) for fact in facts for part in fact.texts).casefold()
    if (one := _ONE.search(line)) and _SEVERAL.search(written) and not _ONE.search(written):
        yield f"{one[0]} (the entry says more)"
    for match in _EACH.finditer(line):
        if re.search(rf"\bevery \d+ {re.escape(match['what'])}", written) and not re.search(
            rf"\bevery {re.escape(match['what'])}", written
        ):
            yield f"{match[0]} (the entry says how many)"


def _tells_remedy(text: str, facts: Sequence[Fact]) -> bool:
    told = _REMEDIES & set(WORD.findall(plain(text).casefold()))
    return bool(told) and any(nature(fact) in ("fix", "security") for fact in facts)


def _stated(fact: Fact) -> str:
    """Return what of a summary holds after the change too: of a fault only where and when it came up, "in dark mode"."""
    summary = fact.summary[:_MOST_CHARACTERS]
    if not states_fault(fact):
        return summary
    place = _PLACE.search(plain(summary))
    return plain(summary)[place.start() :] if place else ""


def _reordered(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text puts after what an entry puts before: "filters run after the scan" for "filters run before the scan"."""
    for first, later in _orders(text):
        for fact in facts:
            for one, other in _orders(fact.summary[:_MOST_CHARACTERS]):
                if first & other and later & one and not (first & one) and not (later & other):
                    yield f"{' '.join(sorted(later & one))} after {' '.join(sorted(first & other))}"


def _orders(text: str) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Yield the terms of what comes first and of what comes later."""
    for clause in re.split(r"[;.!?](?!\w)", _IN_TURN.sub(" ", plain(text)).replace(" ahead of ", " before ")):
        left, order, right = (*re.split(r"\b(before|after)\b", clause, maxsplit=1), "", "")[:3]
        sides = terms(left), terms(right)
        if order and all(sides):
            yield sides if order == "before" else sides[::-1]


def _turned(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text says is on by default where an entry says that it is off, and the other way round."""
    line = plain(text).casefold()
    if _SOME.search(line) is None and not any(states_fault(fact) for fact in facts):
        written = " ".join(plain(part) for fact in facts for part in fact.texts).casefold()
        for one, other in ((_ON, _OFF), (_OFF, _ON)):
            if (said := one.search(line)) and other.search(written) and not one.search(written) and not other.search(line):
                yield f"{said[0]}: the entry says the contrary"
        defaults = {stem(word) for word in _BY_DEFAULT.findall(written)}
        for word in _BY_DEFAULT.findall(line):
            if stem(word) not in defaults and OPPOSITES.get(stem(word), frozenset()) & defaults:
                yield f"{word} by default: the entry says the contrary"


def _admitted(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text says can be done where an entry refuses it: "can be renewed" for "block renewal"."""
    line = plain(text).casefold()
    for fact in facts if _SOME.search(line) is None else ():
        refused = _REFUSED.match(bare_summary(fact)[:_MOST_CHARACTERS].casefold())
        deeds = {term[:_LETTERS] for term in terms(refused["what"])} if refused else frozenset[str]()
        yield from (f"{match[0]}: the entry refuses it" for match in _CAN.finditer(line) if stem(match["deed"])[:_LETTERS] in deeds)
        what = word_stems(refused["what"]) if refused else frozenset[str]()
        if what and len(facts) == 1 and what <= word_stems(text) and (may := _MAY_USE.search(line)):
            yield f"{may[0]}: the entry refuses it"


def _repeated(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text says can be done again and again, where an entry says once."""
    line, written = plain(text).casefold(), " ".join(plain(fact.summary)[:_MOST_CHARACTERS] for fact in facts).casefold()
    if (often := _OFTEN.search(line)) and _ONCE.search(written) and _SOME.search(line) is None:
        yield f"{often[0]} (the entry says once)"


def _forced(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text says must be so, where an entry only says that it can be."""
    written = " ".join(plain(part) for fact in facts for part in fact.texts).casefold()
    if (must := _MUST.search(plain(text).casefold())) and not _ASKS.search(written) and _MAY.search(written):
        yield f"{must[0]} (the entry says may)"


def _chosen(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield what a text says has to be chosen, where an entry says that it is the default."""
    line = plain(text)
    for fact in facts if _CHANGES_BACK.search(line) is None else ():
        summary = plain(fact.summary)[:_MOST_CHARACTERS]
        defaults = {name for match in _IS_DEFAULT.finditer(summary) for name in match.groups() if name}
        yield from (f"{match['what']}: the entry says it is the default" for match in _CHOOSES.finditer(line) if match["what"] in defaults)


def _opened(text: str, facts: Sequence[Fact]) -> Iterator[str]:
    """Yield who may do what an entry keeps to some: "created by anyone" for "created only by admins"."""
    line = plain(text).casefold()
    if _SOME.search(line) is None and any(re.search(r"\bonly\b", plain(fact.summary)[:_MOST_CHARACTERS]) for fact in facts):
        yield from (f"{match[0]} (the entry says only)" for match in _ALL.finditer(line))


@lru_cache(maxsize=1 << 14)
def _every_stem(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", plain(text).casefold())) | terms(text)


def _prefixed(word: str) -> frozenset[str]:
    """Return the word without a prefix that makes it its opposite."""
    if word in NO_PREFIX:
        return frozenset()
    shorter = (word.removeprefix(prefix).lstrip("-") for prefix in PREFIXES if word.startswith(prefix))
    return frozenset(rest for rest in shorter if len(rest) > 3)
