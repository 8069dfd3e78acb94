"""The protocol that every engine fulfils."""

from __future__ import annotations

from typing import Protocol

from notewright.control import Cancel
from notewright.prompting.request import Identity, Messages, Reply, Request


class Engine(Protocol):
    """One way to reach a model. Thread-safe; used as `with closing(engine)`."""

    @property
    def slots(self) -> int:
        """Requests worth having in flight at once."""
        ...

    def identity(self) -> Identity:
        """Say who answers, without loading the model. Raises `ModelError` if nobody does."""
        ...

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens exactly, chat template included; None if this engine cannot say."""
        ...

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer, blocking. Raises `ModelError` when the engine fails, `Cancelled` when `cancel` asks to stop."""
        ...

    def close(self) -> None:
        """Free memory and stop what this engine started. Safe to call twice."""
        ...
