"""What the store of datasets carries: python -m bench.dataset_store [--tasks N] [--passages N] [--check].

Results written a second, one transaction each and grouped as they arrive together, in a store of a million tasks; how long a finished
store of 100,000 passages takes to find that nothing is left to do; how fast pairs are read; and how the memory of a whole run grows from
1,000 to 100,000 passages. The engine answers at once, so that only we are measured. With --check it exits with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import count
from pathlib import Path

from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.adapters.dataset.store.values import ClaimedTask, FileRecord, Finished, Generation, NewPassage, Spent
from notewright.control import Cancel, ignore
from notewright.dataset.pairs import Pair
from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.stages import StageWork
from notewright.dataset.tasks import Done, NewTask, Stage, Variant, task_key
from notewright.flows.dataset.work import Limits, work
from notewright.prompting.request import Identity, Message, Messages, Reply, Request

TRANSACTIONS, RESUME_S, GROWTH = 1_000, 5.0, 1.10
_SMALL = 1_000
_ANSWERS = 5
_A_FILE = 10  # passages
_SPENT = Spent(1, 2_000, 1_800, 150, 3.0)
_GENERATION = Generation((Variant("questions", "q"), Variant("answer", "a", "answers/default", "model")), "cut")
_LINE = "    def method(self, value: int) -> str:  # what a line of code may look like, {}\n"


class Instant:
    """An engine that answers at once, on four slots."""

    slots = 4

    def identity(self) -> Identity:
        """Say who answers."""
        return Identity("instant", "instant", "", 0, "")

    def count(self, messages: Messages) -> int | None:  # noqa: ARG002  # the protocol's
        """It has no tokens."""
        return None

    def chat(self, request: Request, cancel: Cancel) -> Reply:  # noqa: ARG002  # the protocol's
        """Answer with a sentence."""
        return Reply("The method returns what it was given, as text. " * 6, "stop", 2_000, 1_800, 150, 0.0)

    def close(self) -> None:
        """Nothing to free."""


class Asking:
    """A stage of a generation: five questions a passage, and a pair for each of them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request | None:
        """Ask about the passage."""
        return Request(self._stage, (Message("system", passage.text), Message("user", f"{given} {ordinal}")), {}, 400)

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:
        """Make questions, or a pair, of any reply."""
        return done_of(self._stage, passage.digest, given, reply_text or "", ordinal)


def done_of(stage: Stage, digest: str, given: str, reply: str, ordinal: int) -> Done:
    """Return what comes of a task."""
    if stage == "questions":
        asked = (f"What does method {number} of passage {digest[:12]} return for a negative value, and why?" for number in range(_ANSWERS))
        return Done(json.dumps({"questions": reply}), tuple(NewTask("answer", question, n) for n, question in enumerate(asked)))
    return Done(json.dumps({"answer": reply}), (), (Pair("what", given, reply, signature=bytes(512), ordinal=ordinal),))


def fill(store: Store, passages: int) -> None:
    """Prepare a repository of so many passages, in files that are made while they are read."""
    store.replace_provenance(
        "https://example.org/code",
        commit="c" * 40,
        prepared_digest="p",
        files=(_file(store, number) for number in range(passages // _A_FILE)),
    )
    store.start_generation(_GENERATION)


def _file(store: Store, number: int) -> FileRecord:
    cuts = [_passage(number, place) for place in range(_A_FILE)]
    unit = store.add_unit(f"{number:040x}", "python", "cut", cuts)
    return FileRecord(f"src/package{number % 97}/module{number}.py".encode(), f"{number:040x}", unit.id, "", "python", "MIT")


def _passage(number: int, place: int) -> NewPassage:
    text = "".join(_LINE.format(f"{number} {place} {line}") for line in range(50))
    shown = PassageText(
        task_key(text, Variant("questions", ""), "", 0).hex(), text, "import os\nclass Module:", "python", f"module{number}.py"
    )
    return NewPassage(Passage(place * 4_000, place * 4_000 + 4_000, place * 50 + 1, place * 50 + 50, 1_400), shown)


def finish_all(store: Store, hand: list[ClaimedTask], *, grouped: int) -> int:
    """Finish claimed tasks, so many in one transaction, and what follows from them; return how many results that were."""
    results = 0
    while hand:
        batch, hand = hand[:grouped], hand[grouped:]
        finished = [
            Finished(task.id, done_of(task.stage, str(task.id), task.given, "It returns text. " * 15, task.ordinal), _SPENT)
            for task in batch
        ]
        for following in store.finish(finished):
            hand += following
        results += len(batch)
    return results


def measure_transactions(folder: Path, tasks: int) -> dict[str, float]:
    """Fill a store with so many tasks, and measure results a second, alone and in groups."""
    with closing(open_store(folder / "tasks.db", label="bench")) as store:
        fill(store, tasks // (_ANSWERS + 1) + 2_000)
        _do(store, tasks)
        figures = {}
        for grouped in (1, 4, 50):
            claimed = [task for one in store.claim_passages(400) for task in one.tasks]
            began = time.perf_counter()
            results = finish_all(store, claimed, grouped=grouped)
            figures[f"results/s, {grouped} a transaction"] = results / (time.perf_counter() - began)
        began = time.perf_counter()
        for number in count(1):
            claimed_passages = store.claim_passages(1)
            if number == 100 or not claimed_passages:
                break
        figures["ms a claim"] = (time.perf_counter() - began) * 10
        began = time.perf_counter()
        store.reader.status()
        figures["ms for status"] = (time.perf_counter() - began) * 1000
    return figures


def _do(store: Store, tasks: int) -> None:
    """Do tasks in large transactions: those that are there already when the measuring begins."""
    done = 0
    while done < tasks:
        with store.grouped():
            done += finish_all(store, [task for one in store.claim_passages(500) for task in one.tasks], grouped=500)


def live(database: Path, passages: int) -> None:
    """A whole life of a dataset in this process: prepared, worked off by the work loop, and read; prints the peak of its memory in kB."""
    stages: dict[Stage, StageWork] = {"questions": Asking("questions"), "answer": Asking("answer")}
    with closing(open_store(database, label="bench")) as store:
        fill(store, passages)
        began = time.perf_counter()
        worked = work(store, _GENERATION, stages, Instant(), limits=Limits(), report=ignore, cancel=Cancel())
        worked_s = time.perf_counter() - began
        began = time.perf_counter()
        rows = sum(1 for _ in store.reader.rows())
        read_s = time.perf_counter() - began
    kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"kb": kb, "pairs": worked.pairs, "pairs/s": worked.pairs / worked_s, "rows/s": rows / read_s}))


