"""What a command costs: CPU seconds and peak memory of its processes, as the kernel counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_KIB = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes on macOS, kibibytes on Linux


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, under the name that the table gives it; `stdin` is given whole."""

    name: str
    argv: Sequence[str | Path]
    stdin: bytes = b""
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Medians over the runs. CPU time is user and system time of the command and of all that it started and waited for.

    Linux counts a child's peak from the process that forked it, so no peak is below this program's own, about 16 MB.
    """

    cpu_s: float
    peak_mb: float


def measure(commands: Sequence[Command], *, runs: int) -> dict[str, Usage]:
    """Run every command `runs` times, in turns, so that a busy minute of the machine hits all alike.

    CPU time, not wall time, for the same reason. A first round warms the disk cache and is not counted.
    """
    rounds = [{command.name: _run(command) for command in commands} for _ in range(runs + 1)][1:]
    return {
        command.name: Usage(
            cpu_s=median(usages[command.name].cpu_s for usages in rounds),
            peak_mb=median(usages[command.name].peak_mb for usages in rounds),
        )
        for command in commands
    }


def _run(command: Command) -> Usage:
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write(command.stdin)
        stdin.seek(0)
        process = subprocess.Popen(
            command.argv, cwd=command.directory, env=_environment(), stdin=stdin, stdout=subprocess.DEVNULL, stderr=stderr
        )
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            stderr.seek(0)
            raise SystemExit(f"{command.name} ended with {process.returncode}: {stderr.read().decode('utf-8', 'replace')}")
    return Usage(cpu_s=spent.ru_utime + spent.ru_stime, peak_mb=spent.ru_maxrss * _KIB / 1e6)


def _environment() -> Mapping[str, str]:
    return {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C"}
