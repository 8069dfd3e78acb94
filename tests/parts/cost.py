"""How the cost of work grows with its size, on a machine that does other things meanwhile."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

_FACTOR = 16  # work in proportion then grows by 16, squared work by 256
_MOST = 100
_LEAST_S = 0.002  # below this the clock decides
T = TypeVar("T")


def assert_in_proportion(work: Callable[[T], object], make: Callable[[int], T], *, size: int) -> None:
    """Assert that `work` on what `make` gives for 16 times `size` costs less than 100 times as much: caches, the allocator and a busy
    neighbour may cost a factor of six, squared work costs 256 times as much. A slow first look is looked at again."""
    small, large = make(size), make(size * _FACTOR)
    limit_s = _MOST * max(min(_cpu_s(work, small) for _ in range(3)), _LEAST_S)
    spent_s = _cpu_s(work, large)
    if spent_s >= limit_s:
        spent_s = min(spent_s, _cpu_s(work, large))
    assert spent_s < limit_s, f"size {size * _FACTOR} took {spent_s:.3f} s, {size} less than {limit_s / _MOST:.3f} s"


def _cpu_s(work: Callable[[T], object], given: T) -> float:
    """Measure without the garbage collector, which would look at all that a thousand tests before have left."""
    gc.disable()
    try:
        start = time.process_time()
        work(given)
        return time.process_time() - start
    finally:
        gc.enable()
