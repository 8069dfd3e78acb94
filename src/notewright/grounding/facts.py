"""Facts: what one entry states, and the evidence that a sentence citing it may draw on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from notewright.grounding.comparisons import follows
from notewright.grounding.dates import date_parts
from notewright.grounding.quantities import derived_keys, loose_keys, number_keys, quantity_keys
from notewright.grounding.tokens import Token, reference_key, scan, version_keys, without_code
from notewright.grounding.wording import contains, plain, words

_SPAN = re.compile(r"(?<![\w.])(\d{1,6})(?: \(\w+\))? ?(?:to|-|through|\.\.\.?) ?(\d{1,6})(?![\w.])")  # "0 (lowest) to 9" are ten
_PRODUCT = re.compile(r"(?<![\w.])(\d{1,6}) ?x ?(\d{1,6})(?![\w.])")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
_PAST_PERIOD = re.compile(r"(?:past|last|previous) (day|week|month|year)")
_ONE_UNIT = re.compile(r"\b(?:an?|one|per|each|every) (second|minute|hour|day|week|month|year)\b")
_SCALED = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:k|M|B|bn)(?=-[a-z])")  # "the 1B-edge benchmark"
_RATE_OF = {"q:time:1": "r:second", "q:time:60": "r:minute", "q:time:3600": "r:hour", "q:time:86400": "r:day", "q:time:604800": "r:week"}
_TWO = frozenset(
    "twice both pair double doubled twofold side-by-side diff compare versus between duet dual".split()
)  # "sold twice": to two
_PER_CENT = {"half": 50, "quarter": 25, "fifth": 20, "tenth": 10, "twentieth": 5}
_PERCENTILE = re.compile(r"p(\d\d(?:\.\d)?)")
_LEAP_DAY = frozenset({"m:2", "d:29"})
# What may stand between a number and the quantity whose unit it shares
_JOINS = re.compile(
    r"\W*(?:and|or|to|from|instead of|rather than|\w*(?: \w+){0,2}(?:, | ?\(|^\W*)"
    r"(?:previously|formerly|before|was|were|not|up from|down from|instead of))?\W*"
)
_MOVES = re.compile(r"\bfrom (?:[A-Za-z.]+ )?v?(\d{1,4}(?:\.\d{1,4}){0,2})(?:\.\w+)? to (?:[A-Za-z.]+ )?v?(\d{1,4}(?:\.\d{1,4}){0,2})")
_PER = re.compile(r"(?<![\w.])(\d{1,3}) (?:per|a|each|every) (?:second|minute|hour|day|week|month|year)\b")  # "twice a year"
_LISTED = re.compile(r", (?:or |and )?| (?:or|and|to) |-")  # "1, 3 or 7 days"
_DAY = 86_400  # seconds
_LINKS = re.compile(r"(?:, )?\b(?:and|or|besides|as well as|in addition to|next to|alongside|plus)\b|, ")  # "WebP and APNG, besides GIF"
_BARE_BYTES = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) ?([KMGT])(?![\w])")  # "16K pages" are pages of 16 KiB
_EVERY = re.compile(r"\bevery (\d{1,3}) ?(ms|s|min|h|seconds|minutes|hours)\b")  # twice a minute
_IN_LARGER = {"ms": 1000, "s": 60, "min": 60, "h": 24, "seconds": 60, "minutes": 60, "hours": 24}
_APART = re.compile(r"(?<![\w.])(\d[\d.,]*)(?: [a-z]+){1,2} ([a-z]{3,})\b")  # "10 idle minutes" are ten minutes
_MOST_CHARACTERS = 4_000  # read of one field: a longer subject or breaking text is an accident or an attack


@dataclass(frozen=True, slots=True)
class Fact:
    """What stage 3 may know of one entry. `references` are as written, `commits` full object names."""

    id: str
    type: str | None
    scope: str | None
    summary: str
    breaking: bool
    breaking_text: str | None
    security: bool
    references: tuple[str, ...]
    commits: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The prose of the entry: summary, breaking text, scope."""
        return tuple(text[:_MOST_CHARACTERS] for text in (self.summary, self.breaking_text, self.scope) if text)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the cited facts license. `exact` is their text without backticks, `prose` that outside code spans in lower case;
    `keys` are the readings of their tokens, `computed` what follows from two of them, `dates` the parts of each of their dates,
    `counts` how many things they list."""

    exact: str
    prose: str
    keys: frozenset[str]
    computed: frozenset[str]
    dates: frozenset[frozenset[str]]
    counts: frozenset[int]
    references: frozenset[str]
    commits: tuple[str, ...]

    def supports(self, token: Token) -> bool:
        """Return whether the facts say what the token says."""
        if re.fullmatch("[0-9a-f]{7,40}", token.text) and any(commit.startswith(token.text) for commit in self.commits):
            return True
        match token.kind:
            case "date":
                years = {f"y:{key[2:]}" for key in self.keys if re.fullmatch(r"n:(?:19|20)\d\d", key)}  # "leap day 2028"
                if (past := _PAST_PERIOD.fullmatch(token.text.casefold())) and not quantity_keys(f"1 {past[1]}").isdisjoint(self.keys):
                    return True  # "the past week" for the last seven days
                return any(token.keys <= parts for parts in self.dates) or token.keys <= years
            case "code" if re.fullmatch(r"\d[\d.]*", token.text):
                return not number_keys(token.text).isdisjoint(self.keys) or self._says_code(token.text)
            case "version" | "rate" | "quantity" | "number":
                return not token.keys.isdisjoint(self.keys) or any(f"n:{count}" in token.keys for count in self.counts)
            case "reference":
                return not token.keys.isdisjoint(self.references)
            case "advisory" if token.text.casefold() in self.references:
                return True
            case "code":
                return self._says_code(token.text)
            case "url":
                return contains(self.exact, token.text)
            case _:
                return self._says_name(token.text)

    def implies(self, token: Token, text: str) -> bool:
        """Return whether an amount in the text follows from those of the facts: "82 % smaller", "60 days longer", "nearly three"."""
        return follows(token, plain(text), keys=self.keys, computed=self.computed, prose=self.prose)

    def _says_code(self, text: str) -> bool:
        """Code keeps its case, unless the fact has it as a plain word of its prose: `Button` for "button"."""
        spellings = (text, text.removesuffix("()"), text.replace("=", " "))
        if any(contains(self.exact, spelling) for spelling in spellings):
            return True
        return re.fullmatch(r"[A-Za-z]?[a-z-]+(?: [a-z-]+)*", text) is not None and contains(self.prose, text.casefold())

    def _says_name(self, text: str) -> bool:
        """A name in prose may differ in case, in a plural s, and in a hyphen before its digits."""
        folded, source = text.casefold().removesuffix("()"), self.exact.casefold()
        spellings = {folded, folded.removesuffix("s"), f"{folded}s", folded.replace("-", ""), folded.replace("-", " ")}
        if any(contains(source, spelling) for spelling in spellings):
            return True
        if text.isupper() and re.search(rf"(?<!\w){re.escape(folded)}\d", source):  # "HTTP/2" for `http2`
            return True
        if all(contains(source, part.strip("\"'")) for part in folded.split("=")):  # "level is 3" for `level=3`
            return True
        if (share := _PERCENTILE.fullmatch(folded)) and re.search(rf"(?<![\w.]){share[1]}(?:th|st|nd|rd)? percentile", source):
            return True
        if re.fullmatch(r"[a-z]+\d+", folded) and re.search(rf"(?<!\w){re.sub(r'(?<=[a-z])(?=[0-9])', '[ -]?', folded)}(?!\w)", source):
            return True
        return text.isupper() and text.isalpha() and _initials(source, text.casefold())


def gather(facts: Iterable[Fact]) -> Evidence:
    """Return what a sentence that cites these facts, and no others, may say."""
    cited = tuple(facts)
    readings = tuple(_read(fact) for fact in cited)
    return Evidence(
        exact="\n".join(reading.exact for reading in readings),
        prose="\n".join(reading.prose for reading in readings),
        keys=frozenset[str]().union(*(reading.keys for reading in readings)),
        computed=frozenset[str]().union(*(reading.computed for reading in readings)),
        dates=frozenset[frozenset[str]]().union(*(reading.dates for reading in readings)),
        counts=frozenset[int]().union(*(reading.counts for reading in readings), _kinds_counted(cited)),
        references=frozenset[str]().union(*(reading.references for reading in readings)),
        commits=tuple(commit for reading in readings for commit in reading.commits),
    )


@lru_cache(maxsize=1 << 14)
def _read(fact: Fact) -> Evidence:
    lines = tuple(plain(text) for text in fact.texts)
    tokens = tuple(token for line in lines for token in _deep(line))
    keys = frozenset(key for token in tokens for key in token.keys)
    keys |= {key for line in lines for key in (*_bare_numbers(line), *_shared_units(line))}
    written = {reference_key(reference) for reference in fact.references} | {reference.casefold() for reference in fact.references}
    return Evidence(
        exact="\n".join(spelling for line in lines for spelling in dict.fromkeys((line.replace("`", ""), plain(line.replace("`", " "))))),
        prose="\n".join(without_code(line) for line in lines).casefold(),
        keys=keys,
        computed=derived_keys(keys) | frozenset(key for line in lines for key in _majors_between(line)),
        dates=frozenset(_dates(lines, tokens)),
        counts=frozenset(count for line in lines for count in listed(line)),
        references=frozenset(written | {key for token in tokens if token.kind == "reference" for key in token.keys}),
        commits=fact.commits,
    )


def _dates(lines: Iterable[str], tokens: Iterable[Token]) -> Iterator[frozenset[str]]:
    """Yield the parts of each date of an entry; a leap day has a date too."""
    yield from (date_parts(token.text) for token in tokens if token.kind == "date")
    yield from (_LEAP_DAY for line in lines if re.search(r"\bleap[ -](?:day|year)s?\b", line, re.IGNORECASE))


def listed(text: str) -> frozenset[int]:
    """Return how many things the lists of a text may hold: {2, 3} for "mean, min and max"; a list may begin at any of its commas."""
    runs = [run.count(",") + 2 for run in re.findall(r"[^.;:]*?(?: and | or | & | / )", text)]
    runs += [len(_LINKS.findall(run)) + 1 for run in re.split(r"[.;:]", text)]
    runs += [run.count(",") + 1 for run in re.findall(r"[\[({][^\[\](){}]*[\])}]", text)]
    most = max(runs, default=0)
    spans = ((int(first), int(last)) for first, last in _SPAN.findall(text))
    return frozenset(range(2, most + 1)) | {last - first + 1 for first, last in spans if first < last}


def _deep(line: str) -> Iterable[Token]:
    """Yield the tokens of a line and those inside its code spans."""
    for token in scan(line):
        yield token
        if token.kind == "code":
            yield from scan(token.text.replace("`", " "))


def _bare_numbers(line: str) -> Iterable[str]:
    """Yield the loose readings of a fact's numbers: bare amounts, what a version begins with ("3" of "3.8", "1.4.0" for "1.4"), digits in
    names ("12" of `Grid12`). References and hashes license no number."""
    prose = line.replace("`", " ")
    yield from (f"n:{_ORDINALS[word]}" for word in words(prose) if word in _ORDINALS)
    yield from ("n:2" for word in words(prose) if word in _TWO)
    yield from (f"q:percent:{_PER_CENT[word]}" for word in words(prose) if word in _PER_CENT)
    yield from (f"q:percent:{share}" for one in re.findall(r"\bp(\d\d)\b", prose) for share in (int(one), 100 - int(one)))
    yield from (f"n:{int(one) * int(other)}" for one, other in _PRODUCT.findall(prose))
    yield from (key for amount in _SCALED.findall(prose) for key in number_keys(amount))
    for unit in _ONE_UNIT.findall(prose.casefold()):
        yield from quantity_keys(f"1 {unit}")
    for token in scan(prose):
        if token.kind in ("quantity", "number"):
            yield from loose_keys(token.text)
            yield from (_RATE_OF[key] for key in token.keys if key in _RATE_OF)
        if token.kind == "rate":
            yield from (key for key, rate in _RATE_OF.items() if rate in token.keys)
        if token.kind in ("url", "advisory", "reference", "date"):
            prose = prose.replace(token.text, " ")
    for amount, unit in _BARE_BYTES.findall(prose):
        yield from (*quantity_keys(f"{amount} {unit}B"), *quantity_keys(f"{amount} {unit}iB"))
    yield from (f"q:times:{count}" for count in _PER.findall(prose))
    yield from _rough_months(line)
    for version in re.findall(r"\d+(?:\.\d+)*", prose):
        parts = version.split(".")
        yield f"n:{version}"
        yield from (f"v:{'.'.join(parts[:length])}" for length in range(1, len(parts) + 1))
        yield from version_keys(f"{version}.0")


def _majors_between(line: str) -> Iterable[str]:
    """Yield by how many versions an entry moves on, in the first part of them that differs: "by two major versions, from 14.11 to 16.3"."""
    for old, new in _MOVES.findall(line):
        parts = zip(map(int, old.split(".")), map(int, new.split(".")), strict=False)
        yield from (f"n:{by}" for by in [next((abs(one - other) for one, other in parts if one != other), 0)] if by)


def _rough_months(line: str) -> Iterable[str]:
    """Yield the months of 30 days in each number of days: people say three months for 90 days, and a year for 365 days."""
    days = [int(key[7:]) // _DAY for token in scan(line) for key in token.keys if re.fullmatch(r"q:time:\d+", key)]
    yield from (f"q:month:{count // 30}" for count in days if count and count % 30 == 0)
    yield from (f"q:month:{12 * (count // 365)}" for count in days if count and count % 365 == 0)


def _shared_units(line: str) -> Iterable[str]:
    """Yield the readings of numbers whose unit stands at a neighbour: "the last 7, 30 or 90 days", "90 days, previously 30"."""
    unit, after = "", None
    for token in reversed(scan(line)):
        if token.kind == "number" and unit and after and _LISTED.fullmatch(line[token.end : after.start]):
            yield from quantity_keys(f"{token.text} {unit}")
        else:
            unit = re.sub(r"^[\d.,'_ ]*", "", token.text) if token.kind == "quantity" else ""
        after = token
    for first, second in pairwise(scan(line)):
        between = line[first.end : second.start]
        for bare, measured in ((first, second), (second, first)):
            if bare.kind == "number" and measured.kind == "quantity" and _JOINS.fullmatch(between):
                unit = re.sub(r"^[\d.,'_ ]*", "", measured.text)
                yield from quantity_keys(f"{bare.text} {unit}")
    for amount, unit in _EVERY.findall(line):
        if int(amount) and _IN_LARGER[unit] % int(amount) == 0:
            yield f"q:times:{_IN_LARGER[unit] // int(amount)}"
    for amount, unit in _APART.findall(line):
        yield from quantity_keys(f"{amount} {unit}")


def _kinds_counted(facts: tuple[Fact, ...]) -> frozenset[int]:
    """How many entries are cited, in all and of each kind: "two breaking changes"."""
    kinds = Counter(fact.type for fact in facts)
    marks = (sum(fact.breaking for fact in facts), sum(fact.security for fact in facts))
    return frozenset(count for count in (len(facts), *marks, *kinds.values()) if count > 1)


def _initials(text: str, letters: str) -> bool:
    """Return whether consecutive words of a text begin with these letters: "SSO" for "single sign-on"."""
    heads = "".join(word[0] for line in text.split("\n") for word in words(line.replace("-", " ")))
    return len(letters) > 2 and letters in heads