def resume(database: Path) -> None:
    """Open a finished store, as a run does, and find that nothing is left; then start a generation with another prompt for answers."""
    began = time.perf_counter()
    with closing(open_store(database, label="bench")) as store:
        seeded = store.start_generation(_GENERATION)
        left = store.claim_passages(1)
    seconds, done = time.perf_counter() - began, sum(Reader(database).status().done.values())
    assert not left
    assert not seeded.new
    with closing(open_store(database, label="bench")) as store:
        began = time.perf_counter()
        edited = store.start_generation(Generation((_GENERATION.variants[0], Variant("answer", "edited")), "cut"))
        edit_s = time.perf_counter() - began
    assert set(edited.new) == {"answer"}
    print(json.dumps({"seconds": seconds, "done": done, "edit": edit_s, "redone": edited.new["answer"]}))


def _child(*arguments: str) -> dict[str, float]:
    """Run a part in a process of its own, and return what it prints."""
    said = subprocess.run([sys.executable, "-m", "bench.dataset_store", *arguments], check=True, capture_output=True, text=True)
    return {name: float(value) for name, value in json.loads(said.stdout).items()}


def main() -> None:
    """Measure, print, and exit with 1 where a limit is passed and --check was given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--live", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--resume", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.live:
        live(Path(asked.live[0]), int(asked.live[1]))
    elif asked.resume:
        resume(Path(asked.resume))
    else:
        sys.exit(_measure(asked.tasks, asked.passages) and asked.check)


def _measure(tasks: int, passages: int) -> bool:
    """Print all figures; return whether a limit is passed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = _child("--live", str(folder / "small.db"), str(_SMALL))
        large = _child("--live", str(folder / "large.db"), str(passages))
        resumed = _child("--resume", str(folder / "large.db"))
        size = (folder / "large.db").stat().st_size / passages
        figures = measure_transactions(folder, tasks)
    for label, value in figures.items():
        print(f"{label:32} {value:12,.2f}   at {tasks:,} tasks")
    alone = figures["results/s, 1 a transaction"]
    growth = large["kb"] / small["kb"]
    before = f"{small['kb'] / 1024:,.1f} at {_SMALL:,} passages"
    print(
        f"{'pairs/s through the work loop':32} {large['pairs/s']:12,.0f}   4 slots, an engine that answers at once, {passages:,} passages"
    )
    print(f"{'rows/s read in their order':32} {large['rows/s']:12,.0f}")
    print(f"{'bytes a passage in the store':32} {size:12,.0f}   with {_ANSWERS} pairs of 512 bytes of signature each")
    print(f"{'s to find nothing left':32} {resumed['seconds']:12,.3f}   {resumed['done']:,.0f} tasks done; limit {RESUME_S:g}")
    print(f"{'s to start another generation':32} {resumed['edit']:12,.2f}   {resumed['redone']:,.0f} answers to be made anew")
    print(f"{'MB at most':32} {large['kb'] / 1024:12,.1f}   {before}: {growth:.2f} times; limit {GROWTH}")
    return alone < TRANSACTIONS or resumed["seconds"] > RESUME_S or growth > GROWTH


if __name__ == "__main__":
    main()
