"""What the notes of a proposal cost: the totals of usage.json."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from notewright.errors import CheckFailed
from notewright.rendering.canonical import canonical_json

NAME = "usage.json"
_Count = Annotated[int, Field(ge=0, le=10**12)]


@dataclass(frozen=True, slots=True)
class Usage:
    """The sums of all calls to a model; all zero where none was asked. `cached_tokens` of the `prompt_tokens` were not evaluated again."""

    calls: _Count
    prompt_tokens: _Count
    cached_tokens: _Count
    generated_tokens: _Count
    seconds: Annotated[float, Field(ge=0, le=10**9)]


@dataclass(frozen=True, slots=True)
class _File:
    totals: Usage


_FILE = TypeAdapter(_File)
# usage.json where nobody kept it: a release branch does not
UNKNOWN = canonical_json({"totals": asdict(Usage(0, 0, 0, 0, 0.0))})


def read_usage(content: bytes) -> Usage:
    """Read the totals of usage.json, which anybody may have written. Raises `CheckFailed`."""
    try:
        return _FILE.validate_json(content).totals
    except ValidationError as error:
        raise CheckFailed(f"{NAME} is not what prepare writes", hint="run `notewright release prepare` again") from error
