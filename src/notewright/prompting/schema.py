"""The JSON Schema subset that every engine enforces."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import ceil

Schema = Mapping[str, object]

# An engine's own grammar may put this much between two tokens of JSON: llama.cpp's `space` is a newline or two and twenty blanks.
_SPACE_BYTES = 22
# One character of a string costs at most this: a surrogate pair written as two \\uXXXX escapes.
_CHARACTER_BYTES = 12
# Ordinary text has about four characters a token, JSON with its quotes about three.
_LIKELY_BYTES_PER_TOKEN = 3
# llama.cpp writes at most sixteen digits and a sign.
_INTEGER_BYTES = 17


# The builders are named after what they describe, so that a schema reads like one.


def object_of(properties: Mapping[str, Schema]) -> dict[str, object]:
    """Allow an object with exactly these properties, in alphabetical order, because some engines emit them so."""
    names = sorted(properties)
    return {
        "type": "object",
        "properties": {name: dict(properties[name]) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def list_of(items: Schema, *, at_most: int, at_least: int = 0) -> dict[str, object]:
    """Allow an array of `at_least` to `at_most` items."""
    return {"type": "array", "items": dict(items), "minItems": at_least, "maxItems": at_most}


def text_of(*, at_most: int) -> dict[str, object]:
    """Allow a string of at most so many characters (code points)."""
    return {"type": "string", "maxLength": at_most}


def choice_of(values: Iterable[str | int]) -> dict[str, object]:
    """Allow one of the values, in their order."""
    return {"enum": list(values)}


def constant(value: str | int | bool | None) -> dict[str, object]:
    """Allow exactly this value."""
    return {"const": value}


def boolean() -> dict[str, object]:
    """Allow true and false."""
    return {"type": "boolean"}


def integer() -> dict[str, object]:
    """Allow a whole number."""
    return {"type": "integer"}


def nullable(schema: Schema) -> dict[str, object]:
    """Allow what `schema` allows, and null."""
    return {"anyOf": [dict(schema), {"type": "null"}]}


def check_schema(schema: object, path: str = "$") -> None:
    """Refuse what is outside the subset: an engine may answer an unknown keyword with HTTP 200 and any text at all.

    Raises `ValueError` with the place and the reason: a schema is written by the program, so a wrong one is its bug.
    """
    if (reason := _objection(schema)) is not None:
        raise ValueError(f"schema at {path}: {reason}")
    for step, part in _parts(schema):
        check_schema(part, path + step)


def reply_tokens(schema: Schema) -> int:
    """Return a bound that no valid reply exceeds: 12 tokens a character, one a byte of everything else, and the end.

    It holds for every tokenizer, because a token is at least one byte, and with the white space that engines allow.
    """
    check_schema(schema)
    return _bytes(schema, character=_CHARACTER_BYTES, space=_SPACE_BYTES) + 1


def likely_tokens(schema: Schema) -> int:
    """Estimate what the longest valid reply takes in ordinary text: less room than this cuts good replies off."""
    check_schema(schema)
    return ceil(_bytes(schema, character=1, space=0) / _LIKELY_BYTES_PER_TOKEN) + 1


def _objection(schema: object) -> str | None:
    """Return why this one level is outside the subset; None if it is inside."""
    match schema:
        case {"type": "object", "properties": dict(names), "required": list(required), "additionalProperties": False, **rest} if not rest:
            return _object_objection(list(names), required)
        case {"type": "array", "items": dict(), "maxItems": int(most), **rest} if not rest.keys() - {"minItems"}:
            least = rest.get("minItems", 0)
            return None if isinstance(least, int) and 0 <= least <= most else f"minItems {least!r} and maxItems {most} hold nothing"
        case {"type": "string", "maxLength": int(most), **rest} if not rest:
            return None if most >= 0 else "maxLength is negative"
        case {"type": "boolean" | "integer" | "null", **rest} if not rest:
            return None
        case {"enum": list(values), **rest} if not rest:
            return _enum_objection(values)
        case {"const": str() | int() | None, **rest} if not rest:
            return None
        case {"anyOf": [dict(), {"type": "null"} as null], **rest} if not rest and len(null) == 1:
            return None
    return f"{_describe(schema)} is outside the subset that every engine enforces"


def _object_objection(names: list[object], required: list[object]) -> str | None:
    if not all(isinstance(name, str) for name in names):
        return "a property's name is a string"
    if names != sorted(names, key=str):
        return "properties stand in alphabetical order"
    return None if required == names else "every property is required, in the same order"


def _enum_objection(values: list[object]) -> str | None:
    if not values:
        return "enum is empty"
    if not all(type(value) in (str, int) for value in values):
        return "enum holds strings and integers only"
    return None if len(set(values)) == len(values) else "enum repeats a value"


def _describe(schema: object) -> str:
    if not isinstance(schema, dict):
        return repr(schema)[:80]
    needs = {"string": "maxLength", "array": "items and maxItems", "object": "properties, required and additionalProperties: false"}
    kind = schema.get("type")
    lacks = f", which needs {needs[kind]} and nothing else" if isinstance(kind, str) and kind in needs else ""
    return f"{{{', '.join(sorted(map(str, schema)))}}}{lacks}"


def _parts(schema: object) -> Iterable[tuple[str, object]]:
    match schema:
        case {"properties": dict(properties)}:
            return [(f".{name}", part) for name, part in properties.items()]
        case {"items": dict(items)}:
            return [("[]", items)]
        case {"anyOf": [inner, _]}:
            return [("", inner)]
    return []


def _bytes(schema: object, *, character: int, space: int) -> int:
    """Count the bytes of the longest value, `space` after every token of JSON included."""
    match schema:
        case {"properties": dict(properties)}:
            keys = sum(_written(name) + space + len(":") + space for name in properties)
            values = sum(_bytes(part, character=character, space=space) for part in properties.values())
            return _enclosed(keys + values, len(properties), space)
        case {"items": dict(items), "maxItems": int(most)}:
            return _enclosed(most * _bytes(items, character=character, space=space), most, space)
        case {"maxLength": int(most)}:
            return 2 + most * character + space
        case {"enum": list(values)}:
            return max(_written(value) for value in values) + space
        case {"const": value}:
            return _written(value) + space
        case {"anyOf": [inner, _]}:
            return max(_bytes(inner, character=character, space=space), len("null") + space)
        case {"type": "integer"}:
            return _INTEGER_BYTES + space
        case {"type": "boolean"}:
            return len("false") + space
    return len("null") + space


def _enclosed(content: int, parts: int, space: int) -> int:
    commas = max(parts - 1, 0)
    return content + (2 + commas) * (1 + space)


def _written(value: object) -> int:
    """Return the bytes of a fixed value as JSON, in its longest spelling."""
    return len(json.dumps(value))
