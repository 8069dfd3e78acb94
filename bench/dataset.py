"""A dataset from repositories to artifact, with an engine that answers at once: python -m bench.dataset [--passages N] [--check].

Invented repositories are cloned, selected, cut, searched for secrets, asked about, gated, stored, exported and reported on by the same
steps as `notewright dataset run`: pairs a second, our memory at 1,000 and at --passages passages, a run that finds nothing to do, and the
prompt tokens that a real llama.cpp server with a tiny model reads. With --check it exits with 1 where a limit is passed.

What is checked of the speed is CPU time, since a busy machine is no bug: 300 pairs a second on two cores are 150 a CPU second of all
processes, and 300 a CPU second of our own, which no second core takes work from.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from notewright.adapters.dataset.store.reading import Reader
from notewright.cli.dataset_job import opened_job
from notewright.control import Cancel, Event, Started
from notewright.dataset.export.filters import Filters
from notewright.flows.dataset.generate import generate
from notewright.flows.dataset.job import Job, sync
from notewright.flows.dataset.run import export_pairs, report_pairs
from tests.parts.instant_engine import NAME, NEEDED, invented_file
from tests.parts.llama import serve_model
from tests.parts.repository import Repo
from tests.parts.tiny_model import write_gguf
from tests.parts.trained import train_bytes

LEAST_PAIRS_S, GROWTH, RESUME_S, MOST_READ = 300, 1.10, 5.0, 1.3
_CORES = 2
_REPOSITORIES = 4
_SMALL = 1_000
_TOKENS, _FEW_TOKENS = 1_500, 160  # of a passage: as they are by default, and where many are wanted
_FUNCTIONS = 50  # in a file: as many small passages, or four large ones
_VOCABULARY = 4_000
_STEPS = ("sync", "generate", "export")
_TIMED = ("sync", "prepare", "generate", "export", "report")


def make(folder: Path, files: int, *, tokens: int, functions: int = _FUNCTIONS, **dataset: object) -> None:
    """Make repositories with so many files in all, and a folder that lists them."""
    for number in range(_REPOSITORIES):
        names = range(number, files, _REPOSITORIES)
        Repo(folder / f"repository-{number}").commit("feat: all of it", {f"src/m{one}.py": invented_file(one, functions) for one in names})
    (folder / "repos.txt").write_text("".join(f"{folder / f'repository-{number}'}\n" for number in range(_REPOSITORIES)), "utf-8")
    keys = {"licenses": [], "unknown_license": "keep", "passage_tokens": tokens, **dataset}
    (folder / "notewright.yaml").write_text(yaml.safe_dump({"state_dir": str(folder / "state"), "dataset": keys}), "utf-8")


def run(folder: Path, engine: str, steps: Sequence[str]) -> dict[str, float]:
    """Do steps in this process; return what each took, wall and CPU seconds, and the peak of our memory."""
    figures: dict[str, float] = {}
    with opened_job(folder, None, quiet=True, cancel=Cancel(), engine=engine) as opened:
        clock = _Clock(figures)
        job = replace(opened, report=clock.tell)
        clones = sync(job).clones if "sync" in steps else None
        if "generate" in steps:
            clock.lap("sync")
            generate(job, clones)
            clock.lap("generate")
        if "export" in steps:
            figures["rows"] = export_pairs(job, folder / "dataset", filters=Filters()).rows
            clock.lap("export")
            report_pairs(job, folder / "dataset")
            clock.lap("report")
        figures |= _found(job)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {**figures, "needed": NEEDED[NAME], "cpu_s": _cpu_s(), "own_cpu_s": usage.ru_utime + usage.ru_stime, "kb": usage.ru_maxrss}


class _Clock:
    """Seconds from one step to the next."""

    def __init__(self, figures: dict[str, float]) -> None:
        self._figures = figures
        self._last, self._last_cpu = time.perf_counter(), time.process_time()

    def lap(self, step: str) -> None:
        """Note that a step ends here."""
        now, cpu = time.perf_counter(), time.process_time()
        self._figures[f"{step}_s"], self._last = now - self._last, now
        self._figures[f"{step}_cpu_s"], self._last_cpu = cpu - self._last_cpu, cpu

    def tell(self, event: Event) -> None:
        """Preparing ends where generating begins."""
        if isinstance(event, Started) and event.step == "generate":
            self.lap("prepare")


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _found(job: Job) -> dict[str, float]:
    reader = Reader(job.places.store)
    status, contents = reader.status(), reader.contents()
    spent = status.spent.values()
    return {
        "passages": sum(content.passages for content in contents),
        "pairs": sum(status.kept.values()),
        "dropped": sum(status.dropped.values()),
        "read": sum(one.evaluated_tokens for one in spent),
        "bytes": job.places.store.stat().st_size,
    }


def _child(folder: Path, *steps: str, engine: str = NAME) -> dict[str, float]:
    """Do steps in a process of its own; add how long that took with its start."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "bench.dataset", "--part", str(folder), engine, ",".join(steps or _STEPS)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(said.stdout)
    return {**figures, "wall_s": time.perf_counter() - began}


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000, help="of the large store (100,000)")
    parser.add_argument("--files", type=int, default=400, help="of the run whose speed is told, four passages each (400)")
    parser.add_argument("--only", choices=sorted(_PARTS), help="one part alone")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a limit is passed")
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        folder, engine, steps = asked.part
        print(json.dumps(run(Path(folder), engine, steps.split(","))))
        return 0
    missed = False
    for name, part in _PARTS.items():
        if asked.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                missed |= part(Path(folder), asked)
    return int(missed and asked.check)


