"""The command line, run as people run it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROGRAM = (sys.executable, "-c", "from notewright.cli.main import main; main()")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code, stdout as bytes, stderr as text."""

    code: int
    out: bytes
    err: str


def run_command(*arguments: str | Path, cwd: Path, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Ended:
    """Run notewright in `cwd`, with `env` added to the environment."""
    command = [*PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, input=stdin, env={**os.environ, **(env or {})}, capture_output=True, timeout=110, check=False)
    return Ended(done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace"))
