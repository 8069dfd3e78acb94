"""The queue of tasks: passage by passage, what failed or was interrupted behind the rest."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from notewright.adapters.dataset.store.counters import Tally, spent_columns
from notewright.adapters.dataset.store.migrations import ASIDE, DONE, FAILED, LEASED, READY
from notewright.adapters.dataset.store.reaching import Reaching, Want, pack_children
from notewright.adapters.dataset.store.standing import Standing
from notewright.adapters.dataset.store.values import Claimed, ClaimedTask, FailureClass, Finished, Spent
from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done, NewTask, Stage, task_key

# A process died so often while it was at this task: the task is why.
MOST_INTERRUPTIONS: Final = 20
# The same question may be answered later. What is not here would fail the same way again.
HEALING: Final = frozenset[FailureClass](("timeout", "connection", "overload", "out_of_memory"))


@dataclass(frozen=True, slots=True)
class Lease:
    """A task in the hands of this run."""

    passage: int
    digest: str
    stage: Stage


class Queue:
    """What this run does next. Every method is a part of one transaction, which the caller opens."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._leases: dict[int, Lease] = {}

    def claim(self, standing: Standing) -> Claimed | None:
        """Take the next passage with all its tasks of the same turn; None where nothing is left to take."""
        first = self._connection.execute("SELECT turn, passage FROM tasks WHERE state = 1 ORDER BY turn, passage LIMIT 1").fetchone()
        if first is None:
            return None
        turn, passage = first
        digest, header, language, path, text = self._connection.execute(
            "SELECT digest, header, language, path, text FROM passages WHERE id = ?", (passage,)
        ).fetchone()
        rows = self._connection.execute(
            "UPDATE tasks SET state = ? WHERE state = 1 AND turn = ? AND passage = ? RETURNING id, variant, given, ordinal, attempts",
            (LEASED, turn, passage),
        )
        stages = standing.stages
        tasks = sorted((ClaimedTask(id_, stages[variant], *rest) for id_, variant, *rest in rows), key=lambda task: task.id)
        self._leases.update((task.id, Lease(passage, digest, task.stage)) for task in tasks)
        return Claimed(self._repository(passage), PassageText(digest, zlib.decompress(text).decode(), header, language, path), tuple(tasks))

    def _repository(self, passage: int) -> str:
        """Return the URL of the first repository that holds the passage; empty where none does any more."""
        row = self._connection.execute(
            "SELECT r.url FROM cuts c JOIN files f ON f.unit = c.unit JOIN repositories r ON r.snapshot = f.snapshot "
            "WHERE c.passage = ? ORDER BY r.url LIMIT 1",
            (passage,),
        ).fetchone()
        return row[0] if row else ""

    def finish(self, finished: Sequence[Finished], standing: Standing, tally: Tally) -> list[tuple[ClaimedTask, ...]]:
        """Write results, pairs and what they lead to, which stays in the hands of this run; return that for each task."""
        return [self._finish(one, standing, tally) for one in finished]

    def fail(self, task: int, kind: FailureClass, message: str, *, spent: Spent, max_attempts: int, standing: Standing) -> bool:
        """Record a failure: the task goes to the end of the queue while it may heal and has attempts left, else it has failed for good;
        return whether it has."""
        stage = self._leases.pop(task).stage
        (attempts,) = self._connection.execute(
            "UPDATE tasks SET attempts = attempts + 1, turn = turn + 1 WHERE id = ? RETURNING attempts", (task,)
        ).fetchone()
        state = READY if kind in HEALING and attempts < max_attempts else FAILED
        self._connection.execute("UPDATE tasks SET state = ?, failure = ? WHERE id = ?", (state, kind, task))
        self._note_failure(task, kind, message)
        tally = Tally()
        tally.add_spent(stage, spent_columns(spent))
        if state == FAILED:
            tally.move_task(stage, FAILED, failure=kind)
        tally.write(self._connection, standing.generation)
        return state == FAILED

    def release(self, tasks: Sequence[int]) -> None:
        """Put tasks back that were claimed and not begun."""
        self._connection.executemany("UPDATE tasks SET state = ? WHERE id = ?", [(READY, task) for task in tasks])
        for task in tasks:
            del self._leases[task]

    def release_dead(self, standing: Standing) -> None:
        """Put back what a run held that died. Of each passage its first task was under way: that counts, and goes to the end."""
        connection = self._connection
        interrupted = connection.execute("SELECT min(id) FROM tasks WHERE state = 2 GROUP BY passage").fetchall()
        connection.execute("UPDATE tasks SET state = ? WHERE state = 2", (READY,))
        connection.executemany("UPDATE tasks SET interruptions = interruptions + 1, turn = turn + 1 WHERE id = ?", interrupted)
        for (task,) in interrupted:
            row = connection.execute(
                "UPDATE tasks SET state = ?, failure = 'crash' WHERE id = ? AND interruptions >= ? RETURNING variant",
                (FAILED, task, MOST_INTERRUPTIONS),
            ).fetchone()
            if row is not None:
                self._crash(task, standing.stages[row[0]], standing)

    def retry(self, kind: FailureClass | None, standing: Standing) -> int:
        """Make what failed ready again, as if it had never failed, behind the rest; return how many tasks that are."""
        rows = self._connection.execute(
            "UPDATE tasks SET state = iif(epoch = ?, ?, ?), attempts = 0, interruptions = 0, turn = 1 "
            "WHERE state = 4 AND failure = ifnull(?, failure) RETURNING variant, epoch, failure",
            (standing.epoch, READY, ASIDE, kind),
        ).fetchall()
        tally = Tally()
        wanted = [(standing.stages[variant], failure) for variant, epoch, failure in rows if epoch == standing.epoch]
        for stage, failure in wanted:
            tally.add_task(stage, FAILED, failure=failure, count=-1)
            tally.add_task(stage, READY)
        tally.write(self._connection, standing.generation)
        return len(wanted)

    def _finish(self, finished: Finished, standing: Standing, tally: Tally) -> tuple[ClaimedTask, ...]:
        lease, done = self._leases.pop(finished.task), finished.done
        spent = spent_columns(finished.spent)
        self._connection.execute(
            "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (finished.task, *spent, pack_children(done.children), done.result)
        )
        self._connection.execute("UPDATE tasks SET state = ?, failure = '' WHERE id = ?", (DONE, finished.task))
        tally.move_task(lease.stage, DONE)
        tally.add_spent(lease.stage, spent)
        self._add_pairs(finished.task, done, tally)
        return self._add_children(lease, done.children, standing, tally)

    def _add_pairs(self, task: int, done: Done, tally: Tally) -> None:
        for pair in done.pairs:
            tally.add_pairs(pair.kind, pair.reason)
        self._connection.executemany(
            "INSERT INTO pairs (task, ordinal, kind, reason, detail, verdict, question, answer, signature) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(task, p.ordinal, p.kind, p.reason, p.detail, p.verdict, p.question, p.answer, p.signature) for p in done.pairs],
        )

    def _add_children(self, lease: Lease, children: Sequence[NewTask], standing: Standing, tally: Tally) -> tuple[ClaimedTask, ...]:
        added, there = [], []
        for child in children:
            if (known := standing.variants.get(child.stage)) is None:
                continue  # this generation does without
            key = task_key(lease.digest, known.variant, child.given, child.ordinal)
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO tasks (key, passage, variant, given, ordinal, state, epoch) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (key, lease.passage, known.id, child.given, child.ordinal, LEASED, standing.epoch),
            )
            if cursor.rowcount and cursor.lastrowid is not None:
                added.append(ClaimedTask(cursor.lastrowid, child.stage, child.given, child.ordinal))
                self._leases[cursor.lastrowid] = Lease(lease.passage, lease.digest, child.stage)
                tally.add_task(child.stage, READY)
            else:
                there.append(child)
        if there:  # an earlier generation asked the same: its answers count, and what is open waits in the queue
            Reaching(self._connection, standing, [Want(lease.passage, lease.digest, there)]).reach(tally)
        return tuple(added)

    def _note_failure(self, task: int, kind: FailureClass, message: str) -> None:
        shown = message.encode("utf-8", "replace").decode()
        self._connection.execute(
            "INSERT INTO failures (task, kind, message, failed_at) VALUES (?, ?, ?, ?)", (task, kind, shown, datetime.now(UTC).isoformat())
        )

    def _crash(self, task: int, stage: Stage, standing: Standing) -> None:
        self._note_failure(task, "crash", f"the program died {MOST_INTERRUPTIONS} times while it was at this task")
        tally = Tally()
        tally.move_task(stage, FAILED, failure="crash")
        tally.write(self._connection, standing.generation)
