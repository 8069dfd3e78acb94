"""A socket as http.client uses one, which waits no longer than a watch allows."""

from __future__ import annotations

import socket
from contextlib import suppress
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING

from notewright.llm.wire.watch import Watch

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LOOK_EVERY_S = 0.05
_BUFFER_BYTES = 1 << 16


class Channel:
    """Sends and reads, and looks at the watch before it waits and while it does: what the watch raises is raised there.

    The socket stays with whoever opened it.
    """

    def __init__(self, wire: socket.socket, watch: Watch) -> None:
        wire.settimeout(_LOOK_EVERY_S)
        self._wire = wire
        self._watch = watch

    def sendall(self, content: bytes) -> None:
        """Send all of it."""
        rest = memoryview(content)
        while rest:
            self._watch.check()
            with suppress(TimeoutError):
                rest = rest[self._wire.send(rest) :]

    def makefile(self, _mode: str) -> BufferedReader:
        """Return what arrives."""
        return BufferedReader(_Arriving(self._wire, self._watch), _BUFFER_BYTES)

    def close(self) -> None:
        """Do nothing: http.client calls it before it has read the reply."""


class _Arriving(RawIOBase):
    """The bytes that arrive at a socket."""

    def __init__(self, wire: socket.socket, watch: Watch) -> None:
        self._wire = wire
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while True:
            self._watch.check()
            with suppress(TimeoutError):
                return self._wire.recv_into(buffer)
