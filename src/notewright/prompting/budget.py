"""Room in a context window, counted in the model's own tokens."""

from __future__ import annotations

import re
from math import ceil

from notewright.errors import ModelError
from notewright.prompting.schema import Schema, likely_tokens, reply_tokens

# Words of Latin letters, digits (many models read them one by one), line ends, indentation, letters of other scripts, and signs.
_PIECES = re.compile(r"[A-Za-z]+|\d|\n+| {2,}|[^\x00-\x7f]|[^\w\s]|_")
_LETTERS_PER_TOKEN = 7
_BYTES_PER_TOKEN = 3.5
_LATIN_ENDS = 0x250


class PromptTooLong(ModelError):
    """The prompt leaves too little room for its reply: it is split or refused, never sent and silently cut."""


def fit(prompt_tokens: int, schema: Schema, *, context_window: int, default_max_tokens: int) -> int:
    """Return the reply's limit in tokens, at most `default_max_tokens` and what the schema can need, so that prompt and
    reply fit the window together. Raises `PromptTooLong` where an ordinary full-length reply would be cut off."""
    wanted = min(reply_tokens(schema), default_max_tokens)
    room = context_window - prompt_tokens
    needed = min(likely_tokens(schema), wanted)
    if room < needed:
        raise PromptTooLong(
            f"the prompt of {prompt_tokens} tokens and its reply of about {needed} do not fit the context window of {context_window}",
            hint="raise llm.context_window if the model allows it, or ask for less at once",
        )
    return min(wanted, room)


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a text takes in a model that nobody can ask: for prose in English about as many as the worst of 19
    vocabularies needs (of our own three system parts they need 196-250 tokens; this says 228-250), and more for other scripts than
    most need. Never count with it where an engine can count."""
    pieces = sum(_piece_tokens(piece[0]) for piece in _PIECES.finditer(text))
    return max(pieces, ceil(len(text.encode("utf-8", "replace")) / _BYTES_PER_TOKEN))


def _piece_tokens(piece: str) -> int:
    if piece.isascii():
        return ceil(len(piece) / _LETTERS_PER_TOKEN) if piece.isalpha() else 1
    return 1 if ord(piece) < _LATIN_ENDS else 2
