"""What a task is given beyond its passage, as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

from notewright.rendering.canonical import canonical_line


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is to be answered."""

    kind: str
    question: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with an answer that is to be judged."""

    kind: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A question with an answer that a gate refused, and what is told about it to who answers again."""

    kind: str
    question: str
    answer: str
    fault: str


def write_given(value: Question | Answered | Refused) -> str:
    """Return the JSON of what a task is given."""
    return canonical_text({field.name: getattr(value, field.name) for field in fields(value)})


def read_question(given: str) -> Question:
    """Read what `write_given` wrote."""
    return Question(**_read(given))


def read_answered(given: str) -> Answered:
    """Read what `write_given` wrote."""
    return Answered(**_read(given))


def read_refused(given: str) -> Refused:
    """Read what `write_given` wrote."""
    return Refused(**_read(given))


def canonical_text(value: object) -> str:
    """Return a value as one line of JSON with sorted keys."""
    return canonical_line(value).decode("utf-8", "surrogatepass").rstrip("\n")


def _read(given: str) -> Mapping[str, str]:
    value: Mapping[str, str] = json.loads(given)
    return value
