"""Room in a context window, counted in the model's own tokens."""

from __future__ import annotations

from notewright.errors import ModelError
from notewright.prompting.schema import Schema, likely_tokens, reply_tokens


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
