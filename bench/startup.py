"""CPU seconds of starting up: python bench/startup.py [--runs N] [--no-limits]. Exits with 1 where a limit is passed."""

from __future__ import annotations

import argparse
import compileall
import sys
from pathlib import Path

from usage import Command, measure

LIMITS_S = {"notewright --help": 0.15}
_PACKAGE = Path(__file__).parents[1] / "src" / "notewright"


def commands() -> tuple[Command, ...]:
    """Return what is measured, bare Python first."""
    notewright = Path(sys.executable).with_name("notewright")
    message = b"feat(api)!: accept tokens\n\nOld keys stop working.\n\nRefs: #12\n\0"
    return (
        Command("python -c pass", [sys.executable, "-c", "pass"]),
        Command("notewright --help", [notewright, "--help"]),
        Command("notewright commit parse, one message", [notewright, "commit", "parse", "--stdin0"], stdin=message),
    )


def main() -> int:
    """Measure, print a Markdown table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11, help="counted runs of each command; the table has medians (11)")
    parser.add_argument("--no-limits", action="store_true", help="print only")
    options = parser.parse_args()
    compileall.compile_dir(_PACKAGE, quiet=1)  # what set-up does, done again after an edit
    usages = measure(commands(), runs=options.runs)
    print("| command | CPU s | limit |\n|---|---:|---:|")
    for name, usage in usages.items():
        print(f"| {name} | {usage.cpu_s:.3f} | {LIMITS_S.get(name, '')} |")
    slow = [name for name, limit_s in LIMITS_S.items() if usages[name].cpu_s > limit_s and not options.no_limits]
    for name in slow:
        print(f"{name} is over its limit of {LIMITS_S[name]} CPU seconds", file=sys.stderr)
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
