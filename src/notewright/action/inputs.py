"""Inputs of the action: text from a workflow becomes checked values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from notewright.errors import UsageError
from notewright.system.files import resolve_inside

Command = Literal["release", "changelog", "notes", "gate", "finish", "dataset"]
Contained = Literal["auto", "always", "never"]

# As action.yml names them; `token` is none of them: it is handed to two steps, under its own name.
NAMES = (
    "command", "config", "working-directory", "component", "engine", "audiences", "regenerate", "version", "from", "base", "output",
    "models-dir", "state-dir", "container", "image", "dry-run", "without-gate",
)  # fmt: skip
# What only some commands read. Elsewhere it would silently do nothing, so it is refused there.
_READ_BY: Mapping[str, tuple[Command, ...]] = {
    "component": ("release", "changelog", "notes", "gate", "finish"),
    "engine": ("release", "notes", "dataset"),
    "audiences": ("release", "notes"),
    "regenerate": ("release",),
    "version": ("release", "changelog", "notes", "finish"),
    "output": ("release", "changelog", "notes", "dataset"),
    "models-dir": ("release", "notes", "dataset"),
    "container": ("release", "notes"),
    "image": ("release", "notes"),
    "from": ("changelog", "notes"),
    "base": ("release", "gate"),
    "dry-run": ("release", "changelog"),
    "without-gate": ("finish",),
}
# What action.yml gives where a workflow says nothing
_UNSAID = {"dry-run": "false", "without-gate": "false", "container": "auto"}
_LISTS = ("audiences", "regenerate")  # may stand on several lines
# A name of an image, with a tag or a digest: never an option of the program that takes it
_IMAGE = re.compile(r"[a-z0-9][\w.:/-]*(@sha256:[0-9a-f]{64})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a workflow asks for. `directory`, `config` and `output` lie in the workspace, `state_dir` never does; None, and no
    audiences, leave the choice to the configuration."""

    command: Command
    workspace: Path
    directory: Path
    config: Path | None
    component: str | None
    engine: str | None
    audiences: tuple[str, ...]
    regenerate: tuple[str, ...]
    version: str | None
    since: str | None
    base: str | None
    output: Path | None
    models_dir: Path | None
    state_dir: Path
    container: Contained
    image: str | None
    dry_run: bool
    without_gate: bool

    @property
    def writes(self) -> bool:
        """Whether GitHub is to be changed."""
        return self.command in ("release", "gate", "finish") and not self.dry_run


def read_inputs(environment: Mapping[str, str]) -> Inputs:
    """Read INPUT_<NAME> variables, where an empty one is none. Raises `UsageError` for a value that an input can't have, for one that the
    command does not read, and for a path out of the workspace (security case 26)."""
    values = {name: _read(environment, name) for name in NAMES}
    command = _choose(values["command"])
    for name, commands in _READ_BY.items():
        if command not in commands and values[name] not in ("", _UNSAID.get(name)):
            raise UsageError(f"the input {name} does nothing for {command}", hint=f"it is for {' and '.join(commands)}: leave it out")
    workspace = _workspace(environment)
    directory = resolve_inside(workspace, values["working-directory"] or ".")
    if not directory.is_dir():
        raise UsageError(f"working-directory {values['working-directory']} is no folder", hint="check out the repository there first")
    return Inputs(
        command=command,
        workspace=workspace,
        directory=directory,
        config=_inside(workspace, directory, values["config"]),
        component=values["component"] or None,
        engine=values["engine"] or None,
        audiences=_read_names(values["audiences"]),
        regenerate=_read_names(values["regenerate"]),
        version=values["version"] or None,
        since=values["from"] or None,
        base=values["base"] or None,
        output=_inside(workspace, directory, values["output"]),
        models_dir=workspace / Path(values["models-dir"]).expanduser() if values["models-dir"] else None,
        state_dir=_state_dir(environment, workspace, values["state-dir"]),
        container=_read_contained(values["container"]),
        image=_read_image(values["image"]),
        dry_run=_read_flag("dry-run", values["dry-run"]),
        without_gate=_read_flag("without-gate", values["without-gate"]),
    )


def _read(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()
    lines = value.split("\n") if name in _LISTS else [value]
    if not all(line.strip("\r").isprintable() for line in lines):
        raise UsageError(f"the input {name} holds a line break or another control character", hint="give one plain line")
    return value


def _read_names(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def _choose(command: str) -> Command:
    for known in get_args(Command):
        if command == known:
            return known  # type: ignore[no-any-return]  # get_args has no types
    raise UsageError(f"there is no command {command!r}", hint=f"choose one of {', '.join(get_args(Command))}")


def _read_contained(value: str) -> Contained:
    for known in get_args(Contained):
        if (value or "auto") == known:
            return known  # type: ignore[no-any-return]  # get_args has no types
    raise UsageError(f"the input container is {value!r}", hint=f"give one of {', '.join(get_args(Contained))}")


def _read_image(value: str) -> str | None:
    if value and not _IMAGE.fullmatch(value):
        raise UsageError(f"the input image is {value!r}", hint="give NAME:TAG or NAME@sha256:DIGEST")
    return value or None


def _read_flag(name: str, value: str) -> bool:
    if value.lower() not in ("", "true", "false"):
        raise UsageError(f"the input {name} is {value!r}", hint="give true or false")
    return value.lower() == "true"


def _workspace(environment: Mapping[str, str]) -> Path:
    place = environment.get("GITHUB_WORKSPACE", "")
    if not place or not Path(place).is_dir():
        raise UsageError("there is no workspace: GITHUB_WORKSPACE names no folder", hint="run this as a step of a GitHub workflow")
    return Path(place).resolve()


def _inside(workspace: Path, directory: Path, name: str) -> Path | None:
    """Resolve a path written relative to the working directory."""
    return resolve_inside(workspace, str(directory.relative_to(workspace) / name)) if name else None


def _state_dir(environment: Mapping[str, str], workspace: Path, name: str) -> Path:
    """Choose where environments and caches stay between runs: never in the workspace, whose files are the repository's to choose."""
    tools = environment.get("RUNNER_TOOL_CACHE", "")
    place = Path(name).expanduser() if name else Path(tools) / "notewright" if tools else Path.home() / ".cache" / "notewright"
    if not place.is_absolute() or place.resolve().is_relative_to(workspace):
        raise UsageError(f"state-dir {place} is not outside the workspace", hint="give an absolute path that checkout does not clean")
    return place.resolve()
