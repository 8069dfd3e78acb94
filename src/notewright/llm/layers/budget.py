"""The layer that sends no prompt that does not fit, and no schema that an engine may not enforce."""

from __future__ import annotations

from dataclasses import replace

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.budget import fit
from notewright.prompting.request import Reply, Request
from notewright.prompting.schema import reply_tokens


class Budgeted(Layer):
    """Clips `max_tokens` to the schema, the user's ceiling and the room left by the counted prompt."""

    def __init__(self, inner: Engine, settings: EngineSettings) -> None:
        super().__init__(inner)
        self._settings = settings

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer within the window. Raises `PromptTooLong` before anything is sent, `ValueError` for a schema outside the subset."""
        return self.inner.chat(replace(request, max_tokens=self._limit(request)), cancel)

    def _limit(self, request: Request) -> int:
        ceiling = request.max_tokens
        prompt_tokens = self.inner.count(request.messages)
        if prompt_tokens is None:  # an engine that cannot count has no window that we know
            return min(ceiling, reply_tokens(request.schema))
        window = min(self._settings.context_window, self.inner.identity().context_length or self._settings.context_window)
        return fit(prompt_tokens, request.schema, context_window=window, default_max_tokens=ceiling)
