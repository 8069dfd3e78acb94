"""Outputs of the action: the two files that a runner reads after a step."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping
from pathlib import Path

from notewright.errors import StorageError

# Of the whole action, as action.yml names them
NAMES = (
    "changed", "version", "previous-version", "engine", "proposal", "grounded",
    "pull-request-number", "pull-request-url", "pull-request-operation", "tag", "release-url", "dataset", "dataset-rows",
)  # fmt: skip
_SUMMARY_BYTES = 1 << 20  # what GitHub takes of one step
_CUT = "\n\n*More did not fit here: GitHub takes 1 MiB.*\n"


def set_outputs(environment: Mapping[str, str], values: Mapping[str, str]) -> None:
    """Set outputs of this step, and nothing but these: a model or a tag may have written a value, so each has its own random delimiter
    (security case 4). Where no runner reads them, nothing is written."""
    blocks = []
    for name, value in values.items():
        delimiter = f"end-{secrets.token_hex(16)}"
        blocks.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    _append(environment.get("GITHUB_OUTPUT", ""), "".join(blocks).encode("utf-8", "replace"))


def read_outputs(content: bytes) -> dict[str, str]:
    """Read what `set_outputs` wrote, where someone else may have written too: names that the action does not have are left out."""
    values: dict[str, str] = {}
    lines = iter(content.decode("utf-8", "replace").split("\n"))
    for line in lines:
        name, _, delimiter = line.partition("<<")
        value = list(itertools.takewhile(lambda inner, end=delimiter: inner != end, lines))  # type: ignore[misc]  # a default binds the loop's
        if name in NAMES and delimiter:
            values[name] = "\n".join(value)
    return values


def append_summary(environment: Mapping[str, str], markdown: str) -> None:
    """Add to this step's summary, cut at a line where it is longer than GitHub takes."""
    content = markdown.encode("utf-8", "replace")
    if len(content) > _SUMMARY_BYTES:
        room = _SUMMARY_BYTES - len(_CUT.encode())
        content = content[: content.rfind(b"\n", 0, room) + 1] + _CUT.encode()
    _append(environment.get("GITHUB_STEP_SUMMARY", ""), content)


def _append(place: str, content: bytes) -> None:
    if not place:
        return
    try:
        with Path(place).open("ab") as file:
            file.write(content)
    except OSError as error:
        raise StorageError(f"cannot write {place}: {error.strerror}", hint="check the disk of the runner") from error
