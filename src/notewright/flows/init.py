"""Init: a configuration and the workflows of a release for a repository that has none."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import annotated_types

from notewright.adapters.repository import Repository
from notewright.config.config import FILE_NAME, Config, as_values
from notewright.errors import RepositoryError
from notewright.system.files import read_bytes, resolve_inside, write_atomic

WORKFLOWS = tuple(f".github/workflows/{name}.yml" for name in ("release", "gate", "finish"))
_HEAD = f"""\
# {FILE_NAME}: every key with its default. A key is set by taking the # off its line and off the line of its section.
# `notewright config check` says whether the file is understood, `notewright config schema` serves editors.
"""
_COLUMN = 38  # where descriptions begin, if the value leaves room
_PLAIN_WORD = re.compile(r"[A-Za-z][\w./ -]*")
_NO_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}  # YAML reads something else
_BRANCHES = "branches: [main"  # of the workflows as they are packaged, whatever other branches follow


@dataclass(frozen=True, slots=True)
class InitFile:
    """A file of the repository by its path there. `kept` says that it was there already, and that nothing was written."""

    name: str
    kept: bool


def write_files(repository: Repository, *, dry_run: bool) -> tuple[InitFile, ...]:
    """Write notewright.yaml and the workflows of a release where they are missing; never overwrite. With `dry_run` only say what would be
    written. Raises `UsageError` where a link leads out of the repository, `StorageError` where a file cannot be written."""
    if repository.is_bare:
        raise RepositoryError(f"{repository.root} is bare: it has no files to add to", hint="run this in a clone with a work tree")
    branch = _find_branch(repository)
    contents = {FILE_NAME: render_config(), **{name: render_workflow(name, branch) for name in WORKFLOWS}}
    return tuple(_write(repository.root, name, content, dry_run=dry_run) for name, content in contents.items())


def render_config() -> str:
    """Return a notewright.yaml that says every key, its default and what it is for, and sets none of them."""
    defaults = as_values(Config())
    return _HEAD + "".join(f"\n{''.join(_section(field, defaults[field.name]))}" for field in dataclasses.fields(Config))


def render_workflow(name: str, branch: str) -> str:
    """Return one of `WORKFLOWS` for the branch that releases come from."""
    content = read_bytes(find_workflow(name))
    assert content is not None, "the package lacks its workflows"
    text = content.decode("utf-8")
    assert _BRANCHES in text, "the workflow names no branch to replace"
    return text.replace(_BRANCHES, f"branches: [{_scalar(branch)}")


def find_workflow(name: str) -> Path:
    """Return one of `WORKFLOWS` to copy: packaged beside the code, or in a source checkout beside src/."""
    package = Path(__file__).parents[1]
    packaged = package / "_workflows"
    return (packaged if packaged.is_dir() else package.parents[1] / "workflows") / Path(name).name


def _write(root: Path, name: str, content: str, *, dry_run: bool) -> InitFile:
    path = resolve_inside(root, name)
    if path.exists():
        return InitFile(name, kept=True)
    if not dry_run:
        write_atomic(path, content.encode("utf-8"))
    return InitFile(name, kept=False)


def _find_branch(repository: Repository) -> str:
    """Return the server's default branch, else the one checked out, else main."""
    for reference, prefix in (("refs/remotes/origin/HEAD", "refs/remotes/origin/"), ("HEAD", "refs/heads/")):
        if repository.git.succeeds("symbolic-ref", "--quiet", reference):
            return repository.git.line("symbolic-ref", "--quiet", reference).removeprefix(prefix)
    return "main"


def _section(field: dataclasses.Field[Any], default: object) -> Iterator[str]:
    kind: Any = field.default_factory
    if not isinstance(default, dict) or not dataclasses.is_dataclass(kind):
        yield _key(field, default, "")
        return
    hints = get_type_hints(kind, localns=vars(annotated_types))
    yield f"# {kind.__doc__}\n#{field.name}:\n"
    for key in dataclasses.fields(kind):
        yield _key(key, default[key.name], "  ", _choices(hints[key.name]))


def _key(field: dataclasses.Field[Any], default: object, indent: str, choices: str = "") -> str:
    line = f"#{indent}{field.name}: {_value(default)}"
    about = "; ".join(filter(None, (choices, field.metadata["description"])))
    if len(line) < _COLUMN:
        return f"{line:<{_COLUMN}}# {about}\n"
    return f"#{indent}# {about}\n{line}\n"


def _choices(hint: object) -> str:
    return " | ".join(get_args(hint)) if get_origin(hint) is Literal else ""


def _value(value: object) -> str:
    """Write a plain value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    """Write a word as it is where YAML reads it so, and everything else as JSON, which YAML contains."""
    plain = isinstance(value, str) and _PLAIN_WORD.fullmatch(value) and value.lower() not in _NO_WORDS and not value.endswith(" ")
    return str(value) if plain else json.dumps(value)
