"""A server with OpenAI's API: vLLM, LM Studio, and the /v1 of llama.cpp and Ollama."""

from __future__ import annotations

import re
import time
from contextlib import closing
from functools import cached_property
from typing import Any

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.openai_body import unknown_field, write_body, write_turns
from notewright.llm.engines.openai_models import Served, find_model
from notewright.llm.engines.openai_stream import Told, gather
from notewright.llm.engines.skeleton import TEMPLATE_WORDS
from notewright.llm.engines.template import ChatTemplate
from notewright.llm.failure import EngineFailed
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.llm.tokens.control import LIKELY_CONTROL, Control, neutralise
from notewright.llm.tokens.counter import TokenCounter
from notewright.llm.wire.connection import Connection
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.request import Identity, Messages, Reply, Request

# More than any template puts around the messages: harmony's preamble is the longest, of about 70 tokens.
_TEMPLATE_TOKENS, _TURN_TOKENS = 128, 8
_TOO_LONG = re.compile(r"context (length|size|window)", re.IGNORECASE)


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for URL#NAME, with the configured server's URL and the server's first model where they are left out. Raises
    `ModelError` now if the server does not answer or lacks the model."""
    url, _, name = place.partition("#")
    server = OpenAiServer(url or opening.settings.server_url, name, settings=opening.settings, digests=opening.digests)
    try:
        server.check(timeout_s=opening.patience_s)
    except ModelError:
        server.close()
        raise
    return server


class OpenAiServer:
    """Asks for chat completions under `response_format`. Control tokens in the messages are broken up, because the server puts
    its template around them as text."""

    def __init__(self, url: str, name: str, *, settings: EngineSettings, digests: Digests) -> None:
        """Raises `UsageError` or `ModelError` for an address or a tokenizer that is malformed or not allowed. Contacts nobody yet."""
        counter = TokenCounter.from_file(settings.tokenizer) if settings.tokenizer else None
        self._counter = counter
        self._control: Control = counter.control_tokens if counter else LIKELY_CONTROL
        self._connection = Connection(url.rstrip("/").removesuffix("/v1"), allow_remote=settings.allow_remote, api_key=settings.api_key)
        self._name = name
        self._timeout_s = settings.request_timeout_s
        self._digests = digests
        self._known: Served | None = None
        self._template = ChatTemplate(self._connection, timeout_s=self._timeout_s)
        self._counts = True
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
        calm = neutralise(messages, self._control)
        if self._counts:
            try:
                return self._count_there(calm)
            except EngineFailed as error:
                if error.kind != "refused":
                    raise
                self._counts = False  # a proxy that lets nothing through but /v1, or a server that has no such path
        texts = self._count_texts(calm)
        return None if texts is None else texts + _TEMPLATE_TOKENS + _TURN_TOKENS * len(messages)

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. Raises `ModelError` and `Cancelled`; a reply cut off ends with "length"."""
        started = time.monotonic()
        messages = neutralise(request.messages, self._control)
        cancel.check()
        told = self._ask(request, messages, cancel)
        read, generated = told.number("prompt_tokens"), told.number("completion_tokens")
        self._check_whole(read, messages)
        return Reply(
            text=told.text,
            finish=told.ending,
            prompt_tokens=self.count(request.messages) or 0 if read is None else read,
            cached_tokens=told.cached_tokens,
            generated_tokens=told.pieces if generated is None else generated,
            seconds=time.monotonic() - started,
        )

    def close(self) -> None:
        """Let the connections go; the server is not ours to stop."""
        self._connection.close()

    @cached_property
    def _served(self) -> Served:
        if self._known is None:
            self.check(timeout_s=self._timeout_s)
            assert self._known
        return self._known

    def _ask(self, request: Request, messages: Messages, cancel: Cancel) -> Told:
        """Ask until no field is refused that another can stand in for: at most one time more for each."""
        # a sign of life a batch of the prompt, and an event a token: more is a server that does not stop where told
        most = request.max_tokens + sum(len(message.content) for message in messages) + 64
        while True:
            body = write_body(request, messages, self._served, self._refused)
            stream = self._connection.stream("/v1/chat/completions", body, idle_s=request.timeout_s, cancel=cancel)
            try:
                with closing(stream) as events:
                    return gather(events, url=self._connection.url, most_events=most)
            except EngineFailed as error:
                if error.kind == "refused" and _TOO_LONG.search(error.message):
                    raise PromptTooLong(error.message, hint="ask for less at once, or raise the server's context size") from error
                if not (unknown := unknown_field(error, body)):
                    raise
                self._refused |= {unknown}

    def _count_there(self, messages: Messages) -> int | None:
        """Return the server's own count. Raises `EngineFailed`."""
        turns = write_turns(messages)
        if self._served.server == "llama.cpp":
            return len(self._template.tokenize(self._template.render(turns), first=True, control=True))
        if self._served.server != "vllm":
            raise EngineFailed("this server does not count", kind="refused")
        body = {"model": self._served.model, "messages": turns, "chat_template_kwargs": TEMPLATE_WORDS}
        answer = self._connection.post("/tokenize", body, timeout_s=self._timeout_s)
        count: Any = answer.get("count") if isinstance(answer, dict) else None
        if type(count) is not int:
            raise EngineFailed(f"the server at {self._connection.url} gave no count", kind="refused")
        return count

    def _count_texts(self, messages: Messages) -> int | None:
        return sum(self._counter.count(message.content) for message in messages) if self._counter else None

    def _check_whole(self, read: int | None, messages: Messages) -> None:
        """Raise if the server read less than the messages' texts: Ollama cuts what is longer than its window, and says nothing."""
        texts = self._count_texts(messages)
        if read is not None and texts is not None and read + _TURN_TOKENS * len(messages) < texts:
            raise PromptTooLong(
                f"the model server at {self._connection.url} read {read} of {texts} prompt tokens", hint="raise the server's context size"
            )