def _speed(folder: Path, asked: argparse.Namespace) -> bool:
    """Measure a whole run of passages as they are by default; return whether it was too slow."""
    _prepare(folder, asked.files, _TOKENS)
    found = _child(folder)
    for step in _TIMED:
        _say(f"s to {step}", found[f"{step}_s"], f"{found[f'{step}_cpu_s']:,.2f} CPU s of our own process", digits=2)
    rate = found["pairs"] / found["wall_s"]
    _say("passages", found["passages"], f"of at most {_TOKENS:,} tokens")
    _say("pairs kept", found["pairs"], f"{found['dropped']:,.0f} dropped, {found['rows']:,.0f} rows")
    _say("pairs/s from end to end", rate, f"wanted {LEAST_PAIRS_S} of two free cores; load {os.getloadavg()[0]:.1f}")
    own, of_all = found["pairs"] / found["own_cpu_s"], found["pairs"] / found["cpu_s"]
    _say("pairs per CPU s of our process", own, f"limit {LEAST_PAIRS_S}")
    _say("pairs per CPU s of all processes", of_all, f"limit {LEAST_PAIRS_S / _CORES:.0f}")
    return own < LEAST_PAIRS_S or of_all < LEAST_PAIRS_S / _CORES


def _growth(folder: Path, asked: argparse.Namespace) -> bool:
    """Measure how memory grows with passages, and a run that finds nothing to do; return whether a limit is passed."""
    _prepare(folder / "small", _SMALL // _FUNCTIONS, _FEW_TOKENS)
    _prepare(folder / "large", asked.passages // _FUNCTIONS, _FEW_TOKENS)
    small, large = (_child(folder / name, "sync", "generate") for name in ("small", "large"))
    exported, again = _child(folder / "large", "export"), _child(folder / "large")
    growth, size = large["kb"] / small["kb"], large["bytes"] / large["passages"]
    _say("MB at most, sync to generate", large["kb"] / 1024, f"{large['passages']:,.0f} passages", digits=1)
    _say("", small["kb"] / 1024, f"{small['passages']:,.0f} passages: {growth:.2f} times as much; limit {GROWTH}", digits=1)
    _say("pairs/s of small passages", large["pairs"] / large["wall_s"], f"{size:,.0f} bytes a passage in the store")
    _say("rows/s exported from the store", exported["rows"] / exported["export_s"], f"{exported['kb'] / 1024:,.0f} MB at most")
    steps = ", ".join(f"{step} {again[f'{step}_s']:.2f}" for step in _TIMED)
    _say("s to run again, nothing to do", again["wall_s"], f"limit {RESUME_S:g}: {steps}", digits=2)
    return growth > GROWTH or again["wall_s"] > RESUME_S


def _read(folder: Path, asked: argparse.Namespace) -> bool:  # noqa: ARG001  # every part is given them
    """Measure the prompt tokens that a real server reads; return whether they are too many."""
    model = write_gguf(folder / "tiny.gguf")
    make(folder, 8, tokens=_TOKENS, functions=20, tokenizer=str(model))
    with serve_model(model, slots=2, context=16_384) as url:
        found = _child(folder, engine=f"{NAME}:{url}")
    pairs, ratio = found["pairs"], found["read"] / found["needed"]
    _say("prompt tokens read for a pair", found["read"] / pairs, f"{pairs:,.0f} pairs of {found['passages']:,.0f} passages")
    _say("÷ (passage + questions)", ratio, f"limit {MOST_READ}", digits=2)
    return ratio > MOST_READ


def _prepare(folder: Path, files: int, tokens: int) -> None:
    folder.mkdir(exist_ok=True)
    trained = train_bytes((invented_file(number, _FUNCTIONS) for number in range(40)), size=_VOCABULARY)
    trained.save(str(folder / "tokenizer.json"))
    make(folder, files, tokens=tokens, tokenizer="tokenizer.json")


def _say(what: str, value: float, more: str, *, digits: int = 0) -> None:
    print(f"{what:32} {value:12,.{digits}f}   {more}", flush=True)


_PARTS = {"speed": _speed, "growth": _growth, "read": _read}

if __name__ == "__main__":
    sys.exit(main())
