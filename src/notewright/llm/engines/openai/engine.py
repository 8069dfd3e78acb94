"""A server with OpenAI's API: vLLM, LM Studio, and the /v1 of llama.cpp and Ollama."""

from __future__ import annotations

import time
from contextlib import closing
from functools import cached_property

from notewright.control import Cancel
from notewright.llm.confidence import read_confidence
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.openai.body import limit_tokens, unknown_field, write_body
from notewright.llm.engines.openai.count import PromptCounter
from notewright.llm.engines.openai.models import Served, find_model
from notewright.llm.engines.openai.stream import Told, gather
from notewright.llm.failure import EngineFailed
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.llm.tokens.control import neutralise
from notewright.llm.wire.connection import Connection
from notewright.llm.wire.refusal import explain_length
from notewright.prompting.request import Identity, Messages, Reply, Request


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for URL#NAME, with the configured server's URL and the server's first model where they are left out. Raises
    `ModelError` now if the server does not answer or lacks the model."""
    url, _, name = place.partition("#")
    server = OpenAiServer(url or opening.settings.server_url, name, settings=opening.settings, digests=opening.digests)
    server.check(timeout_s=opening.patience_s)
    return server


class OpenAiServer:
    """Asks for chat completions under `response_format`. Control tokens in the messages are broken up, because the server puts
    its template around them as text."""

    def __init__(self, url: str, name: str, *, settings: EngineSettings, digests: Digests) -> None:
        """Raises `UsageError` or `ModelError` for an address or a tokenizer that is malformed or not allowed. Contacts nobody yet."""
        self._connection = Connection(url.rstrip("/").removesuffix("/v1"), allow_remote=settings.allow_remote, api_key=settings.api_key)
        self._counter = PromptCounter(self._connection, settings)
        self._name = name
        self._timeout_s = settings.request_timeout_s
        self._digests = digests
        self._known: Served | None = None
        self._refused: frozenset[str] = frozenset()

    def check(self, *, timeout_s: float) -> None:
        """Raise `ModelError` unless a server with the model answers in time."""
        self._known = find_model(self._connection, self._name, digests=self._digests, timeout_s=timeout_s)

    @property
    def slots(self) -> int:
        """Requests worth having in flight at once."""
        return self._served.slots

    def identity(self) -> Identity:
        """Say who answers. The digest is "" where the server tells nothing that changes with its model. Raises `ModelError`."""
        served = self._served
        return Identity("openai", served.model, served.digest, served.context_length, served.runtime)

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens, chat template included: exactly where the server does it, else with the configured tokenizer and a
        template that is longer than any; None without one."""
        return self._counter.count(neutralise(messages, self._counter.control), self._served)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. Raises `ModelError` and `Cancelled`; a reply cut off ends with "length"."""
        started = time.monotonic()
        messages = neutralise(request.messages, self._counter.control)
        cancel.check()
        told = self._ask(request, messages, cancel)
        read, generated = told.number("prompt_tokens"), told.number("completion_tokens")
        if read is not None:
            self._counter.check_whole(read, messages)
        return Reply(
            text=told.text,
            finish=told.ending,
            prompt_tokens=self.count(request.messages) or 0 if read is None else read,
            cached_tokens=told.cached_tokens,
            generated_tokens=told.pieces if generated is None else generated,
            confidence=read_confidence(told.text, request.schema, told.steps) if request.weigh and told.ending == "stop" else None,
            seconds=time.monotonic() - started,
        )

    def close(self) -> None:
        """Nothing to free: the server is not ours to stop."""

    @cached_property
    def _served(self) -> Served:
        if self._known is None:
            self.check(timeout_s=self._timeout_s)
            assert self._known
        return self._known

    def _ask(self, request: Request, messages: Messages, cancel: Cancel) -> Told:
        """Ask until no field is refused that another can stand in for: at most one time more for each."""
        # a sign of life a batch of the prompt, and an event a token: more is a server that does not stop where told
        most = limit_tokens(request, self._served) + sum(len(message.content) for message in messages) + 64
        while True:
            body = write_body(request, messages, self._served, self._refused)
            stream = self._connection.stream("/v1/chat/completions", body, idle_s=request.timeout_s, cancel=cancel)
            try:
                with closing(stream) as events:
                    return gather(events, url=self._connection.url, most_events=most)
            except EngineFailed as error:
                explain_length(error)
                if not (unknown := unknown_field(error, body)):
                    raise
                self._refused |= {unknown}
