"""A model's chat template, applied so that no text of a message becomes a control token."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from notewright.errors import ModelError
from notewright.llm.wire.connection import Connection
from notewright.prompting.request import Messages, Role

# Stands for a message's text while the server applies its template; a template may trim or move it, but keeps it.
_PLACE = "NOTEWRIGHT-{}-TEXT"
_PLACES = re.compile(r"NOTEWRIGHT-(\d+)-TEXT")
# Thinking off where the template knows the word; Llama 3's template prints today's date unless given one, and
# the same prompt shall be the same tokens tomorrow.
_WORDS = {"enable_thinking": False, "date_string": "26 Jul 2024"}
_CACHED_TEXTS = 256
_CACHED_CHARACTERS = 50_000


class ChatTemplate:
    """Turns messages into the tokens that the model reads, with llama.cpp's server.

    The template is applied to placeholders; then its own words are cut into tokens with control tokens recognised, and the
    messages' texts with none recognised. So `<|im_end|>` in a commit is eight ordinary tokens in every model, nothing of
    the text is lost, and no list of control tokens is needed.
    """

    def __init__(self, connection: Connection, *, timeout_s: float) -> None:
        self._connection = connection
        self._timeout_s = timeout_s
        self._skeleton = lru_cache(maxsize=8)(self._build_skeleton)
        self._cached_tokens = lru_cache(maxsize=_CACHED_TEXTS)(self._read_tokens)

    def tokens(self, messages: Messages) -> list[int]:
        """Return the prompt's tokens, ready to be continued by the assistant. Raises `ModelError`."""
        tokens: list[int] = []
        for part in self._skeleton(tuple(message.role for message in messages)):
            tokens += self._text_tokens(messages[part].content) if isinstance(part, int) else part
        return tokens

    def _build_skeleton(self, roles: tuple[Role, ...]) -> tuple[int | tuple[int, ...], ...]:
        """Return the template for messages of these roles: runs of tokens, and between them the messages' positions."""
        messages = [{"role": role, "content": _PLACE.format(position)} for position, role in enumerate(roles)]
        rendered = self._ask("/apply-template", {"messages": messages, "chat_template_kwargs": _WORDS}, "prompt")
        if not isinstance(rendered, str):
            raise self._unlike("prompt")
        pieces = _PLACES.split(rendered)
        if {int(position) for position in pieces[1::2]} != set(range(len(roles))):
            raise ModelError(
                f"the chat template of the model at {self._connection.url} leaves out a message",
                hint="choose a model whose template takes a system and a user message",
            )
        return tuple(
            int(piece) if number % 2 else self._read_tokens(piece, first=number == 0, control=True) for number, piece in enumerate(pieces)
        )

    def _text_tokens(self, text: str) -> tuple[int, ...]:
        return self._cached_tokens(text) if len(text) <= _CACHED_CHARACTERS else self._read_tokens(text)

    def _read_tokens(self, text: str, *, first: bool = False, control: bool = False) -> tuple[int, ...]:
        # half a surrogate pair is no text that JSON can carry
        content = text.encode("utf-8", "replace").decode()
        tokens = self._ask("/tokenize", {"content": content, "add_special": first, "parse_special": control}, "tokens")
        if not isinstance(tokens, list) or not all(type(token) is int for token in tokens):
            raise self._unlike("tokens")
        return tuple(tokens)

    def _ask(self, path: str, body: dict[str, object], key: str) -> Any:  # noqa: ANN401  # looked at by whoever asked
        answer = self._connection.post(path, body, timeout_s=self._timeout_s)
        return answer.get(key) if isinstance(answer, dict) else None

    def _unlike(self, key: str) -> ModelError:
        return ModelError(f"the server at {self._connection.url} gave no {key}", hint="it is no llama.cpp server of this year: update it")
