"""Tokens measured by tokenizers of other kinds, and by the estimate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.dataset.tokens import EstimatedTokenizer, LoadedTokenizer, PassageTokenizer, make_readable, token_ends
from notewright.errors import ModelError
from notewright.llm.tokens.pinned import open_tokenizer
from tests.parts.tiny_model import write_folder, write_gguf
from tests.parts.trained import train_bytes


def test_ends_rise_to_the_end_of_the_file_in_bytes(tokenizer: PassageTokenizer) -> None:
    content = "x = 'é漢\U0001f600'\n".encode() * 6_000
    ends = token_ends(content, tokenizer)
    assert ends == sorted(ends)
    assert ends[-1] == len(content)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_text_are_replaced_one_by_one(content: bytes) -> None:
    readable = make_readable(content)
    assert len(readable) == len(content)
    assert readable.decode().count("\n") == content.count(b"\n")


@given(st.text(max_size=300))
def test_the_estimate_takes_every_character_once(text: str) -> None:
    estimate = EstimatedTokenizer()
    ends = estimate.ends(text)
    assert ends == sorted(set(ends))
    assert estimate.count(text) == len(ends)
    assert not text or ends[-1] == len(text)


def test_the_estimate_never_changes() -> None:
    text = "def find_definitions(content: bytes) -> tuple[Definition, ...]:\n\n    return 12.5  # Größe\n"
    assert EstimatedTokenizer().count(text) == 34


def test_special_tokens_and_truncation_of_a_file_do_not_change_a_count() -> None:
    plain, special = (train_bytes(["<|im_end|> some text"] * 9, size=300) for _ in range(2))
    special.add_special_tokens(["<|im_end|>"])
    special.enable_truncation(4)
    text = "some <|im_end|> text " * 20
    assert LoadedTokenizer(special).count(text) == LoadedTokenizer(plain).count(text)


def test_a_tokenizer_is_known_by_what_it_does(tokenizers: Mapping[str, PassageTokenizer]) -> None:
    one, same, other = (LoadedTokenizer(train_bytes([text], size=300)) for text in ("a bc a bc", "a bc a bc", "d ef d ef"))
    assert one.digest == same.digest != other.digest
    assert len({tokenizer.digest for tokenizer in tokenizers.values()}) == 3


def test_a_model_file_and_its_tokenizer_file_count_alike(tmp_path: Path) -> None:
    from_model = open_tokenizer(model=write_gguf(tmp_path / "tiny.gguf"))
    from_folder = open_tokenizer(model=write_folder(tmp_path / "tiny"))
    from_file = open_tokenizer(file=tmp_path / "tiny" / "tokenizer.json", model=tmp_path / "tiny.gguf")
    text = "def main(args):\n    return 'Größe' # <|im_end|>\n"
    assert len({one.tokenizer.count(text) for one in (from_model, from_folder, from_file)}) == 1
    assert from_model.source.endswith("tiny.gguf")
    assert from_file.source == from_folder.source
    assert from_file.tokenizer.digest == from_folder.tokenizer.digest


def test_without_a_file_tokens_are_estimated_and_that_is_told() -> None:
    opened = open_tokenizer()
    assert opened.tokenizer.digest == "estimate-1"
    assert "estimate" in opened.source


def test_a_vocabulary_that_cannot_be_followed_is_estimated(tmp_path: Path) -> None:
    model = write_gguf(tmp_path / "tiny.gguf")
    model.write_bytes(model.read_bytes().replace(b"qwen2", b"other", 1))
    opened = open_tokenizer(model=model)
    assert opened.tokenizer.digest == "estimate-1"
    assert "tiny.gguf" in opened.source


@pytest.mark.parametrize("content", [b"", b"{}", b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 40], ids=["empty", "json", "short", "damaged"])
def test_what_is_no_tokenizer_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="broken"):
        open_tokenizer(file=path)
    with pytest.raises(ModelError, match="broken"):
        open_tokenizer(model=path)
    with pytest.raises(ModelError, match="missing"):
        open_tokenizer(file=tmp_path / "missing")
