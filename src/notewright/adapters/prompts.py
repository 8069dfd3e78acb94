"""Prompt folders: found once, read whole, checked, and digested."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import yaml
from platformdirs import user_config_path
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from notewright.errors import ConfigError
from notewright.grounding.checks import Style
from notewright.notes.audience import Audience
from notewright.notes.forms import Form
from notewright.notes.markdown import PLACEHOLDERS
from notewright.notes.policy import AudiencePolicy, Layout, Mark, Part
from notewright.prompting.prompt import MOST_ITEMS, Prompt
from notewright.rendering.canonical import canonical_json, digest
from notewright.system.files import read_bytes, resolve_inside

NOTES = "notes"
SETTINGS = "prompt.yaml"
TEMPLATES = ("system.md.j2", "user.md.j2")

_MOST_FILES = 32
_MOST_BYTES = 256 << 10
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_STRICT = ConfigDict(extra="forbid", strict=True)

_Line = Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Words = Annotated[int, Field(ge=1, le=10_000)]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """How a model is asked: `model` in prompt.yaml."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    items_per_call: Annotated[int, Field(ge=1, le=MOST_ITEMS)]
    text_characters: Annotated[int, Field(ge=40, le=2_000)]


@dataclass(frozen=True, slots=True)
class PartFile:
    """One part of the notes: an item of `policy.parts`."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    heading: _Line
    marks: tuple[Mark, ...] = ()
    types: tuple[_Line, ...] = ()
    groups: tuple[_Line, ...] = ()
    rest: bool = False
    most: Annotated[int, Field(ge=0)] | None = None
    layout: Layout = "list"
    empty: _Line = ""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What the notes are: `policy` in prompt.yaml."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    required: tuple[Mark, ...]
    parts: Annotated[tuple[PartFile, ...], Field(min_length=1)]
    sentence_words: _Words
    breaking_sentence_words: _Words
    plain_words: bool = False
    most_words: _Words | None = None
    labels: bool = False
    references: bool = False
    opening: tuple[_Line, ...] = ()
    lead: _Line = ""
    nothing: _Line = ""
    closing: tuple[_Line, ...] = ()
    sentences: Mapping[Form, _Line] = field(default_factory=dict)
    vague: Mapping[Mark, _Line] = field(default_factory=dict)
    pointer: _Line = ""


@dataclass(frozen=True, slots=True)
class NotesFile:
    """prompt.yaml of an audience."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    version: Annotated[int, Field(ge=1)]
    readers: _Line
    model: ModelFile
    policy: PolicyFile


@dataclass(frozen=True, slots=True)
class _Folder:
    """A prompt's folder with the bytes of its files, by name."""

    path: Path
    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        return digest(canonical_json({name: digest(content) for name, content in self.files.items()}))


class Prompts:
    """Finds prompts in the places given, the first that has the folder winning as a whole: nothing is mixed from two."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = tuple(places)

    def names(self, task: str) -> tuple[str, ...]:
        """Return the names of a task's prompts, in alphabetical order."""
        folders = (folder for place in self._places for folder in _folders(place / task))
        return tuple(sorted({folder.name for folder in folders if _NAME.fullmatch(folder.name)}))

    def audience(self, name: str) -> Audience:
        """Return an audience for notes. Raises `ConfigError` for an unknown name, naming the known ones, and for a folder that is not as it
        should be, naming the file and the key."""
        folder = self._find(NOTES, name)
        settings = _validated(_NOTES_FILE, folder)
        prompt = Prompt(
            task=NOTES,
            name=name,
            version=settings.version,
            items_per_call=settings.model.items_per_call,
            text_characters=settings.model.text_characters,
            system=_template(folder, TEMPLATES[0]),
            user=_template(folder, TEMPLATES[1]),
            digest=folder.digest,
            place=str(folder.path),
        )
        return Audience(settings.readers, _policy(name, settings.policy, folder), prompt)

    def _find(self, task: str, name: str) -> _Folder:
        for place in self._places:
            folder = place / task / name
            if _NAME.fullmatch(name) and folder.is_dir():
                return _read_folder(place, folder)
        known = self.names(task)
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigError(
            f"there is no prompt {task}/{name}" + (f", did you mean {near[0]}?" if near else ""),
            hint=f"known are {', '.join(known) or 'none'}; add your own as .notewright/prompts/{task}/<name> in the repository",
        )


def prompt_places(repository: Path | None) -> tuple[Path, ...]:
    """Return where prompts are looked for, the strongest first: the user's folder, the checkout, notewright's own. Raises `UsageError`
    where the checkout's folder is a link out of it."""
    checkout = (resolve_inside(repository, ".notewright/prompts"),) if repository else ()
    return (user_config_path("notewright", appauthor=False) / "prompts", *checkout, _own_place())


@cache
def _own_place() -> Path:
    package = Path(__file__).parents[1]
    packaged = package / "_prompts"
    return packaged if packaged.is_dir() else package.parents[1] / "prompts"  # a source checkout keeps them beside src/


