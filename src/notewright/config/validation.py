"""Plain values turned into a configuration, every wrong key named with the nearest that there is."""

from __future__ import annotations

import dataclasses
import difflib
import re
import reprlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from notewright.config.changelog import ComponentConfig, TrackerConfig
from notewright.config.checking import check_changelog, check_language, check_llm
from notewright.config.config import FILE_NAME, SECTIONS, Config
from notewright.config.llm import TASKS, TaskConfig
from notewright.config.release import VersionFileConfig
from notewright.errors import ConfigError

if TYPE_CHECKING:  # pydantic costs .1-.3 CPU seconds: defaults need none of it, so it is imported where a value is checked
    from _typeshed import DataclassInstance
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

# what lists and mappings of the configuration hold, where that has keys of its own; some may be a word instead
_HELD: Mapping[tuple[int | str, ...], type[DataclassInstance]] = {
    ("llm", "tasks"): TaskConfig,
    ("release", "version_files"): VersionFileConfig,
    ("changelog", "components"): ComponentConfig,
    ("changelog", "trackers"): TrackerConfig,
}
_WORD_OR_MAPPING = (("llm", "tasks"), ("release", "version_files"))
_OURS = re.compile(r"dictionary( or an instance of \w+)?")
_SHORT = reprlib.Repr()  # a few aliases in YAML can make a value whose full text fills the memory
_SHORT.maxlevel = 2


def validated(values: Mapping[str, Any], source: str) -> Config:
    """Turn plain values into a Config; a section with nothing below it says nothing. Raises `ConfigError` naming every wrong key, with the
    nearest valid one."""
    from pydantic import ValidationError

    said = {key: value for key, value in values.items() if value is not None or key not in SECTIONS}
    try:
        config = _adapter().validate_python(said)
    except ValidationError as error:
        problems = "; ".join(problem for details in error.errors() if (problem := _problem(details)))
        raise ConfigError(f"{source}: {problems}", hint="`notewright config schema` lists every key and its type") from error
    check_changelog(config.changelog, source)
    check_llm(config.llm, source)
    check_language(config.notes, source)
    return config


def json_schema() -> dict[str, Any]:
    """The JSON Schema of notewright.yaml, for editors."""
    schema = _adapter().json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": FILE_NAME}


@cache
def _adapter() -> TypeAdapter[Config]:
    from annotated_types import Ge, Le, MinLen  # noqa: F401  # names of the keys' types, which pydantic looks for here as well
    from pydantic import TypeAdapter

    return TypeAdapter(Config)


def _problem(details: ErrorDetails) -> str | None:
    """Say one thing that is wrong; None for what only repeats another."""
    location = _place(details)
    if location is None:
        return None
    name = ".".join(str(part) for part in location)
    if details["type"] in ("unexpected_keyword_argument", "extra_forbidden") or details["loc"][-1] == "[key]":
        near = difflib.get_close_matches(str(location[-1]), _keys(location[:-1]), n=1, cutoff=0.5)
        return f"unknown key {name}" + (f", did you mean {'.'.join(map(str, (*location[:-1], near[0])))}?" if near else "")
    message = _OURS.sub("mapping", details["msg"]).replace("tuple", "list")
    return f"{name}: {message[:1].lower()}{message[1:]} (it is {_SHORT.repr(details['input'])})"


def _place(details: ErrorDetails) -> tuple[int | str, ...] | None:
    """Return where a mistake is. What may be a word or a mapping was tried as both, with a part of the location for each: None for the one
    that was not meant."""
    location, given = details["loc"], details["input"]
    if location[:2] not in _WORD_OR_MAPPING or len(location) < 4:
        return location
    if location[3] == "[key]":
        return location[:3]
    as_mapping = location[3] == _HELD[location[:2]].__name__
    other = details["type"] == "dataclass_type" if as_mapping else isinstance(given, dict)
    return None if other else (*location[:3], *location[4:])


def _keys(path: tuple[int | str, ...]) -> list[str]:
    """Return the keys that there are below a place."""
    if path == ("llm", "tasks"):
        return list(TASKS)
    if kind := _HELD.get(path[:-1]):
        return [one.name for one in dataclasses.fields(kind)]
    section = getattr(Config(), str(path[0]), None) if len(path) == 1 else None if path else Config
    return [one.name for one in dataclasses.fields(section)] if dataclasses.is_dataclass(section) else []
