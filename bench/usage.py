"""What a command costs: CPU seconds and peak memory of its processes, as the kernel counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

_KIB = 1 if sys.platform == "darwin" else 1024  # ru_maxrss counts bytes on macOS, kibibytes on Linux
_SLOW_S = 20


class CommandFailed(Exception):
    """A command that ended with an error, and what it said."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, under the name that the table gives it; `stdin` is given whole, `variables` join the environment.

    With `each` it is run once for every word there, which takes the place of {} in `argv`: the costs are added up, the highest peak
    counts. An `optional` one that fails is named and left out.
    """

    name: str
    argv: Sequence[str | Path]
    stdin: bytes = b""
    directory: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    each: Sequence[str] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Medians over `runs`. CPU time is user and system time of the command and of all that it started and waited for.

    Linux counts a child's peak from the process that forked it, so no peak is below this program's own, about 20 MB.
    """

    cpu_s: float
    peak_mb: float
    runs: int = 1


def measure(commands: Sequence[Command], *, runs: int) -> dict[str, Usage]:
    """Run every command `runs` times, in turns, so that a busy minute of the machine hits all alike.

    CPU time, not wall time, for the same reason. A first round warms the disk cache; it counts only for commands of more
    than 20 CPU seconds, which are not run again.
    """
    usages = {command.name: [usage] for command in commands if (usage := _warm(command))}
    for _ in range(runs):
        for command in commands:
            if command.name in usages and usages[command.name][0].cpu_s <= _SLOW_S:
                usages[command.name].append(_run(command))
    return {name: _medians(counted[1:] or counted) for name, counted in usages.items()}


def _warm(command: Command) -> Usage | None:
    try:
        return _run(command)
    except (CommandFailed, OSError) as error:
        if not command.optional:
            raise SystemExit(str(error)) from error
        print(f"left out: {error}", file=sys.stderr)
        return None


def _medians(usages: Sequence[Usage]) -> Usage:
    return Usage(median(usage.cpu_s for usage in usages), median(usage.peak_mb for usage in usages), len(usages))


def _run(command: Command) -> Usage:
    usages = [_run_once(command, [str(part).replace("{}", word) for part in command.argv]) for word in command.each or ("{}",)]
    return Usage(sum(usage.cpu_s for usage in usages), max(usage.peak_mb for usage in usages))


def _run_once(command: Command, argv: Sequence[str]) -> Usage:
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.write(command.stdin)
        stdin.seek(0)
        process = subprocess.Popen(
            argv, cwd=command.directory, env=_environment(command), stdin=stdin, stdout=subprocess.DEVNULL, stderr=stderr
        )
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            stderr.seek(0)
            said = stderr.read().decode("utf-8", "replace").strip()
            raise CommandFailed(f"{command.name} ended with {process.returncode}: {said[-2000:]}")
    return Usage(cpu_s=spent.ru_utime + spent.ru_stime, peak_mb=spent.ru_maxrss * _KIB / 1e6)


def _environment(command: Command) -> Mapping[str, str]:
    return {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C", **command.variables}
