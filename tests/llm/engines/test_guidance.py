"""A schema enforced token by token."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("llguidance", reason="llguidance is not installed: pip install 'notewright[mlx]'")

import numpy as np
from llguidance import LLTokenizer
from tokenizers import Tokenizer

from notewright.llm.engines.in_process.guidance import Guidance, bound_integers
from notewright.prompting.schema import boolean, choice_of, integer, list_of, nullable, object_of, text_of

_END = 2  # of the tiny model: <|im_end|>


@pytest.fixture
def tokenizer(tiny_folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(tiny_folder / "tokenizer.json"))


@pytest.fixture
def guidance(tokenizer: Tokenizer) -> Guidance:
    return Guidance(LLTokenizer(tokenizer.to_str(), eos_token=_END))


def _reads(guidance: Guidance, tokenizer: Tokenizer, schema: dict[str, object], text: str) -> bool:
    """Return whether the grammar lets a whole reply through."""
    guide = guidance.guide(schema)
    logits = np.zeros(tokenizer.get_vocab_size(), np.float32)
    tokens = tokenizer.encode(text).ids
    for number, token in enumerate([*tokens, _END], 1):
        if guide.mask(logits)[token] == -np.inf:
            return False
        if guide.follow(token):
            return number >= len(tokens) and guidance.text(tokens) == text
    return False


@pytest.mark.parametrize(
    ("schema", "text", "allowed"),
    [
        pytest.param(integer(), "-999999999999999", True, id="fifteen-digits"),
        pytest.param(integer(), "1000000000000000", False, id="sixteen-digits"),
        pytest.param(integer(), "1.5", False, id="no-fraction"),
        pytest.param(text_of(at_most=3), '"日本語"', True, id="characters-count-not-bytes"),
        pytest.param(text_of(at_most=3), '"abcd"', False, id="too-long"),
        pytest.param(text_of(at_most=3), r'"\n\u0001"', True, id="escapes"),
        pytest.param(text_of(at_most=3), '"\n"', False, id="raw-control-character"),
        pytest.param(text_of(at_most=3), r'"\ud83d"', False, id="half-a-surrogate-pair"),
        pytest.param(list_of(boolean(), at_most=2), "[true,false]", True, id="list"),
        pytest.param(list_of(boolean(), at_most=2), "[true, false]", False, id="no-white-space"),
        pytest.param(list_of(boolean(), at_most=2), "[true,false,true]", False, id="one-too-many"),
        pytest.param(object_of({"a": nullable(integer()), "b": choice_of(["x", 2])}), '{"a":null,"b":2}', True, id="object"),
        pytest.param(object_of({"a": boolean(), "b": boolean()}), '{"b":true,"a":true}', False, id="alphabetical-order"),
        pytest.param(object_of({"a": boolean()}), '{"a":true,"b":1}', False, id="unknown-property"),
    ],
)
def test_a_grammar_allows_what_the_schema_allows_and_nothing_else(
    guidance: Guidance, tokenizer: Tokenizer, schema: dict[str, object], text: str, allowed: bool
) -> None:
    assert _reads(guidance, tokenizer, schema, text) is allowed


def test_two_replies_under_one_schema_do_not_disturb_each_other(guidance: Guidance, tokenizer: Tokenizer) -> None:
    schema = list_of(choice_of(["one", "two"]), at_least=1, at_most=9)
    first = guidance.guide(schema)
    for token in tokenizer.encode('["one",').ids:
        first.follow(token)
    assert _reads(guidance, tokenizer, schema, '["two"]')


def test_a_model_with_more_rows_than_tokens_never_chooses_one_of_them(guidance: Guidance, tokenizer: Tokenizer) -> None:
    logits = np.zeros(tokenizer.get_vocab_size() + 40, np.float32)
    masked = guidance.guide(boolean()).mask(logits)
    assert len(masked) == len(logits)
    assert np.all(masked[tokenizer.get_vocab_size() :] == -np.inf)
    assert not np.all(masked == -np.inf)


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"type": "array", "items": integer(), "maxItems": 2, "uniqueItems": True}, id="unique"),
        pytest.param({"not": integer()}, id="not"),
        pytest.param({"type": "string"}, id="unbounded-text"),
        pytest.param({"type": "integer", "minimum": 3}, id="minimum"),
    ],
)
def test_a_schema_outside_the_subset_is_a_bug_with_its_reason(guidance: Guidance, schema: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="outside the subset"):
        guidance.guide(schema)


def test_integers_are_bounded_wherever_they_stand() -> None:
    bounds = {"type": "integer", "minimum": -(10**15) + 1, "maximum": 10**15 - 1}
    schema = object_of({"integer": list_of(nullable(integer()), at_most=2), "type": choice_of(["integer"])})
    assert bound_integers(schema)["properties"] == {
        "integer": {"type": "array", "items": {"anyOf": [bounds, {"type": "null"}]}, "minItems": 0, "maxItems": 2},
        "type": {"enum": ["integer"]},
    }
