"""Tasks: what is asked about a passage, one call each, known by what it depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from notewright.dataset.pairs import Pair

# `extract` asks nobody: it takes pairs from documented definitions
Stage = Literal["extract", "questions", "answer", "repair", "judge"]


@dataclass(frozen=True, slots=True)
class Variant:
    """How the tasks of a stage are done. `digest` is of the prompt's folder, the model's identity and every setting that a reply depends
    on: another digest is another variant, and what the old one answered stays."""

    stage: Stage
    digest: str
    prompt: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task that another one calls for. `given` is canonical JSON of what it needs beyond the passage, such as the question."""

    stage: Stage
    given: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task: its result as canonical JSON, what is to be done next, and the pairs that it decided."""

    result: str
    children: tuple[NewTask, ...] = ()
    pairs: tuple[Pair, ...] = ()


def task_key(passage: str, variant: Variant, given: str, ordinal: int) -> bytes:
    """Return what a task is known by in every store, run and repository, 32 bytes: the digest of all that its result depends on."""
    parts = (variant.stage, passage, variant.digest, given, str(ordinal))
    return hashlib.sha256("\0".join(parts).encode()).digest()
