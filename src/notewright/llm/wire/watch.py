"""A watch over one exchange with a server: it ends when nothing arrives for too long or someone asks to stop."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

from notewright.control import Cancel

_LOOK_EVERY_S = 0.05
_CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Watch:
    """Shuts the socket of an exchange down after `idle_s` seconds without `touch`, or when `cancel` asks to stop.

    A read that waits in httpx ends only when its socket does, so another thread ends the socket; the server sees the
    connection close and stops generating.
    """

    def __init__(self, *, idle_s: float, cancel: Cancel) -> None:
        self.idle_s = idle_s
        self.cancel = cancel
        self.expired = False
        self._touched_at = time.monotonic()
        self._stream: Any = None  # httpcore's network stream: httpx hands it to trace functions untyped
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="model-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def touch(self) -> None:
        """Note that something arrived."""
        self._touched_at = time.monotonic()

    def connected(self, event: str, stream: object) -> bool:
        """Take the network stream that httpx reports in a trace event; return whether this event reports one."""
        if event in _CONNECTED:
            self._stream = stream
        return event in _CONNECTED

    def _look(self) -> None:
        # goes on after the first time: the socket may not have been there yet
        while not self._done.wait(_LOOK_EVERY_S):
            self.expired = self.expired or time.monotonic() - self._touched_at > self.idle_s
            if (self.expired or self.cancel.requested) and self._stream is not None:
                with contextlib.suppress(OSError):  # it ended by itself
                    self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
