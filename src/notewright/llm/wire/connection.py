"""HTTP to a model server: local unless allowed, bounded in time and size, stoppable at any moment."""

from __future__ import annotations

import json
import ssl
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any

from notewright.control import Cancel
from notewright.errors import UsageError
from notewright.llm.failure import EngineFailed, Kind
from notewright.llm.wire.channel import Channel
from notewright.llm.wire.refusal import explain_refusal, shorten
from notewright.llm.wire.route import Route
from notewright.llm.wire.watch import Watch

_CONNECT_S = 10.0
_MOST_BYTES = 64 << 20
_MOST_EVENT_BYTES = 8 << 20
_PIECE_BYTES = 1 << 16
_OK = 200


class ServerGone(EngineFailed):
    """The server could not be reached, or ended the connection in the middle of a reply."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, kind="connection", hint=hint)


class Connection:
    """Requests to one server. Thread-safe. Follows no redirect, and uses a proxy only where remote hosts are allowed.

    Every request opens a socket of its own: llama.cpp closes a kept one after 100 requests or 5 s, and the request of that moment
    fails (measured).
    """

    def __init__(self, url: str, *, allow_remote: bool, api_key: str = "") -> None:
        """Raises `UsageError` or `ModelError` for an address that is malformed, unknown or not allowed."""
        self.url = url.rstrip("/")
        self._route = Route(self.url, allow_remote=allow_remote)
        if not (api_key.isascii() and api_key.isprintable()):
            raise UsageError("the key for the model server has characters that no key has", hint="look at what llm.api_key_env names")
        self._headers = {"Connection": "close", **({"Authorization": f"Bearer {api_key}"} if api_key else {})}

    def get(self, path: str, *, timeout_s: float) -> object:
        """Return the JSON value at `path`. Raises `ModelError`."""
        return self._fetch("GET", path, None, Watch(self.url, idle_s=timeout_s, cancel=Cancel()))

    def post(self, path: str, body: Mapping[str, object], *, timeout_s: float, cancel: Cancel | None = None) -> object:
        """Send JSON, return the JSON value answered, all within `timeout_s`. Raises `ModelError`, `Cancelled`."""
        return self._fetch("POST", path, body, Watch(self.url, idle_s=timeout_s, cancel=cancel or Cancel()))

    def stream(self, path: str, body: Mapping[str, object], *, idle_s: float, cancel: Cancel) -> Generator[dict[str, Any]]:
        """Send JSON, give the server-sent events as they arrive, up to `[DONE]` or the end. Close the iterator to stop the server.

        Raises `ModelError` after `idle_s` seconds without an event, and `Cancelled`.
        """
        watch = Watch(self.url, idle_s=idle_s, cancel=cancel)
        with self._exchange("POST", path, body, watch) as response:
            for line in self._lines(_pieces(response)):
                name, _, content = line.partition(b":")
                if name == b"data" and content.strip() == b"[DONE]":
                    return
                if name in (b"data", b"error"):  # all others are comments, pings and blank lines
                    yield self._event(name, content)
                    watch.touch()

    def lines(self, path: str, body: Mapping[str, object], *, idle_s: float, cancel: Cancel) -> Generator[bytes]:
        """Send JSON, give the lines of the answer as they arrive, whatever they hold. Otherwise as `stream`."""
        watch = Watch(self.url, idle_s=idle_s, cancel=cancel)
        with self._exchange("POST", path, body, watch) as response:
            for line in self._lines(_pieces(response)):
                yield line
                watch.touch()

    def _fetch(self, method: str, path: str, body: Mapping[str, object] | None, watch: Watch) -> object:
        with self._exchange(method, path, body, watch) as response:
            content = self._read(response, _MOST_BYTES)
        return self._decode(content)

    @contextmanager
    def _exchange(self, method: str, path: str, body: Mapping[str, object] | None, watch: Watch) -> Iterator[HTTPResponse]:
        try:
            wire = self._route.connect(min(_CONNECT_S, watch.idle_s))
        except OSError as error:
            raise self._explain(error) from error
        try:
            with closing(wire), self._ask(Channel(wire, watch), method, path, body) as response:
                if response.status != _OK:
                    raise self._refusal(response)
                yield response
        except (HTTPException, OSError) as error:
            raise ServerGone(
                f"the model server at {self.url} ended the connection in the middle of a reply: {shorten(str(error))}",
                hint="look at its log: it may have run out of memory",
            ) from error

    def _ask(self, channel: Channel, method: str, path: str, body: Mapping[str, object] | None) -> HTTPResponse:
        """Send a request, and return its reply, of which the head is read."""
        target, headers = self._route.request(path)
        headers |= self._headers
        payload = None
        if body is not None:
            payload = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        http = HTTPConnection("")
        http.sock = channel
        with suppress(ConnectionError):  # who refuses a long prompt answers before it is read to its end
            http.request(method, target, payload, headers)
        return http.getresponse()

    def _explain(self, error: OSError) -> EngineFailed:
        """Say why nobody was reached."""
        message = f"cannot reach a model server at {self.url}: {shorten(str(error))}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return EngineFailed(
                message,
                kind="refused",
                hint="name in SSL_CERT_FILE the certificates to trust, and in the address the host that the server's is for",
            )
        return ServerGone(message, hint="start llama-server, check the address, or choose --engine none")

    def _refusal(self, response: HTTPResponse) -> EngineFailed:
        content = self._read(response, _MOST_EVENT_BYTES)
        return explain_refusal(self.url, response.status, content, retry_after=response.getheader("Retry-After"))

    def _read(self, response: HTTPResponse, most: int) -> bytes:
        content = bytearray()
        for piece in _pieces(response):
            content += piece
            if len(content) > most:
                raise self._nonsense(f"a reply of more than {most >> 20} MiB", "refused")
        return bytes(content)

    def _lines(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        rest = bytearray()
        for piece in pieces:
            rest += piece
            if len(rest) > _MOST_EVENT_BYTES:
                raise self._nonsense(f"an event of more than {_MOST_EVENT_BYTES >> 20} MiB", "refused")
            if b"\n" in piece:
                *lines, rest = rest.split(b"\n")
                yield from map(bytes, lines)

    def _event(self, name: bytes, content: bytes) -> dict[str, Any]:
        event = self._decode(content)
        if not isinstance(event, dict):
            raise self._nonsense(f"{shorten(content.decode('utf-8', 'replace'))!r}")
        if name == b"error" or "error" in event or event.get("object") == "error":
            raise explain_refusal(self.url, 500, content)
        return event

    def _decode(self, content: bytes) -> object:
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._nonsense(f"{shorten(content[:1000].decode('utf-8', 'replace'))!r}") from error

    def _nonsense(self, what: str, kind: Kind = "connection") -> EngineFailed:
        # what was broken on its way looks the same as another program's answer, and the next time it may be whole
        return EngineFailed(f"the server at {self.url} answered {what}", kind=kind, hint="is another program listening there?")


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    """Give the body as it arrives. Raises `HTTPException` where it ends before it should."""
    while piece := response.read1(_PIECE_BYTES):
        yield piece
    if response.length:  # which http.client does not miss
        raise IncompleteRead(b"", response.length)
