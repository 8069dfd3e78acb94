"""Tokens counted with a model's own tokenizer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from notewright.errors import ModelError
from notewright.llm.tokens.control import LIKELY_CONTROL

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_CACHED_TEXTS = 256
_CACHED_CHARACTERS = 4_000_000


class TokenCounter:
    """Counts exactly, as ordinary text: nothing is put around a text, and no special token is recognised in it.

    The last 256 texts are remembered. Thread-safe. A tokenizer that is given is changed and belongs to the counter from then on.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        # files of embedding models bring both, and every longer text would count as 512
        tokenizer.no_truncation()
        tokenizer.no_padding()
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._characters = 0

    @classmethod
    def from_file(cls, path: Path) -> TokenCounter:
        """Read a tokenizer.json. Raises `ModelError` where it is missing, is none, or tokenizers is not installed."""
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ModelError("tokens cannot be counted without tokenizers", hint="pip install 'notewright[openai]'") from error
        try:
            return cls(Tokenizer.from_buffer(path.read_bytes()))
        except OSError as error:
            raise ModelError(f"cannot read the tokenizer {path}: {error.strerror}", hint="name the model's own tokenizer.json") from error
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{path} is no tokenizer: {str(error)[:200]}", hint="name the model's own tokenizer.json") from error

    def count(self, text: str) -> int:
        """Return the number of tokens of a text."""
        with self._lock:
            known = self._counts.get(text)
            if known is not None:
                self._counts.move_to_end(text)
                return known
        # half a surrogate pair is no text that a tokenizer takes
        count = len(self._tokenizer.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False))
        self._keep(text, count)
        return count

    @property
    def tokenizer(self) -> Tokenizer:
        """What it counts with."""
        return self._tokenizer

    @cached_property
    def control_tokens(self) -> tuple[str, ...]:
        """The texts that this tokenizer takes for more than text, in alphabetical order."""
        added = self._tokenizer.get_added_tokens_decoder().values()
        # Qwen's <think> and <tool_call> are not marked as special; several blanks are an added token of others, and ordinary text
        return tuple(sorted({token.content for token in added if token.special or LIKELY_CONTROL.match(token.content)}))

    def _keep(self, text: str, count: int) -> None:
        if len(text) > _CACHED_CHARACTERS:
            return
        with self._lock:
            if text not in self._counts:
                self._counts[text] = count
                self._characters += len(text)
            while len(self._counts) > _CACHED_TEXTS or self._characters > _CACHED_CHARACTERS:
                self._characters -= len(self._counts.popitem(last=False)[0])
