"""llama.cpp's server from the xllamacpp wheel, in a child process of ours."""

from __future__ import annotations

import atexit
import importlib.metadata
import importlib.util
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.connection import ServerGone
from notewright.llm.digest import Digests
from notewright.llm.gguf import read_header
from notewright.llm.llama_server import LlamaServer
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Identity, Messages, Reply, Request

INSTALL_HINT = "pip install 'notewright[llama]'"
_LOOK_EVERY_S = 0.1
_END_S = 2.0
_LAST_LINES = 12
_STAMP = re.compile(r"\A[\d.]+ [A-Z] ")  # time and level of a line in llama.cpp's log
# All that the child sees of our environment: where programs and libraries are, and which devices it may use.
_INHERITED = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")


class EmbeddedLlama:
    """A GGUF file served by a child process: a crash of the engine is an error here, and our tokens are not in its
    environment. The child starts with the first question, and ends with `close`, with this process, or when it is killed."""

    slots = 1

    def __init__(self, model: Path, *, settings: EngineSettings, digests: Digests) -> None:
        """Raises `ModelError` for a file that is no whole GGUF model, or without xllamacpp. Starts nothing yet."""
        self._header = read_header(model)
        if not is_installed():
            raise ModelError(f"the embedded engine for {model.name} is not installed", hint=INSTALL_HINT)
        self._model = model
        self._settings = settings
        self._digests = digests
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._server: LlamaServer | None = None

    def identity(self) -> Identity:
        """Say who answers, from the file alone."""
        return self._identity

    def count(self, messages: Messages) -> int:
        """Count prompt tokens exactly, chat template included. Starts the child."""
        child, server = self._start(Cancel())
        try:
            return server.count(messages)
        except ServerGone as error:
            raise child.explain(error) from error

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. Starts the child. Raises `ModelError` and `Cancelled`."""
        child, server = self._start(cancel)
        try:
            return server.chat(request, cancel)
        except ServerGone as error:
            raise child.explain(error) from error

    def close(self) -> None:
        """End the child and free its memory."""
        with self._lock:
            if self._server is not None:
                self._server.close()
            if self._child is not None:
                self._child.end()

    @cached_property
    def _identity(self) -> Identity:
        digest = self._digests.of(self._model) or ""
        runtime = f"llama.cpp of xllamacpp {importlib.metadata.version('xllamacpp')}"
        return Identity("llama_server", self._model.name, digest, self._context, runtime)

    @property
    def _context(self) -> int:
        return min(self._settings.context_window, self._header.context_length or self._settings.context_window)

    def _start(self, cancel: Cancel) -> tuple[_Child, LlamaServer]:
        """Return the running child and its server. A child that died stays dead: its reason is raised again and again."""
        with self._lock:
            if self._child is None:
                self._child = _Child(self._model, context=self._context)
            if self._server is None:
                port = self._child.wait_for_port(self._settings.request_timeout_s, cancel)
                settings = replace(self._settings, allow_remote=False)
                self._server = LlamaServer(f"http://127.0.0.1:{port}", settings=settings, digests=self._digests, api_key=self._child.key)
            return self._child, self._server


class _Child:
    """The process and what it says."""

    def __init__(self, model: Path, *, context: int) -> None:
        self.key = secrets.token_hex(16)
        self._model = model
        self._port: int | None = None
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._settled = threading.Event()
        self._process = subprocess.Popen(
            # -P: the folder that we happen to be in holds no modules of ours
            [sys.executable, "-P", "-m", "notewright.llm.llama_child"],
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us: we end the child when our own work is put down
        )
        atexit.register(self.end)
        self._listener = threading.Thread(target=self._listen, name="embedded-engine", daemon=True)
        self._listener.start()
        order = {"model": str(model.resolve()), "context": context, "threads": max(physical_cores() - 1, 1), "key": self.key}
        self._order(json.dumps(order).encode() + b"\n")

    def wait_for_port(self, timeout_s: float, cancel: Cancel) -> int:
        """Return the port once the model is loaded. Raises `ModelError` when the child dies or is not ready in time."""
        ends_at = time.monotonic() + timeout_s
        while not self._settled.wait(_LOOK_EVERY_S):
            cancel.check()
            if time.monotonic() > ends_at:
                self.end()
                raise ModelError(f"the embedded engine did not load {self._model} within {timeout_s:g} s", hint="raise llm.request_timeout")
        if self._port is None:
            raise self.explain(None)
        return self._port

    def explain(self, error: ServerGone | None) -> ModelError:
        """Return what to raise when the child does not answer: how it ended and what it said last."""
        try:
            status = self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            return error or ModelError(f"the embedded engine for {self._model} does not answer")
        self._settled.wait(_END_S)
        # the first error is the cause, those after it are its consequences
        said = next((line for line in self._said if "error" in line.lower()), "".join(list(self._said)[-1:]))
        return ModelError(
            f"the embedded engine for {self._model} ended ({_describe(status)}){': ' if said else ''}{_STAMP.sub('', said)}",
            hint="choose a smaller model or a smaller llm.context_window, or check the file",
        )

    def end(self) -> None:
        """End the process, if it still runs. Safe to call twice."""
        atexit.unregister(self.end)
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _order(self, line: bytes) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:  # it died at once: whoever waits for its port learns why
            self._settled.wait(_END_S)

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            text = "".join(character for character in line.decode("utf-8", "replace") if character.isprintable())
            if text.startswith(self.key):
                self._port = int(text.removeprefix(self.key))
                self._settled.set()
            elif text.strip():
                self._said.append(text.strip()[:200])
        self._settled.set()


def is_installed() -> bool:
    """Return whether the xllamacpp wheel is here, without loading it."""
    return importlib.util.find_spec("xllamacpp") is not None


def physical_cores() -> int:
    """Count the cores that this process may use, two threads of one core as one: llama.cpp slows down on shared cores."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    siblings = set()
    for cpu in os.sched_getaffinity(0):
        try:
            siblings.add(Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text())
        except OSError:
            siblings.add(str(cpu))
    return len(siblings)


def _describe(status: int) -> str:
    if status >= 0:
        return f"exit {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
