"""How an engine fails: which kinds there are, and which of them may heal by themselves."""

from __future__ import annotations

import re
from typing import Literal

from notewright.errors import ModelError

# What is not here is a type of its own, because it is about the question and not the engine: `InvalidReply`, `TruncatedReply`,
# `PromptTooLong`.
Kind = Literal["timeout", "connection", "overload", "out_of_memory", "refused"]

_HEALING = frozenset[Kind](("timeout", "connection", "overload"))
# In this order: where several are named, the first says what can be done about it. "refused" is a fault of the question.
_SIGNS: dict[Kind, str] = {
    "out_of_memory": r"(out of|not enough|more|insufficient) (\w+ )?memory|\boom\b|(failed|unable|cannot) (to )?alloc|bad_alloc",
    "refused": r"context (size|window|length)|not found|no such|invalid|unsupported|schema|grammar|too (long|large)|unauthori[sz]ed",
    "overload": r"rate.?limit|quota exceeded|too many requests|service unavailable|internal server error|overloaded|loading model|\bbusy\b",
    "timeout": r"time.?out|timed out|deadline exceeded",
    "connection": r"connection (was )?(reset|refused|closed|aborted|lost)|broken pipe|temporary failure|disconnected|unreachable",
}
_STATUSES: dict[int, Kind] = {408: "timeout", 425: "overload", 429: "overload", 502: "connection", 503: "overload", 504: "timeout"}


class EngineFailed(ModelError):
    """An engine did not answer. `retry_after_s` is how long it asked to be left alone, `retries` how often it was asked again."""

    def __init__(self, message: str, *, kind: Kind, hint: str | None = None, retry_after_s: float | None = None, retries: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.retries = retries

    @property
    def heals(self) -> bool:
        """Whether the same question may be answered later."""
        return self.kind in _HEALING


def classify(message: str, status: int | None = None) -> Kind:
    """Return the kind of failure that a server's or a library's words and its HTTP status, if there is one, tell of.

    A status that is clear decides; one of 500 and above that says nothing by itself is an overload unless the words name a lack of
    memory or a fault of the question. Words that say nothing are a refusal: what is not known to heal is not asked again.
    """
    if status is not None and status < 500 and status not in _STATUSES:
        return "refused"
    words = next((kind for kind, signs in _SIGNS.items() if re.search(signs, message, re.IGNORECASE)), None)
    if status is None:
        return words or "refused"
    if words == "out_of_memory":
        return words
    return _STATUSES.get(status) or ("refused" if words == "refused" or status == 501 else "overload")
