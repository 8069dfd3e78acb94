"""YAML of nested values, checked against types: no key too many, none of another type, nothing that unfolds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from notewright.errors import ConfigError

T = TypeVar("T")
_MOST_BYTES = 1 << 20
_SHOWN = 5


def parse_strict(path: Path, content: bytes, adapter: TypeAdapter[T]) -> T:
    """Read the content of `path`. Raises `ConfigError` naming the file and the first wrong keys."""
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{path} has {len(content):,} bytes", hint=f"keep it below {_MOST_BYTES:,}")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content)):  # a few lines of them unfold to gigabytes
            raise ConfigError(f"{path} has an alias (*name)", hint="write the value out")
        # by JSON's rules a list may become a tuple while types stay strict
        return adapter.validate_json(json.dumps(yaml.safe_load(content), default=str))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[:_SHOWN]
        problems = "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in wrong)
        raise ConfigError(f"{path}: {problems}", hint="compare it with the file that comes with notewright") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())[:200]}", hint="mend the line named") from error
