"""The disposable database of the model layer: it may vanish at any time, and never stops a run."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from notewright.control import Report, Warned
from notewright.errors import StorageError
from notewright.system.database import BrokenDatabase, Migration, open_database, storage_errors

_T = TypeVar("_T")

_MIGRATIONS = (
    Migration(
        "m001_replies",
        (
            "CREATE TABLE replies (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, text BLOB NOT NULL, used INTEGER NOT NULL)",
            "CREATE INDEX replies_by_use ON replies (used, id)",
            # kept up by triggers, because the sum of a large table takes milliseconds
            "CREATE TABLE size (bytes INTEGER NOT NULL)",
            "INSERT INTO size VALUES (0)",
            "CREATE TRIGGER reply_added AFTER INSERT ON replies BEGIN UPDATE size SET bytes = bytes + length(new.text); END",
            "CREATE TRIGGER reply_removed AFTER DELETE ON replies BEGIN UPDATE size SET bytes = bytes - length(old.text); END",
        ),
    ),
    Migration(
        "m002_digests",
        ("CREATE TABLE digests (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL)",),
    ),
)


class CacheFile:
    """One database shared by threads and processes. Opened when first asked; a broken one is moved aside and begun anew;
    one that cannot be used is done without, with one warning."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._given_up = False

    def ask(self, question: Callable[[sqlite3.Connection], _T], default: _T) -> _T:
        """Return the answer to `question`; `default` where the database cannot be used."""
        with self._lock:
            try:
                if self._given_up:
                    return default
                self._connection = self._connection or self._open()
                with storage_errors(self._connection):
                    return question(self._connection)
            except StorageError as error:
                self._give_up(error)
                return default

    def close(self) -> None:
        """Let the file go. Safe to call twice."""
        with self._lock:
            self._given_up = True
            self._disconnect()

    def _open(self) -> sqlite3.Connection:
        try:
            return open_database(self._path, _MIGRATIONS)
        except BrokenDatabase as error:
            self._move_aside(error)
            return open_database(self._path, _MIGRATIONS)

    def _give_up(self, error: StorageError) -> None:
        self._given_up = True
        self._disconnect()
        if isinstance(error, BrokenDatabase):
            self._move_aside(error)
        else:
            self._report(Warned(f"going on without the cache of model replies: {error.message}", error.hint))

    def _move_aside(self, error: BrokenDatabase) -> None:
        aside = self._path.with_name(self._path.name + ".broken")
        with contextlib.suppress(OSError):
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):  # they belong to the broken file, and would spoil a new one
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self._report(Warned(f"the cache of model replies is broken and was moved to {aside}: {error.message}", "it can be deleted"))

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