def _folders(path: Path) -> Iterator[Path]:
    try:
        yield from (entry for entry in path.iterdir() if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error


def _read_folder(place: Path, folder: Path) -> _Folder:
    """Read all files of a folder. Raises `ConfigError` for links out of the place and for more than a prompt needs."""
    paths = sorted(path for path in folder.rglob("*") if not path.is_dir())
    if len(paths) > _MOST_FILES:
        raise ConfigError(f"the prompt folder {folder} holds {len(paths)} files", hint=f"keep at most {_MOST_FILES}")
    for path in (folder, *paths):
        if not path.resolve().is_relative_to(place.resolve()):
            raise ConfigError(f"{path} is a link out of {place}", hint="put the file itself there")
    files = {path.relative_to(folder).as_posix(): _content(path) for path in paths}
    if SETTINGS not in files:
        raise ConfigError(f"the prompt folder {folder} has no {SETTINGS}", hint="copy a folder that comes with notewright and change it")
    return _Folder(folder, files)


def _content(path: Path) -> bytes:
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        raise ConfigError(f"{path} is no file of at most {_MOST_BYTES >> 10} KiB", hint="remove it from the prompt folder")
    return read_bytes(path) or b""


def _template(folder: _Folder, name: str) -> str:
    content = folder.files.get(name)
    if content is None:
        raise ConfigError(f"the prompt folder {folder.path} has no {name}", hint="an override brings all files of its folder")
    return _text(content, folder.path / name)


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8", hint="save it as UTF-8") from error


_F = TypeVar("_F")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_F]):
    """A kind of prompt.yaml, and every key it may have."""

    adapter: TypeAdapter[_F]
    keys: frozenset[str]


_NOTES_FILE = _Kind(
    TypeAdapter(NotesFile), frozenset(item.name for kind in (NotesFile, ModelFile, PolicyFile, PartFile) for item in fields(kind))
)


def _validated(kind: _Kind[_F], folder: _Folder) -> _F:
    path = folder.path / SETTINGS
    text = _text(folder.files[SETTINGS], path)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):  # a few lines of them unfold to gigabytes
            raise ConfigError(f"{path} has an alias (*name)", hint="write the value out")
        values = json.dumps(yaml.safe_load(text), default=str)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())[:200]}", hint="mend the line named") from error
    try:
        return kind.adapter.validate_json(values)  # by JSON's rules a list may become a tuple while types stay strict
    except ValidationError as error:
        problems = "; ".join(_problem(details, kind.keys) for details in error.errors(include_url=False)[:5])
        raise ConfigError(f"{path}: {problems}", hint="compare it with a prompt.yaml that comes with notewright") from error


def _problem(details: Mapping[str, Any], known: frozenset[str]) -> str:
    name = ".".join(str(part) for part in details["loc"]) or "the file"
    if details["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        near = difflib.get_close_matches(str(details["loc"][-1]), sorted(known), n=1)
        return f"unknown key {name}" + (f", did you mean {near[0]}?" if near else "")
    return f"{name}: {details['msg'][:1].lower()}{details['msg'][1:]}"


def _policy(name: str, policy: PolicyFile, folder: _Folder) -> AudiencePolicy:
    paragraphs = (*policy.opening, policy.lead, policy.nothing, *policy.closing)
    _check_placeholders(paragraphs, PLACEHOLDERS, folder)
    _check_placeholders([part.heading for part in policy.parts], frozenset({"count"}), folder)
    _check_placeholders(policy.vague.values(), frozenset({"place"}), folder)
    _check_placeholders(policy.sentences.values(), frozenset({"text"}), folder, needed=True)
    return AudiencePolicy(
        audience=name,
        required=policy.required,
        parts=tuple(_part(part) for part in policy.parts),
        style=Style(policy.sentence_words, policy.breaking_sentence_words, policy.plain_words),
        most_words=policy.most_words,
        sentences=policy.sentences,
        vague=policy.vague,
        pointer=policy.pointer,
        opening=policy.opening,
        lead=policy.lead,
        nothing=policy.nothing,
        closing=policy.closing,
        labels=policy.labels,
        references=policy.references,
    )


def _part(part: PartFile) -> Part:
    groups = tuple(group.casefold() for group in part.groups)
    return Part(part.heading, part.marks, part.types, groups, part.rest, part.most, part.layout, part.empty)


def _check_placeholders(lines: Iterable[str], known: frozenset[str], folder: _Folder, *, needed: bool = False) -> None:
    for line in lines:
        named = set(re.findall(r"\{(\w+)\}", line))
        if named - known or (needed and named != known):
            expected = ", ".join(f"{{{name}}}" for name in sorted(known))
            raise ConfigError(f'{folder.path / SETTINGS}: "{line[:80]}" names no such placeholder', hint=f"known here: {expected}")
