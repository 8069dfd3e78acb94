"""llama.cpp's server from the xllamacpp wheel, as an engine."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from notewright.control import Cancel, Report, ignore
from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.process import LlamaProcess
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.engines.resident import Resident
from notewright.llm.memory.fit import Fit
from notewright.llm.memory.gguf import read_header
from notewright.llm.memory.loading import Loading
from notewright.llm.settings import EngineSettings
from notewright.llm.wire.connection import ServerGone
from notewright.prompting.request import Identity, Messages, Reply, Request

INSTALL_HINT = "pip install 'notewright[llama]'"


class Served:
    """The running child and its server."""

    def __init__(self, child: LlamaProcess, server: LlamaServer) -> None:
        self.child = child
        self.server = server

    def close(self) -> None:
        """End the child."""
        self.server.close()
        self.child.end()


class EmbeddedLlama:
    """A GGUF file served by a child process: a crash of the engine is an error here, and our tokens are not in its
    environment. The child starts with the first question, and again after it was idle for long or died; it ends when it is idle, with
    `close`, and with this process."""

    slots = 1

    def __init__(self, model: Path, *, settings: EngineSettings, digests: Digests, report: Report = ignore) -> None:
        """Raises `ModelError` for a file that is no whole GGUF model, or without xllamacpp. Starts nothing yet."""
        self._header = read_header(model)
        if not is_installed():
            raise ModelError(f"the embedded engine for {model.name} is not installed", hint=INSTALL_HINT)
        self._model = model
        self._settings = settings
        self._digests = digests
        guard = Loading(self._header, settings, context=self._context, report=report)
        self._resident = Resident(self._start, guard, unload_after_s=settings.unload_after_s)

    def identity(self) -> Identity:
        """Say who answers, from the file alone."""
        return self._identity

    def count(self, messages: Messages) -> int:
        """Count prompt tokens exactly, chat template included. Starts the child."""
        with self._resident.use(Cancel()) as served, self._explaining(served):
            return served.server.count(messages)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. Starts the child. Raises `ModelError` and `Cancelled`."""
        with self._resident.use(cancel) as served, self._explaining(served):
            return served.server.chat(request, cancel)

    def unload(self) -> None:
        """End the child as soon as nobody asks it any more; another one starts when somebody does."""
        self._resident.unload()

    def close(self) -> None:
        """End the child and free its memory, as soon as nobody asks it any more."""
        self._resident.close()

    @cached_property
    def _identity(self) -> Identity:
        digest = self._digests.of(self._model) or ""
        runtime = f"llama.cpp of xllamacpp {importlib.metadata.version('xllamacpp')}"
        return Identity("llama_server", self._model.name, digest, self._context, runtime)

    @property
    def _context(self) -> int:
        return min(self._settings.context_window, self._header.context_length or self._settings.context_window)

    def _start(self, fit: Fit, cancel: Cancel) -> Served:
        self._digests.hold(self._model, began=self._identity.digest, known=self._settings.known_models)
        child = LlamaProcess(self._model, context=fit.context)
        try:
            port = child.wait_for_port(self._settings.request_timeout_s, cancel)
            settings = replace(self._settings, allow_remote=False)
            server = LlamaServer(f"http://127.0.0.1:{port}", settings=settings, digests=self._digests, api_key=child.key)
        except BaseException:
            child.end()
            raise
        return Served(child, server)

    @contextmanager
    def _explaining(self, served: Served) -> Iterator[None]:
        """Raise, for a server that is gone, how its child ended. The next question starts another one, in the memory that is there
        then."""
        try:
            yield
        except ServerGone as error:
            self._resident.unload()
            raise served.child.explain(error) from error


def is_installed() -> bool:
    """Return whether the xllamacpp wheel is here, without loading it."""
    return importlib.util.find_spec("xllamacpp") is not None
