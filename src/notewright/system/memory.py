"""Memory of the machine: how much of it this process may use, and what says so."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from notewright.system.cgroup import Memory, read_cgroups, read_text

_ROOT = Path("/")
_METAL_SHARE = 0.75  # of main memory, which macOS lets a graphics card hold (Metal, recommendedMaxWorkingSetSize)
_SYSCTL_S = 5.0
# Limits of a process count what it only reserves as well: the stacks of an engine's ten threads and their heaps, and of addresses also its
# libraries. Measured with xllamacpp: 110 MB more data than planned, and 340 MB more addresses.
_RESERVED_BYTES, _LIBRARY_BYTES = 128 << 20, 256 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Main memory, and that of the graphics card with most of it free, None without one that has memory of its own: Apple's share ours."""

    ram: Memory
    vram: Memory | None


def memory_limits() -> Limits:
    """Return what is free now: the least that any limit of this process leaves. Asks NVIDIA's driver where there is one."""
    return Limits(read_ram(), _read_vram())


def read_ram() -> Memory:
    """Return the limit of main memory that leaves least."""
    return min(_read_limits(), key=lambda memory: memory.free_bytes)


def _read_limits() -> Iterator[Memory]:
    """Give every limit that holds, the narrowest kind first."""
    import psutil

    yield from read_cgroups(_ROOT)
    used = psutil.Process().memory_info()
    yield from _read_process(used.vms, getattr(used, "data", 0))
    machine = psutil.virtual_memory()
    # the cache of files counts as available, but not what a process has mapped: another model's weights
    available = machine.available - _read_mapped(read_text(_ROOT / "proc/meminfo"))
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        yield share_metal(machine.total, available, _read_wired_limit())
    yield Memory(machine.total, max(available, 0), "the machine")


def _read_process(addressed_bytes: int, data_bytes: int) -> Iterator[Memory]:
    """Give the limits of this process, which a child inherits (ulimit -v, ulimit -d)."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for name, kind, used_bytes in (
        ("RLIMIT_AS", resource.RLIMIT_AS, addressed_bytes + _RESERVED_BYTES + _LIBRARY_BYTES),
        ("RLIMIT_DATA", resource.RLIMIT_DATA, data_bytes + _RESERVED_BYTES),
    ):
        limit, _ = resource.getrlimit(kind)
        if limit != resource.RLIM_INFINITY:
            yield Memory(limit, max(limit - used_bytes, 0), name)


def _read_mapped(meminfo: str) -> int:
    match = re.search(r"^Mapped: +(\d+) kB$", meminfo, re.MULTILINE)
    return int(match[1]) << 10 if match else 0


def share_metal(total_bytes: int, available_bytes: int, wired_limit_bytes: int) -> Memory:
    """Return what Apple's graphics card may hold of the memory that it shares with us: what its user set (sysctl iogpu.wired_limit_mb),
    else three quarters."""
    limit = wired_limit_bytes or int(total_bytes * _METAL_SHARE)
    return Memory(limit, max(limit - (total_bytes - available_bytes), 0), "Metal's working set")


def _read_wired_limit() -> int:
    try:
        said = subprocess.run(["sysctl", "-n", "iogpu.wired_limit_mb"], capture_output=True, timeout=_SYSCTL_S, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(said) << 20 if said.isdigit() else 0


def _read_vram() -> Memory | None:
    """Return the NVIDIA card with most memory free; None without driver, library or card."""
    if importlib.util.find_spec("pynvml") is None:
        return None
    nvml: Any = importlib.import_module("pynvml")
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return None
    try:
        return max(_read_cards(nvml, os.environ.get("CUDA_VISIBLE_DEVICES")), key=lambda card: card.free_bytes, default=None)
    finally:
        nvml.nvmlShutdown()


def _read_cards(nvml: Any, visible: str | None) -> Iterator[Memory]:  # noqa: ANN401  # pynvml has no types
    """Give the cards that CUDA_VISIBLE_DEVICES leaves: numbers or UUIDs, and none behind one that does not exist."""
    names = [str(number) for number in range(nvml.nvmlDeviceGetCount())] if visible is None else visible.split(",")
    for name in names:
        try:
            card = nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.strip().isdecimal() else nvml.nvmlDeviceGetHandleByUUID(name.strip())
            memory = nvml.nvmlDeviceGetMemoryInfo(card)
        except nvml.NVMLError:
            return
        yield Memory(int(memory.total), int(memory.free), f"the graphics card {name.strip()}")
