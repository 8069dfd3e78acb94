"""Passages of a file: cut, and searched for what no model and no dataset may see."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from notewright.adapters.dataset.store.values import NewPassage
from notewright.dataset.context import header_contexts
from notewright.dataset.cutting import cut_passages, cutter_digest
from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.tokens import PassageTokenizer
from notewright.screening.personal import find_personal, redact
from notewright.screening.secrets import find_secrets

_VERSION = 1  # raised whenever the same file gives other passages or headers: what was cut by older code is cut anew
_HEADER_SHARE = 8  # what is shown around a passage may have an eighth of its tokens


@dataclass(frozen=True)
class Cutter:
    """How files become passages: by what they are measured, how many tokens they may have, and what becomes of personal data."""

    tokenizer: PassageTokenizer
    limit: int
    personal: Literal["redact", "drop", "keep"]

    @cached_property
    def digest(self) -> str:
        """Tell this cutter from every other: a unit is cut once by each."""
        return hashlib.sha256(repr((_VERSION, cutter_digest(self.tokenizer, self.limit), self.personal)).encode()).hexdigest()

    def cut(self, text: bytes, language: str, path: str) -> list[NewPassage]:
        """Return the passages of a file in UTF-8, all of it in its order: those that hold a secret, or what else is to be left out, without
        their text."""
        passages = cut_passages(text, language, self.tokenizer, self.limit)
        headers = header_contexts(text, passages, language, self.tokenizer, self.limit // _HEADER_SHARE)
        return [
            self._screened(passage, text[passage.start : passage.end].decode(), header, language, path)
            for passage, header in zip(passages, headers, strict=True)
        ]

    def _screened(self, passage: Passage, words: str, header: str, language: str, path: str) -> NewPassage:
        if not words.strip():
            return NewPassage(passage, None, "empty")
        if find_secrets(words, language=language) or find_secrets(header, language=language):
            return NewPassage(passage, None, "secret")
        if self.personal != "keep":
            found, around = find_personal(words), find_personal(header)
            if self.personal == "drop" and (found or around):
                return NewPassage(passage, None, "personal")
            words, header = redact(words, found), redact(header, around)
        return NewPassage(passage, PassageText(_digest(words, header, language), words, header, language, path))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
