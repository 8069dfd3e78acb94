"""The tokens of a GGUF model in this process: what each one writes, and texts cut into them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llguidance import LLTokenizer

_PIECE_BYTES = 16 * 1024


class LlamaVocabulary:
    """Looks tokens up in llama.cpp. `ends` are those that end a reply. Thread-safe."""

    def __init__(self, c: Any, model: Any) -> None:  # noqa: ANN401  # llama_cpp's functions, a pointer
        self._c = c
        self._pointer = c.llama_model_get_vocab(model)
        self.size: int = c.llama_vocab_n_tokens(self._pointer)
        self.ends = [token for token in range(self.size) if c.llama_vocab_is_eog(self._pointer, token)]
        self.adds_begin: bool = c.llama_vocab_get_add_bos(self._pointer)
        self.begin = self._word(c.llama_vocab_bos(self._pointer))
        self.end = self._word(c.llama_vocab_eos(self._pointer))

    def tokenize(self, content: bytes, *, first: bool, control: bool) -> tuple[int, ...]:
        """Cut UTF-8 into tokens: with what stands before every prompt if it is the `first` part, control tokens recognised if `control`."""
        room = len(content) + 8  # a token is at least one byte, but for those around the text
        tokens = (self._c.llama_token * room)()
        count = self._c.llama_tokenize(self._pointer, content, len(content), tokens, room, first, control)
        return tuple(tokens[:count])

    def tokenizer(self) -> LLTokenizer:
        """Return these tokens for grammars."""
        from llguidance import LLTokenizer, TokenizerWrapper

        return LLTokenizer(TokenizerWrapper(_Tokens(self, self._pieces(), self._control())), eos_token=self.ends)

    def _pieces(self) -> list[bytes]:
        """Return what each token writes, in their order."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        look = self._c.llama_token_to_piece
        sizes = (look(self._pointer, token, buffer, _PIECE_BYTES, 0, True) for token in range(self.size))  # noqa: FBT003  # C knows no keywords
        return [ctypes.string_at(buffer, max(size, 0)) for size in sizes]

    def _control(self) -> list[int]:
        look = self._c.llama_vocab_is_control
        return [token for token in range(self.size) if look(self._pointer, token)]

    def _word(self, token: int) -> str:
        return str(self._c.llama_vocab_get_text(self._pointer, token), "utf-8", "replace") if token >= 0 else ""


class _Tokens:
    """A tokenizer in the form that llguidance reads."""

    bos_token_id = None

    def __init__(self, vocabulary: LlamaVocabulary, tokens: list[bytes], special_token_ids: list[int]) -> None:
        self._vocabulary = vocabulary
        self.tokens = tokens
        self.special_token_ids = special_token_ids
        self.eos_token_id = vocabulary.ends[0]

    def __call__(self, text: bytes) -> list[int]:
        return list(self._vocabulary.tokenize(text, first=False, control=False))
