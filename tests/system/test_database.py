"""The SQLite opener and migrator on real files, processes and full disks."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from notewright.errors import StorageError
from notewright.system.database import BrokenDatabase, Migration, NewerDatabase, open_database, transaction

_FIRST = Migration("m001_shelves", ("CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",))
_SECOND = Migration(
    "m002_books",
    (
        "CREATE TABLE books (title TEXT NOT NULL, shelf INTEGER NOT NULL REFERENCES shelves)",
        "INSERT INTO shelves (name) VALUES ('first')",
    ),
)
_BROKEN = Migration("m002_books", ("INSERT INTO shelves (name) VALUES ('half')", "CREATE TABLE shelves (again INTEGER)"))


def _add(connection: sqlite3.Connection, *names: str) -> None:
    with transaction(connection):
        for name in names:
            connection.execute("INSERT INTO shelves (name) VALUES (?)", (name,))


def _steps(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM migrations ORDER BY position")]


def test_a_new_database_is_created_with_its_folders_and_brought_to_the_last_step(tmp_path: Path) -> None:
    path = tmp_path / "state" / "deep" / "books.db"
    with closing(open_database(path, [_FIRST, _SECOND])) as connection:
        assert connection.execute("SELECT name FROM shelves").fetchall() == [("first",)]
    assert _steps(path) == ["m001_shelves", "m002_books"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_opening_again_takes_no_step_twice_and_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    open_database(path, [_FIRST]).close()
    for _ in range(2):
        with closing(open_database(path, [_FIRST, _SECOND])) as connection:
            assert connection.execute("SELECT count(*) FROM shelves").fetchone() == (1,)


def test_a_connection_writes_ahead_waits_for_writers_and_checks_foreign_keys(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "books.db", [_FIRST, _SECOND])) as connection:
        values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "busy_timeout", "foreign_keys")]
        assert values == ["wal", 10_000, 1]
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("INSERT INTO books VALUES ('lost', 99)")


def test_a_step_that_fails_leaves_nothing_of_itself_and_keeps_the_steps_before(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with pytest.raises(StorageError, match="already exists"):
        open_database(path, [_FIRST, _BROKEN])
    assert _steps(path) == ["m001_shelves"]
    with closing(open_database(path, [_FIRST])) as connection:
        assert connection.execute("SELECT count(*) FROM shelves").fetchone() == (0,)


def test_a_transaction_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "books.db", [_FIRST])) as connection:
        with pytest.raises(sqlite3.IntegrityError):
            _add(connection, "twice", "twice")
        _add(connection, "once")
        assert connection.execute("SELECT name FROM shelves").fetchall() == [("once",)]


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    open_database(path, [_FIRST, _SECOND]).close()
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match="m002_books, which this version does not know") as refusal:
        open_database(path, [_FIRST])
    assert "update notewright" in str(refusal.value.hint)
    assert path.read_bytes() == before


def test_a_step_edited_after_its_release_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    open_database(path, [_FIRST]).close()
    with pytest.raises(BrokenDatabase, match="another m001_shelves"):
        open_database(path, [Migration("m001_shelves", ("CREATE TABLE shelves (id INTEGER)",))])


def test_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(StorageError, match="another program"):
        open_database(path, [_FIRST])


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"not a database, only some text " * 300), id="no-database"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:100] + b"\xff" * 4000), id="overwritten-page"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:5000]), id="cut-short"),
    ],
)
def test_a_damaged_file_is_broken_and_says_to_move_it_aside(tmp_path: Path, damage: Callable[[Path], int]) -> None:
    path = tmp_path / "books.db"
    with closing(open_database(path, [_FIRST, _SECOND])) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(path)
    with pytest.raises(BrokenDatabase, match=r"books\.db") as failure:
        open_database(path, [_FIRST, _SECOND])
    assert "move the file aside" in str(failure.value.hint)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind the superuser")
def test_a_read_only_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StorageError, match="Permission denied") as failure:
        open_database(folder / "books.db", [_FIRST])
    assert "state_dir" in str(failure.value.hint)


def test_a_folder_that_cannot_be_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match=r"cannot open the database .*books\.db") as failure:
        open_database(tmp_path / "file" / "books.db", [_FIRST])
    assert "state_dir" in str(failure.value.hint)


def test_a_full_disk_is_said_and_nothing_half_written_is_left(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with closing(open_database(path, [_FIRST])) as connection:
        connection.execute("PRAGMA max_page_count = 8")  # SQLite then answers as it does on a full disk
        with pytest.raises(StorageError, match="full") as failure:
            _add(connection, *(f"shelf {number} " + "x" * 500 for number in range(1_000)))
        assert "disk is full" in str(failure.value.hint)
        assert connection.execute("SELECT count(*) FROM shelves").fetchone() == (0,)


def test_a_database_held_by_another_writer_is_a_storage_error_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    with closing(open_database(path, [_FIRST])) as holder, closing(open_database(path, [_FIRST])) as other:
        other.execute("PRAGMA busy_timeout = 50")
        with transaction(holder), pytest.raises(StorageError, match="locked") as failure, transaction(other):
            pass
    assert "another process" in str(failure.value.hint)


_RACER = """
import sys
from pathlib import Path
from notewright.system.database import Migration, open_database, transaction
steps = [Migration(f"m{n:03}_t{n}", (f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY)",)) for n in range(5)]
sys.stdin.readline()
connection = open_database(Path(sys.argv[1]), steps)
for _ in range(20):
    with transaction(connection):
        connection.execute("INSERT INTO t0 DEFAULT VALUES")
"""


def test_processes_that_open_a_new_database_at_once_take_each_step_once(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    command = [sys.executable, "-c", _RACER, str(path)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    errors = [racer.communicate(timeout=60)[1] for racer in racers]
    assert errors == [""] * 4
    assert _steps(path) == [f"m{n:03}_t{n}" for n in range(5)]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM t0").fetchone() == (80,)
