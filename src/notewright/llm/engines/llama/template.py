"""A model's chat template, applied by llama.cpp's server."""

from __future__ import annotations

from typing import Any

from notewright.llm.engines.skeleton import TEMPLATE_WORDS, Skeleton, Turns
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import Connection


class ChatTemplate(Skeleton):
    """Applies the template and cuts texts into tokens with llama.cpp's server."""

    def __init__(self, connection: Connection, *, timeout_s: float) -> None:
        super().__init__(f"the model at {connection.url}")
        self._connection = connection
        self._timeout_s = timeout_s

    def render(self, turns: Turns) -> str:
        """Apply the template. Raises `ModelError`."""
        rendered = self._ask("/apply-template", {"messages": turns, "chat_template_kwargs": TEMPLATE_WORDS}, "prompt")
        if not isinstance(rendered, str):
            raise self._unlike("prompt")
        return rendered

    def tokenize(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:
        """Cut a text into tokens. Raises `ModelError`."""
        tokens = self._ask("/tokenize", {"content": text, "add_special": first, "parse_special": control}, "tokens")
        if not isinstance(tokens, list) or not all(type(token) is int for token in tokens):
            raise self._unlike("tokens")
        return tuple(tokens)

    def _ask(self, path: str, body: dict[str, object], key: str) -> Any:  # noqa: ANN401  # looked at by whoever asked
        answer = self._connection.post(path, body, timeout_s=self._timeout_s)
        return answer.get(key) if isinstance(answer, dict) else None

    def _unlike(self, key: str) -> EngineFailed:
        return EngineFailed(
            f"the server at {self._connection.url} gave no {key}", kind="refused", hint="it is no llama.cpp server of this year: update it"
        )
