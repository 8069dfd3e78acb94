"""Reaching: which tasks the latest generation wants, those that are there and those that are not yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from notewright.adapters.dataset.store.counters import Tally
from notewright.adapters.dataset.store.migrations import ASIDE, DONE, FAILED, LEASED, READY
from notewright.adapters.dataset.store.standing import FIRST, Standing
from notewright.dataset.tasks import NewTask, Stage, task_key

BEGINNING: Final = tuple(NewTask(stage, "", 0) for stage in FIRST)


@dataclass(frozen=True, slots=True)
class Want:
    """Tasks that are wanted of a passage, with all that they lead to."""

    passage: int
    digest: str
    tasks: Sequence[NewTask] = BEGINNING


@dataclass(slots=True)
class Reached:
    """What was reached: tasks that are to be done, and those that were done before."""

    new: Tally = field(default_factory=Tally)
    reused: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: int
    epoch: int
    failure: str
    children: str | None
    spent: tuple[int, ...]


_Name = tuple[int, int, str, int]  # passage, variant, given, ordinal


def pack_children(children: Iterable[NewTask]) -> str:
    """Write what a task leads to, as its result keeps it."""
    rows = [(child.stage, child.given, child.ordinal) for child in children]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def unpack_children(packed: str | None) -> Iterator[NewTask]:
    """Read what a task leads to."""
    return (NewTask(*row) for row in json.loads(packed)) if packed else iter(())


class Reaching:
    """One look at what is wanted of some passages. Tasks that are there already are taken as they are, done ones with what they led to."""

    def __init__(self, connection: sqlite3.Connection, standing: Standing, wants: Sequence[Want]) -> None:
        self._connection = connection
        self._standing = standing
        self._wants = wants
        self._known = self._read()
        self._missing: dict[_Name, bytes] = {}
        self._found: dict[int, _Known] = {}
        self._stages = standing.stages

    def reach(self, tally: Tally) -> Reached:
        """Mark the tasks wanted, add those that are missing, and count them into `tally`."""
        reached = Reached()
        for want in self._wants:
            self._descend(want, tally, reached)
        epoch = self._standing.epoch
        self._connection.executemany(
            "INSERT INTO tasks (key, passage, variant, given, ordinal, state, epoch) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(key, *name, READY, epoch) for name, key in self._missing.items()],
        )
        self._connection.executemany(
            "UPDATE tasks SET epoch = ?, state = ? WHERE id = ?",
            [(epoch, READY if known.state == ASIDE else known.state, known.id) for known in self._found.values()],
        )
        self._count_pairs(tally)
        return reached

    def _descend(self, want: Want, tally: Tally, reached: Reached) -> None:
        waiting = list(want.tasks)
        while waiting:
            task = waiting.pop()
            if (variant := self._standing.variants.get(task.stage)) is None:
                continue  # this generation does without
            name = (want.passage, variant.id, task.given, task.ordinal)
            known = self._known.get(name)
            if known is None:
                if name not in self._missing:
                    self._missing[name] = task_key(want.digest, variant.variant, task.given, task.ordinal)
                    tally.add_task(task.stage, READY)
                    reached.new.add_task(task.stage, READY)
            elif known.epoch != self._standing.epoch and known.id not in self._found:
                self._found[known.id] = known
                tally.add_task(task.stage, known.state, failure=known.failure)
                if known.state == DONE:
                    tally.add_spent(task.stage, known.spent)
                    waiting += unpack_children(known.children)
                if known.state != FAILED:
                    (reached.reused if known.state == DONE else reached.new).add_task(task.stage, READY)

    def _read(self) -> dict[_Name, _Known]:
        rows = self._connection.execute(
            "SELECT t.passage, t.variant, t.given, t.ordinal, t.id, t.state, t.epoch, t.failure, r.children, r.calls, r.prompt_tokens, "
            "r.cached_tokens, r.generated_tokens, r.milliseconds FROM tasks t LEFT JOIN results r ON r.task = t.id "
            "WHERE t.passage IN (SELECT value FROM json_each(?))",
            (json.dumps([want.passage for want in self._wants]),),
        )
        return {(row[0], row[1], row[2], row[3]): _Known(row[4], row[5], row[6], row[7], row[8], row[9:]) for row in rows}

    def _count_pairs(self, tally: Tally) -> None:
        done = [known.id for known in self._found.values() if known.state == DONE]
        for kind, reason, count in count_pairs(self._connection, done):
            tally.add_pairs(kind, reason, count)


def leave_passages(connection: sqlite3.Connection, standing: Standing, passages: Sequence[int]) -> None:
    """Set aside what is wanted of passages that no file holds any more. What is done stays, for those that come back."""
    tally = Tally()
    stages = standing.stages
    chosen = json.dumps(passages)
    rows = connection.execute(
        "SELECT t.id, t.variant, t.state, t.failure, r.calls, r.prompt_tokens, r.cached_tokens, r.generated_tokens, r.milliseconds "
        "FROM tasks t LEFT JOIN results r ON r.task = t.id WHERE t.passage IN (SELECT value FROM json_each(?)) AND t.epoch = ?",
        (chosen, standing.epoch),
    ).fetchall()
    done = []
    for task, variant, state, failure, *spent in rows:
        stage = stages[variant]
        tally.add_task(stage, state, failure=failure, count=-1)
        if state == DONE:
            tally.add_spent(stage, spent, sign=-1)
            done.append(task)
    for kind, reason, count in count_pairs(connection, done):
        tally.add_pairs(kind, reason, -count)
    connection.execute(
        "UPDATE tasks SET epoch = 0, state = iif(state IN (?, ?), ?, state) "
        "WHERE passage IN (SELECT value FROM json_each(?)) AND epoch = ?",
        (READY, LEASED, ASIDE, chosen, standing.epoch),
    )
    tally.write(connection, standing.generation)


def count_pairs(connection: sqlite3.Connection, tasks: Sequence[int]) -> list[tuple[str, str, int]]:
    """Return how many pairs tasks decided, by kind and reason."""
    return connection.execute(
        "SELECT kind, reason, count(*) FROM pairs WHERE task IN (SELECT value FROM json_each(?)) GROUP BY kind, reason",
        (json.dumps(tasks),),
    ).fetchall()


def by_stage(tally: Tally) -> dict[Stage, int]:
    """Return the tasks of a tally by their stage, in the order of its name."""
    return {cast(Stage, stage): count for (stage, _, _), count in sorted(tally.counts.items())}
