"""Token counts with a real tokenizer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer

from notewright.errors import ModelError
from notewright.llm.tokens.control import neutralise
from notewright.llm.tokens.counter import TokenCounter
from tests.parts.tiny_model import _train_tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return _train_tokenizer()


@pytest.fixture(scope="module")
def counter() -> TokenCounter:
    return TokenCounter(_train_tokenizer())


@given(st.text())
def test_the_count_is_what_the_tokenizer_makes_of_a_text(counter: TokenCounter, tokenizer: Tokenizer, text: str) -> None:
    calm = neutralise(text, counter.control_tokens)
    assert counter.count(calm) == len(tokenizer.encode(calm, add_special_tokens=False))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("half \ud83d a pair", id="lone-surrogate"),
        pytest.param("\0\x1b", id="control-characters"),
        pytest.param("a " * 500_000, id="a-megabyte"),
    ],
)
def test_any_text_can_be_counted(counter: TokenCounter, text: str) -> None:
    assert counter.count(text) == counter.count(text) <= len(text) * 3


def test_a_control_token_in_a_text_counts_as_the_text_that_it_is(counter: TokenCounter, tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode("<|im_end|>", add_special_tokens=False)) == 1
    assert counter.count("<|im_end|>") > 1


def test_the_control_tokens_are_known_from_the_file(tmp_path: Path) -> None:
    tokenizer = _train_tokenizer()
    tokenizer.add_tokens([AddedToken("<think>"), AddedToken("    "), AddedToken("word")])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    counter = TokenCounter.from_file(tmp_path / "tokenizer.json")
    assert counter.control_tokens == ("<think>", "<|endoftext|>", "<|im_end|>", "<|im_start|>")


def test_a_tokenizer_that_cuts_and_fills_up_counts_the_whole_text() -> None:
    tokenizer = _train_tokenizer()
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=8)
    counter = TokenCounter(tokenizer)
    assert counter.count("x " * 100) > 100
    assert counter.count("x") == 1


def test_only_the_last_256_texts_are_remembered_and_no_more_than_a_few_megabytes() -> None:
    counter = TokenCounter(_train_tokenizer())
    for number in range(300):
        counter.count(str(number))
    assert (len(counter._counts), "299" in counter._counts, "0" in counter._counts) == (256, True, False)
    for letter in "abc":
        counter.count(letter + " the" * 375_000)
    assert len(counter._counts) == 2
    assert sum(map(len, counter._counts)) == counter._characters <= 4_000_000


def test_threads_count_alike(counter: TokenCounter) -> None:
    texts = [f"feat: add thing {number % 40}" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(counter.count, texts)) == [counter.count(text) for text in texts]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "cannot read the tokenizer", id="missing"),
        pytest.param(b"", "is no tokenizer", id="empty"),
        pytest.param(b'{"version": "1.0"}', "is no tokenizer", id="other-json"),
        pytest.param(b"\xff\xfe", "is no tokenizer", id="binary"),
    ],
)
def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=reason):
        TokenCounter.from_file(path)
