"""A passage: a stretch of a file that fits into one call and stands for itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """Bytes `start` to `end` of a file in UTF-8; the passages of a file follow each other without a gap.

    Lines count from 1 and end at a line feed, as `git show` prints them; a passage that begins inside a line counts it. `tokens` are those
    of the text alone. `definition` tells that it begins with a definition, or the comment that belongs to one.
    """

    start: int
    end: int
    line_start: int
    line_end: int
    tokens: int
    definition: bool = False


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as a model is shown it. `digest` is of all that an answer may depend on but the path, which may change by a renaming:
    the text, the language and the `header`: what the file imports and what encloses the passage, which are no part of it."""

    digest: str
    text: str
    header: str
    language: str
    path: str
