"""A server that pretends to be llama.cpp's, and answers the path that a test names with whatever bytes it likes."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Self

PROPS: Mapping[str, object] = {
    "total_slots": 1,
    "default_generation_settings": {"n_ctx": 4096},
    "model_path": "/nowhere/model.gguf",
    "build_info": "b1-test",
    "chat_template": "{{ messages }}",
}
GOOD_TEXT = '{"ok":true}'


class Exchange:
    """One call: its JSON body, and the bare socket to answer on."""

    def __init__(self, wire: socket.socket, path: str, body: object, closing: threading.Event) -> None:
        self.wire = wire
        self.path = path
        self.body = body
        self.closing = closing

    def send(self, *pieces: bytes) -> None:
        """Send bytes as they are. A client that went away is no error."""
        for piece in pieces:
            try:
                self.wire.sendall(piece)
            except OSError:
                return

    def hang(self) -> None:
        """Say nothing until the client goes away or the server closes."""
        self.wire.settimeout(0.02)
        while not self.closing.is_set():
            try:
                if not self.wire.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


Answer = bytes | Callable[[Exchange], None]


class Impostor:
    """Listens on a free port of 127.0.0.1, encrypted with `tls`, and speaks llama.cpp's API correctly, but for the paths in `lies`."""

    def __init__(self, lies: Mapping[str, Answer] | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self.lies = dict(lies or {})
        self.asked: list[str] = []
        self.headers: set[str] = set()  # "Name: value", of every call
        self.closing = threading.Event()
        # a function serves as well as a handler class: both are called with the wire
        self._listener = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._serve)  # type: ignore[arg-type]
        self._listener.daemon_threads = True
        self._tls = tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.server_address[1]}"
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._listener.shutdown()
        self._listener.server_close()

    def _serve(self, wire: socket.socket, _address: object, _server: object) -> None:
        if self._tls is None:
            self._answer(wire)
            return
        with contextlib.suppress(ssl.SSLError), self._tls.wrap_socket(wire, server_side=True) as encrypted:  # a client may not trust us
            self._answer(encrypted)

    def _answer(self, wire: socket.socket) -> None:
        with wire.makefile("rb") as reader:
            request = reader.readline().decode().split()
            if len(request) < 2:
                return
            length = 0
            while (line := reader.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
                self.headers.add(line.decode())
            path, body = request[1], reader.read(length)
        self.asked.append(path)
        exchange = Exchange(wire, path, json.loads(body) if body else None, self.closing)
        answer = {**_HONEST, **self.lies}.get(path, _UNKNOWN)
        if callable(answer):
            answer(exchange)
        else:
            exchange.send(answer)


def http(content: object, *, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """Write a whole reply: bytes as they are, any other value as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = {"Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def stream(*events: object) -> bytes:
    """Write a whole stream of server-sent events; bytes go between them as they are."""
    return STREAM_HEAD + b"".join(chunk(event) for event in events) + b"0\r\n\r\n"


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def chunk(event: object) -> bytes:
    """Write one event of a stream."""
    line = event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode() + b"\n\n"
    return f"{len(line):x}\r\n".encode() + line + b"\r\n"


def token(text: str) -> dict[str, object]:
    """Make the event that brings a piece of the reply."""
    return {"content": text, "stop": False}


def end(prompt_tokens: int, **changes: object) -> dict[str, object]:
    """Make the event that ends a reply."""
    timings = {"prompt_n": prompt_tokens, "predicted_n": 5}
    return {"content": "", "stop": True, "stop_type": "eos", "tokens_evaluated": prompt_tokens, "timings": timings, **changes}


def prompt_length(exchange: Exchange) -> int:
    """Count the tokens that were sent as the prompt."""
    assert isinstance(exchange.body, dict)
    return len(exchange.body["prompt"])


def _apply_template(exchange: Exchange) -> None:
    assert isinstance(exchange.body, dict)
    exchange.send(http({"prompt": "".join(f"<{one['role']}>{one['content']}" for one in exchange.body["messages"])}))


def _tokenize(exchange: Exchange) -> None:
    assert isinstance(exchange.body, dict)
    exchange.send(http({"tokens": list(exchange.body["content"].encode())}))


def _complete(exchange: Exchange) -> None:
    exchange.send(stream(*map(token, _pieces(GOOD_TEXT)), end(prompt_length(exchange))))


def _pieces(text: str) -> Iterable[str]:
    return (text[start : start + 3] for start in range(0, len(text), 3))


_UNKNOWN = http({"error": {"code": 404, "message": "File Not Found"}}, status="404 Not Found")
_HONEST: Mapping[str, Answer] = {
    "/props": http(PROPS),
    "/v1/models": http({"data": [{"meta": {"n_params": 1}}]}),
    "/apply-template": _apply_template,
    "/tokenize": _tokenize,
    "/completion": _complete,
}
