"""Ollama's own client, over a connection that keeps our promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

import httpx

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import Connection
from notewright.llm.wire.refusal import explain_refusal, shorten

if TYPE_CHECKING:
    from ollama import Client

INSTALL_HINT = "pip install 'notewright[ollama]'"
# Ollama cuts a prompt that is longer than its window, and forgets its beginning when the reply reaches the end of it, unless told not
# to: words that its client does not know.
_WHOLE = {"truncate": False, "shift": False}
Part = TypeVar("Part")


def stream(connection: Connection, ask: Callable[[Client], Iterator[Part]], *, idle_s: float, cancel: Cancel) -> Generator[Part]:
    """Give what `ask` gets from Ollama's client, as it arrives. Close the iterator to stop the server.

    The client speaks through `connection`: to no other host, with no proxy and no redirect, until nothing arrives for `idle_s` seconds
    or `cancel` asks to stop. Raises `ModelError` and `Cancelled`.
    """
    try:
        import ollama
    except ImportError as error:
        raise ModelError("the client of Ollama is not installed", hint=INSTALL_HINT) from error
    with closing(ollama.Client("http://ollama", transport=_Transport(connection, idle_s, cancel))) as client:
        try:
            yield from ask(client)
        except ollama.ResponseError as error:  # in the middle of a stream, where there is no status
            raise explain_refusal(connection.url, 500, json.dumps({"error": error.error}).encode()) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise EngineFailed(
                f"the server at {connection.url} answered what Ollama does not: {shorten(str(error))}",
                kind="connection",
                hint="is another program listening there?",
            ) from error


class _Transport(httpx.BaseTransport):
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
