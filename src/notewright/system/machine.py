"""Limits of the machine: what this process may use of it."""

from __future__ import annotations

import os
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")
_CGROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = 1e9


def usable_cores() -> int:
    """Count the physical cores that this process may use: two threads of a core are one, and a container's share counts."""
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cores = {_read(_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list") or str(cpu) for cpu in os.sched_getaffinity(0)}
    return max(min(len(cores), int(_cgroup_share())), 1)


def _cgroup_share() -> float:
    """Return the smallest number of processors granted by this process's control group and those above it."""
    own = next((line[3:] for line in _read(Path("/proc/self/cgroup")).splitlines() if line.startswith("0::")), "/")
    group = _CGROUPS / own.lstrip("/")
    groups = [folder for folder in (group, *group.parents) if folder.is_relative_to(_CGROUPS)]
    return min((_share(_read(folder / "cpu.max")) for folder in groups), default=_UNLIMITED)


def _share(limit: str) -> float:
    """Read cpu.max: "QUOTA PERIOD" in microseconds, or "max PERIOD" where nothing limits."""
    quota, _, period = limit.strip().partition(" ")
    return int(quota) / int(period) if quota.isdecimal() and period.isdecimal() and int(period) else _UNLIMITED


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
