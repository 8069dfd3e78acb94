"""Rows per CPU second and peak memory of an export: python -m bench.dataset_export [--rows N] [--no-screen] [--check].

Invented pairs, five to a passage of some 1,500 characters, a tenth of them duplicates. Each format is exported by a process of its own:
both readings, secrets and personal data looked for in every text, duplicates, splits, card and checksums.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from notewright.config.config import Config
from notewright.control import Cancel, ignore
from notewright.dataset.export.filters import Filters, Rules
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.export.templates import TEMPLATES
from notewright.dataset.near import signature
from notewright.dataset.pairs import Pair, StoredPair
from notewright.flows.dataset.export import Source, export_dataset
from notewright.flows.dataset.settings import export_rules

LEAST_ROWS_PER_S = 20_000
MOST_MB = 150
_PAIRS_A_PASSAGE = 5
_PASSAGES_A_FILE = 8
_FILES_A_REPOSITORY = 50
_WORDS = "the reader returns a value when its buffer is full and raises an error where the file ends too early".split()
_CODE = "    def read_{0}(self, count: int) -> bytes:\n        return self._take(count, {0})\n"


def invented(rows: int) -> Iterator[StoredPair]:
    """Yield pairs in the order of the store."""
    for number in range(rows):
        passage = number // _PAIRS_A_PASSAGE
        file, repository = passage // _PASSAGES_A_FILE, passage // (_PASSAGES_A_FILE * _FILES_A_REPOSITORY)
        said = number - 1 if number % 10 == 0 and number else number  # one of ten says what another says
        question = f"What does read_{said} return when {_phrase(said)}?"
        answer = f"It returns {_phrase(said + 7)}, because {_phrase(said * 3)}. `read_{said}` takes a count."
        line = passage % _PASSAGES_A_FILE * 40 + 1
        yield StoredPair(
            key=f"{number * 2_654_435_761 % (1 << 64):064x}",
            pair=Pair("what", question, answer, signature=_signature(said)),
            repository=f"https://example.org/team/repository-{repository:05}",
            commit=f"{repository:040x}",
            path=f"src/package/module_{file:07}.py",
            line_start=line,
            line_end=line + 39,
            blob=f"{file:040x}",
            language="Python",
            license="MIT",
            text=_text(passage),
            header="",
            model="tiny",
            prompt="answers@1",
            unit=file,
        )


def _phrase(number: int) -> str:
    return _PHRASES[number % len(_PHRASES)]


def _words(start: int) -> str:
    return " ".join(_WORDS[(start * (step + 1) + step) % len(_WORDS)] for step in range(14))


@lru_cache(maxsize=1)
def _text(passage: int) -> str:
    return f"class Reader{passage}:\n" + "".join(_CODE.format(passage * 7_919 % 100_003 + line) for line in range(20))


def _signature(number: int) -> bytes:
    """Return a signature that is like no other but that of the same number; making real ones is the gate's work, not the export's."""
    return hashlib.shake_128(number.to_bytes(8)).digest(256)


_PHRASES = tuple(map(_words, range(1_009)))


def measure(rows: int, kind: str, template: str, *, screen: bool) -> dict[str, float]:
    """Export in this process; return its figures."""
    assert len(signature("what", "this")) == len(_signature(1))
    settings = ExportSettings(formats=(kind,), template=template)  # type: ignore[arg-type]  # argparse has checked them
    rules = export_rules(Config(), Path(), Filters()) if screen else Rules()
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        source = Source(lambda _: invented(rows), "bench")
        exported = export_dataset(source, Path(folder, "out"), rules=rules, settings=settings, report=ignore, cancel=Cancel())
        spent_s = time.process_time() - start
        size = sum(path.stat().st_size for path in Path(folder, "out/data").iterdir())
    made_start = time.process_time()
    for _ in range(2):
        for _ in invented(rows):
            pass
    inventing_s = time.process_time() - made_start
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"s": spent_s, "inventing_s": inventing_s, "peak_mb": peak_kb / 1024, "written": exported.rows, "mb": size / 1e6}


def main() -> int:
    """Measure every format, print a Markdown table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000, help="pairs read (200,000)")
    parser.add_argument("--format", choices=("jsonl", "csv", "parquet"), help="this one alone, in this process; prints JSON")
    parser.add_argument("--template", choices=sorted(TEMPLATES), default="alpaca")
    parser.add_argument("--no-screen", action="store_true", help="look for no secrets and no personal data")
    parser.add_argument("--check", action="store_true", help=f"fail below {LEAST_ROWS_PER_S:,} rows per CPU second or above {MOST_MB} MB")
    options = parser.parse_args()
    if options.format:
        print(json.dumps(measure(options.rows, options.format, options.template, screen=not options.no_screen)))
        return 0
    print(f"| {options.rows:,} pairs as {options.template} | rows/CPU s | without inventing them | peak MB | rows written | MB written |")
    print("|---|---:|---:|---:|---:|---:|")
    bad = 0
    for kind in ("jsonl", "csv", "parquet"):
        found = _in_process(kind, options)
        rate = options.rows / found["s"]
        net = options.rows / (found["s"] - found["inventing_s"])
        print(f"| {kind} | {rate:,.0f} | {net:,.0f} | {found['peak_mb']:.0f} | {found['written']:,.0f} | {found['mb']:.0f} |")
        bad += net < LEAST_ROWS_PER_S or found["peak_mb"] > MOST_MB
    return int(bool(bad and options.check))


def _in_process(kind: str, options: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.dataset_export", "--rows", str(options.rows), "--format", kind, "--template", options.template]
    command += ["--no-screen"] if options.no_screen else []
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
