"""The way that Ollama's client speaks: by our connection, through httpx, which comes with it."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator

import httpx

from notewright.control import Cancel
from notewright.llm.wire.connection import Connection

# Ollama cuts a prompt that is longer than its window, and forgets its beginning when the reply reaches the end of it, unless told not
# to: words that its client does not know.
_WHOLE = {"truncate": False, "shift": False}


class Transport(httpx.BaseTransport):
    """Sends the client's requests over our connection; where to is the connection's to know."""

    def __init__(self, connection: Connection, idle_s: float, cancel: Cancel) -> None:
        self._connection = connection
        self._idle_s = idle_s
        self._cancel = cancel

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request's JSON, and answer with the lines that come back."""
        path = request.url.path
        body = json.loads(request.read()) | (_WHOLE if path == "/api/chat" else {})
        return httpx.Response(200, stream=_Lines(self._connection.lines(path, body, idle_s=self._idle_s, cancel=self._cancel)))


class _Lines(httpx.SyncByteStream):
    """An answer that ends its exchange when it is closed."""

    def __init__(self, lines: Generator[bytes]) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[bytes]:
        return (_plain(line) + b"\n" for line in self._lines)

    def close(self) -> None:
        """Stop the server."""
        self._lines.close()


def _plain(line: bytes) -> bytes:
    """Write a line of JSON in ASCII: httpx, which the client asks for lines, ends one at U+0085 too, in the middle of a reply's text."""
    return line if line.isascii() else json.dumps(json.loads(line)).encode()
