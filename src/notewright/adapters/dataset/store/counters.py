"""Counters: how many tasks and pairs there are of each kind, kept up by whoever changes them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import cast

from notewright.adapters.dataset.store.migrations import DONE, FAILED, READY
from notewright.adapters.dataset.store.standing import Standing
from notewright.adapters.dataset.store.values import FailureClass, Spent, Status
from notewright.dataset.pairs import KEPT
from notewright.dataset.tasks import Stage

_SPENT = ("calls", "prompt_tokens", "cached_tokens", "generated_tokens", "milliseconds")


class Tally:
    """Changes of counters, summed up before they are written."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str]] = Counter()

    def add_task(self, stage: Stage, state: int, *, failure: str = "", count: int = 1) -> None:
        """Count tasks in a state, or fewer of them. One in hand counts as ready."""
        what = "done" if state == DONE else "failed" if state == FAILED else "ready"
        self.counts[stage, what, failure if state == FAILED else ""] += count

    def move_task(self, stage: Stage, state: int, *, failure: str = "") -> None:
        """Count a task that was in hand in its new state."""
        self.add_task(stage, READY, count=-1)
        self.add_task(stage, state, failure=failure)

    def add_spent(self, stage: Stage, spent: Iterable[int], *, sign: int = 1) -> None:
        """Count what calls took: numbers in the order of the columns of results."""
        for what, number in zip(_SPENT, spent, strict=True):
            if number:
                self.counts[stage, what, ""] += sign * number

    def add_pairs(self, kind: str, reason: str, count: int = 1) -> None:
        """Count pairs: those kept by their kind, those dropped by the reason."""
        what, detail = ("kept", kind) if reason == KEPT else ("dropped", reason)
        self.counts["", what, detail] += count

    def write(self, connection: sqlite3.Connection, generation: int) -> None:
        """Bring the counters of a generation up to date."""
        connection.executemany(
            "INSERT INTO counters VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            [(generation, *name, count) for name, count in self.counts.items() if count],
        )


def spent_columns(spent: Spent) -> tuple[int, int, int, int, int]:
    """Return what calls took as the columns of results."""
    return (spent.calls, spent.prompt_tokens, spent.cached_tokens, spent.generated_tokens, round(spent.seconds * 1000))


def spent_of(columns: Iterable[int]) -> Spent:
    """Read the columns of results."""
    calls, prompt_tokens, cached_tokens, generated_tokens, milliseconds = columns
    return Spent(calls, prompt_tokens, cached_tokens, generated_tokens, milliseconds / 1000)


def read_status(connection: sqlite3.Connection, standing: Standing, generation: int) -> Status:
    """Read how far a generation is: a few dozen rows, however large the store."""
    rows = connection.execute(
        "SELECT stage, what, detail, count FROM counters WHERE generation = ? AND count != 0 ORDER BY stage, what, detail", (generation,)
    ).fetchall()
    spent: dict[str, dict[str, int]] = {}
    for stage, what, _, count in rows:
        if what in _SPENT:
            spent.setdefault(stage, {})[what] = count

    def of(what: str, *, by: int = 0) -> dict[str, int]:
        found: Counter[str] = Counter()
        for row in rows:
            if row[1] == what:
                found[row[by]] += row[3]
        return dict(sorted(found.items()))

    return Status(
        generation=generation,
        current=generation == standing.generation,
        ready=cast(dict[Stage, int], of("ready")),
        done=cast(dict[Stage, int], of("done")),
        failed=cast(dict[Stage, int], of("failed")),
        failures=cast(dict[FailureClass, int], of("failed", by=2)),
        kept=of("kept", by=2),
        dropped=of("dropped", by=2),
        spent={cast(Stage, stage): spent_of(numbers.get(name, 0) for name in _SPENT) for stage, numbers in spent.items()},
    )
