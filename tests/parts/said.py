"""An engine that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.prompting.request import Identity, Messages, Reply, Request

Said = Reply | ModelError | Cancelled | Callable[[Request, Cancel], Reply]


class Says:
    """Says what it was told to in turn, the last of it for ever: a reply, an error, or what a function returns."""

    def __init__(self, *said: Said, name: str = "model", slots: int = 1, tokens: int | ModelError | None = 10) -> None:
        self.slots = slots
        self.asked: list[Request] = []
        self.counted = 0
        self.closed = 0
        self._said = list(said)
        self._identity = Identity("said", name, f"sha256:{name}", 4096, "1")
        self._tokens = tokens
        self._lock = threading.Lock()

    def identity(self) -> Identity:
        """Say the name."""
        return self._identity

    def count(self, messages: Messages) -> int | None:  # noqa: ARG002  # the protocol's
        """Give the number told, or fail as told."""
        self.counted += 1
        if isinstance(self._tokens, ModelError):
            raise self._tokens
        return self._tokens

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer as told."""
        with self._lock:
            self.asked.append(request)
            said = self._said.pop(0) if len(self._said) > 1 else self._said[0]
        if isinstance(said, ModelError | Cancelled):
            raise said
        return said if isinstance(said, Reply) else said(request, cancel)

    def close(self) -> None:
        """Count it."""
        self.closed += 1


def reply(text: str, *, prompt_tokens: int = 10, cached_tokens: int = 0, confidence: float | None = None) -> Reply:
    """Make a reply that ended by itself, of five tokens."""
    return Reply(text, "stop", prompt_tokens, cached_tokens, 5, 0.0, confidence=confidence)
