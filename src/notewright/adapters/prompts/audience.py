"""The prompts of the task notes: an audience's policy beside what it asks of a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import ConfigDict, Field

from notewright.adapters.prompts.folder import SETTINGS
from notewright.adapters.prompts.settings import STRICT, Line, PromptFile, kind_of
from notewright.errors import ConfigError
from notewright.grounding.additions import own_words
from notewright.grounding.checks import Style
from notewright.notes.forms import Form
from notewright.notes.markdown import PLACEHOLDERS
from notewright.notes.policy import AudiencePolicy, Layout, Mark, Part, Step

_TEXT = frozenset({"text"})
_Words = Annotated[int, Field(ge=1, le=10_000)]


@dataclass(frozen=True, slots=True)
class PartFile:
    """One part of the notes: an item of `policy.parts`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    heading: Line
    marks: tuple[Mark, ...] = ()
    types: tuple[Line, ...] = ()
    groups: tuple[Line, ...] = ()
    words: tuple[Line, ...] = ()
    rest: bool = False
    most: Annotated[int, Field(ge=0)] | None = None
    layout: Layout = "list"
    empty: Line = ""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What the notes are: `policy` in prompt.yaml."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    required: tuple[Mark, ...]
    parts: Annotated[tuple[PartFile, ...], Field(min_length=1)]
    sentence_words: _Words
    breaking_sentence_words: _Words
    plain_words: bool = False
    most_words: _Words | None = None
    most_characters: _Words | None = None
    labels: bool = False
    references: bool = False
    subject: Line = ""
    opening: tuple[Line, ...] = ()
    lead: Line = ""
    headline: Line = ""
    nothing: Line = ""
    closing: tuple[Line, ...] = ()
    sentences: Mapping[Form, Line] = field(default_factory=dict)
    vague: Mapping[Mark, Line] = field(default_factory=dict)
    vague_several: Mapping[Mark, Line] = field(default_factory=dict)
    steps: Mapping[Step, Line] = field(default_factory=dict)
    pointer: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesFile(PromptFile):
    """prompt.yaml of an audience. Replies of the schema `fixed` are asked of nobody: there is no `model` then, and there are no
    templates."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    schema: Literal["claims", "fixed"]
    readers: Line
    policy: PolicyFile


NOTES = kind_of("notes", NotesFile, PolicyFile, PartFile)


def build_policy(policy: PolicyFile, folder: Path) -> AudiencePolicy:
    """Return an audience's policy, its name being the folder's. Raises `ConfigError` for a placeholder that nothing fills in."""
    _check_placeholders(policy, folder / SETTINGS)
    return AudiencePolicy(
        audience=folder.name,
        required=policy.required,
        parts=tuple(_part(part) for part in policy.parts),
        style=Style(policy.sentence_words, policy.breaking_sentence_words, policy.plain_words, own_words(_phrases(policy))),
        most_words=policy.most_words,
        most_characters=policy.most_characters,
        sentences=policy.sentences,
        vague=policy.vague,
        vague_several=policy.vague_several,
        steps=policy.steps,
        pointer=policy.pointer,
        subject=policy.subject,
        opening=policy.opening,
        lead=policy.lead,
        headline=policy.headline,
        nothing=policy.nothing,
        closing=policy.closing,
        labels=policy.labels,
        references=policy.references,
    )


def _phrases(policy: PolicyFile) -> Iterable[str]:
    """Yield what the audience's fixed sentences say beside the words of an entry."""
    for phrases in (policy.sentences, policy.vague, policy.vague_several, policy.steps):
        yield from phrases.values()
    yield policy.pointer


def _part(part: PartFile) -> Part:
    groups = tuple(group.casefold() for group in part.groups)
    words = tuple(word.casefold() for word in part.words)
    return Part(part.heading, part.marks, part.types, groups, words, part.rest, part.most, part.layout, part.empty)


def _check_placeholders(policy: PolicyFile, file: Path) -> None:
    _check_lines((policy.subject, *policy.opening, policy.lead, policy.nothing, *policy.closing), PLACEHOLDERS, file)
    _check_lines([policy.headline], PLACEHOLDERS | {"text"}, file, needed=frozenset({"text"}) if policy.headline else frozenset())
    _check_lines([part.heading for part in policy.parts], frozenset({"count"}), file)
    _check_lines((*policy.vague.values(), *policy.vague_several.values()), frozenset({"place"}), file)
    _check_lines(policy.sentences.values(), _TEXT, file, needed=_TEXT)
    for step, line in policy.steps.items():
        _check_lines([line], _TEXT, file, needed=frozenset() if step in ("everyone", "todo") else _TEXT)
    if policy.steps and policy.steps.keys() != set(get_args(Step)):
        raise ConfigError(f"{file}: policy.steps has not all of {', '.join(get_args(Step))}", hint="give each of them, or no steps at all")


def _check_lines(lines: Iterable[str], known: frozenset[str], file: Path, *, needed: frozenset[str] = frozenset()) -> None:
    for line in lines:
        named = set(re.findall(r"\{(\w+)\}", line))
        if named - known or needed - named:
            expected = ", ".join(f"{{{name}}}" for name in sorted(known))
            raise ConfigError(f'{file}: "{line[:80]}" names no such placeholder', hint=f"known here: {expected}")
