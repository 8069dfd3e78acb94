"""Rows: what a dataset says of a pair, and where its passage stands."""

from __future__ import annotations

from typing import NamedTuple

from notewright.dataset.pairs import StoredPair


class Row(NamedTuple):
    """The canonical row. `context` is the passage: `git show commit:path` has it in the lines `line_start` to `line_end`, which count
    from 1. `type` is that of the question, `verdict` the judge's, empty without one."""

    id: str
    question: str
    answer: str
    context: str
    repository: str
    commit: str
    path: str
    line_start: int
    line_end: int
    blob: str
    language: str
    license: str
    type: str
    model: str
    prompt: str
    verdict: str
    split: str


def build_row(stored: StoredPair, split: str) -> Row:
    """Return the row of a pair. What no UTF-8 can hold, such as a path in another encoding, is written as an escape."""
    pair = stored.pair
    texts: tuple[str, ...] = (
        pair.question, pair.answer, stored.text, stored.repository, stored.path, stored.license, stored.model, stored.prompt, pair.verdict
    )  # fmt: skip
    if not "".join(texts).isascii():
        texts = tuple(map(encodable, texts))
    question, answer, context, repository, path, license_, model, prompt, verdict = texts
    return Row(
        stored.key, question, answer, context, repository, stored.commit, path, stored.line_start, stored.line_end, stored.blob,
        stored.language, license_, pair.kind, model, prompt, verdict, split,
    )  # fmt: skip


def encodable(text: str) -> str:
    """Return a text that UTF-8 can hold: lone surrogates are written as escapes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text
