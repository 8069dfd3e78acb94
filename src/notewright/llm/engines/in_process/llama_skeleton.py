"""A GGUF model's own chat template, applied in this process."""

from __future__ import annotations

import importlib
from typing import Any

from notewright.errors import ModelError
from notewright.llm.engines.in_process.llama_vocabulary import LlamaVocabulary
from notewright.llm.engines.skeleton import TEMPLATE_WORDS, Skeleton, Turns
from notewright.llm.failure import EngineFailed


class LlamaSkeleton(Skeleton):
    """Applies the template as transformers does, and cuts texts into tokens with llama.cpp."""

    def __init__(self, name: str, template: bytes | None, vocabulary: LlamaVocabulary) -> None:
        """Raises `ModelError` for a model without a template."""
        super().__init__(name)
        if template is None:
            raise ModelError(f"{name} has no chat template", hint="choose a model that is made for chat or instructions")
        formats: Any = importlib.import_module("llama_cpp.llama_chat_format")
        try:
            self._formatter = formats.Jinja2ChatFormatter(template.decode(), eos_token=vocabulary.end, bos_token=vocabulary.begin)
        except Exception as error:  # jinja raises several
            raise self._broken(error) from error
        self._vocabulary = vocabulary

    def render(self, turns: Turns) -> str:
        """Apply the template. Raises `EngineFailed` where it fails."""
        try:
            rendered = str(self._formatter(messages=turns, **TEMPLATE_WORDS).prompt)
        except Exception as error:  # templates raise what they like
            raise self._broken(error) from error
        # put there by `first` where the model wants it
        return rendered.removeprefix(self._vocabulary.begin) if self._vocabulary.adds_begin else rendered

    def tokenize(self, text: str, *, first: bool, control: bool) -> tuple[int, ...]:
        """Cut a text into tokens."""
        return self._vocabulary.tokenize(text.encode(), first=first, control=control)

    def _broken(self, error: Exception) -> EngineFailed:
        return EngineFailed(f"the chat template of {self.model} fails: {str(error)[:200]}", kind="refused", hint="choose another model")
