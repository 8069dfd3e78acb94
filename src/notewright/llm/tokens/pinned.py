"""The tokenizer that passages are measured by: a file's, a model's own, or an estimate that never changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from notewright.dataset.tokens import EstimatedTokenizer, LoadedTokenizer, PassageTokenizer
from notewright.errors import ModelError
from notewright.llm.memory.gguf import read_vocabulary
from notewright.llm.tokens.counter import TokenCounter
from notewright.llm.tokens.gguf_tokenizer import build_tokenizer


@dataclass(frozen=True, slots=True)
class PinnedTokenizer:
    """A tokenizer, and what it was taken from, for a person."""

    tokenizer: PassageTokenizer
    source: str


def open_tokenizer(*, file: Path | None = None, model: Path | None = None) -> PinnedTokenizer:
    """Open a tokenizer.json; without one that of a model, a GGUF file or a folder with a tokenizer.json; else the estimate.

    The estimate also serves where a GGUF file splits text in a way that cannot be followed exactly. Raises `ModelError` for a file that
    is named and cannot be read, is none, or needs tokenizers, which is not installed.
    """
    if file is None and model is not None and model.is_dir():
        file = model / "tokenizer.json"
    if file is not None:
        return PinnedTokenizer(LoadedTokenizer(TokenCounter.from_file(file).tokenizer), str(file))
    if model is None:
        return PinnedTokenizer(EstimatedTokenizer(), "an estimate (estimate-1): neither a model file nor a tokenizer.json is known")
    try:
        built = build_tokenizer(read_vocabulary(model))
    except (TypeError, ValueError) as error:  # values of other types than GGUF's keys have
        raise ModelError(f"the model file {model} has a damaged vocabulary: {error}", hint="name a tokenizer.json") from error
    if built is None:
        return PinnedTokenizer(EstimatedTokenizer(), f"an estimate (estimate-1): the vocabulary of {model} cannot be followed exactly")
    return PinnedTokenizer(LoadedTokenizer(built.counter.tokenizer), str(model))
