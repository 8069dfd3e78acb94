"""Replies read strictly."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.errors import ModelError
from notewright.prompting.reply import InvalidReply, TruncatedReply, mismatch, read_reply
from notewright.prompting.request import Finish, Reply
from notewright.prompting.schema import boolean, choice_of, constant, integer, list_of, nullable, object_of, text_of
from tests.parts.schemas import allowed, json_values, schemas

_CITED = object_of({"cites": list_of(choice_of([1, 2]), at_least=1, at_most=2), "text": text_of(at_most=5)})


def _reply(text: str, finish: Finish = "stop") -> Reply:
    return Reply(text, finish, prompt_tokens=9, cached_tokens=0, generated_tokens=7, seconds=0.1)


@given(schemas.flatmap(lambda schema: st.tuples(st.just(schema), allowed(schema))))
def test_a_value_that_the_schema_allows_is_read_back_as_it_was(case: tuple[dict[str, object], object]) -> None:
    schema, value = case
    assert read_reply(_reply(json.dumps(value)), schema) == value


@given(schemas.flatmap(lambda schema: st.tuples(st.just(schema), allowed(schema) | json_values)))
def test_the_validator_agrees_with_the_jsonschema_package(case: tuple[dict[str, object], object]) -> None:
    schema, value = case
    assert (mismatch(value, schema) is None) == jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "no JSON", id="empty"),
        pytest.param("I am sorry, I cannot help with that.", "no JSON", id="prose"),
        pytest.param('```json\n{"cites": [1], "text": "ok"}\n```', "no JSON", id="fenced"),
        pytest.param('{"cites": [1], "text": "ok"', "no JSON", id="unfinished"),
        pytest.param('{"cites": [1], "text": "ok"} {}', "no JSON", id="two-values"),
        pytest.param('{"cites": [1], "text": "o\nk"}', "no JSON", id="raw-newline"),
        pytest.param('{"cites": [1], "text": "a", "text": "b"}', "given twice", id="property-twice"),
        pytest.param("[" * 100_000, "no JSON", id="bottomless"),
        pytest.param('{"cites": [' + "9" * 5_000 + '], "text": "ok"}', "no JSON", id="endless-number"),
        pytest.param('{"cites": [1]}', "property: 'text'", id="missing-property"),
        pytest.param('{"cites": [1], "text": "ok", "why": "x"}', "property: 'why'", id="unknown-property"),
        pytest.param('{"cites": [3], "text": "ok"}', r"\$.cites\[0\] is 3, which is no choice", id="unknown-choice"),
        pytest.param('{"cites": [true], "text": "ok"}', "no choice", id="true-for-one"),
        pytest.param('{"cites": [1.0], "text": "ok"}', "no choice", id="float-for-one"),
        pytest.param('{"cites": [], "text": "ok"}', "0 items, not 1 to 2", id="too-few-items"),
        pytest.param('{"cites": [1, 2, 1], "text": "ok"}', "3 items, not 1 to 2", id="too-many-items"),
        pytest.param('{"cites": [1], "text": "longer"}', "6 characters, more than 5", id="too-long"),
        pytest.param('{"cites": [1], "text": "\\ud83d"}', "half a character", id="half-a-surrogate-pair"),
        pytest.param('{"cites": [1], "text": null}', "no string", id="null-text"),
        pytest.param("[]", "no object", id="wrong-kind"),
    ],
)
def test_a_reply_that_is_not_what_was_asked_is_a_model_error_that_says_why(text: str, reason: str) -> None:
    with pytest.raises(InvalidReply, match=reason) as failure:
        read_reply(_reply(text), _CITED)
    assert isinstance(failure.value, ModelError)
    assert len(failure.value.message) < 200
    assert failure.value.message.isprintable()


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        pytest.param(integer(), "true", id="integer"),
        pytest.param(integer(), "1.0", id="whole-float"),
        pytest.param(boolean(), "1", id="boolean"),
        pytest.param(constant("a"), '"b"', id="constant"),
        pytest.param(constant(None), "0", id="null"),
        pytest.param(nullable(boolean()), '""', id="nullable"),
        pytest.param(list_of(boolean(), at_most=1), "{}", id="array"),
        pytest.param(integer(), "NaN", id="not-a-number"),
    ],
)
def test_each_form_of_the_subset_refuses_what_only_looks_alike(schema: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidReply):
        read_reply(_reply(text), schema)


def test_a_reply_cut_off_by_its_limit_is_a_failure_of_its_own_even_if_it_parses() -> None:
    with pytest.raises(TruncatedReply, match="cut off after 7 tokens"):
        read_reply(_reply('{"cites": [1], "text": "ok"}', "length"), _CITED)


@given(st.text(max_size=30), schemas)
def test_reading_any_text_gives_a_valid_value_or_an_invalid_reply(text: str, schema: dict[str, object]) -> None:
    try:
        value = read_reply(_reply(text), schema)
    except InvalidReply:
        return
    assert mismatch(value, schema) is None
