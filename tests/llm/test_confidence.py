"""How sure a model was of the choices in its reply."""

from __future__ import annotations

from math import log

import pytest

from notewright.llm.confidence import Step, read_confidence
from notewright.prompting.schema import boolean, choice_of, list_of, nullable, object_of, text_of

_KINDS = choice_of(["added", "adopted", "fixed"])


def _step(token: str, **odds: float) -> Step:
    """Make a step from the probabilities of tokens; the token itself is the first of them unless named."""
    likeliest = tuple((name.encode(), log(share)) for name, share in odds.items())
    return Step(token.encode(), next((share for name, share in likeliest if name == token.encode()), log(0.5)), likeliest)


def _sure(token: str) -> Step:
    return Step(token.encode(), log(0.9), ((token.encode(), log(0.9)), (b"~", log(1e-12))))


@pytest.mark.parametrize(
    ("steps", "confidence"),
    [
        pytest.param([_sure('"'), _step("added", added=0.6, fixed=0.2, adopted=0.2), _sure('"')], 0.6, id="one-token-each"),
        pytest.param([_sure('"'), _step("fixed", fixed=0.03, added=0.01, adopted=0.01, the=0.9), _sure('"')], 0.6, id="renormalised"),
        pytest.param(
            [_sure('"'), _step("ad", ad=0.5, fixed=0.5), _step("ded", ded=0.75, opted=0.25), _sure('"')], 0.375, id="decided-in-two-steps"
        ),
        pytest.param([_sure('"'), _step("ad", ad=0.4, added=0.2, fixed=0.4), _sure("ded"), _sure('"')], 0.6, id="two-spellings-of-one"),
        pytest.param([_sure('"'), _step("fixed", fixed=0.5, f=0.25, ad=0.25), _sure('"')], 0.75, id="a-beginning-counts"),
        pytest.param([_sure('"'), _step("added", added=0.6, fixed=0.2, the=0.2), _sure('"')], 0.6, id="unseen-counts-as-the-least-likely"),
        pytest.param([_sure('"'), Step(b"added", log(0.1), ((b"the", log(0.4)),)), _sure('"')], 1 / 9, id="chosen-against-its-will"),
    ],
)
def test_a_choice_is_weighed_against_the_others(steps: list[Step], confidence: float) -> None:
    text = b"".join(step.token for step in steps).decode()
    assert read_confidence(text, _KINDS, steps) == pytest.approx(confidence)


def test_the_least_sure_of_several_choices_counts() -> None:
    schema = object_of({"a": choice_of(["x", "y"]), "b": list_of(nullable(choice_of(["x", "y"])), at_most=3), "c": boolean()})
    steps = [
        _sure('{"a": "'), _step("x", x=0.9, y=0.1), _sure('",\n"b":[null, "'), _step("y", y=0.7, x=0.3), _sure('","'),
        _step("x", x=0.8, y=0.2), _sure('"],"c":true}'),
    ]  # fmt: skip
    text = b"".join(step.token for step in steps).decode()
    assert read_confidence(text, schema, steps) == pytest.approx(0.7)


def test_a_number_that_begins_another_is_decided_by_what_follows() -> None:
    schema = object_of({"n": choice_of([1, 12, 2])})
    steps = [_sure('{"n":'), _step("1", **{"1": 0.8, "2": 0.2}), _step("}", **{"}": 0.25, "2": 0.75})]
    assert read_confidence('{"n":1}', schema, steps) == pytest.approx(0.2)


def test_a_token_that_reaches_over_the_borders_of_a_choice_is_read_as_far_as_it_belongs() -> None:
    schema = list_of(choice_of(["a", "b"]), at_most=2)
    steps = [_step('["a', **{'["a': 0.6, '["b': 0.2, "[": 0.2}), _step('","b"]', **{'","b"]': 0.5, '","a"]': 0.5})]
    assert read_confidence('["a","b"]', schema, steps) == pytest.approx(0.5)


def test_choices_beyond_ascii_are_compared_in_bytes() -> None:
    steps = [
        _sure('"'),
        Step(b"\xc3", log(0.5), ((b"\xc3", log(0.5)), (b"a", log(0.5)))),
        Step(b"\xa9", log(0.5), ((b"\xa9", log(0.5)),)),
        _sure('"'),
    ]
    assert read_confidence('"é"', choice_of(["é", "a"]), steps) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "schema", "steps"),
    [
        pytest.param('"a"', choice_of(["a"]), [_sure('"a"')], id="one-choice-is-none"),
        pytest.param('{"t":"a"}', object_of({"t": text_of(at_most=3)}), [_sure('{"t":"a"}')], id="no-choice"),
        pytest.param("null", nullable(choice_of(["a", "b"])), [_sure("null")], id="null"),
        pytest.param("[]", list_of(choice_of(["a", "b"]), at_most=2), [_sure("[]")], id="empty"),
        pytest.param('"a"', choice_of(["a", "b"]), [], id="nothing-said"),
        pytest.param('"a"', choice_of(["a", "b"]), [_sure('"b"')], id="another-text"),
        pytest.param("Sure!", choice_of(["a", "b"]), [_sure("Sure!")], id="no-json"),
        pytest.param('{"x":1}', object_of({"y": choice_of([1, 2])}), [_sure('{"x":1}')], id="another-property"),
        pytest.param('{"y":', object_of({"y": choice_of([1, 2])}), [_sure('{"y":')], id="cut"),
    ],
)
def test_where_nothing_can_be_weighed_nothing_is_said(text: str, schema: dict[str, object], steps: list[Step]) -> None:
    assert read_confidence(text, schema, steps) is None


def test_improbable_tokens_are_weighed_without_running_out_of_numbers() -> None:
    steps = [_sure('"'), Step(b"a", -5000.0, ((b"b", -5001.0), (b"the", -0.1))), _sure('"')]
    confidence = read_confidence('"a"', choice_of(["a", "b"]), steps)
    assert confidence == pytest.approx(0.731, abs=0.001)
    unheard = [_sure('"'), Step(b"a", -5000.0, ((b"the", -0.1),)), _sure('"')]
    assert read_confidence('"a"', choice_of(["a", "b"]), unheard) == pytest.approx(0, abs=1e-9)
