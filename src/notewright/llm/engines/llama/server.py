"""A running llama.cpp server."""

from __future__ import annotations

import time
from contextlib import closing
from functools import cached_property
from pathlib import Path

from notewright.control import Cancel
from notewright.llm.confidence import read_confidence
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.in_process.guidance import bound_integers
from notewright.llm.engines.llama.properties import Properties, digest_metadata, read_properties
from notewright.llm.engines.llama.stream import read_completion
from notewright.llm.engines.llama.template import ChatTemplate
from notewright.llm.failure import EngineFailed
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.llm.wire.address import is_loopback
from notewright.llm.wire.connection import Connection
from notewright.llm.wire.refusal import explain_length
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.request import Identity, Messages, Reply, Request

# No penalties and no DRY, which a server may have as its own defaults: they change even a greedy reply.
_SAMPLERS = ["top_k", "top_p", "min_p", "temperature"]
# llguidance allows any white space unless told not to; llama.cpp's own grammar ignores the word and allows 22 bytes.
_GUIDANCE = {"whitespace_flexible": False}
# Tokens to hear of where a choice is weighed: the choices are nearly always among them, and an event stays small.
_LIKELIEST = 32
# What needs no model is answered at once by a server that is well, and nobody can cancel a count.
_MOST_CHORE_S = 60.0


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for a server's URL, the configured server's for "", or the embedded one for the path of a GGUF file. Raises
    `ModelError` now if the server does not answer or the file is no model."""
    if place and not place.startswith(("http://", "https://")):
        from notewright.llm.engines.llama.embedded import EmbeddedLlama

        return EmbeddedLlama(Path(place), settings=opening.settings, digests=opening.digests, report=opening.report)
    settings = opening.settings
    server = LlamaServer(place or settings.server_url, settings=settings, digests=opening.digests, api_key=settings.api_key)
    server.check(timeout_s=opening.patience_s)
    return server


class LlamaServer:
    """Asks a llama.cpp server by its own API: the prompt goes as tokens, the reply comes as a stream under a grammar."""

    def __init__(self, url: str, *, settings: EngineSettings, digests: Digests, api_key: str = "") -> None:
        """Raises `UsageError` or `ModelError` for an address that is malformed or not allowed. Contacts nobody yet."""
        self._connection = Connection(url, allow_remote=settings.allow_remote, api_key=api_key)
        self._timeout_s = min(settings.request_timeout_s, _MOST_CHORE_S)
        self._digests = digests
        self._known: Properties | None = None
        self._template = ChatTemplate(self._connection, timeout_s=self._timeout_s)

    def check(self, *, timeout_s: float) -> None:
        """Raise `ModelError` unless a llama.cpp server answers in time."""
        self._known = read_properties(self._connection, timeout_s=timeout_s)

    @property
    def slots(self) -> int:
        """Requests worth having in flight at once."""
        return self._properties.slots

    def identity(self) -> Identity:
        """Say who answers. The digest is that of the model file where it lies on this machine, else of what the server
        says of its model ("meta:…"). Raises `ModelError`."""
        return self._identity

    def count(self, messages: Messages) -> int:
        """Count prompt tokens exactly, chat template included."""
        return len(self._template.tokens(messages))

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. Raises `ModelError` and `Cancelled`; a reply cut off ends with "length"."""
        started = time.monotonic()
        tokens = self._template.tokens(request.messages)
        self._check_room(tokens)
        cancel.check()
        events = self._connection.stream("/completion", self._body(request, tokens), idle_s=request.timeout_s, cancel=cancel)
        try:
            with closing(events):
                done = read_completion(events, self._connection.url, prompt_tokens=len(tokens), max_tokens=request.max_tokens)
        except EngineFailed as error:
            explain_length(error)
            raise
        return Reply(
            text=done.text,
            finish=done.finish,
            prompt_tokens=len(tokens),
            cached_tokens=max(len(tokens) - done.evaluated_tokens, 0),
            generated_tokens=done.generated_tokens,
            seconds=time.monotonic() - started,
            confidence=read_confidence(done.text, request.schema, done.steps) if request.weigh and done.finish == "stop" else None,
        )

    def close(self) -> None:
        """Nothing to free: the server is not ours to stop."""

    def _check_room(self, tokens: list[int]) -> None:
        """Raise `PromptTooLong` for a prompt that no slot of the server has room for."""
        if 0 < (room := self._properties.context_length) <= len(tokens):
            raise PromptTooLong(
                f"the prompt of {len(tokens)} tokens does not fit the model server's context of {room}",
                hint="ask for less at once, raise the server's context size, or free memory for a larger one",
            )

    def _body(self, request: Request, tokens: list[int]) -> dict[str, object]:
        has_slot = request.slot is not None and request.slot < self.slots
        return {
            "prompt": tokens,
            "json_schema": {**bound_integers(request.schema), "x-guidance": _GUIDANCE},
            "n_predict": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
            "samplers": _SAMPLERS,
            "cache_prompt": True,
            "stream": True,
            "return_progress": True,  # a long prompt is read in silence otherwise, and looks like a server that hangs
            **({"id_slot": request.slot} if has_slot else {}),
            **({"n_probs": _LIKELIEST} if request.weigh else {}),
        }

    @property
    def _properties(self) -> Properties:
        if self._known is None:
            self.check(timeout_s=self._timeout_s)
            assert self._known
        return self._known

    @cached_property
    def _identity(self) -> Identity:
        known = self._properties
        path = Path(known.model_path)
        local = self._digests.of(path) if is_loopback(self._connection.url) else None
        digest = local or digest_metadata(self._connection, known, timeout_s=self._timeout_s)
        return Identity("llama_server", path.name, digest, known.context_length, known.runtime)
