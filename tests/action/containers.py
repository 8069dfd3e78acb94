"""Containers for tests: the engine and the image that are here, and a program in the engine's place that looks on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notewright.action.image import NAME, Image, find_image
from tests.action.stage import Stage
from tests.parts.plumbing import run_git

_ROOT = Path(__file__).parents[2]
PYTHON = "/opt/notewright/python/bin/python"
_CACHE = Path(os.environ.get("NOTEWRIGHT_CI_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewright-ci")
_SETTINGS = _CACHE / "image-settings" / "containers.conf"  # what .ci/build-image.sh found that podman needs here
_FOUND_WITH = {
    **({"CONTAINERS_CONF": str(_SETTINGS)} if _SETTINGS.is_file() else {}),
    **os.environ,  # looked up before the environment is cleaned
}
# a rootless engine has its images in the home folder
_PASSED_ON = ("CONTAINERS_CONF", "DOCKER_HOST", "XDG_RUNTIME_DIR", *(() if os.getuid() == 0 else ("HOME",)))


def find() -> Image | str:
    """Return the image that is tested, or why there is none, or none that runs here."""
    found = find_image(_FOUND_WITH.get("NOTEWRIGHT_IMAGE", NAME), _FOUND_WITH)
    if isinstance(found, str):
        return found
    if "NOTEWRIGHT_IMAGE" not in _FOUND_WITH and (built := _revision(found)) != (
        here := run_git(_ROOT, "rev-parse", "HEAD").decode().strip()
    ):
        return f"{found.name} was built from {built:.12}, and this is {here:.12}"
    command = [found.engine, "run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", found.name, "--help"]
    tried = subprocess.run(command, env=_FOUND_WITH, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    said = tried.stderr.decode("utf-8", "replace")
    return f"{found.engine} starts no container here ({said.strip()[:200]})" if "runc" in said or "OCI" in said else found


def _revision(image: Image) -> str:
    command = [image.engine, "image", "inspect", "--format", '{{index .Config.Labels "org.opencontainers.image.revision"}}', image.name]
    return subprocess.run(command, env=_FOUND_WITH, capture_output=True, text=True, timeout=120, check=True).stdout.strip()


def settings() -> dict[str, str]:
    """Return the variables by which the engine finds its images and what it needs here."""
    return {name: _FOUND_WITH[name] for name in _PASSED_ON if name in _FOUND_WITH}


@dataclass(frozen=True)
class Bench:
    """A stage whose prepare runs in the container, and what was called for it."""

    stage: Stage
    image: Image

    def engine(self, *arguments: str) -> str:
        """Call the container engine itself."""
        done = subprocess.run(
            [self.image.engine, *arguments], env={**os.environ, **settings()}, capture_output=True, timeout=120, check=True
        )
        return done.stdout.decode()

    def replace(self, *, run: list[str] | None = None, script: str = "") -> Path:
        """Put a program before the engine on PATH, which notes how `run` is called. It runs `run` in the container in place of prepare, or
        `script`, lines of a shell, in place of the container; without both it only looks on. Returns the file of notes, JSON lines."""
        programs, notes = self.stage.home / "programs", self.stage.home / "notes"
        programs.mkdir(exist_ok=True)
        real = shutil.which(self.image.engine)
        assert real
        program = programs / self.image.engine
        program.write_text(
            f"#!{sys.executable} -IB\n"
            "import json, os, sys\n"
            f"real, run, script = {real!r}, {run!r}, {script!r}\n"
            "words = sys.argv[1:]\n"
            "if words[0] == 'run':\n"
            f"    open({str(notes)!r}, 'a').write(json.dumps([words, dict(os.environ)]) + '\\n')\n"
            "    if script:\n"
            "        os.execv('/bin/sh', ['sh', '-c', script])\n"
            "    if run:\n"
            f"        words[-2:] = ['--entrypoint', {PYTHON!r}, words[-2], *run]\n"
            "os.execv(real, [real, *words])\n"
        )
        program.chmod(0o755)
        self.stage.extra["PATH"] = f"{programs}:{os.environ['PATH']}"
        return notes


def calls(notes: Path) -> list[tuple[list[str], dict[str, str]]]:
    """Return the words and the environment of every `run`."""
    return [tuple(json.loads(line)) for line in notes.read_text("utf-8").splitlines()]


def probed(log: str) -> Any:  # noqa: ANN401  # whatever the probe tells
    """Return what the probe told."""
    (line,) = [line for line in log.splitlines() if line.startswith("probed ")]
    return json.loads(line.removeprefix("probed "))
