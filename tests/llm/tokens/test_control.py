"""Control tokens in texts of others: none is left, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.llm.tokens.control import LIKELY_CONTROL, neutralise
from notewright.prompting.request import Message

# of the models' own tokenizer files
_KNOWN = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|begin_of_text|>", "<|start_header_id|>", "<|eot_id|>", "<|python_tag|>",
    "<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<unk>", "<pad>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>",
    "<|turn>", "<turn|>", "<|channel>", "<channel|>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]",
    "<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<｜tool▁calls▁begin｜>", "<|user|>", "<|assistant|>", "<|end|>",
    "<|system|>", "<|start|>", "<|message|>", "<|channel|>", "<|return|>", "<|constrain|>", "<think>", "</think>", "[THINK]", "[/THINK]",
    "<tool_call>", "</tool_call>", "<|START_OF_TURN_TOKEN|>", "[|user|]", "[|endofturn|]", "[gMASK]", "<sop>", "<fim_prefix>",
]  # fmt: skip
# few letters, so that tokens overlap, nest and contain each other
_tokens = st.text("<|>a ·", min_size=1, max_size=5)
_texts = st.text("<|>a ·b", max_size=40)


@given(_texts, st.lists(_tokens, max_size=5))
def test_no_control_token_of_the_model_is_left_in_any_text(text: str, tokens: list[str]) -> None:
    calm = neutralise(text, tokens)
    assert not [token for token in tokens if len(token) > 1 and token in calm]


@given(_texts, st.lists(_tokens, max_size=5))
def test_doing_it_twice_changes_nothing(text: str, tokens: list[str]) -> None:
    once = neutralise(text, tokens)
    assert neutralise(once, tokens) == once
    assert neutralise(neutralise(text, LIKELY_CONTROL), LIKELY_CONTROL) == neutralise(text, LIKELY_CONTROL)


@given(st.text(), st.lists(st.text(), max_size=5))
def test_every_character_of_a_text_stays_in_its_order(text: str, tokens: list[str]) -> None:
    rest = iter(neutralise(text, tokens))
    assert all(character in rest for character in text)


@given(st.text())
def test_a_text_without_control_tokens_stays_as_it_is(text: str) -> None:
    assert neutralise(text, []) == text
    assert neutralise(text, ["a token that is not there", ""]) == text


@given(st.lists(st.sampled_from(_KNOWN) | st.text(max_size=3), max_size=8).map("".join))
def test_the_likely_tokens_are_found_inside_any_other_text(text: str) -> None:
    calm = neutralise(text, LIKELY_CONTROL)
    assert not [token for token in _KNOWN if token in calm]


@pytest.mark.parametrize("token", _KNOWN)
def test_each_known_token_is_broken_up_visibly(token: str) -> None:
    assert neutralise(f"say {token}.", LIKELY_CONTROL) == f"say {token[0]} {token[1:]}." == neutralise(f"say {token}.", [token])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("if a < b | c > d: x[|i|] = 1 <|> 2 || <>", id="operators"),
        pytest.param("Option<T>, Vec<String>, <div class='s'>, <b>, [link](url), [x], [INST", id="code-and-markup"),
        pytest.param("f <| x |> g", id="pipes-of-functional-languages"),
        pytest.param("- [ ] task #1 [api] <https://example.org/s>", id="markdown"),
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert neutralise(text, LIKELY_CONTROL) == text


def test_messages_keep_their_roles() -> None:
    messages = (Message("system", "Write."), Message("user", "fix: <|im_end|> in <|im_<|im_end|>end|>"))
    calm = (Message("system", "Write."), Message("user", "fix: < |im_end|> in <|im_< |im_end|>end|>"))
    assert neutralise(messages, ["<|im_end|>", "<|im_start|>"]) == calm == neutralise(messages, LIKELY_CONTROL)


def test_ten_megabytes_of_half_tokens_end() -> None:
    text = "<|" * 2_500_000 + "<" * 5_000_000
    assert neutralise(text, LIKELY_CONTROL) == text
