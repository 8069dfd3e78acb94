"""The database of kept replies: its layout, what it holds, and how it is emptied."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from notewright.system.database import Migration, open_database, storage_errors, transaction

# What a reply takes beside its text, measured with short ones; longer ones lose the rest of their pages too.
_ROW_BYTES = 128

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
    Migration(
        "m003_replies_that_age",
        (
            # the replies of m001 lie under keys that nobody asks for any more, and nobody knows how old they are
            "DROP TABLE replies",
            "DROP TABLE size",
            # the text last: what stands behind a long one costs a walk through its pages
            "CREATE TABLE replies (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, kept_at REAL NOT NULL, used INTEGER NOT NULL, "
            "checksum INTEGER NOT NULL, confidence REAL, text BLOB NOT NULL)",
            "CREATE INDEX replies_by_use ON replies (used, id)",
            "CREATE TABLE totals (replies INTEGER NOT NULL, text_bytes INTEGER NOT NULL, hits INTEGER NOT NULL)",
            "INSERT INTO totals VALUES (0, 0, 0)",
            "CREATE TRIGGER reply_added AFTER INSERT ON replies "
            "BEGIN UPDATE totals SET replies = replies + 1, text_bytes = text_bytes + length(new.text); END",
            "CREATE TRIGGER reply_removed AFTER DELETE ON replies "
            "BEGIN UPDATE totals SET replies = replies - 1, text_bytes = text_bytes - length(old.text); END",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the database holds. Moments are seconds since 1970, None where it is empty; `hits` counts since it was last emptied."""

    replies: int
    size_bytes: int
    hits: int
    oldest_at: float | None
    newest_at: float | None


def charged_bytes(text_bytes: int, *, replies: int = 1) -> int:
    """Return what replies with texts of this size count against the cache's limit."""
    return text_bytes + replies * _ROW_BYTES


def broken_path(path: Path) -> Path:
    """Return where a broken database is moved."""
    return path.with_name(path.name + ".broken")


def open_replies(path: Path) -> sqlite3.Connection:
    """Open the database, and create it where there is none. Raises `BrokenDatabase`, `NewerDatabase` or another `StorageError`."""
    return open_database(path, _MIGRATIONS)


def read_totals(connection: sqlite3.Connection) -> Totals:
    """Sum up what is kept. Raises `StorageError`."""
    with storage_errors(connection):
        replies, text_bytes, hits = connection.execute("SELECT replies, text_bytes, hits FROM totals").fetchone()
        oldest_at, newest_at = connection.execute("SELECT min(kept_at), max(kept_at) FROM replies").fetchone()
    return Totals(replies, charged_bytes(text_bytes, replies=replies), hits, oldest_at, newest_at)


def remove_replies(connection: sqlite3.Connection) -> Totals:
    """Remove every reply, while others may use the database too, and return what was there. Digests of model files stay: they took long.
    Raises `StorageError`."""
    with transaction(connection):
        before = read_totals(connection)
        connection.execute("DELETE FROM replies")
        connection.execute("UPDATE totals SET hits = 0")
    return before


def shrink_file(connection: sqlite3.Connection) -> None:
    """Give the room of what was removed back to the disk. Raises `StorageError`, where another process is in the way too."""
    with storage_errors(connection):
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
