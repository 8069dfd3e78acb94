"""Replies read strictly: a value that the schema allows, or a reason why not."""

from __future__ import annotations

import json
import re

from notewright.errors import ModelError
from notewright.prompting.request import Reply
from notewright.prompting.schema import Schema

_SHOWN_CHARACTERS = 80
_HALF = re.compile("[\ud800-\udfff]")


class InvalidReply(ModelError):
    """The model answered, but not what was asked: fall back, or ask something smaller; never the same again. `reply` is what it
    answered, which was paid for."""

    def __init__(self, message: str, *, hint: str | None = None, reply: Reply | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reply = reply


class TruncatedReply(InvalidReply):
    """The reply ended at its token limit. What is there is never repaired."""


def read_reply(reply: Reply, schema: Schema) -> object:
    """Return the reply's value, which `schema` allows: dicts, lists, strings without lone surrogates, ints, booleans, None.

    Raises `TruncatedReply` for one cut off by its token limit, `InvalidReply` for one that is no JSON or breaks the schema.
    """
    if reply.finish == "length":
        raise TruncatedReply(
            f"the reply was cut off after {reply.generated_tokens} tokens",
            hint="raise llm.default_max_tokens or llm.context_window, or ask for less at once",
            reply=reply,
        )
    try:
        value = json.loads(reply.text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InvalidReply(f"the reply is no JSON: {error}", hint=f"it begins {_shown(reply.text)}", reply=reply) from error
    if (reason := mismatch(value, schema)) is not None:
        raise InvalidReply(f"the reply breaks its schema: {reason}", hint=f"it begins {_shown(reply.text)}", reply=reply)
    return value


def mismatch(value: object, schema: object, path: str = "$") -> str | None:
    """Return where and why `schema` (of the whitelisted subset) forbids a JSON value; None if it allows it."""
    match schema:
        case {"properties": dict(properties)}:
            return _object_mismatch(value, properties, path)
        case {"items": items, "maxItems": int(most), **rest}:
            return _list_mismatch(value, items, (int(str(rest.get("minItems", 0))), most), path)
        case {"maxLength": int(most)}:
            return _text_mismatch(value, most, path)
        case {"enum": list(allowed)}:
            return None if any(_same(value, one) for one in allowed) else f"{path} is {_shown(value)}, which is no choice"
        case {"const": only}:
            return None if _same(value, only) else f"{path} is {_shown(value)}, not {_shown(only)}"
        case {"anyOf": [inner, _]}:
            return None if value is None else mismatch(value, inner, path)
        case {"type": "integer"}:
            return None if type(value) is int else f"{path} is no whole number"
        case {"type": "boolean"}:
            return None if type(value) is bool else f"{path} is neither true nor false"
    return None if value is None else f"{path} is not null"


def _object_mismatch(value: object, properties: dict[str, object], path: str) -> str | None:
    if not isinstance(value, dict):
        return f"{path} is no object"
    if value.keys() != properties.keys():
        names = sorted(map(str, value.keys() ^ properties.keys()))
        return f"{path} has a missing or unknown property: {_shown(names[0])}"
    reasons = (mismatch(value[name], part, f"{path}.{name}") for name, part in properties.items())
    return next((reason for reason in reasons if reason is not None), None)


def _list_mismatch(value: object, items: object, bounds: tuple[int, int], path: str) -> str | None:
    if not isinstance(value, list):
        return f"{path} is no array"
    if not bounds[0] <= len(value) <= bounds[1]:
        return f"{path} has {len(value)} items, not {bounds[0]} to {bounds[1]}"
    reasons = (mismatch(item, items, f"{path}[{position}]") for position, item in enumerate(value))
    return next((reason for reason in reasons if reason is not None), None)


def _text_mismatch(value: object, at_most: int, path: str) -> str | None:
    if not isinstance(value, str):
        return f"{path} is no string"
    if len(value) > at_most:
        return f"{path} has {len(value)} characters, more than {at_most}"
    # a grammar lets half a surrogate pair through as an escape; no UTF-8 file can hold it
    return f"{path} holds half a character" if _HALF.search(value) else None


def _same(value: object, other: object) -> bool:
    """Compare as JSON does: true is not 1."""
    return type(value) is type(other) and value == other


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a property is given twice")
    return value


def _shown(value: object) -> str:
    """Quote what a model wrote: short, on one line, escaped."""
    text = ascii(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
