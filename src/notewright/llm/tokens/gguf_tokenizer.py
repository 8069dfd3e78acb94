"""A model's tokenizer, built from what its GGUF file says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notewright.errors import ModelError
from notewright.llm.tokens.control import LIKELY_CONTROL
from notewright.llm.tokens.counter import TokenCounter
from notewright.llm.tokens.split_rules import SPLIT_RULES, WHOLE_WORDS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_PREFIX = "tokenizer.ggml."
# Kinds of tokens (gguf.md, "tokenizer.ggml.token_type").
_UNKNOWN, _CONTROL, _USER_DEFINED = 2, 3, 4


@dataclass(frozen=True, slots=True)
class GgufTokenizer:
    """Counts the tokens of a whole prompt as llama.cpp reads it, special tokens recognised.

    Exact for the vocabularies that `build_tokenizer` knows: a prompt is parted at its special tokens, and what lies between them
    is counted by itself, as llama.cpp does it. `added` tokens (begin, end) stand around every prompt. `control` are the special
    tokens that no text of others may hold.
    """

    counter: TokenCounter
    special: re.Pattern[str]
    control: tuple[str, ...]
    added: int

    def count(self, prompt: str) -> int:
        """Return the number of tokens of a prompt."""
        pieces = self.special.split(prompt)
        return self.added + len(pieces) // 2 + sum(self.counter.count(text) for text in pieces[::2] if text)


def build_tokenizer(metadata: Mapping[str, object]) -> GgufTokenizer | None:
    """Build the tokenizer of a model from its metadata (`tokenizer.ggml.…`, arrays whole); None for a kind of vocabulary, or a rule of
    splitting text, that cannot be followed exactly. Raises `ModelError` where tokenizers is not installed."""
    tokens, kinds = _strings(metadata, "tokens"), metadata.get(_PREFIX + "token_type")
    if not tokens or not isinstance(kinds, list) or len(kinds) != len(tokens):
        return None
    try:
        tokenizer = _merge_bytes(metadata, tokens) if metadata.get(_PREFIX + "model") == "gpt2" else _merge_pieces(metadata, tokens)
    except ImportError as error:
        raise ModelError("tokens cannot be counted without tokenizers", hint="pip install 'notewright[ollama]'") from error
    if tokenizer is None:
        return None
    special = [token for token, kind in zip(tokens, kinds, strict=True) if kind in (_UNKNOWN, _CONTROL, _USER_DEFINED) and token]
    control = {token for token, kind in zip(tokens, kinds, strict=True) if kind in (_UNKNOWN, _CONTROL) and token}
    choices = "|".join(re.escape(token) for token in sorted(special, key=len, reverse=True))
    return GgufTokenizer(
        TokenCounter(tokenizer),
        re.compile(f"({choices or '(?!)'})"),
        tuple(sorted(control | {token for token in special if LIKELY_CONTROL.match(token)})),
        _added(metadata),
    )


def _merge_bytes(metadata: Mapping[str, object], tokens: list[str]) -> Tokenizer | None:
    """Build a vocabulary of merged bytes, as GPT-2 began it."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    name = str(metadata.get(_PREFIX + "pre") or "default")
    rules, merges = SPLIT_RULES.get(name), _strings(metadata, "merges")
    if rules is None or not merges:
        return None
    numbers = {token: number for number, token in enumerate(tokens)}
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    known = [pair for pair in pairs if {*pair, "".join(pair)} <= numbers.keys()]
    tokenizer = Tokenizer(models.BPE(numbers, known, ignore_merges=name in WHOLE_WORDS))
    splits = [pre_tokenizers.Split(Regex(rule), "isolated") for rule in rules]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def _merge_pieces(metadata: Mapping[str, object], tokens: list[str]) -> Tokenizer | None:
    """Build a vocabulary of SentencePiece: whatever two neighbours make a piece are merged, the best score first."""
    from tokenizers import Tokenizer, models, normalizers

    scores = metadata.get(_PREFIX + "scores")
    if metadata.get(_PREFIX + "model") != "llama" or not isinstance(scores, list) or len(scores) != len(tokens):
        return None
    numbers = {token: number for number, token in enumerate(tokens)}
    by_score = sorted(range(len(tokens)), key=lambda number: -float(scores[number]))
    merges = [pair for number in by_score for pair in _halves(tokens[number], numbers)]
    tokenizer = Tokenizer(models.BPE(numbers, merges, unk_token=_unknown(metadata, tokens), fuse_unk=True, byte_fallback=True))
    blanks = normalizers.Replace(" ", "▁")
    prefixed = metadata.get(_PREFIX + "add_space_prefix") is not False
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), blanks]) if prefixed else blanks
    return tokenizer


def _halves(token: str, numbers: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for end in range(1, len(token)):
        if token[:end] in numbers and token[end:] in numbers:
            yield token[:end], token[end:]


def _unknown(metadata: Mapping[str, object], tokens: list[str]) -> str:
    number = metadata.get(_PREFIX + "unknown_token_id")
    return tokens[number] if isinstance(number, int) and 0 <= number < len(tokens) else tokens[0]


def _added(metadata: Mapping[str, object]) -> int:
    """Return how many tokens stand around a prompt."""
    begins = metadata.get(_PREFIX + "model") == "llama" or metadata.get(_PREFIX + "pre") in WHOLE_WORDS
    begin, end = metadata.get(_PREFIX + "add_bos_token"), metadata.get(_PREFIX + "add_eos_token")
    return int(begins if begin is None else bool(begin)) + int(bool(end))


def _strings(metadata: Mapping[str, object], name: str) -> list[str]:
    values = metadata.get(_PREFIX + name)
    return values if isinstance(values, list) and all(isinstance(value, str) for value in values) else []
