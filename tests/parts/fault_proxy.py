"""A TCP proxy in front of a real model server, which spoils a share of the replies in every way that we know of."""

from __future__ import annotations

import json
import random
import re
import socket
import socketserver
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from email.utils import formatdate
from typing import Self
from urllib.parse import urlsplit

_PIECE_BYTES = 1 << 14


class Passage:
    """One request on its way to the real server, and the reply on its way back."""

    def __init__(self, wire: socket.socket, head: bytes, body: bytes, upstream: tuple[str, int], stopping: threading.Event) -> None:
        self.wire = wire
        self.head = head
        self.body = body
        self.stopping = stopping
        self._upstream = upstream

    def pieces(self) -> Iterator[bytes]:
        """Send the request to the real server, and give its reply as it comes."""
        with socket.create_connection(self._upstream, timeout=30) as server:
            server.sendall(self.head + self.body)
            while piece := server.recv(_PIECE_BYTES):
                yield piece

    def whole(self) -> bytes:
        """Return the whole reply; the server is asked to close after it."""
        return b"".join(self.pieces())

    def pass_on(self) -> None:
        """Let everything through."""
        for piece in self.pieces():
            self.wire.sendall(piece)

    def hang(self) -> None:
        """Say nothing until the client goes away or the proxy closes."""
        self.wire.settimeout(0.02)
        while not self.stopping.is_set():
            with suppress(TimeoutError):
                if not self.wire.recv(1):
                    return

    def reset(self) -> None:
        """End the connection as a process that dies does."""
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wire.close()


class FaultProxy:
    """Listens on a free port of 127.0.0.1. A `share` of the requests for `path`, or for any, suffers a fault of `FAULTS`; the same seed
    chooses the same ones."""

    def __init__(self, url: str, *, share: float, seed: int = 0, faults: tuple[str, ...] = (), path: str = "/") -> None:
        parts = urlsplit(url)
        self.share = share
        self.asked = 0
        self.suffered: Counter[str] = Counter()
        self._path = path.encode()
        self._faults = faults or tuple(FAULTS)
        self._deck: list[str] = []
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._upstream = (str(parts.hostname), int(parts.port or 80))
        self._stopping = threading.Event()
        self._listener = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)  # type: ignore[arg-type]  # called as a class would be
        self._listener.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown()
        self._listener.server_close()

    def _serve(self, wire: socket.socket, _address: object, _server: object) -> None:
        with suppress(OSError):  # clients and servers go away, which is what this is about
            if request := _read_request(wire):
                self._choose(request[0])(Passage(wire, *request, self._upstream, self._stopping))

    def _choose(self, head: bytes) -> Callable[[Passage], None]:
        with self._lock:
            self.asked += 1
            if not head.split()[1].startswith(self._path) or self._chance.random() >= self.share:
                return Passage.pass_on
            name = self._draw()
            self.suffered[name] += 1
        return FAULTS[name]

    def _draw(self) -> str:
        """Draw a fault, each once before any comes again: who asks in which order is not ours to say, and all shall be met."""
        if not self._deck:
            self._deck = self._chance.sample(self._faults, len(self._faults))
        return self._deck.pop()


def _read_request(wire: socket.socket) -> tuple[bytes, bytes] | None:
    """Read one request; its head asks the server to close the connection when it is done."""
    with closing(wire.makefile("rb")) as reader:
        lines = list(iter(reader.readline, b"\r\n"))
        if not lines or not lines[-1].endswith(b"\r\n"):
            return None
        kept = [line for line in lines if not line.lower().startswith(b"connection:")]
        length = next((int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length:")), 0)
        return b"".join(kept) + b"Connection: close\r\n\r\n", reader.read(length)


def _delay(passage: Passage) -> None:
    passage.stopping.wait(0.05)
    passage.pass_on()


def _die_midway(passage: Passage) -> None:
    reply = passage.whole()
    passage.wire.sendall(reply[: len(reply) * 2 // 3])
    passage.reset()


def _cut(passage: Passage) -> None:
    reply = passage.whole()
    passage.wire.sendall(reply[: len(reply) // 2])


def _hang_after_first_token(passage: Passage) -> None:
    reply = passage.whole()
    first = reply.find(b'"content"')
    passage.wire.sendall(reply[: reply.find(b"\n", first) if first >= 0 else len(reply) // 2])
    passage.hang()


def _refusal(status: str, message: str, headers: Callable[[], str] = str) -> Callable[[Passage], None]:
    def refuse(passage: Passage) -> None:
        body = json.dumps({"error": {"code": int(status[:3]), "message": message, "type": "fault"}}).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers()}\r\n"
        passage.wire.sendall(head.encode() + body)

    return refuse


def _answer(body: bytes, claimed: int) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {claimed}\r\n\r\n".encode() + body


def _talk_garbage(passage: Passage) -> None:
    garbage = b"data: \x00\xff}{ not json\n\n" * 3
    passage.wire.sendall(_answer(garbage, len(garbage)))


def _claim_more(passage: Passage) -> None:
    body = passage.whole().partition(b"\r\n\r\n")[2]
    passage.wire.sendall(_answer(body, len(body) + 100))


def _claim_less(passage: Passage) -> None:
    body = passage.whole().partition(b"\r\n\r\n")[2]
    passage.wire.sendall(_answer(body, len(body) // 2))


def _ignore_schema(passage: Passage) -> None:
    """Let the model say what it likes, with HTTP 200."""
    if b'"json_schema"' in passage.body:
        asked = json.loads(passage.body)
        del asked["json_schema"]
        passage.body = json.dumps({**asked, "n_predict": min(asked["n_predict"], 20)}).encode()
        passage.head = re.sub(rb"(?i)content-length: *\d+", b"Content-Length: %d" % len(passage.body), passage.head)
    passage.pass_on()


FAULTS: dict[str, Callable[[Passage], None]] = {
    "delay": _delay,
    "reset": Passage.reset,
    "hang": Passage.hang,
    "hang after the first token": _hang_after_first_token,
    "die midway": _die_midway,
    "cut": _cut,
    "garbage": _talk_garbage,
    "claim more": _claim_more,
    "claim less": _claim_less,
    "500": _refusal("500 Internal Server Error", "Internal Server Error"),
    "503": _refusal("503 Service Unavailable", "Loading model"),
    "429 in seconds": _refusal("429 Too Many Requests", "slow down", lambda: "Retry-After: 0\r\n"),
    "429 until a date": _refusal("429 Too Many Requests", "slow down", lambda: f"Retry-After: {formatdate(usegmt=True)}\r\n"),
    "ignore the schema": _ignore_schema,
}
