"""llama.cpp's server from the xllamacpp wheel, as an engine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import threading
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.llama_process import LlamaProcess
from notewright.llm.engines.llama_server import LlamaServer
from notewright.llm.memory.gguf import read_header
from notewright.llm.settings import EngineSettings
from notewright.llm.wire.connection import ServerGone
from notewright.prompting.request import Identity, Messages, Reply, Request

INSTALL_HINT = "pip install 'notewright[llama]'"


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
        self._child: LlamaProcess | None = None
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

    def _start(self, cancel: Cancel) -> tuple[LlamaProcess, LlamaServer]:
        """Return the running child and its server. A child that died stays dead: its reason is raised again and again."""
        with self._lock:
            if self._child is None:
                self._child = LlamaProcess(self._model, context=self._context)
            if self._server is None:
                port = self._child.wait_for_port(self._settings.request_timeout_s, cancel)
                settings = replace(self._settings, allow_remote=False)
                self._server = LlamaServer(f"http://127.0.0.1:{port}", settings=settings, digests=self._digests, api_key=self._child.key)
            return self._child, self._server


def is_installed() -> bool:
    """Return whether the xllamacpp wheel is here, without loading it."""
    return importlib.util.find_spec("xllamacpp") is not None
