"""A server between notewright and a real llama.cpp that keeps every byte it is sent."""

from __future__ import annotations

import http.client
import http.server
import threading
from typing import Self
from urllib.parse import urlsplit


class Recorder:
    """Listens on a free port of 127.0.0.1 and hands everything on to `url`. `heard` holds each request: its line, headers and body."""

    def __init__(self, url: str) -> None:
        self.heard: list[bytes] = []
        recorder, target = self, urlsplit(url).netloc

        class Handler(http.server.BaseHTTPRequestHandler):
            def _hand_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                recorder.heard.append(f"{self.requestline}\n{self.headers}\n".encode() + body)
                asked = http.client.HTTPConnection(target, timeout=60)
                asked.request(self.command, self.path, body, {"Content-Type": "application/json"})
                with asked.getresponse() as answer:
                    content = answer.read()
                    self.send_response(answer.status)
                    self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                asked.close()

            do_GET = do_POST = _hand_on  # noqa: N815  # as http.server calls them

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as http.server names it
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
