"""A watch over one exchange with a server: it ends when nothing arrives for too long or someone asks to stop."""

from __future__ import annotations

import time

from notewright.control import Cancel
from notewright.llm.failure import EngineFailed


class Watch:
    """Knows how long to wait for the server at `url`: `idle_s` seconds from the last `touch`, and until `cancel` asks to stop."""

    def __init__(self, url: str, *, idle_s: float, cancel: Cancel) -> None:
        self.idle_s = idle_s
        self._url = url
        self._cancel = cancel
        self._touched_at = time.monotonic()

    def touch(self) -> None:
        """Begin to wait anew: something arrived, and the next is wanted now."""
        self._touched_at = time.monotonic()

    def check(self) -> None:
        """Raise `Cancelled` if someone asked to stop, `EngineFailed` if nothing arrived for too long."""
        self._cancel.check()
        if time.monotonic() - self._touched_at > self.idle_s:
            raise EngineFailed(
                f"the model server at {self._url} gave no new token for {self.idle_s:g} s",
                kind="timeout",
                hint="raise llm.request_timeout, or choose a smaller model",
            )
