"""The layer that applies what the user set for a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.llm.layers.layer import Layer
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Reply, Request

_T = TypeVar("_T")


class Tasked(Layer):
    """The outermost layer: what is set for the task counts, else what is set for all, else what the request says. `max_tokens` is a
    ceiling: a request may ask for less. Closes what was opened."""

    def __init__(self, inner: Engine, settings: EngineSettings, close: Callable[[], None]) -> None:
        super().__init__(inner)
        self._settings = settings
        self._close = close

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer as the user set it."""
        return self.inner.chat(self._set(request), cancel)

    def close(self) -> None:
        """Close the engine, then the rest, whatever becomes of the engine."""
        try:
            super().close()
        finally:
            self._close()

    def _set(self, request: Request) -> Request:
        settings = self._settings
        task = settings.task(request.task)
        return replace(
            request,
            max_tokens=min(request.max_tokens, _first(task.max_tokens, settings.default_max_tokens)),
            timeout_s=_first(task.request_timeout_s, settings.request_timeout_s),
            temperature=_first(task.temperature, settings.temperature, request.temperature),
            seed=_first(task.seed, settings.seed, request.seed),
        )


def _first(*values: _T | None) -> _T:
    return next(value for value in values if value is not None)
