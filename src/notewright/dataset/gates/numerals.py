"""Numbers of a passage and of an answer, by their values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notewright.dataset.gates.reasons import Fault

# Digits anywhere, in names too: `int64` has the 64 that an answer speaks of
_DIGITS = re.compile(r"0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+")
_PRODUCT = re.compile(r"(?<![\w.])\d[\d_.]*(?:\s*(?:\*\*?|<<|/)\s*\d[\d_.]*)+")
_OPERATORS = re.compile(r"\*\*?|<<|/")
_SAID = re.compile(
    r"(?<![\w.#])(?P<digits>0[xX][0-9a-fA-F_]+|\d[\d_]*(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?)(?P<unit>\s?%|(?:\s|-)?[A-Za-z]+)?(?![\w]|\.\d)"
)
_SPELLED = re.compile(
    r"(?i)\b(three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|hundred) "
    r"(seconds?|minutes?|hours?|days?|weeks?|milliseconds?|times|retries|attempts|tries|bytes|bits|characters|digits|percent)\b"
)
_VALUES = {
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15,
    "twenty": 20, "thirty": 30, "sixty": 60, "hundred": 100,
}  # fmt: skip
_UP_TO = re.compile(r"\b(?:to|through|until|index) $")
# What can be counted without being told: three parameters, 4 steps
_COUNTED = frozenset(
    "parameter parameters argument arguments field fields step steps method methods case cases line lines value values item items"
    " element elements branch branches check checks way ways type types condition conditions test tests property properties attribute"
    " attributes function functions part parts stage stages key keys option options result results return returns level levels kind"
    " kinds sentence entries entry string strings class classes things error errors".split()
)
_SECONDS = frozenset({1e-9, 1e-6, 1e-3, 1.0, 60.0, 3600.0, 86400.0, 604800.0})
_UNITS: dict[str, frozenset[float]] = {
    "%": frozenset({0.01}),
    "percent": frozenset({0.01}),
    **dict.fromkeys(
        "ns us ms s sec secs second seconds millisecond milliseconds microsecond microseconds nanosecond nanoseconds minute minutes min"
        " mins hour hours h day days week weeks".split(),
        frozenset(one / other for one in _SECONDS for other in _SECONDS),
    ),
    **dict.fromkeys(
        "b kb mb gb kib mib gib byte bytes kilobyte kilobytes megabyte megabytes gigabyte gigabytes bit bits".split(),
        frozenset({8.0, 0.125, 1e3, 1e6, 1e9, 2.0**10, 2.0**20, 2.0**30}),
    ),
}
# Names that stand for a status of HTTP in the libraries of most languages
_STATUSES = {
    "ok": 200, "created": 201, "accepted": 202, "nocontent": 204, "movedpermanently": 301, "found": 302, "notmodified": 304,
    "badrequest": 400, "unauthorized": 401, "forbidden": 403, "notfound": 404, "methodnotallowed": 405, "conflict": 409, "gone": 410,
    "unprocessableentity": 422, "toomanyrequests": 429, "internalservererror": 500, "badgateway": 502, "serviceunavailable": 503,
    "gatewaytimeout": 504,
}  # fmt: skip
_STATUS_NAME = re.compile(rf"(?i)status(?:code)?[._:]*({'|'.join(re.sub('(?<=.)(?=.)', '_?', name) for name in _STATUSES)})\b")
_MOST_EXPONENT = 64
_MOST_BASE = 1_000
_ALWAYS = frozenset({0.0, 1.0, 2.0})
_MOST_COUNTED = 12


def numbers_of(text: str) -> frozenset[float]:
    """Return the values of all numbers of a source, and of the statuses of HTTP that it names. A product that it writes out is one number:
    `60 * 5` is 300, and no 5."""
    products = _PRODUCT.findall(text)
    single = _PRODUCT.sub(" ", text) if products else text
    found = {value for digits in _DIGITS.findall(single) if (value := _value(digits)) is not None}
    found.update(value for product in products if (value := _folded(product)) is not None)
    found.update(_STATUSES[name[1].replace("_", "").casefold()] for name in _STATUS_NAME.finditer(text))
    return frozenset(found)


def unknown_numbers(prose: str, known: frozenset[float]) -> Iterator[Fault]:
    """Yield a fault for each number of a text, written in digits or told with a unit, that is not among the known ones. What anybody may
    count ("3 parameters") and the smallest numbers need not be known."""
    for match in _SAID.finditer(prose):
        unit = (match["unit"] or "").strip(" -").casefold()
        value = _value(match["digits"])
        if value is None or value in known or value in _ALWAYS or (value <= _MOST_COUNTED and unit in _COUNTED):
            continue
        is_last = value + 1 in known and _UP_TO.search(prose, 0, match.start()) is not None  # 25 things are numbered 0 to 24
        if not is_last and not _is_converted(value, unit, known):
            yield Fault("number", match[0].strip())
    for match in _SPELLED.finditer(prose):
        value = float(_VALUES[match[1].casefold()])
        if value not in known and not _is_converted(value, match[2].casefold(), known):
            yield Fault("number", match[0])


def _is_converted(value: float, unit: str, known: frozenset[float]) -> bool:
    # the smallest numbers stand in every source: a minute is no reason to know of 60 seconds
    return any((other := round(value * factor, 9)) in known and other not in _ALWAYS for factor in _UNITS.get(unit, ()))


def _value(digits: str) -> float | None:
    bare = digits.replace("_", "").replace(",", "")
    try:
        return float(int(bare, 0)) if bare[:2].casefold() in ("0x", "0b", "0o") else float(bare)
    except (ValueError, OverflowError):
        return None


def _folded(product: str) -> float | None:
    factors = [_value(part.strip()) for part in _OPERATORS.split(product)]
    value = factors[0]
    for operator, factor in zip(_OPERATORS.findall(product), factors[1:], strict=True):
        value = _applied(operator, value, factor)
    return None if value is None else round(value, 9)


def _applied(operator: str, value: float | None, factor: float | None) -> float | None:
    if value is None or factor is None or abs(value) > 2.0**_MOST_EXPONENT:
        return None
    if operator == "*":
        return value * factor
    if operator == "/":
        return value / factor if factor else None
    if factor > _MOST_EXPONENT or abs(value) > _MOST_BASE:
        return None
    return value * 2.0**factor if operator == "<<" else float(value**factor)
