"""A GGUF model's own chat template and tokenizer, applied in this process."""

from __future__ import annotations

import importlib
from typing import Any

from notewright.errors import ModelError
from notewright.llm.engines.skeleton import TEMPLATE_WORDS, Skeleton, Turns
from notewright.llm.failure import EngineFailed


class LlamaSkeleton(Skeleton):
    """Applies the template as transformers does, and cuts texts into tokens with llama.cpp."""

    def __init__(self, llama: Any, model: Any, name: str) -> None:  # noqa: ANN401  # a library without types, a pointer
        super().__init__(name)
        self._llama = llama
        self._vocabulary = llama.llama_model_get_vocab(model)
        template = llama.llama_model_chat_template(model, None)
        if template is None:
            raise ModelError(f"{name} has no chat template", hint="choose a model that is made for chat or instructions")
        formats: Any = importlib.import_module("llama_cpp.llama_chat_format")
        self._begin = self._word(llama.llama_vocab_bos(self._vocabulary))
        end = self._word(llama.llama_vocab_eos(self._vocabulary))
        self._formatter = formats.Jinja2ChatFormatter(template.decode("utf-8", "replace"), eos_token=end, bos_token=self._begin)

    def render(self, turns: Turns) -> str:
        """Apply the template. Raises `EngineFailed` where it fails."""
        try:
            rendered = str(self._formatter(messages=turns, **TEMPLATE_WORDS).prompt)
        except Exception as error:  # templates raise what they like
            raise EngineFailed(
                f"the chat template of {self.model} fails: {str(error)[:200]}", kind="refused", hint="choose another model"
            ) from error
        # put there by `first` where the model wants it
        return rendered.removeprefix(self._begin) if self._llama.llama_vocab_get_add_bos(self._vocabulary) else rendered

    def tokenize(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:
        """Cut a text into tokens."""
        content = text.encode()
        room = len(content) + 8
        tokens = (self._llama.llama_token * room)()
        count = self._llama.llama_tokenize(self._vocabulary, content, len(content), tokens, room, first, control)
        assert count >= 0, "a token is at least one byte"
        return tuple(tokens[:count])

    def _word(self, token: int) -> str:
        return self._llama.llama_vocab_get_text(self._vocabulary, token).decode("utf-8", "replace") if token >= 0 else ""
