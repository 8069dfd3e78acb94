"""A layer of the door: an engine around an engine."""

from __future__ import annotations

from notewright.control import Cancel
from notewright.llm.engine import Engine
from notewright.prompting.request import Identity, Messages, Reply, Request


class Layer:
    """Passes everything on to the engine inside; a layer overrides what it changes."""

    def __init__(self, inner: Engine) -> None:
        self.inner = inner

    @property
    def slots(self) -> int:
        """Requests worth having in flight at once."""
        return self.inner.slots

    def identity(self) -> Identity:
        """Say who answers."""
        return self.inner.identity()

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens exactly; None if the engine cannot say."""
        return self.inner.count(messages)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer, blocking."""
        return self.inner.chat(request, cancel)

    def close(self) -> None:
        """Close the engine inside."""
        self.inner.close()
