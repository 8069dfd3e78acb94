"""YAML of nested values, checked against types: no key too many, none of another type, nothing that unfolds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from notewright.errors import ConfigError

T = TypeVar("T")
_MOST_BYTES = 1 << 20
_SHOWN = 5
_DEEPEST = 20


def parse_strict(path: Path, content: bytes, adapter: TypeAdapter[T]) -> T:
    """Read the content of `path`. Raises `ConfigError` naming the file and the first wrong keys."""
    values = parse_values(path, content)
    try:
        return adapter.validate_json(values)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[:_SHOWN]
        problems = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in wrong)
        raise ConfigError(f"{path}: {problems}", hint="compare it with the file that comes with notewright") from error


def parse_values(path: Path, content: bytes | str) -> str:
    """Return the content of `path` as JSON, by whose rules a list may become a tuple while types stay strict. Raises `ConfigError`."""
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{path} has {len(content):,} bytes", hint=f"keep it below {_MOST_BYTES:,}")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_shape(path, yaml.parse(content, Loader=loader))
        return json.dumps(yaml.load(content, Loader=loader), default=str)  # noqa: S506  # both are safe loaders
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())[:200]}", hint="mend the line named") from error


def _check_shape(path: Path, events: Iterable[yaml.Event]) -> None:
    """Stop at the first event that no file of ours needs, before anything is built: aliases unfold to gigabytes, and nesting is a stack."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise ConfigError(f"{path} has an alias (*name)", hint="write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ConfigError(f"{path} has lists or mappings more than {_DEEPEST} deep", hint="mend its brackets")
