"""HTTP to a model server: local unless allowed, bounded in time and size, stoppable at any moment."""

from __future__ import annotations

import json
import ssl
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.failure import EngineFailed, Kind
from notewright.llm.wire.address import check_address, check_peer, is_loopback
from notewright.llm.wire.refusal import explain_refusal, shorten
from notewright.llm.wire.watch import Watch

if TYPE_CHECKING:
    import httpx

_CONNECT_S = 10.0
_MOST_BYTES = 64 << 20
_MOST_EVENT_BYTES = 8 << 20


class ServerGone(EngineFailed):
    """The server could not be reached, or ended the connection in the middle of a reply."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, kind="connection", hint=hint)


class Connection:
    """Requests to one server. Thread-safe. Follows no redirect, and uses a proxy only where remote hosts are allowed."""

    def __init__(self, url: str, *, allow_remote: bool, api_key: str = "") -> None:
        """Raises `UsageError` or `ModelError` for an address that is malformed, unknown or not allowed."""
        check_address(url, allow_remote=allow_remote)
        import httpx

        self.url = url.rstrip("/")
        self._allow_remote = allow_remote
        self._client = httpx.Client(
            # loading certificates takes .05 s, which plain http does not need
            verify=ssl.create_default_context() if self.url.startswith("https:") else False,
            trust_env=allow_remote and not is_loopback(url),
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", **({"Authorization": f"Bearer {api_key}"} if api_key else {})},
            # every call makes its connection anew, after a reset too: llama.cpp closes a kept connection after 100 requests or 5 s,
            # and the request of that moment fails (measured)
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def get(self, path: str, *, timeout_s: float) -> object:
        """Return the JSON value at `path`. Raises `ModelError`."""
        return self._fetch("GET", path, None, Watch(idle_s=timeout_s, cancel=Cancel()))

    def post(self, path: str, body: Mapping[str, object], *, timeout_s: float, cancel: Cancel | None = None) -> object:
        """Send JSON, return the JSON value answered, all within `timeout_s`. Raises `ModelError`, `Cancelled`."""
        return self._fetch("POST", path, body, Watch(idle_s=timeout_s, cancel=cancel or Cancel()))

    def stream(self, path: str, body: Mapping[str, object], *, idle_s: float, cancel: Cancel) -> Generator[dict[str, Any]]:
        """Send JSON, give the server-sent events as they arrive. Close the iterator to stop the server.

        Raises `ModelError` after `idle_s` seconds without an event, and `Cancelled`.
        """
        watch = Watch(idle_s=idle_s, cancel=cancel)
        with self._exchange("POST", path, body, watch) as response:
            for line in self._lines(response.iter_raw()):
                if (event := self._event(line)) is not None:
                    watch.touch()
                    yield event

    def lines(self, path: str, body: Mapping[str, object], *, idle_s: float, cancel: Cancel) -> Generator[bytes]:
        """Send JSON, give the lines of the answer as they arrive, whatever they hold. Otherwise as `stream`."""
        watch = Watch(idle_s=idle_s, cancel=cancel)
        with self._exchange("POST", path, body, watch) as response:
            for line in self._lines(response.iter_raw()):
                watch.touch()
                yield line

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _fetch(self, method: str, path: str, body: Mapping[str, object] | None, watch: Watch) -> object:
        with self._exchange(method, path, body, watch) as response:
            content = self._read(response, _MOST_BYTES)
        return self._decode(content)

    @contextmanager
    def _exchange(self, method: str, path: str, body: Mapping[str, object] | None, watch: Watch) -> Iterator[httpx.Response]:
        import httpx

        def trace(event: str, report: Mapping[str, Any]) -> None:
            if watch.connected(event, report.get("return_value")) and not self._allow_remote:
                _check_peer(report["return_value"])

        payload = None if body is None else json.dumps(body).encode()
        timeout = httpx.Timeout(watch.idle_s + 1, connect=min(_CONNECT_S, watch.idle_s))
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            with (
                watch,
                self._client.stream(
                    method, self.url + path, content=payload, headers=headers, timeout=timeout, extensions={"trace": trace}
                ) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    content = self._read(response, _MOST_EVENT_BYTES)
                    raise explain_refusal(self.url, response.status_code, content, response.headers)
                yield response
                self._check(watch)
        except httpx.HTTPError as error:
            self._check(watch)
            raise self._explain(error) from error

    def _check(self, watch: Watch) -> None:
        """Raise for what the watch saw: a socket that it shut down looks like the server's doing."""
        watch.cancel.check()
        if watch.expired:
            raise EngineFailed(
                f"the model server at {self.url} gave no new token for {watch.idle_s:g} s",
                kind="timeout",
                hint="raise llm.request_timeout, or choose a smaller model",
            )

    def _explain(self, error: httpx.HTTPError) -> EngineFailed:
        import httpx

        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return ServerGone(
                f"cannot reach a model server at {self.url}: {shorten(str(error)) or 'no connection in time'}",
                hint="start llama-server, check the address, or choose --engine none",
            )
        if isinstance(error, httpx.TimeoutException):
            return EngineFailed(
                f"the model server at {self.url} does not answer", kind="timeout", hint="raise llm.request_timeout, or look at its log"
            )
        return ServerGone(
            f"the model server at {self.url} ended the connection in the middle of a reply: {shorten(str(error))}",
            hint="look at its log: it may have run out of memory",
        )

    def _read(self, response: httpx.Response, most: int) -> bytes:
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > most:
                raise self._nonsense(f"a reply of more than {most >> 20} MiB", "refused")
        return bytes(content)

    def _lines(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        rest = bytearray()
        for chunk in chunks:
            rest += chunk
            if len(rest) > _MOST_EVENT_BYTES:
                raise self._nonsense(f"an event of more than {_MOST_EVENT_BYTES >> 20} MiB", "refused")
            if b"\n" in chunk:
                *lines, rest = rest.split(b"\n")
                yield from map(bytes, lines)

    def _event(self, line: bytes) -> dict[str, Any] | None:
        """Read one line of a stream: None for comments, pings and blank lines."""
        name, _, content = line.partition(b":")
        if name not in (b"data", b"error"):
            return None
        event = self._decode(content)
        if not isinstance(event, dict):
            raise self._nonsense(f"{shorten(content.decode('utf-8', 'replace'))!r}")
        if name == b"error" or "error" in event:
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


def _check_peer(stream: Any) -> None:  # noqa: ANN401  # httpcore's network stream, which httpx hands over untyped
    """Look at whom we are connected to before anything is said: a name may resolve to another host than it did."""
    try:
        check_peer(str(stream.get_extra_info("server_addr")[0]).partition("%")[0])
    except ModelError:
        stream.close()
        raise
