"""The store of datasets: one writer, and readers that wait for nobody."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from notewright.adapters.dataset.store import provenance, units
from notewright.adapters.dataset.store.counters import Tally, spent_columns
from notewright.adapters.dataset.store.generations import choose_generation, seed_units
from notewright.adapters.dataset.store.lock import StoreLock
from notewright.adapters.dataset.store.migrations import MIGRATIONS
from notewright.adapters.dataset.store.queue import Queue
from notewright.adapters.dataset.store.reading import Reader, check_there
from notewright.adapters.dataset.store.standing import read_standing
from notewright.adapters.dataset.store.units import Unit
from notewright.adapters.dataset.store.values import (
    NOTHING,
    Claimed,
    ClaimedTask,
    FailureClass,
    FileRecord,
    Finished,
    Generation,
    NewPassage,
    Repository,
    RepositoryState,
    Seeded,
    Spent,
)
from notewright.dataset.tasks import Stage
from notewright.system.database import open_database, storage_errors, transaction

_FILES = 500  # written in one transaction


def open_store(path: Path, *, label: str, create: bool = True) -> Store:
    """Open the store for writing, create it where there is none, and put back what a run held that died. One at a time: `label` says to
    others what for.

    Raises `StorageError` where another run holds it, naming that, where the disk refuses, or there is none and `create` is false;
    `NewerDatabase`, `BrokenDatabase`.
    """
    if not create:
        check_there(path)
    lock = StoreLock(path, label)
    try:
        return Store(path, lock)
    except BaseException:
        lock.close()
        raise


class Store:
    """The one writer of a store. Thread-safe; each method is a transaction of its own, or a part of that of `grouped`, and raises
    `StorageError` where the disk refuses: nothing of it is written then. What is read is read through `reader`."""

    def __init__(self, path: Path, lock: StoreLock) -> None:
        self.reader = Reader(path)
        self._file_lock = lock
        self._lock = threading.RLock()
        self._connection = open_database(path, MIGRATIONS)
        try:
            self._queue = Queue(self._connection)
            with storage_errors(path):
                self._standing = read_standing(self._connection)
            with self.grouped():
                self._queue.release_dead(self._standing)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the database and let others in. Safe to call twice."""
        with self._lock:
            if self._file_lock.held:
                self._connection.close()
                self._file_lock.close()

    @contextmanager
    def grouped(self) -> Iterator[None]:
        """Make one transaction of all that this thread writes within."""
        with self._lock:
            if self._connection.in_transaction:
                yield
            else:
                with transaction(self._connection):
                    yield

    # Where content comes from

    def note_repository(
        self,
        url: str,
        *,
        ref: str = "",
        commit: str = "",
        license: str = "",  # noqa: A002  # the field's word
        state: RepositoryState,
        error: str = "",
    ) -> None:
        """Write what a sync said of a repository; the commit and licence that it had stay where these are empty."""
        with self.grouped():
            provenance.note_repository(self._connection, url, ref=ref, commit=commit, license_=license, state=state, error=error)

    def repositories(self) -> list[Repository]:
        """Return all repositories, in the order of their URLs."""
        return self.reader.repositories()

    def find_unit(self, oid: str, language: str, cutter: str) -> Unit | None:
        """Return what a blob was cut into before; None where it never was."""
        with self._lock, storage_errors(self._connection):
            return units.find_unit(self._connection, oid, language, cutter)

    def add_unit(self, oid: str, language: str, cutter: str, passages: Sequence[NewPassage], *, dropped: str = "") -> Unit:
        """Write what a blob was cut into, or why it was `dropped`, and return it; one that is there stays as it is. `cutter` is the digest
        of all that the passages depend on beside blob and language: tokenizer, limits, scanners."""
        with self.grouped():
            return units.add_unit(self._connection, oid, language, cutter, passages, dropped=dropped)

    def replace_provenance(self, url: str, *, commit: str, prepared_digest: str, files: Iterable[FileRecord]) -> None:
        """Replace the files of a repository by those of a commit, all at once at the end: whoever reads sees the old or the new. `files`
        may be made meanwhile, and add units; an error in it leaves the old ones."""
        with self.grouped():
            snapshot = provenance.begin_snapshot(self._connection, url, commit, prepared_digest)
        remaining = iter(files)
        while batch := list(islice(remaining, _FILES)):
            with self.grouped():
                provenance.add_files(self._connection, snapshot, batch)
        with self.grouped():
            provenance.put_in_force(self._connection, snapshot, self._standing)

    def keep_only(self, urls: Collection[str]) -> list[str]:
        """Let all other repositories go; return their URLs, in order."""
        with self.grouped():
            return provenance.keep_only(self._connection, urls, self._standing)

    # What is done

    def start_generation(self, generation: Generation) -> Seeded:
        """Make a generation the latest, and see to it that every passage in use has its tasks. To be called after each preparation as
        well: only what came since is looked at. Interrupted, it goes on with the next call."""
        with self.grouped():
            choose_generation(self._connection, generation, self._standing)
            chosen = read_standing(self._connection)
        self._standing = chosen
        new: Counter[Stage] = Counter()
        reused: Counter[Stage] = Counter()
        while True:
            with self.grouped():
                seeded = seed_units(self._connection, chosen)
            if seeded is None:
                return Seeded(chosen.generation, dict(sorted(new.items())), dict(sorted(reused.items())))
            new += seeded[0]
            reused += seeded[1]

    def count_waiting(self) -> dict[str, int]:
        """Return how many passages have tasks that can be done now, by the first repository that holds them."""
        with self._lock, storage_errors(self._connection):
            return dict(
                self._connection.execute(
                    "SELECT url, count(*) FROM (SELECT min(r.url) AS url FROM (SELECT DISTINCT passage FROM tasks WHERE state = 1) t "
                    "JOIN cuts c ON c.passage = t.passage JOIN files f ON f.unit = c.unit JOIN repositories r ON r.snapshot = f.snapshot "
                    "GROUP BY t.passage) GROUP BY url"
                ).fetchall()
            )

    def claim_passages(self, most: int = 1) -> list[Claimed]:
        """Take the next passages with their tasks; none where nothing is left to take, though others may be at work."""
        with self.grouped():
            claims = (self._queue.claim(self._standing) for _ in range(most))
            return [claimed for claimed in claims if claimed is not None]

    def finish(self, finished: Sequence[Finished]) -> list[tuple[ClaimedTask, ...]]:
        """Write what came of claimed tasks, and return for each the tasks that follow from it, which are in this run's hands too."""
        tally = Tally()
        with self.grouped():
            following = self._queue.finish(finished, self._standing, tally)
            tally.write(self._connection, self._standing.generation)
        return following

    def fail(self, task: int, kind: FailureClass, message: str, *, max_attempts: int, spent: Spent = NOTHING) -> bool:
        """Record that a claimed task failed, and what that took; return whether it did for good: else it is tried again behind all
        others."""
        with self.grouped():
            return self._queue.fail(task, kind, message, spent=spent, max_attempts=max_attempts, standing=self._standing)

    def release(self, tasks: Sequence[int]) -> None:
        """Put claimed tasks back that were not begun."""
        with self.grouped():
            self._queue.release(tasks)

    def retry(self, kind: FailureClass | None = None) -> int:
        """Make failed tasks ready again, of one class or of all; return how many."""
        with self.grouped():
            return self._queue.retry(kind, self._standing)

    # Runs

    def begin_run(self) -> int:
        """Note that the work loop starts."""
        with self.grouped():
            (run,) = self._connection.execute(
                "INSERT INTO runs (generation, started_at, ended, tasks, failures, pairs, calls, prompt_tokens, cached_tokens, "
                "generated_tokens, milliseconds) VALUES (?, ?, '', 0, 0, 0, 0, 0, 0, 0, 0) RETURNING id",
                (self._standing.generation, datetime.now(UTC).isoformat()),
            ).fetchone()
        return int(run)

    def end_run(self, run: int, *, ended: str, tasks: int, failures: int, pairs: int, spent: Spent) -> None:
        """Note that it ended, why, and what came of it."""
        with self.grouped():
            self._connection.execute(
                "UPDATE runs SET ended_at = ?, ended = ?, tasks = ?, failures = ?, pairs = ?, calls = ?, prompt_tokens = ?, "
                "cached_tokens = ?, generated_tokens = ?, milliseconds = ? WHERE id = ?",
                (datetime.now(UTC).isoformat(), ended, tasks, failures, pairs, *spent_columns(spent), run),
            )
