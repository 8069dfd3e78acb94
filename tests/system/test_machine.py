"""What this process may use of the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from notewright.system.machine import _share, usable_cores


def test_there_is_at_least_one_core_and_no_more_than_the_machine_has() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="binds a process to one processor")
def test_a_process_bound_to_one_processor_has_one_core() -> None:
    program = "import os; os.sched_setaffinity(0, {0}); from notewright.system.machine import usable_cores; print(usable_cores())"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "1\n"


@pytest.mark.parametrize(
    ("limit", "processors"),
    [
        pytest.param("200000 100000\n", 2, id="two-processors"),
        pytest.param("50000 100000\n", 0.5, id="half-a-processor"),
        pytest.param("max 100000\n", 1e9, id="no-limit"),
        pytest.param("", 1e9, id="no-control-group"),
        pytest.param("100 0", 1e9, id="no-period"),
    ],
)
def test_the_share_of_a_control_group_is_its_quota_in_each_period(limit: str, processors: float) -> None:
    assert _share(limit) == processors
