"""Numbers and quantities: words and digits, units and rates, as keys that are equal when the amounts are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

_ONES = (
    "zero one two three four five six seven eight nine ten".split()
    + "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_ONES)} | {word: value * 10 for value, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "k": 1000, "M": 10**6, "B": 10**9, "bn": 10**9}

# unit: dimension and size in the dimension's base; a spelling with two readings has two
_UNITS: dict[str, tuple[tuple[str, Decimal], ...]] = {}


def _define(dimension: str, size: str, *spellings: str) -> None:
    for spelling in spellings:
        _UNITS[spelling] = (*_UNITS.get(spelling, ()), (dimension, Decimal(size)))


_define("time", "0.000000001", "ns", "nanosecond", "nanoseconds")
_define("time", "0.000001", "us", "\u03bcs", "microsecond", "microseconds")
_define("time", "0.001", "ms", "msec", "millisecond", "milliseconds")
_define("time", "1", "s", "sec", "secs", "second", "seconds")
_define("time", "60", "m", "min", "mins", "minute", "minutes")
_define("time", "3600", "h", "hr", "hrs", "hour", "hours")
_define("time", "86400", "d", "day", "days", "night", "nights")
_define("time", "604800", "w", "wk", "week", "weeks")
_define("month", "1", "month", "months")
_define("month", "12", "y", "yr", "yrs", "year", "years")
for _power, _prefix in enumerate("kMGTP", start=1):
    for _letters in {_prefix, _prefix.upper()}:
        _define("byte", str(1000**_power), f"{_letters}B", f"{_letters}byte", f"{_letters}bytes")
        _define("byte", str(1024**_power), f"{_letters}iB")
        _define("bit", str(1000**_power), f"{_letters}b", f"{_letters}bit", f"{_letters}bits")
for _power, _name in enumerate(("kilo", "mega", "giga", "tera"), start=1):
    _define("byte", str(1000**_power), f"{_name}byte", f"{_name}bytes")
_define("byte", "1", "B", "byte", "bytes")
_define("bit", "1", "bit", "bits")
for _length, *_names in (("0.001", "mm", "millimetre"), ("0.01", "cm", "centimetre"), ("1", "m", "metre"), ("1000", "km", "kilometre")):
    for _name in _names:
        _define("length", _length, *{_name, f"{_name}s", _name.replace("tre", "ter"), _name.replace("tre", "ters")})
for _mass, *_names in (("0.000001", "mg", "milligram"), ("0.001", "gram"), ("1", "kg", "kilogram")):
    _define("mass", _mass, *(form for name in _names for form in (name, f"{name}s")))
_define("percent", "1", "%", "percent", "per cent", "percentage points")
_define("times", "1", "x", "times", "fold")
_define("pixel", "1", "px", "pixel", "pixels")
_define("degree", "1", "\u00b0", "\u00b0C", "\u00b0F", "degree", "degrees", "degrees Celsius", "degrees Fahrenheit")
for _unit in "AVW":
    _define(_unit, "0.000001", f"u{_unit}", f"\u03bc{_unit}")
    _define(_unit, "0.001", f"m{_unit}")
    _define(_unit, "1000", f"k{_unit}")
_define("hertz", "1", "Hz")
_define("hertz", "1000", "kHz")
_define("hertz", "1000000", "MHz")
_define("hertz", "1000000000", "GHz")

_RATES = {
    "fps": "second",
    "hourly": "hour",
    "daily": "day",
    "nightly": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
}
_RATE_UNITS = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "night": "day"}
_FACTORS = {"twice": "2", "thrice": "3", "doubl": "2", "tripl": "3", "quadrupl": "4", "halv": "0.5"}

# What an entry may say for a factor
_ALSO_FACTORS = {
    "2": "duplicat|doubl|twice|twofold|two-fold|two times|2 ?x", "3": "thrice|tripl|treble|threefold|three times|3 ?x",
    "4": "quadrupl|fourfold|four times|4 ?x", "0.5": "half|halv|by 50 ?%",
}  # fmt: skip

_MOST_COMPARED = 16  # quantities of one entry; a line with more is no sentence

_any_word = "|".join(sorted(_WORDS, key=len, reverse=True))
_any_unit = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_long_unit = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True) if len(unit) > 2)
_digits = r"(?:(?:\d{1,3}(?:[,'_ ]\d{3})+(?![\d,'_])|\d+)(?:\.\d+)?|\.\d+)"
_tens = rf"(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES[1:10])}))?"
_spelled = (
    rf"(?:(?:{_tens}|{_any_word})(?:[ -](?:hundred|thousand|million|billion|dozen)\b)*|an? (?:hundred|thousand|million|billion)"
    r"|half a dozen|(?:half|a quarter of) a (?:hundred|thousand|million|billion)|an? dozen)(?: and a half)?"
)
_scale = r"(?: ?(?:hundred|thousand|million|billion|bn)| ?[kMB](?![\w/-]))"

# In this order, each before what would read a part of it: half an hour; 8 s, five minutes, 3x; twice, doubled; per minute, daily;
# 10M, 4 million; 42, four. "one" alone is more often a pronoun than a number.
QUANTITY = (
    rf"(?i:\b(?:half|three quarters of) an? (?:second|minute|hour|day|week|month|year))\b"
    rf"|(?<![\w.])(?:{_digits}[ -]?(?:{_any_unit})|(?i:{_spelled})[ -](?:{_long_unit})|(?i:{_any_word})fold)(?!\w)(?<!\d[ -]x(?= \d))"
    r"|\b(?i:twice|thrice|(?:doubl|tripl|quadrupl)(?:es|ed|ing)|halv(?:es?|ed|ing))\b"
)
RATE = (
    r"\b(?i:per|each|every)[ -](?i:second|sec|minute|min|hour|hr|day|night|week|month|quarter|year)\b"
    r"|(?<=\w)/(?:second|sec|s|minute|min|hour|hr|h|day|week|month|year)\b"
    r"|(?<=\d)(?: ?)fps\b|\b(?i:fps|hourly|daily|nightly|weekly|monthly|yearly|annually)\b"
)
NUMBER = (
    rf"(?<![\w.]){_digits}(?:{_scale}|(?:st|nd|rd|th))?(?![\w]|\.\d)"
    rf"|\b(?i:(?!ones?\b(?![ -](?:hundred|thousand|million|billion))){_spelled}|dozens|hundreds|thousands|millions|billions)\b"
)

_quantity_parts = re.compile(rf"(?P<amount>{_digits}|(?i:{_spelled}|{_any_word}))[ -]?(?P<unit>{_any_unit})")
_number_parts = re.compile(rf"(?P<amount>{_digits})(?P<scale>{_scale})?")


def quantity_keys(text: str) -> frozenset[str]:
    """Return the readings of a quantity: `q:time:480` for "8 min", several where the unit is ambiguous."""
    lowered = text.casefold()
    for part, share in (("half a", "0.5"), ("three quarters of a", "0.75")):
        if lowered.startswith(part):
            return frozenset(_measured(Decimal(share), lowered.rsplit(" ", 1)[1]))
    for stem, factor in _FACTORS.items():
        if lowered.startswith(stem):
            return frozenset({f"q:times:{_shortest(Decimal(factor))}"})
    parts = _quantity_parts.fullmatch(text)
    if parts is None:
        return frozenset()
    amount, unit = _amount(parts["amount"]), parts["unit"]
    keys = set(_measured(amount, unit if unit in _UNITS else unit.casefold()))
    if unit == "times":  # "retried three times" is said of "3 retries" too
        keys.add(f"n:{_shortest(amount)}")
    return frozenset(keys)


def factor_words(text: str) -> str:
    """Return a pattern of what says the same as a word that is a factor itself: "doubled", "twice"; nothing for other tokens."""
    folded = text.casefold()
    return next((_ALSO_FACTORS[factor] for stem, factor in _FACTORS.items() if folded.startswith(stem) and factor in _ALSO_FACTORS), "")


def rate_keys(text: str) -> frozenset[str]:
    """Return what a rate counts by: `r:minute` for "per minute", "/min"."""
    unit = re.split(r"[ /-]", text.casefold())[-1]
    return frozenset({f"r:{_RATES.get(unit) or _RATE_UNITS.get(unit, unit)}"})


def number_keys(text: str) -> frozenset[str]:
    """Return the readings of a number without a unit: `n:10000000` for "10M" and "ten million", `n:3.10` for "3.10" (never 3.1)."""
    parts = _number_parts.match(text)
    if parts is None:
        return frozenset({f"n:{_shortest(_amount(text))}"}) if _is_spelled(text) else frozenset({f"n:{text.casefold()}"})
    if parts["scale"]:
        return frozenset({f"n:{_shortest(_amount(parts['amount']) * _SCALES[parts['scale'].strip()])}"})
    return frozenset({f"n:{_ungrouped(parts['amount'])}"})


def loose_keys(text: str) -> frozenset[str]:
    """Return the bare amount of a quantity or scaled number, for facts: "8s" also supports a sentence that says "8"."""
    parts = _quantity_parts.fullmatch(text) or _number_parts.match(text)
    if parts is None:
        return frozenset()
    keys = {f"n:{_shortest(_amount(parts['amount']))}"}
    if text[-1:] in "kMG":
        keys |= set(_measured(_amount(parts["amount"]), f"{text[-1]}B"))
    return frozenset(keys)


def derived_keys(keys: frozenset[str]) -> frozenset[str]:
    """Return what may be computed from two amounts of one dimension: their difference, ratio, and change in per cent, rounded."""
    measured = sorted(key for key in keys if key.startswith("q:"))[:_MOST_COMPARED]
    counted = sorted(key for key in keys if re.fullmatch(r"n:\d+(?:\.\d)?", key))[:_MOST_COMPARED]
    pairs = [sorted((Decimal(one[2:]), Decimal(other[2:]))) for one, other in combinations(counted, 2)]
    found = {f"n:{_shortest(large - small)}" for small, large in pairs}
    found |= {f"q:times:{_shortest(ratio)}" for small, large in pairs if small for ratio in (large / small, small / large)}
    found |= {
        f"q:times:{about}" for small, large in pairs if small and large > small for about in (_rounded(large / small), int(large / small))
    }
    shares = [Decimal(key[10:]) for key in measured if key.startswith("q:percent:")]
    found |= {f"q:percent:{_shortest(100 - share)}" for share in shares if share < 100}  # "85 % of what it was" for 15 % less
    found |= {f"q:times:{_shortest(share / 100)}" for share in shares if share > 100}  # "twice as big" for 200 %
    found |= {f"q:times:{_shortest(1 + share / 100)}" for share in shares if share <= 100}  # "1.6 times as much" for 60 % more
    factors = [Decimal(key[8:]) for key in measured if key.startswith("q:times:")]
    found |= {f"q:percent:{_shortest(round(abs(change) * 100, 0))}" for of in factors if of > 0 for change in (of - 1, 1 - 1 / of)}
    return frozenset(key for pair in combinations(measured, 2) for key in _derive(*pair)) | found


def _derive(one: str, other: str) -> Iterator[str]:
    dimension, _, value = one.rpartition(":")
    other_dimension, _, other_value = other.rpartition(":")
    if dimension != other_dimension or dimension == "q:times":
        return
    if dimension == "q:percent":  # in percentage points
        yield f"{dimension}:{_shortest(abs(Decimal(value) - Decimal(other_value)))}"
        return
    small, large = sorted((Decimal(value), Decimal(other_value)))
    yield f"{dimension}:{_shortest(large - small)}"
    yield f"n:{_shortest(large - small)}"  # "19 fewer": the unit stands elsewhere
    if small <= 0:
        return
    for ratio in (large / small, small / large):
        yield from (f"q:times:{_shortest(round(ratio, places))}" for places in (0, 1, 2))
        yield f"q:times:{int(ratio)}"
        yield f"q:times:{_rounded(ratio)}"
    for change in ((large - small) / large * 100, (large - small) / small * 100):
        yield from (f"q:percent:{_shortest(round(change, places))}" for places in (0, 1))
        yield f"q:percent:{int(change)}"


def _rounded(amount: Decimal) -> str:
    """Return an amount with one digit that counts: "about thirty times" for 30.9."""
    return _shortest(round(amount, -amount.adjusted()))


def _measured(amount: Decimal, unit: str) -> Iterator[str]:
    for dimension, size in _UNITS.get(unit, ()):
        yield f"q:{dimension}:{_shortest(amount * size)}"


def _amount(text: str) -> Decimal:
    return _spelled_value(text) if _is_spelled(text) else Decimal(_ungrouped(text))


def _is_spelled(text: str) -> bool:
    return bool(re.fullmatch(_spelled, text, re.IGNORECASE)) or text.casefold() in _WORDS


def _spelled_value(text: str) -> Decimal:
    folded = text.casefold()
    if folded == "half a dozen":
        return Decimal(6)
    for part, by in (("half a ", 2), ("a quarter of a ", 4)):
        if folded.startswith(part):
            return Decimal(_SCALES[folded.removeprefix(part)]) / by
    whole = folded.removesuffix(" and a half")
    total = group = 0
    for word in re.split(r"[ -]", whole):
        if word in ("a", "an"):
            continue
        if word == "hundred":
            group = (group or 1) * 100
        elif word == "dozen":
            group = (group or 1) * 12
        elif word in _SCALES:
            total, group = total + (group or 1) * _SCALES[word], 0
        else:
            group += _WORDS[word]
    return total + group + (Decimal("0.5") if whole != folded else Decimal(0))


def _ungrouped(text: str) -> str:
    return re.sub(r"[,'_ ](?=\d{3})", "", text)


def _shortest(amount: Decimal) -> str:
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
