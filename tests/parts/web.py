"""A web server on 127.0.0.1 that runs in threads, keeps a log and can be told to fail."""

from __future__ import annotations

import io
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from tests.parts.faults import Fault, Faults

_CHUNK_BYTES = 1 << 16


@dataclass(slots=True)
class Call:
    """One call as it came in. `status` is what was answered, None where nothing was."""

    method: str
    path: str
    query: str
    authorised: bool  # an Authorization header came with it, right or wrong
    body: object = None
    status: int | None = None


class WebServer:
    """Listens on a free port of 127.0.0.1 until closed. A child says how calls are answered."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.bugs: list[str] = []  # what no test may ignore: the server itself is wrong, or knows too little
        self.faults = Faults()
        self.closing = threading.Event()
        self._listener = _Listener(("127.0.0.1", 0), Exchange)
        self._listener.owner = self
        self.port: int = self._listener.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, exchange: Exchange) -> None:
        """Do what a call asks and reply to it."""
        raise NotImplementedError

    def refuse(self, exchange: Exchange, status: int, message: str | None, headers: Mapping[str, str]) -> None:
        """Reply with an error in the way of this server, with further headers."""
        raise NotImplementedError

    def fault(
        self, method: str, path_regex: str, *, status: int | None = None, message: str | None = None,
        headers: Mapping[str, str] | None = None, times: int = 1, after: bool = False, hang_s: float | None = None, drop: bool = False,
    ) -> None:  # fmt: skip
        """Let the next `times` calls of `method` ("*": any) whose path and query match fail.

        `status` (500 unless told) answers with an error, an optional `message` and further `headers`, such as Retry-After or
        Location; `hang_s` gives no answer for so many seconds and closes the connection; `drop` closes it at once. The call
        takes no effect, or with `after` it does.
        """
        silent = drop or hang_s is not None
        assert not (silent and (status or message or headers)), "a call without an answer has no status"
        self.faults.add(Fault(method, path_regex, None if silent else status or 500, message, after, hang_s or 0, headers or {}), times)

    def close(self) -> None:
        """Stop listening, and let go of calls that hang."""
        self.closing.set()
        self._listener.shutdown()
        self._listener.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Exchange(BaseHTTPRequestHandler):
    """One call and its reply."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, the second waits 40 ms for an acknowledgement
    server: _Listener

    def answer(self) -> None:
        """Log the call and hand it to the server's owner, unless a fault is waiting for it."""
        owner = self.server.owner
        path, _, query = self.path.partition("?")
        self.call = Call(self.command, path, query, "Authorization" in self.headers)
        owner.calls.append(self.call)
        fault = owner.faults.take(self.command, self.path)
        try:
            if fault is None:
                owner.answer(self)
            else:
                self._suffer(owner, fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client went away, as one with a timeout does

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # names that http.server looks up

    def body_chunks(self) -> Iterator[bytes]:
        """Yield the body in pieces, whether it comes with a length or chunked."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            yield from self._read(int(self.headers.get("Content-Length") or 0))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield from self._read(size)
            self.rfile.readline()
        self.rfile.readline()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head of a reply."""
        self.call.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Send a whole reply."""
        self.begin(status, {**headers, "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's name
        """Say nothing: the server keeps its own log."""

    def _read(self, size: int) -> Iterator[bytes]:
        while size and (piece := self.rfile.read(min(size, _CHUNK_BYTES))):
            size -= len(piece)
            yield piece

    def _suffer(self, owner: WebServer, fault: Fault) -> None:
        if fault.after:
            wire, self.wfile = self.wfile, io.BytesIO()
            owner.answer(self)
            self.wfile = wire
        else:
            for _ in self.body_chunks():
                pass
        self.call.status = fault.status
        if fault.status is not None:
            owner.refuse(self, fault.status, fault.message, fault.headers)
            return
        owner.closing.wait(fault.hang_s)
        self.close_connection = True


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that keeps its connection alive would hold the end of the test
    owner: WebServer

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  # http.server's arguments
        """Keep what broke in a handler for the test to see, but not that a client went away in the middle."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            self.owner.bugs.append(traceback.format_exc())
