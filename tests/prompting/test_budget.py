"""Prompt and reply fit the context window together, or nothing is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.prompting.budget import PromptTooLong, estimate_tokens, fit
from notewright.prompting.schema import boolean, likely_tokens, reply_tokens, text_of
from tests.parts.schemas import schemas

_TEXT = text_of(at_most=300)


@given(st.integers(0, 10_000), schemas, st.integers(1, 10_000), st.integers(1, 10_000))
def test_prompt_and_reply_never_exceed_the_window_together(prompt: int, schema: dict[str, object], window: int, ceiling: int) -> None:
    try:
        most = fit(prompt, schema, context_window=window, default_max_tokens=ceiling)
    except PromptTooLong:
        assert window - prompt < min(likely_tokens(schema), ceiling)
        return
    assert 1 <= most <= min(window - prompt, ceiling, reply_tokens(schema))


@pytest.mark.parametrize(
    ("prompt", "schema", "ceiling", "expected"),
    [
        pytest.param(100, boolean(), 4096, reply_tokens(boolean()), id="the-schema-decides"),
        pytest.param(100, _TEXT, 512, 512, id="the-ceiling-decides"),
        pytest.param(1000, _TEXT, 4096, 1048, id="the-room-decides"),
    ],
)
def test_the_smallest_of_schema_ceiling_and_room_is_the_limit(prompt: int, schema: dict[str, object], ceiling: int, expected: int) -> None:
    assert fit(prompt, schema, context_window=2048, default_max_tokens=ceiling) == expected


def test_a_prompt_without_room_for_an_ordinary_reply_is_refused_with_the_numbers() -> None:
    with pytest.raises(PromptTooLong, match=r"prompt of 2000 tokens .* about 102 .* window of 2048") as refusal:
        fit(2000, _TEXT, context_window=2048, default_max_tokens=4096)
    assert "llm.context_window" in str(refusal.value.hint)


# text → what 19 vocabularies of real models need, at least and at most: those that llama.cpp ships to test its tokenizers with
@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        pytest.param("Der Zeitplaner übergibt den Arbeitern die Aufgaben, wenn die Warteschlange fast voll ist. ", 22, 36, id="german"),
        pytest.param("当队列几乎满时改进调度程序将工作交给其工作人员的方式。", 15, 52, id="chinese"),
        pytest.param("1. feat(queue) [breaking]: limit a queue by bytes instead of by messages", 17, 23, id="an entry"),
        pytest.param("ac4f1e09b2d3", 10, 11, id="an object name"),
    ],
)
def test_an_estimate_lies_among_what_real_vocabularies_need(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most * 1.1


@given(st.text(max_size=50), st.text(max_size=50))
def test_an_estimate_grows_with_the_text(text: str, more: str) -> None:
    assert 0 <= estimate_tokens(text) <= estimate_tokens(f"{text} {more}")
