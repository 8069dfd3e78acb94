"""Pairs: a question about a passage with its answer, kept or dropped for a reason."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer from only the passage. `kind` is the type of the question, or `extracted` where no model was asked.

    `reason` says why a gate dropped it, in one word of `gates.REASONS`, `detail` what exactly; both empty for one that is kept.
    `verdict` is what the judge said; empty without one. `signature` is the MinHash of both texts, which finds near duplicates at export;
    empty for one that is dropped.
    """

    kind: str
    question: str
    answer: str
    reason: str = KEPT
    detail: str = ""
    verdict: str = ""
    signature: bytes = b""
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A pair with where it comes from, as the store gives it: the first place in the order of repository, path and line.

    `key` is that of the task that decided it, with its ordinal there, in hex. `text` is the passage's, `header` what was shown around it.
    `unit` groups the passages of one file content.
    """

    key: str
    pair: Pair
    repository: str
    commit: str
    path: str
    line_start: int
    line_end: int
    blob: str
    language: str
    license: str
    text: str
    header: str
    model: str
    prompt: str
    unit: int
