"""The configuration read: the file, then variables of the environment."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notewright.config.config import FILE_NAME, SECTIONS, Config
from notewright.config.validation import validated
from notewright.errors import ConfigError
from notewright.system.files import read_bytes

_DEEPEST = 100  # levels of lists and mappings in a file


def load_config(
    repository: Path, *, path: Path | None = None, environ: Mapping[str, str] | None = None, component: str | None = None
) -> Config:
    """Read notewright.yaml of `repository` (or the file named), then NOTEWRIGHT_<SECTION>_<KEY> variables, for a run about `component`.

    Raises `ConfigError` for a file that is missing though named, not YAML, or says what no key understands, and for a component that
    it does not have.
    """
    environ = os.environ if environ is None else environ
    named = path or (Path(environ["NOTEWRIGHT_CONFIG"]) if environ.get("NOTEWRIGHT_CONFIG") else None)
    file = named or repository / FILE_NAME
    content = read_bytes(file)
    if content is None and named:
        raise ConfigError(f"there is no configuration at {file}", hint="write one with `notewright init`")
    variables = _variables(environ)
    values = _merged(parse_yaml(content or b"", str(file)), _from_environment(variables))
    sources = [*([str(file)] if content else []), *variables]
    config = validated(values, ", ".join(sources)) if values else Config()
    return config.for_component(component or config.changelog.component)


def parse_yaml(content: bytes, source: str) -> dict[str, Any]:
    """Read a YAML mapping; {} for an empty file. Raises `ConfigError` naming the line."""
    if not content.strip():
        return {}
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(content, Loader=loader):  # libyaml's own descent, on a stack, ends the process at some 10,000 levels
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ConfigError(f"{source} has lists or mappings more than {_DEEPEST} deep", hint="mend its brackets")
        values = yaml.load(content, Loader=loader)  # noqa: S506  # both are safe loaders
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a day that no month has
        raise ConfigError(f"{source} is not YAML: {' '.join(str(error).split())}", hint="mend the line named") from error
    if values is not None and not isinstance(values, dict):
        raise ConfigError(f"{source} is not a mapping of keys to values", hint="see `notewright config schema`")
    return values or {}


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that set a key, by name."""
    prefixes = tuple(f"NOTEWRIGHT_{section.upper()}_" for section in SECTIONS)
    return {name: environ[name] for name in sorted(environ) if name.startswith(prefixes) or name == "NOTEWRIGHT_STATE_DIR"}


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in variables.items():
        name = variable.removeprefix("NOTEWRIGHT_").lower()
        section = next((section for section in SECTIONS if name.startswith(f"{section}_")), None)
        under, key = (values.setdefault(section, {}), name.removeprefix(f"{section}_")) if section else (values, name)
        under[key] = _environment_value(text, _kind(section, key), variable)
    return values


def _environment_value(text: str, kind: str, variable: str) -> Any:  # noqa: ANN401  # checked by `validated`, which reads numbers too
    """Read a list or a mapping as YAML, and null where a key may be; what stands for a text stays as it is, digits or not."""
    if kind.startswith(("tuple[", "dict[", "Mapping[")):
        return parse_yaml(f"value: {text}".encode(), variable)["value"]
    return None if kind.endswith("| None") and text.lower() in ("", "~", "null") else text


def _kind(section: str | None, key: str) -> str:
    """Return the type of a key as it is written above; "" for an unknown key."""
    fields = dataclasses.fields(getattr(Config(), section) if section else Config)
    return next((str(one.type) for one in fields if one.name == key), "")


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
