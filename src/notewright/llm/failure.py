"""How an engine fails: which kinds there are, and which of them may heal by themselves."""

from __future__ import annotations

from typing import Literal

from notewright.errors import ModelError

# What is not here is a type of its own, because it is about the question and not the engine: `InvalidReply`, `TruncatedReply`,
# `PromptTooLong`.
Kind = Literal["timeout", "connection", "overload", "out_of_memory", "refused"]


class EngineFailed(ModelError):
    """An engine did not answer. `retry_after_s` is how long it asked to be left alone, `retries` how often it was asked again."""

    def __init__(self, message: str, *, kind: Kind, hint: str | None = None, retry_after_s: float | None = None, retries: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.retries = retries
