"""Memory of the machine, and which limit decides."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from notewright.system.cgroup import Memory, read_cgroups
from notewright.system.memory import _read_cards, _read_mapped, memory_limits, share_metal

_GB = 1 << 30


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_the_machine_has_memory_and_no_more_is_free_than_there_is() -> None:
    limits = memory_limits()
    assert 0 < limits.ram.free_bytes <= limits.ram.total_bytes
    assert limits.ram.source
    assert limits.vram is None or 0 <= limits.vram.free_bytes <= limits.vram.total_bytes


def _limits_under(ulimit: str) -> str:
    program = (
        "from notewright.system.memory import read_ram\n"
        "ram = read_ram()\n"
        "print(ram.source, ram.total_bytes, ram.free_bytes < ram.total_bytes)"
    )
    command = ["bash", "-c", f'{ulimit}; exec "$0" -c "$1"', sys.executable, program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not enforce ulimit -v")
@pytest.mark.parametrize(("ulimit", "name"), [("ulimit -v 2000000", "RLIMIT_AS"), ("ulimit -d 2000000", "RLIMIT_DATA")])
def test_a_limit_of_the_process_decides_where_it_leaves_least(ulimit: str, name: str) -> None:
    assert _limits_under(ulimit) == f"{name} {2_000_000 * 1024} True"


def test_a_group_of_version_2_and_those_above_it_limit_memory(tmp_path: Path) -> None:
    root = _write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/user.slice/job\n",
            "sys/fs/cgroup/user.slice/job/memory.max": "max\n",
            "sys/fs/cgroup/user.slice/job/memory.high": f"{4 * _GB}\n",
            "sys/fs/cgroup/user.slice/job/memory.current": f"{3 * _GB}\n",
            "sys/fs/cgroup/user.slice/job/memory.stat": f"anon 5\ninactive_file {_GB}\nactive_file {_GB}\nfile_mapped {_GB // 2}\n",
            "sys/fs/cgroup/user.slice/memory.max": f"{8 * _GB}\n",
            "sys/fs/cgroup/user.slice/memory.current": f"{7 * _GB}\n",
            "sys/fs/cgroup/memory.max": "max\n",
        },
    )
    assert list(read_cgroups(root)) == [
        # the cache of files makes room, but not what processes have mapped of it
        Memory(4 * _GB, 4 * _GB - 3 * _GB + 2 * _GB - _GB // 2, "the memory cgroup /user.slice/job"),
        Memory(8 * _GB, _GB, "the memory cgroup /user.slice"),
    ]


def test_a_container_of_version_1_reads_the_tree_that_it_sees(tmp_path: Path) -> None:
    root = _write(
        tmp_path,
        {
            "proc/self/cgroup": "9:cpuset:/docker/abc\n4:memory:/docker/abc\n0::/\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * _GB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{_GB}\n",
            "sys/fs/cgroup/memory/memory.stat": "cache 9\ntotal_inactive_file 100\ntotal_active_file 50\ntotal_mapped_file 30\n",
        },
    )
    assert list(read_cgroups(root)) == [Memory(2 * _GB, _GB + 120, "the memory cgroup /")]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="no-cgroups"),
        pytest.param({"proc/self/cgroup": "0::/\n"}, id="root-of-version-2"),
        pytest.param(
            {"proc/self/cgroup": "4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n"},
            id="version-1-without-a-limit",
        ),
        pytest.param({"proc/self/cgroup": "nonsense\n\n4\n"}, id="nonsense"),
    ],
)
def test_where_no_group_limits_memory_none_is_given(tmp_path: Path, files: dict[str, str]) -> None:
    assert list(read_cgroups(_write(tmp_path, files))) == []


@pytest.mark.parametrize(
    ("wired", "total", "free"),
    [pytest.param(0, 12 * _GB, 8 * _GB, id="three-quarters"), pytest.param(14 * _GB, 14 * _GB, 10 * _GB, id="as-its-user-set-it")],
)
def test_apples_graphics_card_holds_its_share_of_all_memory(wired: int, total: int, free: int) -> None:
    assert share_metal(16 * _GB, 12 * _GB, wired) == Memory(total, free, "Metal's working set")


def test_mapped_files_are_read_from_the_kernels_table() -> None:
    assert _read_mapped("Cached: 5 kB\nMapped:            62120 kB\nShmem: 1 kB\n") == 62120 << 10
    assert _read_mapped("") == 0


def test_a_machine_without_a_graphics_card_has_none() -> None:
    program = "from notewright.system.memory import memory_limits; print(memory_limits().vram)"
    said = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}, capture_output=True, text=True, check=True
    )
    assert said.stdout == "None\n"


class Cards:
    """What nvidia-ml-py says of two cards, the second with most memory free."""

    NVMLError = LookupError

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802  # NVML's name
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802  # NVML's name
        return list(range(2))[index]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> int:  # noqa: N802  # NVML's name
        return {"GPU-1": 1}[uuid]

    def nvmlDeviceGetMemoryInfo(self, card: int) -> SimpleNamespace:  # noqa: N802  # NVML's name
        return SimpleNamespace(total=24 * _GB, free=(card + 1) * _GB)


@pytest.mark.parametrize(
    ("visible", "free"),
    [
        pytest.param(None, [1, 2], id="all"),
        pytest.param("1", [2], id="by-number"),
        pytest.param("GPU-1, 0", [2, 1], id="by-uuid"),
        pytest.param("0,7,1", [1], id="none-behind-one-that-does-not-exist"),
        pytest.param("", [], id="none"),
        pytest.param("-1", [], id="none-on-purpose"),
    ],
)
def test_only_cards_that_cuda_sees_are_counted(visible: str | None, free: list[int]) -> None:
    assert [card.free_bytes // _GB for card in _read_cards(Cards(), visible)] == free
