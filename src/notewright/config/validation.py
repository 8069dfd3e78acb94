"""Plain values turned into a configuration, every wrong key named with the nearest that there is."""

from __future__ import annotations

import dataclasses
import difflib
import reprlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from notewright.config.checking import check_changelog
from notewright.config.config import FILE_NAME, SECTIONS, Config
from notewright.errors import ConfigError

if TYPE_CHECKING:  # pydantic costs .1-.3 CPU seconds: defaults need none of it, so it is imported where a value is checked
    from pydantic import TypeAdapter

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
        problems = [_problem(details["loc"], details["type"], details["msg"], details["input"]) for details in error.errors()]
        raise ConfigError(f"{source}: {'; '.join(problems)}", hint="`notewright config schema` lists every key and its type") from error
    check_changelog(config.changelog, source)
    return config


def json_schema() -> dict[str, Any]:
    """The JSON Schema of notewright.yaml, for editors."""
    schema = _adapter().json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": FILE_NAME}


@cache
def _adapter() -> TypeAdapter[Config]:
    from pydantic import TypeAdapter

    return TypeAdapter(Config)


def _problem(location: tuple[int | str, ...], kind: str, message: str, value: object) -> str:
    name = ".".join(str(part) for part in location)
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        near = difflib.get_close_matches(str(location[-1]), _keys(location[:-1]), n=1, cutoff=0.5)
        return f"unknown key {name}" + (f", did you mean {'.'.join(map(str, (*location[:-1], near[0])))}?" if near else "")
    return f"{name}: {message[:1].lower()}{message[1:].replace('tuple', 'list')} (it is {_SHORT.repr(value)})"


def _keys(path: tuple[int | str, ...]) -> list[str]:
    kind: Any = Config
    for part in path:
        kind = next((f.default_factory for f in dataclasses.fields(kind) if f.name == part), None)
    return [f.name for f in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []
