"""The one way to open and migrate a SQLite database."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from notewright.errors import StorageError
from notewright.rendering.canonical import digest

_BUSY_S = 10.0


class BrokenDatabase(StorageError):
    """The file is damaged, or is no database at all."""


class NewerDatabase(StorageError):
    """A newer notewright wrote the database: this one would not understand it."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A named step of a database's layout, such as m001_replies. Once released, a step never changes."""

    name: str
    statements: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Tell this step from an edited one of the same name."""
        return digest("\0".join(self.statements).encode())


def open_database(path: Path, migrations: Sequence[Migration]) -> sqlite3.Connection:
    """Open the database, create it where there is none (readable by its owner only), and bring it to the last migration.

    Each step is one transaction, recorded with its digest, and safe against other processes that do the same. The
    connection writes ahead (readers never wait), checks foreign keys, waits 10 s for a writer, and commits by itself: group
    writes with `transaction`. It may be passed between threads but serves one at a time: whoever shares it holds a lock.

    Raises `NewerDatabase`, `BrokenDatabase`, or another `StorageError` where the disk or the folder refuses.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            _write_ahead(connection)
            # keeps the database whole through a power cut, and spares a sync for each transaction
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection, migrations, path)
        except BaseException:
            connection.close()
            raise
    return connection


def remove_database(path: Path) -> bool:
    """Remove a database, and what SQLite keeps beside it; return whether there was one. Raises `StorageError`."""
    there = path.exists()
    with storage_errors(path):
        for suffix in ("-wal", "-shm", ""):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    return there


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing. Takes the write lock at the start, so that two writers wait for each other instead of failing.

    Raises `StorageError` for what the disk or SQLite refuses.
    """
    with storage_errors(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk makes SQLite roll back by itself
                connection.execute("ROLLBACK")
            raise


@contextmanager
def storage_errors(database: Path | sqlite3.Connection) -> Iterator[None]:
    """Turn what SQLite or the file system refuses into a `StorageError` that names the file. A wrong program's errors pass."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.NotSupportedError):
        raise
    except sqlite3.DatabaseError as error:
        raise _explain(error, database if isinstance(database, Path) else _path_of(database)) from error
    except OSError as error:
        where = database if isinstance(database, Path) else _path_of(database)
        raise StorageError(f"cannot open the database {where}: {error.strerror}", hint=_HINTS["SQLITE_CANTOPEN"]) from error


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite itself does not wait for another process that switches at this moment
    (measured: 10 of 1,000 opened a new database together and failed), so this does."""
    ends_at = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends_at:
                raise
        time.sleep(0.01)


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path) -> None:
    while len(_applied(connection, migrations, path)) < len(migrations):
        with transaction(connection):
            # asked again under the lock: another process may have been faster
            applied = _applied(connection, migrations, path)
            for migration in migrations[len(applied) : len(applied) + 1]:
                _apply(connection, migration)


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL)")
    for statement in migration.statements:
        connection.execute(statement)
    connection.execute("INSERT INTO migrations (name, digest) VALUES (?, ?)", (migration.name, migration.digest))


def _applied(connection: sqlite3.Connection, migrations: Sequence[Migration], path: Path) -> list[str]:
    """Return the names of the steps taken, which are the first of `migrations`."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "migrations" not in tables:
        if tables:
            raise StorageError(f"{path} is a database of another program", hint="name another file")
        return []
    rows = connection.execute("SELECT name, digest FROM migrations ORDER BY position").fetchall()
    for (name, recorded), migration in zip(rows, migrations, strict=False):
        if name != migration.name:
            raise _newer(path, name)
        if recorded != migration.digest:
            raise BrokenDatabase(f"{path} was made by another {name} than this version's", hint=_HINTS["SQLITE_CORRUPT"])
    if len(rows) > len(migrations):
        raise _newer(path, rows[len(migrations)][0])
    return [name for name, _ in rows]


def _newer(path: Path, name: str) -> NewerDatabase:
    return NewerDatabase(f"{path} has the step {name}, which this version does not know", hint="update notewright, or name another file")


def _explain(error: sqlite3.DatabaseError, path: Path) -> StorageError:
    code = getattr(error, "sqlite_errorname", "")
    hint = next((hint for prefix, hint in _HINTS.items() if code.startswith(prefix)), None)
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")):
        return BrokenDatabase(f"the database {path} is broken: {error}", hint=hint)
    return StorageError(f"the database {path} cannot be used: {error}", hint=hint)


def _path_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


_HINTS = {
    "SQLITE_FULL": "the disk is full: free some space and run the same command again; nothing half-written is left",
    "SQLITE_IOERR": "the disk failed or is full: check it, and run the same command again",
    "SQLITE_READONLY": "the file or its folder is read-only: choose a folder that can be written (state_dir)",
    "SQLITE_CANTOPEN": "check that its folder exists and can be written (state_dir)",
    "SQLITE_BUSY": "another process holds it: wait for that to end and run the same command again",
    "SQLITE_CORRUPT": "move the file aside and run the same command again",
    "SQLITE_NOTADB": "move the file aside and run the same command again",
}
