"""CPU seconds of reading commit messages: python -m bench.parsing [--messages N] [--no-limits]. Exits with 1 where a limit is passed.

A message of a megabyte in each hostile shape, and a million random ones that must be read without an exception.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from notewright.history.conventional import CommitMessage, parse_change, parse_message
from tests.parts.messages import SHAPES, hostile, messages

LIMIT_S = 0.1
_SIZE = 1_000_000
_PARTS = 8
_SHOWN = 10


def cpu_s(read: Callable[[str], CommitMessage], text: str) -> float:
    """Return the CPU seconds of one reading; of three where it looks slow, the fastest."""
    spent_s = _once_s(read, text)
    return spent_s if spent_s < LIMIT_S / 2 else min(spent_s, _once_s(read, text), _once_s(read, text))


def read_part(seed: int, count: int) -> tuple[float, float]:
    """Read `count` random messages both ways; return the CPU seconds of each."""
    texts = list(messages(count, seed=seed))
    spent = []
    for read in (parse_message, parse_change):
        start = time.process_time()
        for text in texts:
            read(text)
        spent.append(time.process_time() - start)
    return spent[0], spent[1]


def main() -> int:
    """Measure, print Markdown tables, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000, help="random messages (1,000,000)")
    parser.add_argument("--no-limits", action="store_true", help="print only")
    options = parser.parse_args()
    with ProcessPoolExecutor(max_workers=2) as processes:
        spent = list(processes.map(read_part, range(_PARTS), [options.messages // _PARTS] * _PARTS))
    print(f"| {options.messages:,} random messages | CPU s |\n|---|---:|")
    print(f"| parse_message | {sum(whole for whole, _ in spent):.1f} |\n| parse_change | {sum(quick for _, quick in spent):.1f} |\n")
    rows = sorted(((cpu_s(parse_message, text), cpu_s(parse_change, text), shape) for shape, text in _megabytes()), reverse=True)
    print(f"| megabyte (the slowest of {len(rows)}) | parse_message | parse_change | limit |\n|---|---:|---:|---:|")
    for whole_s, quick_s, shape in rows[:_SHOWN]:
        print(f"| {shape} | {whole_s:.3f} | {quick_s:.3f} | {LIMIT_S} |")
    slow = [shape for whole_s, quick_s, shape in rows if max(whole_s, quick_s) > LIMIT_S and not options.no_limits]
    for shape in slow:
        print(f"{shape}: over the limit of {LIMIT_S} CPU seconds", file=sys.stderr)
    return int(bool(slow))


def _megabytes() -> list[tuple[str, str]]:
    return [(shape, hostile(shape, _SIZE)) for shape in SHAPES]


def _once_s(read: Callable[[str], CommitMessage], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
