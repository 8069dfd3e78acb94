"""Override text: entries of the override file as YAML that can be copied from a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from notewright.changelog.document.titles import Field
from notewright.rendering.neutral import visible

if TYPE_CHECKING:
    from yaml import SafeDumper

_WIDE = 1_000_000  # a line is never folded: it would not survive a terminal that indents


class _Words(str):
    """Text of a person, which is always quoted."""

    __slots__ = ()


def overrides_yaml(entries: Iterable[Iterable[Field]]) -> str:
    """Return entries of the override file as YAML, "" for none. Any text is valid and on one line; hidden characters are left out, as
    they are from what stage 2 shows, and nothing in it is a command to a runner's log."""
    values = [{key: _value(key, value) for key, value in fields} for fields in entries]
    if not values:
        return ""
    import yaml

    text = yaml.dump(values, Dumper=_dumper(), allow_unicode=True, sort_keys=False, width=_WIDE, default_flow_style=False)
    return text.replace("##[", "#\\x23[")  # all text is in double quotes, where this is the same


def _value(key: str, value: str | bool | int) -> object:
    return _Words(visible(value)) if isinstance(value, str) and key not in ("commit", "merge", "type") else value


@cache
def _dumper() -> type[SafeDumper]:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Quotes words, and nothing else."""

    Dumper.add_representer(_Words, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"'))
    return Dumper
