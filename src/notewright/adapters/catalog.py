"""The table of models to choose from, by the memory that they may take."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

from notewright.adapters.hub import HUB_FILE
from notewright.adapters.strict_yaml import parse_strict
from notewright.errors import ConfigError
from notewright.system.files import read_bytes

FILE = "models.yaml"
OTHERS = "cpu"  # the class of machines without a graphics card that counts
_STRICT = ConfigDict(extra="forbid", strict=True)
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+ -]{0,63}$")]
_Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./:-]*$", max_length=256)]


@dataclass(frozen=True, slots=True)
class MemoryClass:
    """What a kind of machine can hold: GiB that a model may take, and the names of the models to begin with."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    memory: Annotated[float, Field(gt=0)]
    large: _Name
    small: _Name


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model to choose. `parameters` are billions; `file` is owner/repository/path on the hub and `sha256` the digest of that file;
    `ollama` and `mlx` are its names there, None where it has none."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: _Name
    parameters: Annotated[float, Field(gt=0)]
    quantization: _Word
    license: _Word
    file: Annotated[str, StringConstraints(pattern=rf"^{HUB_FILE.pattern}$")]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    ollama: _Place | None = None
    mlx: _Place | None = None

    @property
    def file_name(self) -> str:
        """What the file is called in the folder of models."""
        return self.file.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The whole table: classes by name ("cpu", "apple", GiB of a graphics card), and models."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    version: Literal[1]
    classes: dict[str, MemoryClass]
    models: tuple[Candidate, ...]

    def find(self, name: str) -> Candidate:
        """Return the model of this name. Raises `ConfigError` that names near ones."""
        by_name = {one.name: one for one in self.models}
        if found := by_name.get(name.lower()):
            return found
        near = difflib.get_close_matches(name.lower(), by_name, n=3, cutoff=0.5) or list(by_name)
        raise ConfigError(f"the table of models has no {name}", hint=f"it has {', '.join(near)}; `notewright models list` shows them all")


def read_catalog(places: Sequence[Path]) -> Catalog:
    """Read the table of the first place that has one: a user's or a repository's own replaces ours as a whole. Raises `ConfigError`
    naming the file and every wrong key."""
    for place in places:
        if (content := read_bytes(path := place / FILE)) is not None:
            return _parse(path, content)
    raise ConfigError(f"there is no table of models {FILE}", hint="install notewright again")


def _parse(path: Path, content: bytes) -> Catalog:
    found = parse_strict(path, content, _adapter())
    _check_names(path, found)
    return found


def _check_names(path: Path, found: Catalog) -> None:
    names = [one.name for one in found.models]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"{path}: models has {twice} twice", hint="keep one of them")
    if OTHERS not in found.classes:
        raise ConfigError(f"{path}: classes has no {OTHERS}", hint="machines that are in no other class are in that one")
    wanted = {name for one in found.classes.values() for name in (one.small, one.large)}
    if missing := sorted(wanted - set(names)):
        raise ConfigError(f"{path}: a class names {missing[0]}, which models does not have", hint="add it to models, or name another")


@cache
def _adapter() -> TypeAdapter[Catalog]:
    return TypeAdapter(Catalog)
