"""A schema enforced token by token with llguidance, for engines in this process."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from notewright.errors import ModelError
from notewright.llm.confidence import Step
from notewright.prompting.schema import Schema, check_schema

if TYPE_CHECKING:
    import llguidance
    import numpy as np
    from llguidance._lib import JsonCompileOptions
    from numpy.typing import NDArray

_CACHED_GRAMMARS = 64
_LIKELIEST = 20
# No white space at all between two tokens of JSON: a small model would write nothing else.
_OPTIONS: JsonCompileOptions = {"whitespace_flexible": False}
# Fifteen digits, fewer than `reply_tokens` counts: llguidance reads bounds as doubles, and made 10^16 of 10^16 - 1.
_LARGEST_INTEGER = 10**15 - 1


class Guidance:
    """Grammars for one model's tokens. Thread-safe."""

    def __init__(self, tokenizer: llguidance.LLTokenizer) -> None:
        self.tokenizer = tokenizer
        # building a grammar takes ten times as long as copying one
        self._pristine = lru_cache(maxsize=_CACHED_GRAMMARS)(self._build)

    def guide(self, schema: Schema) -> Guide:
        """Return what leads one reply. Raises `ValueError` for a schema that cannot be enforced."""
        check_schema(schema)
        return Guide(self._pristine(json.dumps(bound_integers(schema))).deep_copy(), self.tokenizer.vocab_size)

    def text(self, tokens: Iterable[int]) -> str:
        """Return what tokens say, without control tokens."""
        return self.tokenizer.decode_str([token for token in tokens if not self.tokenizer.is_special_token(token)])

    def step(self, token: int, masked: NDArray[np.float32]) -> Step:
        """Return how likely a token was among those that the grammar allowed, beside the likeliest of them."""
        import numpy as np

        allowed = np.flatnonzero(masked > -np.inf)
        logits = masked[allowed]
        logprobs = logits - logits.max()
        logprobs -= np.log(np.exp(logprobs).sum())
        likeliest = np.argsort(-logprobs, kind="stable")[:_LIKELIEST]
        known = [(self._bytes(int(allowed[at])), float(logprobs[at])) for at in likeliest]
        return Step(self._bytes(token), float(logprobs[np.searchsorted(allowed, token)]), tuple(known))

    def _bytes(self, token: int) -> bytes:
        return b"" if self.tokenizer.is_special_token(token) else self.tokenizer.decode_bytes([token])

    def _build(self, schema: str) -> llguidance.LLMatcher:
        from llguidance import LLMatcher

        matcher = LLMatcher(self.tokenizer, LLMatcher.grammar_from_json_schema(schema, overrides=_OPTIONS), log_level=0)
        if matcher.is_error():
            raise ValueError(f"llguidance cannot enforce the schema: {matcher.get_error()}")
        return matcher


class Guide:
    """The way of one reply through its grammar."""

    def __init__(self, matcher: llguidance.LLMatcher, vocabulary: int) -> None:
        import numpy as np

        self._matcher = matcher
        self._vocabulary = vocabulary
        self._bits = np.zeros(-(-vocabulary // 32), np.uint32)

    def mask(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a copy in which every token that may not come next is minus infinity."""
        import numpy as np

        self._matcher.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        # a model may have a few more rows than its tokenizer has tokens, and the other way round
        known = min(self._vocabulary, len(logits))
        allowed = np.unpackbits(self._bits.view(np.uint8), bitorder="little", count=known).view(np.bool_)
        masked = np.full(len(logits), -np.inf, np.float32)
        np.copyto(masked[:known], logits[:known], where=allowed)
        return masked

    def follow(self, token: int) -> bool:
        """Go on with a token; return whether the reply is whole. Raises `ModelError` where the grammar gives up."""
        if not self._matcher.consume_token(token):
            raise ModelError(f"the reply cannot go on under its schema: {self._matcher.get_error()}", hint="report this as a bug")
        return self._matcher.is_stopped()


def bound_integers(schema: Schema) -> dict[str, object]:
    """Return a schema whose integers have at most fifteen digits: llguidance lets them go on for ever, in llama.cpp's server too."""
    bounds = {"minimum": -_LARGEST_INTEGER, "maximum": _LARGEST_INTEGER} if schema.get("type") == "integer" else {}
    return {key: _bound(part) for key, part in schema.items()} | bounds


def _bound(part: object) -> object:
    if isinstance(part, list):
        return [_bound(one) for one in part]
    return bound_integers(part) if isinstance(part, dict) else part
