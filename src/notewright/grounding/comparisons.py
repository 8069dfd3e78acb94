"""Comparisons: amounts of a sentence that follow from those of its entries: differences, ratios, shares, bounds, rounded amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from notewright.grounding.quantities import factor_words, number_keys
from notewright.grounding.tokens import Token
from notewright.grounding.wording import contains

# A difference or a ratio is only stated as one: "by 60 days", "60 days longer", "four times as fast"
_COMPARED_AFTER = re.compile(
    r"(?:\W+\w+){0,3}?\W+(?:\w+er|less|more|fewer|as \w+|reduction|increase|drop|gain|saving|off|(?:major|minor|patch) \w+)\b"
    r"|\W+(?:of )?(?:the|its|what)\b(?:\W+\w+)?"
)
_COMPARED_BEFORE = re.compile(
    r"\b(?:by|saves?|saving|gains?|another|additional|extra|other|remaining)"
    r"(?: (?:about|around|almost|nearly|over|roughly|some|up to))?\W*$"
)
_OF = {"thirds": 3, "quarters": 4, "fifths": 5, "sixths": 6, "eighths": 8, "tenths": 10}
_PARTS = re.compile(f" ({'|'.join(_OF)})\\b")
_SHARE_BEFORE = re.compile(r"\b(?:one|1)(?: [a-z]+){0,3} (?:in|of|out of) (?:every )?$", re.IGNORECASE)
_FRACTION = re.compile(r"\b(?P<part>\w+) (?:out of|in|of) (?:every )?(?P<whole>\w+)\b")
_OF_ALL = re.compile(r"(?<![\w.])(\d{1,4}) (?:in|of|out of) (?:every )?$", re.IGNORECASE)  # "99 of 100" for p99
_HEDGES = re.compile(r"\b(?:about|around|almost|nearly|roughly|some|over|more than|less than|under|just)\W*$", re.IGNORECASE)
_NEARLY = 3  # percentage points that "nearly" allows a fraction in words
_BOUNDS = re.compile(
    r"\b(?:(?P<below>under|below|less than|fewer than|within)|(?P<above>over|above|more than))(?: an?(?= \w+$))?\W*$", re.IGNORECASE
)
_CLOSE = Decimal("1.25")  # how far from a bound the amount may lie: 0.9 s are "under a second", 0.1 s are not
_AMOUNT = re.compile(r"(?:n|q:[a-z]+):\d+(?:\.\d+)?")
# "about three", "almost 3 s" for 2.9, and how far from it an amount may lie
_NEAR = re.compile(
    r"\b(?:about|around|almost|nearly|roughly|approximately|close to|some|circa|ca\.|over|more than|just under)\W*$", re.IGNORECASE
)
_VAGUE = {"dozens": 12, "hundreds": 100, "thousands": 1000, "millions": 10**6, "billions": 10**9}
_ROUNDED = Decimal("0.1")
# "three or more" for "more than two", "at least 3"
_EDGE_AFTER = re.compile(r"(?:\+| (?:\w+ )?(?:or|and) (?:more|above|over|higher|later|fewer|less|below))\b", re.IGNORECASE)
_EDGE_BEFORE = re.compile(r"\b(?:at least|at most|from|up to|no more than|no fewer than)\W*$", re.IGNORECASE)
_BEYOND = re.compile(
    r"\b(?:(?P<more>more than|over|above|exceeds?|exceeding)|(?:less than|fewer than|below|under)) (?P<limit>\d{1,6}|[a-z]+)\b"
)


def follows(token: Token, line: str, *, keys: frozenset[str], computed: frozenset[str], prose: str) -> bool:
    """Return whether a token of a line is an amount that follows from the readings of the facts: `keys` as they stand, `computed` from two
    of them; `prose` is their text in lower case."""
    if (
        _is_fraction(token, line, keys)
        or _is_bound(token, line, keys, prose)
        or _is_near(token, line, keys)
        or _is_edge(token, line, prose)
        or _is_vague(token, keys)
    ):
        return True
    compares = _COMPARED_AFTER.match(line, token.end) or _COMPARED_BEFORE.search(line, 0, token.start)
    is_factor = bool(factor_words(token.text)) or token.text.casefold().endswith("fold")
    if (compares is not None or is_factor) and not token.keys.isdisjoint(computed):
        return True
    others = factor_words(token.text)
    return _is_share(token, line, keys, computed, prose) or (bool(others) and re.search(rf"\b(?:{others})", prose) is not None)


def _is_fraction(token: Token, line: str, known: frozenset[str]) -> bool:
    """Return whether a token belongs to a share of a whole that the facts have: "nineteen out of twenty" for 95 % and p95."""
    for match in _FRACTION.finditer(line):
        (part, whole), ends = (_amount(match[name]) for name in ("part", "whole")), match.span()
        if part and whole and ends[0] <= token.start < ends[1]:
            return f"q:percent:{float(100 * part / whole):g}" in known
    return False


def _amount(text: str) -> Decimal | None:
    return next((amount for dimension, amount in _amounts(number_keys(text)) if dimension == "n"), None)


def _is_share(token: Token, line: str, keys: frozenset[str], computed: frozenset[str], prose: str) -> bool:
    """Return whether the token is the last number of "one in twenty", where the facts say 5 %, or the first of "two fifths"."""
    if part := _PARTS.match(line, token.end):
        near = range(-_NEARLY, _NEARLY + 1) if _HEDGES.search(line, 0, token.start) else range(1)
        parts = {int(key[2:]) * 100 // _OF[part[1]] for key in token.keys if re.fullmatch(r"n:\d", key)}
        return any(f"q:percent:{of_all + by}" in keys | computed for of_all in parts for by in near)
    if of := _OF_ALL.search(line, 0, token.start):
        wholes = [int(key[2:]) for key in sorted(token.keys) if re.fullmatch(r"n:10{1,4}", key)]
        shares = {f"{100 * int(of[1]) / whole:g}" for whole in wholes}
        return any(f"q:percent:{share}" in keys or contains(prose, f"p{share}") for share in shares)
    amounts = (int(key[2:]) for key in token.keys if re.fullmatch(r"n:[1-9]\d{0,5}", key))
    shares = {f"q:percent:{100 // amount}" for amount in amounts if 100 % amount == 0}
    return _SHARE_BEFORE.search(line, 0, token.start) is not None and not shares.isdisjoint(keys)


def _is_bound(token: Token, line: str, known: frozenset[str], prose: str) -> bool:
    """Return whether a token is a bound close to an amount of the facts: "more than six" for 6.2."""
    bound = _BOUNDS.search(line, 0, token.start)
    if bound is None or token.kind not in ("quantity", "number"):
        return False
    half = token.text.casefold().startswith("half")  # who says "under half a second" counts by halves: 0.4 s
    for dimension, limit in _amounts(token.keys):
        noun = re.match(r" ([a-z]{3,})", line[token.end :])
        counts = noun is not None and re.search(rf"\d {noun[1]}\b", prose) is not None  # "100 megapixels": 11 s are none
        measured = {amount for other, amount in _amounts(known) if counts and other != "n"}
        amounts = {amount for other, amount in _amounts(known) if other == dimension} - measured
        low, high = (limit / _CLOSE, limit) if bound["below"] else (limit, limit * _CLOSE)
        if any(
            low <= amount <= high and amount not in ((limit * _CLOSE,) if half else (limit * _CLOSE, limit / _CLOSE)) for amount in amounts
        ):  # "over 20" is not 25
            return True
    return False


def _is_near(token: Token, line: str, known: frozenset[str]) -> bool:
    """Return whether a token is called near an amount of the facts, and is: "almost three seconds" for 2.9."""
    if token.kind not in ("quantity", "number") or not (token.text.casefold().startswith("half a") or _NEAR.search(line, 0, token.start)):
        return False
    return any(
        dimension == other and abs(said - amount) <= _ROUNDED * amount
        for dimension, said in _amounts(token.keys)
        for other, amount in _amounts(known)
    )


def _is_vague(token: Token, known: frozenset[str]) -> bool:
    """Return whether a token is a word such as "hundreds" and the facts have so many."""
    least = _VAGUE.get(token.text.casefold())
    return least is not None and any(2 * least <= amount < 1000 * least for dimension, amount in _amounts(known) if dimension == "n")


def _is_edge(token: Token, line: str, prose: str) -> bool:
    """Return whether a token is the first whole number beyond a limit of the facts: "three or more" for "more than two"."""
    if token.kind != "number" or not (_EDGE_AFTER.match(line, token.end) or _EDGE_BEFORE.search(line, 0, token.start)):
        return False
    limits = ((number_keys(match["limit"]), 1 if match["more"] else -1) for match in _BEYOND.finditer(prose))
    beyond = {amount + by for keys, by in limits for _, amount in _amounts(keys)}
    return any(dimension == "n" and amount in beyond for dimension, amount in _amounts(token.keys))


def _amounts(keys: frozenset[str]) -> Iterator[tuple[str, Decimal]]:
    for key in sorted(keys):
        if _AMOUNT.fullmatch(key):
            dimension, _, amount = key.rpartition(":")
            yield dimension, Decimal(amount)
