"""A model hub on this machine: files by the protocol that huggingface-hub speaks, and transfers that go wrong."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ModelHub:
    """What the hub serves: `files` by owner/repository/path. The next transfers are cut after so many bytes each (`cuts`), a file's bytes
    may differ from what is announced (`garbled`), and some files answer a status and the client's error code (`refusals`)."""

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes] = {}
        self.garbled: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.refusals: dict[str, tuple[int, str]] = {}
        self.ranges: list[str] = []
        self.announces_digest = True


class _Handler(BaseHTTPRequestHandler):
    hub: ModelHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        if self._place in self.hub.files:  # the client asks for other things too
            self.hub.ranges.append(self.headers.get("Range", ""))
        self._answer(body=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""

    @property
    def _place(self) -> str:
        return self.path.removeprefix("/").replace("/resolve/main/", "/", 1)

    def _answer(self, *, body: bool) -> None:
        place = self._place
        if place in self.hub.refusals or place not in self.hub.files:
            self._refuse(*self.hub.refusals.get(place, (404, "EntryNotFound")))
            return
        content = self.hub.files[place]
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        digest = hashlib.sha256(content).hexdigest()
        self.send_header("ETag", f'"{digest if self.hub.announces_digest else digest[:40]}"')
        self.send_header("X-Repo-Commit", "c" * 40)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if body:
            self._send(self.hub.garbled.get(place, content)[start:])

    def _send(self, content: bytes) -> None:
        most = self.hub.cuts.pop(0) if self.hub.cuts else len(content)
        self.wfile.write(content[:most])
        if most < len(content):
            self.close_connection = True

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def serve_hub() -> Iterator[ModelHub]:
    """Serve a hub without files on a free port."""
    hub = ModelHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
