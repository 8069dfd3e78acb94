"""The disposable database of the model layer: it may vanish at any time, and never stops a run."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from notewright.control import Report, Warned
from notewright.errors import StorageError
from notewright.llm.layers.cache_database import broken_path, open_replies
from notewright.system.database import BrokenDatabase, storage_errors

_T = TypeVar("_T")


class CacheFile:
    """One database shared by threads and processes. Opened when first asked; a broken one is moved aside and begun anew;
    one that cannot be used is done without, with one warning."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: int | None = None
        self._given_up = False

    def ask(self, question: Callable[[sqlite3.Connection], _T], default: _T) -> _T:
        """Return the answer to `question`; `default` where the database cannot be used."""
        with self._lock:
            try:
                if self._given_up:
                    return default
                if self._connection is None:
                    self._connection = self._open()
                    self._opened = _inode(self._path)
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
            return open_replies(self._path)
        except BrokenDatabase:
            with _held(self._path.parent):
                return self._begin_anew()

    def _begin_anew(self) -> sqlite3.Connection:
        try:
            return open_replies(self._path)  # another process may have been faster
        except BrokenDatabase as error:
            self._move_aside(error)
            return open_replies(self._path)

    def _give_up(self, error: StorageError) -> None:
        self._given_up = True
        self._disconnect()
        if not isinstance(error, BrokenDatabase):
            self._report(Warned(f"going on without the cache of model replies: {error.message}", error.hint))
            return
        with _held(self._path.parent):
            if _inode(self._path) == self._opened:  # else another process moved it, and what lies there now is whole
                self._move_aside(error)

    def _move_aside(self, error: BrokenDatabase) -> None:
        aside = broken_path(self._path)
        with contextlib.suppress(OSError):
            # they belong to the broken file and would spoil a new one, which another process may begin at any moment after the move
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._path.replace(aside)
        self._report(
            Warned(
                f"the cache of model replies is broken and was moved to {aside}: {error.message}",
                "`notewright models cache clear` removes it",
            )
        )

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the folder against other processes that find the same file broken; without effect where the disk knows no locks."""
    import fcntl  # not on Windows, where the command line is tried without models

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
