"""A real Ollama server in a process of its own, with models made from GGUF files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_START_S = 60
# Looked up before the tests' environment is cleaned.
PROGRAM = os.environ.get("NOTEWRIGHT_OLLAMA") or shutil.which("ollama")
ABSENT = "there is no Ollama: .ci/install-engine.sh ollama builds it, NOTEWRIGHT_OLLAMA names it"


@dataclass(frozen=True, slots=True)
class OllamaServer:
    """A server that runs. `folder` is its home; `process` its own, whose children hold the models."""

    url: str
    folder: Path
    process: psutil.Process

    def create(self, name: str, model: Path, *lines: str) -> None:
        """Make a model of a GGUF file, with these further lines in its Modelfile."""
        modelfile = self.folder / "Modelfile"
        # two threads that wait for one another take a hundred times as long where other tests run too
        modelfile.write_text("\n".join([f"FROM {model}", "PARAMETER num_thread 1", *lines, ""]), encoding="utf-8")
        command = [str(PROGRAM), "create", name, "-f", str(modelfile)]
        subprocess.run(command, env=_environment(self.folder, self.url), check=True, capture_output=True, timeout=60)

    def ask(self, path: str, body: object = None) -> Any:  # noqa: ANN401  # JSON, looked at by the test
        """Ask the server directly, past our engine."""
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=60) as reply:
            return json.load(reply)

    def loaded(self) -> Mapping[str, int]:
        """Return the context length of every model in memory, by its name."""
        return {one["name"]: one["context_length"] for one in self.ask("/api/ps")["models"]}

    def busy_s(self) -> float:
        """Return the CPU seconds that the models' processes have used so far."""
        return sum(sum(child.cpu_times()[:2]) for child in self.process.children(recursive=True))


@contextmanager
def serve_ollama(folder: Path, **settings: str) -> Iterator[OllamaServer]:
    """Serve on a free port, with nothing but what lies in `folder`; `settings` are environment variables."""
    assert PROGRAM, ABSENT
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{found.getsockname()[1]}"
    log = folder / "ollama.log"
    with (
        log.open("wb") as said,
        subprocess.Popen([PROGRAM, "serve"], env=_environment(folder, url) | settings, stdout=said, stderr=said) as server,
    ):
        process = psutil.Process(server.pid)
        try:
            _wait(url, server, log)
            yield OllamaServer(url, folder, process)
        finally:
            children = process.children(recursive=True)
            server.terminate()
            server.wait(10)
            for child in children:
                if child.is_running():
                    child.kill()


def _environment(folder: Path, url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OLLAMA_MODELS": str(folder / "models"),
        "OLLAMA_HOST": url,
        "OLLAMA_NUM_PARALLEL": "1",
        "OLLAMA_NOPRUNE": "1",
    }


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    ends_at = time.monotonic() + _START_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            assert time.monotonic() < ends_at, "Ollama does not start"
            time.sleep(0.05)
