"""Memory that control groups grant, version 2 and version 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_UNLIMITED = 1 << 60  # version 1 writes "no limit" as 2^63 less a page


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one kind of memory, and what decided, for people: "the machine", "the memory cgroup /docker/…"."""

    total_bytes: int
    free_bytes: int
    source: str


@dataclass(frozen=True, slots=True)
class _Version:
    """Where a version keeps what: the tree, the files of limits and of use, and in memory.stat the cache of files, of which what is mapped
    into a process is in use."""

    tree: str
    limits: tuple[str, ...]
    used: str
    cached: tuple[str, ...]
    mapped: str


_V2 = _Version("", ("memory.max", "memory.high"), "memory.current", ("inactive_file", "active_file"), "file_mapped")
_V1 = _Version(
    "memory", ("memory.limit_in_bytes",), "memory.usage_in_bytes", ("total_inactive_file", "total_active_file"), "total_mapped_file"
)


def read_cgroups(root: Path) -> Iterator[Memory]:
    """Give what this process's group and those above it grant, where they limit anything. `root` is where /proc and /sys lie.

    Inside a container the path of the group may be the host's, and only the mounted tree's own root is there: it is read as well.
    """
    for line in read_text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if not controllers or "memory" in controllers.split(","):
            version = _V1 if controllers else _V2
            tree = root / "sys/fs/cgroup" / version.tree
            group = tree / path.lstrip("/")
            for folder in (group, *group.parents):
                if folder.is_relative_to(tree) and (memory := _read_group(folder, version)):
                    yield Memory(*memory, f"the memory cgroup /{folder.relative_to(tree)}".replace("/.", "/"))


def _read_group(folder: Path, version: _Version) -> tuple[int, int] | None:
    """Return the bytes granted and those left, None where nothing is limited."""
    limits = [int(said) for name in version.limits if (said := read_text(folder / name).strip()).isdecimal()]
    limit = min(limits, default=_UNLIMITED)
    if limit >= _UNLIMITED:
        return None
    stat = dict(line.split(" ", 1) for line in read_text(folder / "memory.stat").splitlines() if " " in line)
    cached = sum(int(stat.get(name, "0")) for name in version.cached) - int(stat.get(version.mapped, "0"))
    used = int(read_text(folder / version.used).strip() or "0") - max(cached, 0)
    return limit, max(limit - max(used, 0), 0)


def read_text(path: Path) -> str:
    """Return what the kernel writes there, nothing where it does not."""
    try:
        return path.read_text()
    except OSError:
        return ""
