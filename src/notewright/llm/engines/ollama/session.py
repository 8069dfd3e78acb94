"""One model of an Ollama server: what is said with every question to it, and who has loaded it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.engines.ollama.choice import choose_model
from notewright.llm.engines.ollama.client import stream
from notewright.llm.engines.ollama.models import installed, read_facts, read_version
from notewright.llm.failure import EngineFailed
from notewright.llm.settings import EngineSettings
from notewright.llm.wire.connection import Connection
from notewright.prompting.request import Identity, Messages, Request

if TYPE_CHECKING:
    from ollama import ChatResponse, Client

_CLOSE_S = 5.0
_LOOK_EVERY_S = 0.05
_LIKELIEST = 20  # the most that Ollama tells
# No penalties, which Ollama has by default and a model's own parameters may have: they change even a greedy reply.
_SAMPLING = {"repeat_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0}


class OllamaSession:
    """Asks one model, always with the same window, because another would make Ollama load it anew.

    A model that was not in memory is unloaded after `unload_after_s` without a question, and by `close`; one that was there before stays
    as long as whoever loaded it wished. `window` is that of prompt and reply together.
    """

    def __init__(self, url: str, name: str, *, settings: EngineSettings, patience_s: float) -> None:
        """Raises `UsageError` or `ModelError` for an address that is malformed or not allowed, a server that does not answer in time or is
        none, and a model that is not there or would be run elsewhere."""
        self._connection = Connection(url, allow_remote=settings.allow_remote)
        self._version = read_version(self._connection, timeout_s=patience_s)
        self._model, self._facts = choose_model(self._connection, name, allow_remote=settings.allow_remote, timeout_s=patience_s)
        self.url = self._connection.url
        self.window = min(settings.context_window, self._facts.context_length or settings.context_window)
        self._settings = settings
        self._loaded = False

    @property
    def identity(self) -> Identity:
        """Say who answers. The digest is that of the model with its template and parameters."""
        return Identity("ollama", self._model.name, self._model.digest, self._facts.context_length, f"ollama {self._version}")

    def metadata(self) -> Mapping[str, object]:
        """Read the metadata of the model's GGUF file, its vocabulary too. Raises `ModelError`."""
        return read_facts(self._connection, self._model.name, timeout_s=self._settings.request_timeout_s, whole=True).metadata

    def probe(self, messages: Messages, *, only_show: bool = False) -> Mapping[str, object]:
        """Ask for one token, or only for the prompt that the template makes; return the answer. Raises `ModelError`."""
        body = {**self._words(messages, num_predict=1), "stream": False, "truncate": False}
        shown = {"_debug_render_only": True} if only_show else {}
        answer = self._connection.post("/api/chat", body | shown, timeout_s=self._settings.request_timeout_s)
        return answer if isinstance(answer, dict) else {}

    def chat(self, request: Request, messages: Messages, cancel: Cancel) -> Iterator[ChatResponse]:
        """Give the reply as it comes, under the request's schema. Raises `ModelError` and `Cancelled`."""
        words = self._words(messages, num_predict=request.max_tokens, temperature=request.temperature, seed=request.seed)
        words |= {"logprobs": True, "top_logprobs": _LIKELIEST} if request.weigh else {}

        def ask(client: Client) -> Iterator[ChatResponse]:
            return client.chat(**words, format=dict(request.schema), stream=True)

        with closing(stream(self._connection, ask, idle_s=request.timeout_s, cancel=cancel)) as parts:
            for number, part in enumerate(parts):
                yield part
                if part.done:
                    return
                if number > request.max_tokens + 8:
                    raise EngineFailed(
                        f"Ollama at {self.url} does not stop at {request.max_tokens} tokens", kind="refused", hint="update it"
                    )

    def close(self) -> None:
        """Unload what was loaded, and wait until its memory is free; the server is not ours to stop."""
        loaded, self._loaded = self._loaded, False
        if loaded and not self._model.loaded_bytes:
            with contextlib.suppress(ModelError):  # a server that is gone holds nothing
                self._connection.post("/api/generate", {"model": self._model.name, "keep_alive": 0}, timeout_s=_CLOSE_S)
                self._wait()

    def _wait(self) -> None:
        """Wait until the model is out of memory; others who ask it may keep it there."""
        ends_at = time.monotonic() + _CLOSE_S
        while time.monotonic() < ends_at:
            if not any(model.name == self._model.name and model.loaded_bytes for model in installed(self._connection, timeout_s=_CLOSE_S)):
                return
            time.sleep(_LOOK_EVERY_S)

    def _words(self, messages: Messages, **options: float) -> dict[str, Any]:
        self._loaded = True
        words: dict[str, Any] = {
            "model": self._model.name,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "options": {"num_ctx": self.window, **_SAMPLING, **options},
        }
        if not self._model.loaded_bytes:
            words["keep_alive"] = self._settings.unload_after_s or -1.0
        if "thinking" in self._facts.capabilities:  # other models may refuse the word
            words["think"] = False
        return words
