"""The layer that sends no prompt that does not fit, and no schema that an engine may not enforce."""

from __future__ import annotations

from dataclasses import replace

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import fit
from notewright.prompting.request import Messages, Reply, Request
from notewright.prompting.schema import reply_tokens

# No vocabulary has a longer token (they are blanks and dashes): what is longer than the window at that rate need not be counted, and a
# prompt of 10 MB takes seconds and gigabytes to count.
_MOST_CHARACTERS_PER_TOKEN = 512


class Budgeted(Layer):
    """Clips `max_tokens` to the schema, the user's ceiling and the room left by the counted prompt."""

    def __init__(self, inner: Engine, settings: EngineSettings) -> None:
        super().__init__(inner)
        self._settings = settings

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer within the window. Raises `PromptTooLong` before anything is sent, `ValueError` for a schema outside the subset."""
        return self.inner.chat(replace(request, max_tokens=self._limit(request)), cancel)

    def _limit(self, request: Request) -> int:
        window = self._settings.context_window
        prompt_tokens = self._count(request.messages, window)
        if prompt_tokens is None:  # an engine that cannot count has no window that we know
            return min(request.max_tokens, reply_tokens(request.schema))
        if prompt_tokens < window:
            window = min(window, self.inner.identity().context_length or window)
        return fit(prompt_tokens, request.schema, context_window=window, default_max_tokens=request.max_tokens)

    def _count(self, messages: Messages, window: int) -> int | None:
        least = sum(len(message.content) for message in messages) // _MOST_CHARACTERS_PER_TOKEN
        return least if least >= window else self.inner.count(messages)
