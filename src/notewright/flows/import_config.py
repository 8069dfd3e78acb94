"""Import: another tool's configuration becomes a notewright.yaml, with a list of what does not fit in."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notewright.adapters.cliff.carried import Carried, Left, Setting
from notewright.adapters.cliff.configuration import carry_over
from notewright.config.config import FILE_NAME
from notewright.config.reading import parse_yaml
from notewright.config.validation import validated
from notewright.errors import ConfigError, UsageError
from notewright.rendering.neutral import neutral_log, visible
from notewright.system.files import read_bytes, write_atomic

_MOST_BYTES = 1 << 20
_SECTIONS = ("changelog", "git", "bump", "remote")
# Where manifests of other tools hold a configuration of git-cliff.
_MANIFESTS = (("tool", "git-cliff"), ("workspace", "metadata", "git-cliff"), ("package", "metadata", "git-cliff"))
_PLAIN = re.compile(r"[A-Za-z][\w./ -]*(?<! )")
_NO_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})  # YAML reads something else


@dataclass(frozen=True, slots=True)
class ImportedConfig:
    """The text of a notewright.yaml that is valid, how many keys it sets, and what it does not say."""

    text: str
    count: int
    left: tuple[Left, ...]


def import_cliff(path: Path) -> ImportedConfig:
    """Read git-cliff's configuration (cliff.toml, or a manifest that holds one) as ours. Raises `ConfigError` for a file that is missing,
    no TOML, or none of git-cliff's."""
    carried = carry_over(_read_cliff(path))
    text = render_settings(carried, path.name)
    config = validated(parse_yaml(text.encode("utf-8"), str(path)), f"{FILE_NAME} as it follows from {path}")
    config.links()
    return ImportedConfig(text, len(carried.settings), tuple(carried.left))


def write_config(path: Path, text: str) -> None:
    """Write a configuration where there is none. Raises `UsageError` where there is something."""
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already", hint="name another file with --output, and compare the two")
    write_atomic(path, text.encode("utf-8"))


def render_settings(carried: Carried, source: str) -> str:
    """Return settings as YAML, each below the key that it came from, and what holds without one at the end."""
    lines = [
        f"# {FILE_NAME}, from {visible(source)}: look through it, then `notewright config check` and `notewright changelog`.",
        "changelog:",
    ]
    for setting in carried.settings:
        lines += [f"  # {visible(setting.origin)}", *_render(setting)]
    if carried.same:
        lines += ["  # What needs no key here:", *(f"  # - {visible(one.key)}: {visible(one.reason)}" for one in carried.same)]
    return neutral_log("\n".join(lines) + "\n")  # it is printed to a runner's log as well, and `_scalar` left no command in a value


def _render(setting: Setting) -> Iterable[str]:
    value = setting.value
    if isinstance(value, Mapping) and value:
        return [f"  {setting.key}:", *(f"    {_scalar(key)}: {_scalar(item)}" for key, item in value.items())]
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return [f"  {setting.key}:", *(f"    - {{{', '.join(f'{key}: {_scalar(item)}' for key, item in one.items())}}}" for one in value)]
    if isinstance(value, list):
        return [f"  {setting.key}: [{', '.join(_scalar(item) for item in value)}]"]
    return [f"  {setting.key}: {'{}' if value == {} else _scalar(value)}"]


def _scalar(value: object) -> str:
    """Write a plain word as it is, other text in double quotes, with escapes for what would not show, and the rest as JSON."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _NO_WORDS and value.isascii():
        return value
    # not JSON's escapes: a pair of surrogates is no character to YAML
    shown = (f"\\{c}" if c in '"\\' else c if c.isprintable() else f"\\U{ord(c):08x}" for c in value)
    return f'"{"".join(shown)}"'.replace("##[", "#\\x23[")  # a command to a runner's log, which this is printed to


def _read_cliff(path: Path) -> Mapping[str, Any]:
    content = read_bytes(path)
    if content is None:
        raise ConfigError(f"there is no configuration at {path}", hint="name git-cliff's: cliff.toml, pyproject.toml or Cargo.toml")
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{path} is larger than {_MOST_BYTES >> 20} MiB", hint="name git-cliff's configuration")
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", hint="mend the line named") from error
    if found := next((found for keys in _MANIFESTS if (found := _below(values, keys))), None):
        return found
    if not any(isinstance(values.get(section), Mapping) for section in _SECTIONS):
        raise ConfigError(
            f"{path} is no configuration of git-cliff: it has none of {', '.join(f'[{section}]' for section in _SECTIONS)}",
            hint="in pyproject.toml they are below [tool.git-cliff], in Cargo.toml below [workspace.metadata.git-cliff]",
        )
    return values


def _below(values: Mapping[str, Any], keys: Iterable[str]) -> Mapping[str, Any] | None:
    found: Any = values
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) and found else None
