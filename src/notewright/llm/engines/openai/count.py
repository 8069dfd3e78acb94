"""Prompt tokens of a server with OpenAI's API, which has no call of its own for them."""

from __future__ import annotations

from functools import cached_property

from notewright.llm.engines.llama.template import ChatTemplate
from notewright.llm.engines.openai.body import write_turns
from notewright.llm.engines.openai.models import Served
from notewright.llm.engines.skeleton import TEMPLATE_WORDS
from notewright.llm.failure import EngineFailed
from notewright.llm.settings import EngineSettings
from notewright.llm.tokens.control import LIKELY_CONTROL, Control
from notewright.llm.tokens.counter import TokenCounter
from notewright.llm.wire.connection import Connection
from notewright.llm.wire.refusal import explain_length
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.request import Messages

# More than any template puts around the messages: harmony's preamble is the longest, of about 70 tokens.
_TEMPLATE_TOKENS, _TURN_TOKENS = 128, 8


class PromptCounter:
    """Counts where the server does it, else with the configured tokenizer, whose control tokens are `control`."""

    def __init__(self, connection: Connection, settings: EngineSettings) -> None:
        """Raises `ModelError` for a tokenizer that is none."""
        self._connection = connection
        self._timeout_s = settings.request_timeout_s
        self._texts = TokenCounter.from_file(settings.tokenizer) if settings.tokenizer else None
        self._counted_there = True

    @cached_property
    def control(self) -> Control:
        """The control tokens of the model, or what is one in most."""
        return self._texts.control_tokens if self._texts else LIKELY_CONTROL

    def count(self, messages: Messages, served: Served) -> int | None:
        """Count exactly where the server does it, else the texts, with a template that is longer than any; None without a tokenizer.

        Raises `EngineFailed`, and `PromptTooLong` where the server counts no further than its window.
        """
        if self._counted_there:
            try:
                return self._count_there(messages, served)
            except EngineFailed as error:
                explain_length(error)
                if error.kind != "refused":
                    raise
                self._counted_there = False  # a proxy that lets nothing through but /v1, or a server that has no such path
        texts = self._count_texts(messages)
        return None if texts is None else texts + _TEMPLATE_TOKENS + _TURN_TOKENS * len(messages)

    def check_whole(self, read: int, messages: Messages) -> None:
        """Raise `PromptTooLong` if fewer tokens were read than the texts have: Ollama cuts what is longer than its window in silence."""
        texts = self._count_texts(messages)
        if texts is not None and read + _TURN_TOKENS * len(messages) < texts:
            raise PromptTooLong(
                f"the model server at {self._connection.url} read {read} of {texts} prompt tokens",
                hint="raise the server's context size, and see that llm.tokenizer is the model's own",
            )

    def _count_there(self, messages: Messages, served: Served) -> int:
        turns = write_turns(messages)
        if served.server == "llama.cpp":
            template = ChatTemplate(self._connection, timeout_s=self._timeout_s)
            return len(template.tokenize(template.render(turns), first=True, control=True))
        answer = None
        if served.server == "vllm":
            body = {"model": served.model, "messages": turns, "chat_template_kwargs": TEMPLATE_WORDS}
            answer = self._connection.post("/tokenize", body, timeout_s=self._timeout_s)
        count = answer.get("count") if isinstance(answer, dict) else None
        if type(count) is not int or count < 0:
            raise EngineFailed(f"the model server at {self._connection.url} counts no tokens", kind="refused")
        return count

    def _count_texts(self, messages: Messages) -> int | None:
        return sum(self._texts.count(message.content) for message in messages) if self._texts else None
