"""YAML that people write, as plain words: mappings of scalars, read without ever being unfolded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notewright.changelog.override_file import Scalar
from notewright.errors import ConfigError

if TYPE_CHECKING:  # PyYAML costs 20 ms, and most repositories have nothing for it to read
    import yaml

_DEEPEST = 2  # a list of mappings
_YAML = "tag:yaml.org,2002:"


def read_mappings(content: bytes, source: str) -> tuple[dict[str, Scalar], ...] | dict[str, Scalar]:
    """Read a list of mappings, or a single one; () for an empty document. Aliases, nested values, keys said twice and values that are
    no plain words are refused. Raises `ConfigError` naming the line."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_shape(yaml.parse(content, Loader=loader), source)
        node = yaml.compose(content, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{source} is not YAML{line}: {error.problem or error.context}", hint="mend that line") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{source} is not YAML: {' '.join(str(error).split())}", hint="write it as UTF-8 text") from error
    if node is None or (isinstance(node, yaml.ScalarNode) and node.tag == f"{_YAML}null"):
        return ()
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, source)
    if not isinstance(node, yaml.SequenceNode):
        raise ConfigError(
            f"{source} is neither a list nor a mapping: {node.value[:40]!r}", hint="write it as a list of `key: value` entries"
        )
    return tuple(_mapping(item, f"{source}, entry {number}") for number, item in enumerate(node.value, start=1))


def _check_shape(events: Any, source: str) -> None:  # noqa: ANN401  # PyYAML's stubs leave it open
    """Stop at the first event that no file of ours needs, before anything is built: aliases unfold to gigabytes, and nesting is a stack."""
    import yaml

    depth = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise ConfigError(f"{source}, line {line}: aliases are not taken", hint="write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise ConfigError(f"{source}, line {line}: a value is a list or a mapping", hint="write one word or text for each key")


def _mapping(node: yaml.Node, source: str) -> dict[str, Scalar]:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{source}, line {node.start_mark.line + 1}: it is not a mapping", hint="write `key: value` lines")
    found: dict[str, Scalar] = {}
    pairs: Sequence[tuple[yaml.Node, yaml.Node]] = node.value
    for key, value in pairs:
        name = _scalar(key, source).text
        if name in found:
            raise ConfigError(f"{source}, line {key.start_mark.line + 1}: {name[:40]} is said twice", hint="keep one of them")
        found[name] = _scalar(value, source)
    return found


def _scalar(node: yaml.Node, source: str) -> Scalar:
    import yaml

    kind = node.tag.removeprefix(_YAML)
    if not isinstance(node, yaml.ScalarNode):
        raise ConfigError(f"{source}, line {node.start_mark.line + 1}: a value is a list or a mapping", hint="write one word or text")
    if kind not in _KINDS:
        raise ConfigError(f"{source}, line {node.start_mark.line + 1}: {node.tag[:40]} is no plain value", hint="leave the tag out")
    return Scalar(node.value, "bool" if kind == "bool" else "null" if kind == "null" else "text")


_KINDS = ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
