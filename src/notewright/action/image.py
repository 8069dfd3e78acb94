"""The image that asks a model, and the container engine that has it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from notewright import __version__
from notewright.action.secret import scrub

NAME = f"notewright:{__version__}"
_PROBE_S = 30.0
_PULL_S = 1800.0
_ENGINES = ("docker", "podman")
_INSPECT = '{{.Id}} {{index .Config.Labels "notewright.target"}}'
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is here. `identifier` digests it, `target` is the Dockerfile's that it was built as ("" for another's), and `rootless`
    tells that the engine runs it in a user namespace of the one who calls."""

    engine: str
    name: str
    identifier: str
    target: str
    rootless: bool


def find_image(name: str, environment: Mapping[str, str]) -> Image | str:
    """Return the image from the first engine that answers and has it, or why there is none, for people. One that is named by its digest
    is pulled where it is missing; a tag, which may be moved, never is."""
    reasons = []
    for engine in _ENGINES:
        found = _find_in(engine, name, environment)
        if isinstance(found, Image):
            return found
        reasons.append(found)
    return ", and ".join(reasons)


def _find_in(engine: str, name: str, environment: Mapping[str, str]) -> Image | str:
    found = _ask(engine, ("image", "inspect", "--format", _INSPECT, name), environment)
    if found is None and _ask(engine, ("version",), environment) is None:
        return f"{engine} does not answer"
    if found is None and _DIGEST.fullmatch(name):
        _ask(engine, ("pull", "--quiet", name), environment, timeout_s=_PULL_S)
        found = _ask(engine, ("image", "inspect", "--format", _INSPECT, name), environment)
    identifier, _, target = (found or "").strip().partition(" ")
    if not _ID.fullmatch(identifier):
        return f"{engine} has no image {name}"
    if engine == "docker" and "name=rootless" in (_ask(engine, ("info", "--format", "{{.SecurityOptions}}"), environment) or ""):
        return "docker runs without root, where nobody but root could write what it makes"
    return Image(engine, name, identifier, target, rootless=engine == "podman" and os.getuid() != 0)


def _ask(engine: str, arguments: tuple[str, ...], environment: Mapping[str, str], *, timeout_s: float = _PROBE_S) -> str | None:
    """Return what the engine says; None where it fails, or is not there."""
    try:
        done = subprocess.run(
            [engine, *arguments], env=scrub(environment), stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
