"""What an engine in this process asks of a model in memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from notewright.control import Cancel
from notewright.llm.engines.in_process.guidance import Guidance
from notewright.llm.engines.skeleton import Skeleton
from notewright.llm.failure import EngineFailed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Pulse:
    """How long ago the last token came, and whether somebody wants to stop."""

    def __init__(self, model: str, *, timeout_s: float, cancel: Cancel) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._cancel = cancel
        self.beat()

    def beat(self) -> None:
        """Note that a token came, or a piece of the prompt was read. Raises where it is time to stop."""
        self._beaten_at = time.monotonic()
        self.check()

    @property
    def stopped(self) -> bool:
        """Whether it is time to stop."""
        return self._cancel.requested or time.monotonic() - self._beaten_at > self._timeout_s

    def check(self) -> None:
        """Raise `Cancelled`, or `EngineFailed` after too many seconds without a token."""
        self._cancel.check()
        if self.stopped:
            raise EngineFailed(
                f"{self._model} gave no new token for {self._timeout_s:g} s",
                kind="timeout",
                hint="raise llm.request_timeout, or choose a smaller model",
            )


class LoadedModel(Protocol):
    """A model in memory, and what it has read last. Used by one thread at a time, but for `skeleton` and `guidance`."""

    @property
    def context(self) -> int:
        """How many tokens prompt and reply may have together."""
        ...

    @property
    def skeleton(self) -> Skeleton:
        """Its chat template and tokenizer."""
        ...

    @property
    def guidance(self) -> Guidance:
        """Its tokens, for grammars."""
        ...

    def read(self, tokens: Sequence[int], pulse: Pulse) -> int:
        """Read a prompt, of whose beginning nothing is evaluated that was read before; return how many tokens were."""
        ...

    def follow(self, token: int, pulse: Pulse) -> None:
        """Read one token more."""
        ...

    def logits(self) -> NDArray[np.float32]:
        """Return how likely each token is to come next, not normalised; good until the next one is read."""
        ...

    def close(self) -> None:
        """Free the memory."""
        ...


def count_shared(known: Sequence[int], tokens: Sequence[int]) -> int:
    """Count the tokens that both begin with; the last of a prompt is always read again, for its logits."""
    most = min(len(known), len(tokens) - 1)
    return next((place for place in range(most) if known[place] != tokens[place]), most)
