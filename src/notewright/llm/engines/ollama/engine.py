"""A model in an Ollama server."""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.confidence import Step, read_confidence
from notewright.llm.engine import Engine
from notewright.llm.engines.ollama.client import INSTALL_HINT
from notewright.llm.engines.ollama.prompt import OllamaPrompt
from notewright.llm.engines.ollama.session import OllamaSession
from notewright.llm.failure import EngineFailed
from notewright.llm.opening import Opening
from notewright.llm.tokens.gguf_tokenizer import build_tokenizer
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.request import Identity, Messages, Reply, Request

if TYPE_CHECKING:
    from ollama import ChatResponse

_TOO_LONG = re.compile(r"exceeds .*context length")


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for NAME, URL or URL#NAME: the first model that can chat where no name is given, the configured server where no URL
    is. Raises `ModelError` now if the server does not answer, lacks the model, or would send prompts elsewhere."""
    if not importlib.util.find_spec("ollama"):
        raise ModelError("the client of Ollama is not installed", hint=INSTALL_HINT)
    url, _, name = place.partition("#") if place.startswith(("http://", "https://")) else (opening.settings.ollama_url, "", place)
    return Ollama(OllamaSession(url, name, settings=opening.settings, patience_s=opening.patience_s))


class Ollama:
    """Asks Ollama for chats under `format`. Control tokens in the messages are broken up, because the server puts its template around them
    as text."""

    slots = 1  # how many OLLAMA_NUM_PARALLEL allows, nobody tells

    def __init__(self, session: OllamaSession) -> None:
        """Loads no model yet."""
        self._session = session

    def identity(self) -> Identity:
        """Say who answers, as the server told it when the engine was opened."""
        return self._session.identity

    def count(self, messages: Messages) -> int | None:
        """Count prompt tokens exactly, chat template included; None where `OllamaPrompt` cannot. Loads the model. Raises `ModelError`."""
        return self._prompt.count(self._prompt.plain(messages))

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer under the request's schema. What of the prompt had been read before, Ollama does not tell. Raises `ModelError` and
        `Cancelled`; a reply cut off ends with "length", as does one that Ollama gives up because a token was repeated 30 times."""
        started = time.monotonic()
        cancel.check()
        messages = self._prompt.plain(request.messages)
        counted = self._prompt.count(messages)
        parts = self._parts(request, messages, cancel)
        last = parts[-1] if parts and parts[-1].done else None
        text = "".join(part.message.content or "" for part in parts)
        return Reply(
            text=text,
            finish="stop" if last and last.done_reason == "stop" else "length",
            prompt_tokens=self._check_whole(last, counted) if last else counted or 0,
            cached_tokens=0,
            generated_tokens=(last.eval_count if last else None) or len(parts),
            seconds=time.monotonic() - started,
            confidence=read_confidence(text, request.schema, list(_steps(parts))) if request.weigh else None,
        )

    def close(self) -> None:
        """Free the memory that this engine has taken, and let the connections go."""
        self._session.close()

    def _parts(self, request: Request, messages: Messages, cancel: Cancel) -> list[ChatResponse]:
        """Return the reply's stream as it came. Raises `PromptTooLong` where the server says so."""
        try:
            return list(self._session.chat(request, messages, cancel))
        except EngineFailed as error:
            if _TOO_LONG.search(error.message):
                raise PromptTooLong(
                    error.message, hint="raise llm.context_window if the model allows it, or ask for less at once"
                ) from error
            raise

    def _check_whole(self, last: ChatResponse, counted: int | None) -> int:
        """Return how many prompt tokens the server read. Raises `EngineFailed` if not all: older servers cut in silence."""
        read = last.prompt_eval_count or 0
        if read < (counted or 1) or (counted is None and read >= self._session.window):
            raise EngineFailed(
                f"Ollama at {self._session.url} read {read} prompt tokens of {counted or 'more'}",
                kind="refused",
                hint="update Ollama, or ask for less at once",
            )
        return read

    @cached_property
    def _prompt(self) -> OllamaPrompt:
        return OllamaPrompt(self._session, build_tokenizer(self._session.metadata()))


def _steps(parts: Iterable[ChatResponse]) -> Iterator[Step]:
    """Give the reply's tokens with what else was likely."""
    for part in parts:
        for token in part.logprobs or ():
            likeliest = tuple((other.token.encode(), other.logprob) for other in token.top_logprobs or ())
            yield Step(token.token.encode(), token.logprob, likeliest)
