"""Provenance: which repositories there are, and which file of which commit holds a unit."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from notewright.adapters.dataset.store.reaching import leave_passages
from notewright.adapters.dataset.store.standing import Standing
from notewright.adapters.dataset.store.values import FileRecord, Repository, RepositoryState

_PASSAGES = 500  # looked at together
# a unit that some file of a commit in force holds
_HELD = "EXISTS (SELECT 1 FROM files f JOIN repositories r ON r.snapshot = f.snapshot WHERE f.unit = units.id)"


def note_repository(
    connection: sqlite3.Connection, url: str, *, ref: str, commit: str, license_: str, state: RepositoryState, error: str
) -> None:
    """Write what a sync said of a repository. The commit and the licence that it had stay where it failed."""
    connection.execute(
        "INSERT INTO repositories (url, ref, commit_sha, license, state, error) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "ref = excluded.ref, commit_sha = iif(excluded.commit_sha = '', commit_sha, excluded.commit_sha), "
        "license = iif(excluded.license = '', license, excluded.license), state = excluded.state, error = excluded.error",
        (url, ref, commit, license_, state, error),
    )


def read_repositories(connection: sqlite3.Connection) -> list[Repository]:
    """Return all repositories, in the order of their URLs."""
    rows = connection.execute(
        "SELECT url, ref, r.commit_sha, license, state, error, ifnull(s.commit_sha, ''), ifnull(s.prepared_digest, '') "
        "FROM repositories r LEFT JOIN snapshots s ON s.id = r.snapshot ORDER BY url"
    )
    return [Repository(*row) for row in rows]


def begin_snapshot(connection: sqlite3.Connection, url: str, commit: str, prepared_digest: str) -> int:
    """Return a snapshot of a repository that counts for nothing yet, and clear away those that never came to count."""
    connection.execute(
        "INSERT OR IGNORE INTO repositories (url, ref, commit_sha, license, state, error) VALUES (?, '', '', '', 'listed', '')", (url,)
    )
    repository, snapshot = connection.execute("SELECT id, ifnull(snapshot, 0) FROM repositories WHERE url = ?", (url,)).fetchone()
    connection.execute("DELETE FROM snapshots WHERE repository = ? AND id != ?", (repository, snapshot))
    (new,) = connection.execute(
        "INSERT INTO snapshots (repository, commit_sha, prepared_digest) VALUES (?, ?, ?) RETURNING id",
        (repository, commit, prepared_digest),
    ).fetchone()
    return int(new)


def add_files(connection: sqlite3.Connection, snapshot: int, files: Iterable[FileRecord]) -> None:
    """Add files to a snapshot."""
    connection.executemany(
        "INSERT INTO files (snapshot, path, oid, unit, dropped, language, license) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(snapshot, file.path, file.oid, file.unit, file.dropped, file.language, file.license) for file in files],
    )


def put_in_force(connection: sqlite3.Connection, snapshot: int, standing: Standing) -> None:
    """Replace what a repository held by this snapshot: units that came are to be looked at, tasks of those that left are set aside."""
    (before,) = connection.execute(
        "SELECT r.snapshot FROM snapshots s JOIN repositories r ON r.id = s.repository WHERE s.id = ?", (snapshot,)
    ).fetchone()
    connection.execute(
        "UPDATE repositories SET snapshot = ? WHERE id = (SELECT repository FROM snapshots WHERE id = ?)", (snapshot, snapshot)
    )
    connection.execute(
        "UPDATE units SET in_use = 1, seeded = 0 WHERE in_use = 0 AND id IN (SELECT unit FROM files WHERE snapshot = ?)", (snapshot,)
    )
    if before is not None:
        _leave(connection, [before], standing)


def keep_only(connection: sqlite3.Connection, urls: Collection[str], standing: Standing) -> list[str]:
    """Let all other repositories go; return their URLs, in order. What was made of them stays, and counts no more."""
    gone = sorted({url for (url,) in connection.execute("SELECT url FROM repositories")} - set(urls))
    snapshots = [_forget(connection, url) for url in gone]
    _leave(connection, [snapshot for snapshot in snapshots if snapshot is not None], standing)
    connection.executemany("DELETE FROM repositories WHERE url = ?", [(url,) for url in gone])
    return gone


def _forget(connection: sqlite3.Connection, url: str) -> int | None:
    (snapshot,) = connection.execute("SELECT snapshot FROM repositories WHERE url = ?", (url,)).fetchone()
    connection.execute("UPDATE repositories SET snapshot = NULL WHERE url = ?", (url,))
    return None if snapshot is None else int(snapshot)


def _leave(connection: sqlite3.Connection, snapshots: Iterable[int], standing: Standing) -> None:
    """Take snapshots that are no longer in force away, and out of use what no other holds."""
    for snapshot in snapshots:
        # a temporary table: a repository may lose 100,000 units at once
        connection.execute("CREATE TEMPORARY TABLE left_units (unit INTEGER PRIMARY KEY)")
        connection.execute(
            "INSERT INTO left_units SELECT id FROM units WHERE in_use = 1 AND id IN (SELECT unit FROM files WHERE snapshot = ?) "  # noqa: S608
            f"AND NOT {_HELD}",
            (snapshot,),
        )
        connection.execute("UPDATE units SET in_use = 0 WHERE id IN (SELECT unit FROM left_units)")
        for passages in _left_passages(connection):
            leave_passages(connection, standing, passages)
        connection.execute("DROP TABLE left_units")
        connection.execute("DELETE FROM snapshots WHERE id = ?", (snapshot,))


def _left_passages(connection: sqlite3.Connection) -> Iterator[list[int]]:
    """Give the passages of the units that left which no unit in use holds."""
    rows = connection.execute(
        "SELECT DISTINCT c.passage FROM left_units l JOIN cuts c ON c.unit = l.unit WHERE c.passage IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM cuts o JOIN units u ON u.id = o.unit WHERE o.passage = c.passage AND u.in_use = 1)"
    )
    while passages := [passage for (passage,) in islice(rows, _PASSAGES)]:
        yield passages
