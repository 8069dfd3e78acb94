"""A chat template's own words and the messages' texts, cut into tokens apart: no text becomes a control token."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import lru_cache

from notewright.llm.failure import EngineFailed
from notewright.prompting.request import Messages, Role

# Stands for a message's text while a template is applied; a template may trim or move it, but keeps it.
_PLACE = "NOTEWRIGHT-{}-TEXT"
_PLACES = re.compile(r"NOTEWRIGHT-(\d+)-TEXT")
# Thinking off where the template knows the word; Llama 3's template prints today's date unless given one, and
# the same prompt shall be the same tokens tomorrow.
TEMPLATE_WORDS = {"enable_thinking": False, "date_string": "26 Jul 2024"}
_CACHED_TEXTS = 256
_CACHED_CHARACTERS = 50_000

Turns = list[dict[str, str]]


class Skeleton(ABC):
    """Turns messages into the tokens that a model reads.

    The template is applied to placeholders; then its own words are cut into tokens with control tokens recognised, and the
    messages' texts with none recognised. So `<|im_end|>` in a commit is eight ordinary tokens in every model, nothing of
    the text is lost, and no list of control tokens is needed.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._parts = lru_cache(maxsize=8)(self._cut)
        self._cached_tokens = lru_cache(maxsize=_CACHED_TEXTS)(self._text_tokens)

    @abstractmethod
    def render(self, turns: Turns) -> str:
        """Apply the template, with `TEMPLATE_WORDS`, ready to be continued by the assistant. Raises `ModelError`."""

    @abstractmethod
    def tokenize(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:
        """Cut a text without lone surrogates into tokens: with what stands before every prompt if it is the `first` part, with control
        tokens recognised if `control`."""

    def tokens(self, messages: Messages) -> list[int]:
        """Return the prompt's tokens, ready to be continued by the assistant. Raises `ModelError`."""
        tokens: list[int] = []
        for part in self._parts(tuple(message.role for message in messages)):
            if isinstance(part, int):
                text = messages[part].content
                tokens += self._cached_tokens(text) if len(text) <= _CACHED_CHARACTERS else self._text_tokens(text)
            else:
                tokens += part
        return tokens

    def _cut(self, roles: tuple[Role, ...]) -> tuple[int | tuple[int, ...], ...]:
        """Return the template for messages of these roles: runs of tokens, and between them the messages' positions."""
        rendered = self.render([{"role": role, "content": _PLACE.format(position)} for position, role in enumerate(roles)])
        pieces = _PLACES.split(rendered)
        if {int(position) for position in pieces[1::2]} != set(range(len(roles))):
            raise EngineFailed(
                f"the chat template of {self.model} leaves out a message",
                kind="refused",
                hint="choose a model whose template takes a system and a user message",
            )
        return tuple(
            int(piece) if number % 2 else self.tokenize(piece, first=number == 0, control=True) for number, piece in enumerate(pieces)
        )

    def _text_tokens(self, text: str) -> tuple[int, ...]:
        # half a surrogate pair is no text that a tokenizer takes
        return self.tokenize(text.encode("utf-8", "replace").decode(), first=False, control=False)
