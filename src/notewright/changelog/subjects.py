"""Subjects: what a change is called, without the references that stand beside it anyway."""

from __future__ import annotations

import re
from collections.abc import Sequence

from notewright.changelog.tracked import are_shown
from notewright.history.conventional import CommitMessage
from notewright.rendering.neutral import visible

_REFERENCE = re.compile(r"\((?:(?:[\w.-]+/[\w.-]+)?[#!]\d+|GH-\d+)\)")
_NO_MESSAGE = "(no message)"


def summary_of(message: CommitMessage, references: Sequence[str]) -> str:
    """Return what a change is called. `references` are those of trackers, among others: shown beside it, they need not stand in it."""
    subject = message.subject
    text = without_references(subject, references) if subject.endswith((")", " ", "\t")) else subject
    if text.isascii() and text.isprintable() and text.strip():
        return text
    return next(text for text in (text, message.header, _NO_MESSAGE) if visible(text))


def words_of(message: CommitMessage) -> str:
    """Return what a change is called, for finding it listed twice."""
    return " ".join(without_references(message.subject).casefold().split())


def without_references(subject: str, references: Sequence[str] = ()) -> str:
    """Cut references in parentheses off the end, where they are shown anyway. By position: a pattern that ends in "$" would
    try each place of a hostile subject."""
    end = _end_of_words(subject, len(subject))
    while (start := subject.rfind("(", 0, end)) >= 0 and (
        _REFERENCE.fullmatch(subject, start, end) or (references and are_shown(subject[start:end], references))
    ):
        end = _end_of_words(subject, start)
    return subject[:end].strip()


def _end_of_words(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end
