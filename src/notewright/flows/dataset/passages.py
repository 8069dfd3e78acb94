"""Passages of a file: cut, and searched for what no model and no dataset may see."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from notewright.adapters.dataset.confined import ConfinedCutters
from notewright.adapters.dataset.store.values import NewPassage
from notewright.dataset.cutting import cutter_digest
from notewright.dataset.drops import Drop
from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.screened import Personal, screen
from notewright.dataset.tokens import PassageTokenizer

_VERSION = 1  # raised whenever the same file gives other passages or headers: what was cut by older code is cut anew
_HEADER_SHARE = 8  # what is shown around a passage may have an eighth of its tokens


@dataclass(frozen=True)
class Cutter:
    """How files become passages: by what they are measured, how many tokens they may have, and what becomes of personal data."""

    tokenizer: PassageTokenizer
    limit: int
    personal: Personal

    @cached_property
    def digest(self) -> str:
        """Tell this cutter from every other: a unit is cut once by each."""
        return hashlib.sha256(repr((_VERSION, cutter_digest(self.tokenizer, self.limit), self.personal)).encode()).hexdigest()

    @property
    def header_limit(self) -> int:
        """How many tokens may be shown around a passage."""
        return self.limit // _HEADER_SHARE

    def cut(self, confined: ConfinedCutters, text: bytes, language: str, path: str) -> list[NewPassage]:
        """Return the passages of a file in UTF-8, all of it in its order: those that hold a secret, or what else is to be left out, without
        their text."""
        passages, headers = confined.cut(text, language)
        return [
            self._screened(passage, text[passage.start : passage.end].decode(), header, language, path)
            for passage, header in zip(passages, headers, strict=True)
        ]

    def confined(self) -> ConfinedCutters:
        """Return what cuts files so, side by side, to be closed after use."""
        return ConfinedCutters(self.tokenizer, limit=self.limit, header_limit=self.header_limit)

    def _screened(self, passage: Passage, words: str, header: str, language: str, path: str) -> NewPassage:
        if not words.strip():
            return NewPassage(passage, None, "empty")
        shown, around = (screen(text, personal=self.personal, language=language) for text in (words, header))
        if isinstance(shown, Drop):
            return NewPassage(passage, None, shown.reason)
        if isinstance(around, Drop):
            return NewPassage(passage, None, around.reason)
        return NewPassage(passage, PassageText(_digest(shown.text, around.text, language), shown.text, around.text, language, path))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
