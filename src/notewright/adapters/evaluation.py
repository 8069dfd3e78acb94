"""The set that models are measured with: sections of invented releases, and passages with a question each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

from notewright.adapters.strict_yaml import parse_strict
from notewright.changelog.section import Entry, Group, Section, Totals
from notewright.errors import ConfigError
from notewright.rendering.canonical import canonical_line, digest
from notewright.system.files import read_bytes

T = TypeVar("T")
SECTIONS, PASSAGES = "eval/sections.yaml", "eval/passages.yaml"
_STRICT = ConfigDict(extra="forbid", strict=True)
_Line = Annotated[str, StringConstraints(min_length=1, max_length=400)]


@dataclass(frozen=True, slots=True)
class _EntryFile:
    """An entry. `breaking` may be what to do about it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    summary: _Line
    type: _Line | None = None
    scope: _Line | None = None
    breaking: bool | _Line = False
    security: bool = False
    references: tuple[_Line, ...] = ()


@dataclass(frozen=True, slots=True)
class _SectionFile:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    project: _Line
    release: _Line
    entries: Annotated[tuple[_EntryFile, ...], Field(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of code and a question about it. A right answer has all words of `needs`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    language: _Line
    question: _Line
    needs: Annotated[tuple[_Line, ...], Field(min_length=1)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


@dataclass(frozen=True, slots=True)
class _Sections:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    version: Annotated[int, Field(ge=1)]
    sections: Annotated[tuple[_SectionFile, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class _Passages:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    version: Annotated[int, Field(ge=1)]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Sections by their project, passages, and a digest of all of it."""

    sections: tuple[tuple[str, Section], ...]
    passages: tuple[Passage, ...]
    digest: str


def read_evaluation(places: Sequence[Path]) -> EvaluationSet:
    """Read the set of the first place that has one, each of its two files by itself. Raises `ConfigError` naming the file and every wrong
    key."""
    sections = _read(places, SECTIONS, _adapters()[0])
    passages = _read(places, PASSAGES, _adapters()[1])
    named = tuple((one.project, _section(one)) for one in sections.sections)
    return EvaluationSet(named, passages.passages, digest(canonical_line([repr(sections), repr(passages)])))


def _read(places: Sequence[Path], name: str, adapter: TypeAdapter[T]) -> T:
    for place in places:
        if (content := read_bytes(place / name)) is not None:
            return parse_strict(place / name, content, adapter)
    raise ConfigError(f"there is no {name}", hint="install notewright again")


def _section(file: _SectionFile) -> Section:
    entries = [_entry(file, number, one) for number, one in enumerate(file.entries)]
    shown = len(entries)
    return Section(
        file.release, f"v{file.release}", None, None, Totals(shown, shown, 0, 0), (), (Group("Changes", tuple(entries)),), ledger=()
    )  # fmt: skip


def _entry(file: _SectionFile, number: int, one: _EntryFile) -> Entry:
    sha = digest(canonical_line([file.project, file.release, number])).removeprefix("sha256:")[:40]
    steps = one.breaking if isinstance(one.breaking, str) else None
    return Entry(
        f"c-{sha[:8]}", one.type, one.scope, one.summary, bool(one.breaking), steps, one.security, one.references, (sha,), ("Ada Lovelace",)
    )


@cache
def _adapters() -> tuple[TypeAdapter[_Sections], TypeAdapter[_Passages]]:
    return TypeAdapter(_Sections), TypeAdapter(_Passages)
