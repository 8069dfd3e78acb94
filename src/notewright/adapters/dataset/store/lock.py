"""The lock of a store: one run at a time, and who holds it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from notewright.errors import StorageError
from notewright.system.database import storage_errors


class StoreLock:
    """Held as long as this is open; the kernel frees what a dead process held."""

    def __init__(self, database: Path, label: str) -> None:
        """Take the lock beside the database. Raises `StorageError` where another run holds it, naming that, or none can be made."""
        import fcntl  # not on Windows, where the command line is tried without datasets

        self.held = True
        path = database.with_name(database.name + ".lock")
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, _describe(label), 0)
        except BlockingIOError as error:
            holder = _read_holder(self._file)
            os.close(self._file)
            raise StorageError(
                f"another run works on {database}: {holder}", hint="wait for it to end, or end it, and run the same command again"
            ) from error
        except OSError as error:
            os.close(self._file)
            raise StorageError(f"cannot lock {database}: {error.strerror}", hint="check that its folder can be written") from error

    def close(self) -> None:
        """Let others in."""
        self.held = False
        os.close(self._file)


def _describe(label: str) -> bytes:
    return json.dumps({"pid": os.getpid(), "label": label, "since": datetime.now(UTC).isoformat(timespec="seconds")}).encode()


def _read_holder(file: int) -> str:
    """Say who holds the lock, for people."""
    try:
        said = json.loads(os.pread(file, 4096, 0))
        return f"process {int(said['pid'])} ({said['label']}), since {datetime.fromisoformat(said['since']):%Y-%m-%d %H:%M:%S} UTC"
    except (OSError, ValueError, KeyError, TypeError):  # it has just begun
        return "a process that has not yet said who it is"
