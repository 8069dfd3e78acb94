"""How a model in Ollama reads messages: its template's words, and the number of tokens."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from notewright.llm.engines.ollama.session import OllamaSession
from notewright.llm.failure import EngineFailed
from notewright.llm.tokens.control import LIKELY_CONTROL, Control, neutralise
from notewright.llm.tokens.gguf_tokenizer import GgufTokenizer
from notewright.prompting.request import Message, Messages, Role

# Stands for a message's text while the server applies its template; a template may trim or move it, but keeps it.
_PLACE = "NOTEWRIGHT-{}-TEXT"
_PLACES = re.compile(r"NOTEWRIGHT-(\d+)-TEXT")
# What tells one rule of splitting text from another: cases, digits, marks, scripts, blanks.
_SAMPLE = "fix(api): don't WE'LL naïveÉCOLE e\u0301 x12345 ½ 日本語 한국어 “q” -- a_b({[ ]})!?\r\n\n\ttab   blanks \n$+=~`^| 🎉 ﬁ\u00a0end"
_SHAPES = 8


class OllamaPrompt:
    """Counts the tokens of messages, in Ollama, which has no endpoint for it: exactly, or not at all.

    The server applies its template around placeholders, once for each sequence of roles; the messages' texts are put in their places,
    and the whole is cut as llama.cpp cuts it. Before the first count a sample is asked about with one token to reply, and what the
    server says it has read is compared with our count: where they differ, where the tokenizer cannot be built, or where the server
    does not show its template (before 0.12), `count` is None. A template that changed the texts themselves would make it wrong.
    """

    def __init__(self, session: OllamaSession, tokenizer: GgufTokenizer | None) -> None:
        self._control: Control = tokenizer.control if tokenizer else LIKELY_CONTROL
        self._session = session
        self._tokenizer = tokenizer
        self._frame = lru_cache(maxsize=_SHAPES)(self._learn)

    def plain(self, messages: Messages) -> Messages:
        """Return messages in whose texts no control token is left, no half of a surrogate pair, which JSON cannot carry, and no blanks at
        either end, which some templates take off."""
        texts = (message.content.encode("utf-8", "replace").decode().strip() for message in messages)
        return neutralise(tuple(replace(message, content=text) for message, text in zip(messages, texts, strict=True)), self._control)

    def count(self, messages: Messages) -> int | None:
        """Return the number of tokens that the model reads for these messages, made plain; None if it cannot be
        said exactly. Loads the model. Raises `ModelError`."""
        frame = self._frame(tuple(message.role for message in messages)) if self._tokenizer else None
        return None if frame is None else self._count(frame, messages)

    def _learn(self, roles: tuple[Role, ...]) -> tuple[str, ...] | None:
        """Return the template for messages of these roles: its words, and between them the messages' numbers; None if its tokens cannot be
        counted exactly."""
        places = tuple(Message(role, _PLACE.format(number)) for number, role in enumerate(roles))
        shown = self._session.probe(places, only_show=True).get("_debug_info")
        rendered = shown.get("rendered_template") if isinstance(shown, dict) else None
        if not isinstance(rendered, str):
            return None
        frame = tuple(_PLACES.split(rendered))
        if {int(number) for number in frame[1::2]} != set(range(len(roles))):
            raise EngineFailed(
                f"the chat template of {self._session.identity.model} leaves out a message",
                kind="refused",
                hint="choose a model whose template takes a system and a user message",
            )
        sample = self.plain(tuple(Message(role, _SAMPLE) for role in roles))
        return frame if self._session.probe(sample).get("prompt_eval_count") == self._count(frame, sample) else None

    def _count(self, frame: tuple[str, ...], messages: Messages) -> int:
        assert self._tokenizer
        return self._tokenizer.count("".join(messages[int(piece)].content if number % 2 else piece for number, piece in enumerate(frame)))
