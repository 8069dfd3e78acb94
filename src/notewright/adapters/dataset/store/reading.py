"""Reading a store: what is in it, while others may write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from notewright.adapters.dataset.store.counters import read_status, spent_of
from notewright.adapters.dataset.store.generations import read_generations
from notewright.adapters.dataset.store.migrations import MIGRATIONS
from notewright.adapters.dataset.store.pairs import Accept, accept_all, read_pairs
from notewright.adapters.dataset.store.provenance import read_repositories
from notewright.adapters.dataset.store.standing import read_standing, read_variants
from notewright.adapters.dataset.store.values import Content, Dropped, Failure, RecordedGeneration, Repository, Run, Status
from notewright.dataset.pairs import StoredPair
from notewright.dataset.tasks import Variant
from notewright.errors import StorageError
from notewright.system.database import open_database, storage_errors


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the store at `path`, each time on a connection of its own and as it is at that moment: a reader never waits for the writer,
    nor the writer for it. Thread-safe. Everything raises `StorageError` where there is no store, or none that can be read."""

    path: Path

    def rows(self, generation: int | None = None, *, accept: Accept = accept_all) -> Iterator[StoredPair]:
        """Give every pair of a generation, None being the latest, kept and dropped, in the order of repository, path, line and key.

        A passage in several places is told at the first that `accept` takes. Holds the pairs of one file in memory.
        """
        with self._reading() as connection:
            yield from read_pairs(connection, self._generation(connection, generation), accept)

    def status(self, generation: int | None = None) -> Status:
        """Say how far a generation is, None being the latest: in a moment, however large the store."""
        with self._reading() as connection:
            return read_status(connection, read_standing(connection), self._generation(connection, generation))

    def has_generation(self) -> bool:
        """Return whether anything was generated yet."""
        return bool(self.generations())

    def variants(self, generation: int | None = None) -> tuple[Variant, ...]:
        """Return how a generation's stages are done, None being the latest, in the order of their names."""
        with self._reading() as connection:
            chosen = read_variants(connection, self._generation(connection, generation))
            return tuple(known.variant for known in chosen.values())

    def generations(self) -> list[RecordedGeneration]:
        """Return all generations, in the order of their first start."""
        with self._reading() as connection:
            return read_generations(connection)

    def repositories(self) -> list[Repository]:
        """Return all repositories, in the order of their URLs."""
        with self._reading() as connection:
            return read_repositories(connection)

    def dropped(self) -> list[Dropped]:
        """Count what was dropped of the files in force and of the passages in use, by reason; and pairs of the latest generation. In
        the order of what and reason."""
        with self._reading() as connection:
            files = connection.execute(
                "SELECT f.dropped, count(*) FROM files f JOIN repositories r ON r.snapshot = f.snapshot WHERE f.dropped != '' GROUP BY 1"
            ).fetchall()
            passages = connection.execute(
                "SELECT c.dropped, count(*) FROM cuts c JOIN units u ON u.id = c.unit WHERE u.in_use = 1 AND c.dropped != '' GROUP BY 1"
            ).fetchall()
            pairs = connection.execute(
                "SELECT detail, count FROM counters WHERE what = 'dropped' AND count != 0 "
                "AND generation = (SELECT value FROM state WHERE name = 'generation') ORDER BY detail"
            ).fetchall()
        return [
            *(Dropped("file", reason, count) for reason, count in files),
            *(Dropped("passage", reason, count) for reason, count in passages),
            *(Dropped("pair", reason, count) for reason, count in pairs),
        ]

    def count_files(self) -> tuple[int, int]:
        """Count the files in force, and those of them that were selected."""
        with self._reading() as connection:
            files, selected = connection.execute(
                "SELECT count(*), coalesce(sum(f.dropped = ''), 0) FROM files f JOIN repositories r ON r.snapshot = f.snapshot"
            ).fetchone()
        return int(files), int(selected)

    def contents(self) -> list[Content]:
        """Count units in use with their passages and tokens, by language, in its order. A unit in many places counts once."""
        with self._reading() as connection:
            return [
                Content(*row)
                for row in connection.execute(
                    "SELECT u.language, count(DISTINCT u.id), count(c.passage), sum(iif(c.passage IS NULL, 0, c.tokens)) "
                    "FROM units u LEFT JOIN cuts c ON c.unit = u.id WHERE u.in_use = 1 AND u.dropped = '' GROUP BY 1"
                )
            ]

    def failures(self, *, at_most: int = 1000) -> list[Failure]:
        """Return tasks of the latest generation that failed for good, with the last reason, in the order of class and coming."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT v.stage, t.failure, f.message, p.path, t.attempts, f.failed_at FROM tasks t "
                "JOIN variants v ON v.id = t.variant JOIN passages p ON p.id = t.passage "
                "JOIN failures f ON f.id = (SELECT max(id) FROM failures WHERE task = t.id) "
                "WHERE t.state = 4 AND t.epoch = (SELECT value FROM state WHERE name = 'epoch') ORDER BY t.failure, t.id LIMIT ?",
                (at_most,),
            )
            return [
                Failure(stage, kind, message, path, attempts, datetime.fromisoformat(failed_at))
                for stage, kind, message, path, attempts, failed_at in rows
            ]

    def runs(self, *, at_most: int = 100) -> list[Run]:
        """Return the latest runs, the last one first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT generation, started_at, ended_at, ended, tasks, failures, pairs, calls, prompt_tokens, cached_tokens, "
                "generated_tokens, milliseconds FROM runs ORDER BY id DESC LIMIT ?",
                (at_most,),
            )
            return [_read_run(row) for row in rows]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        check_there(self.path)
        connection = open_database(self.path, MIGRATIONS)
        try:
            with storage_errors(self.path):
                connection.execute("PRAGMA query_only = ON")
                connection.execute("BEGIN")
                yield connection
        finally:
            connection.close()

    @staticmethod
    def _generation(connection: sqlite3.Connection, asked: int | None) -> int:
        known = read_generations(connection)
        if not known:
            raise StorageError("nothing was generated yet", hint="run notewright dataset prepare first")
        chosen = next((one.id for one in known if one.id == asked or (asked is None and one.latest)), None)
        if chosen is None:
            raise StorageError(f"there is no generation {asked}", hint=f"name one from 1 to {known[-1].id}")
        return chosen


def check_there(path: Path) -> None:
    """Raise `StorageError` where there is no store."""
    if not path.exists():
        raise StorageError(f"there is no dataset at {path} yet", hint="run notewright dataset run first")


def _read_run(row: Sequence[Any]) -> Run:
    generation, start, end, ended, tasks, failures, pairs, *spent = row
    ended_at = datetime.fromisoformat(end) if end else None
    return Run(generation, datetime.fromisoformat(start), ended_at, ended, tasks, failures, pairs, spent_of(spent))
