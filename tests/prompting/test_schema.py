"""The schema subset: what is inside, what is refused and why, and how long a reply may get."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.prompting.schema import (
    boolean,
    check_schema,
    choice_of,
    constant,
    integer,
    likely_tokens,
    list_of,
    nullable,
    object_of,
    reply_tokens,
    text_of,
)
from tests.parts.schemas import allowed, schemas

_SPACE = "\n\n" + "\t" * 20
_NOTES = list_of(object_of({"text": text_of(at_most=200), "cites": list_of(choice_of([1, 2, 3]), at_least=1, at_most=4)}), at_most=12)


@given(schemas)
def test_every_schema_that_the_builders_make_is_inside_the_subset_and_valid_json_schema(schema: dict[str, object]) -> None:
    check_schema(schema)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_properties_are_asked_for_in_alphabetical_order() -> None:
    assert list(object_of({"text": boolean(), "cites": boolean()})["properties"]) == ["cites", "text"]  # type: ignore[call-overload]  # a dict


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        pytest.param({}, "{} is outside", id="nothing"),
        pytest.param({"type": "string"}, "needs maxLength", id="unbounded-string"),
        pytest.param({"type": "string", "maxLength": 9, "pattern": "^a"}, "outside", id="pattern"),
        pytest.param({"type": "string", "maxLength": -1}, "negative", id="negative-length"),
        pytest.param({"type": "array", "items": {"type": "null"}}, "needs items and maxItems", id="unbounded-array"),
        pytest.param({"type": "array", "items": {"type": "null"}, "maxItems": 2, "uniqueItems": True}, "outside", id="unique-items"),
        pytest.param({"type": "array", "items": {"type": "null"}, "minItems": 3, "maxItems": 2}, "hold nothing", id="impossible-array"),
        pytest.param({"type": "object", "properties": {}, "required": []}, "additionalProperties: false", id="open-object"),
        pytest.param(
            {"type": "object", "properties": {"a": {"type": "null"}}, "required": [], "additionalProperties": False},
            "every property is required",
            id="optional-property",
        ),
        pytest.param(
            {
                "type": "object",
                "properties": {"b": {"type": "null"}, "a": {"type": "null"}},
                "required": ["b", "a"],
                "additionalProperties": False,
            },
            "alphabetical order",
            id="unordered-properties",
        ),
        pytest.param({"enum": []}, "enum is empty", id="empty-enum"),
        pytest.param({"enum": [1.5]}, "strings and integers only", id="float-enum"),
        pytest.param({"enum": ["a", "a"]}, "repeats", id="repeating-enum"),
        pytest.param({"const": {}}, "outside", id="object-const"),
        pytest.param({"not": {}}, "outside", id="not"),
        pytest.param({"type": "number"}, "outside", id="number"),
        pytest.param({"$ref": "#"}, "outside", id="reference"),
        pytest.param({"anyOf": [{"type": "boolean"}, {"type": "integer"}]}, "outside", id="union"),
        pytest.param(True, "outside", id="true"),
    ],
)
def test_a_schema_outside_the_subset_is_refused_with_the_place_and_the_reason(schema: object, reason: str) -> None:
    nested = {"type": "array", "items": schema, "maxItems": 3} if isinstance(schema, dict) else schema
    with pytest.raises(ValueError, match=reason) as refusal:
        check_schema(nested)
    assert str(refusal.value).startswith("schema at $[]:" if isinstance(schema, dict) else "schema at $:")


@given(schemas.flatmap(lambda schema: st.tuples(st.just(schema), allowed(schema))))
def test_no_valid_reply_is_longer_than_its_bound_however_an_engine_spells_it(case: tuple[dict[str, object], object]) -> None:
    schema, value = case
    assert len(_spell_widest(value)) + 1 <= reply_tokens(schema)


def test_the_bound_is_reached_by_the_widest_spelling_so_that_no_tokens_are_reserved_in_vain() -> None:
    schema = object_of({"a": list_of(text_of(at_most=2), at_most=2), "b": boolean()})
    widest = {"a": ["\U0001f600\U0001f600"] * 2, "b": False}
    assert reply_tokens(schema) == len(_spell_widest(widest)) + 1


def test_an_ordinary_reply_of_full_length_is_expected_to_take_a_third_of_its_characters() -> None:
    text = json.dumps([{"cites": [1, 2, 3, 1], "text": "x" * 200}] * 12, separators=(",", ":"))
    assert likely_tokens(_NOTES) == len(text) // 3 + 1 + (len(text) % 3 > 0)


@pytest.mark.parametrize(
    ("schema", "most"),
    [
        pytest.param(nullable(choice_of(["feat", "fix"])), 30, id="choice"),
        pytest.param(constant(None), 27, id="null"),
        pytest.param(integer(), 40, id="integer"),
    ],
)
def test_a_reply_without_free_text_has_a_small_bound(schema: dict[str, object], most: int) -> None:
    assert reply_tokens(schema) <= most


def _spell_widest(value: object) -> bytes:
    """Write JSON as wide as a grammar allows: characters escaped, white space after every token."""
    match value:
        case dict():
            members = [f"{json.dumps(name)}{_SPACE}:{_SPACE}" + _spell_widest(part).decode() for name, part in value.items()]
            text = "{" + _SPACE + ("," + _SPACE).join(members) + "}"
        case list():
            text = "[" + _SPACE + ("," + _SPACE).join(_spell_widest(part).decode() for part in value) + "]"
        case _:
            text = json.dumps(value)
    return (text + _SPACE).encode()
