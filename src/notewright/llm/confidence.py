"""How sure a model was of the choices in its reply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp

_ENDS = b",]} \n\r\t"  # what may follow a value
_BLANK = " \n\r\t"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Step:
    """One token of a reply: its bytes and log-probability before sampling, and those of the likeliest tokens in its place."""

    token: bytes
    logprob: float
    likeliest: tuple[tuple[bytes, float], ...]


def read_confidence(text: str, schema: Mapping[str, object], steps: Sequence[Step]) -> float | None:
    """Return the probability, among the choices of an enum, of the choice that the model was least sure of.

    None where nothing was chosen, or `steps` do not spell the text. It is a lower bound: a choice that none of the likeliest tokens
    leads to counts as much as the least likely of them.
    """
    if b"".join(step.token for step in steps) != text.encode():
        return None
    try:
        chosen = list(_choices(schema, _Place(text)))
    except (ValueError, LookupError):
        return None
    return min((_weigh(literals, at, steps) for literals, at in chosen), default=None)


@dataclass(slots=True)
class _Place:
    """How far a text has been read."""

    text: str
    at: int = 0

    def next(self) -> str:
        """Return the next character that is no blank."""
        while self.text[self.at] in _BLANK:
            self.at += 1
        return self.text[self.at]

    def value(self) -> object:
        """Read one JSON value."""
        self.next()
        value, self.at = _DECODER.raw_decode(self.text, self.at)
        return value

    def parts(self) -> Iterator[None]:
        """Stop at every part of the object or array that begins here, and go past its end."""
        close = {"{": "}", "[": "]"}[self.next()]
        while self.next() != close:
            self.at += 1
            if self.next() != close:
                yield
        self.at += 1


def _choices(schema: object, place: _Place) -> Iterator[tuple[tuple[bytes, ...], int]]:
    """Yield the choices of every enum with more than one, the chosen one first, and the byte where it stands in the text."""
    match schema:
        case {"properties": dict(properties)}:
            for _ in place.parts():
                name = str(place.value())
                place.next()
                place.at += 1  # the colon
                yield from _choices(properties[name], place)
        case {"items": items}:
            for _ in place.parts():
                yield from _choices(items, place)
        case {"anyOf": [inner, _]} if place.next() != "n":
            yield from _choices(inner, place)
        case {"enum": list(values)} if len(values) > 1:
            place.next()
            start = place.at
            value = place.value()
            written = place.text[start : place.at].encode()
            others = (json.dumps(other, ensure_ascii=False).encode() for other in values if (type(other), other) != (type(value), value))
            yield (written, *others), len(place.text[:start].encode())
        case _:
            place.value()


def _weigh(literals: tuple[bytes, ...], at: int, steps: Sequence[Step]) -> float:
    """Return the share of the first literal in the probability of all, following the tokens that spelled it."""
    probability, begun, open_ones, start = 1.0, b"", literals, 0
    for step in steps:
        end = start + len(step.token)
        if end > at and step.token and len(open_ones) > 1:
            before = step.token[: max(at - start, 0)]  # a token may begin before the value does
            tokens = {step.token: step.logprob, **dict(step.likeliest)}
            rests = {token[len(before) :]: logprob for token, logprob in tokens.items() if token.startswith(before)}
            least = min((logprob for _, logprob in step.likeliest), default=step.logprob)
            probability *= _share({begun + rest: logprob for rest, logprob in rests.items() if rest}, open_ones, least)
            begun += step.token[len(before) :]
            open_ones = tuple(literal for literal in open_ones if _leads(begun, literal))
        start = end
    return probability


def _share(writings: Mapping[bytes, float], literals: tuple[bytes, ...], least: float) -> float:
    """Return the first literal's share of what may be written next, whose log-probabilities are given; `least` bounds the others."""
    leading = {written: [literal for literal in literals if _leads(written, literal)] for written in writings}
    most = max([least, *(logprob for written, logprob in writings.items() if leading[written])])
    weights = {written: exp(logprob - most) for written, logprob in writings.items() if leading[written]}
    reached = {literal for written in weights for literal in leading[written]}
    unseen = exp(least - most) * (len(literals) - len(reached))
    return sum(weight for written, weight in weights.items() if literals[0] in leading[written]) / (sum(weights.values()) + unseen)


def _leads(written: bytes, literal: bytes) -> bool:
    """Return whether `written` is the beginning of the literal, or the literal and what may follow it."""
    if literal.startswith(written):
        return True
    return written.startswith(literal) and written[len(literal)] in _ENDS
