"""A file that is digested while it is written."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from notewright.dataset.export.manifest import DataFile

_BUFFER_BYTES = 1 << 20


class HashedFile:
    """A new file for bytes. It is on the disk once `close` has returned, and `written` then tells what it is. Raises `OSError`."""

    def __init__(self, root: Path, name: str) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._name = name
        self._file = path.open("xb", buffering=_BUFFER_BYTES)
        self._digest = hashlib.sha256()
        self._bytes = 0
        self._abandoned = False

    def write(self, content: bytes) -> int:
        """Add bytes; none after `abandon`, because Parquet's writer writes a last time when it is thrown away."""
        if self._abandoned:
            return len(content)
        self._digest.update(content)
        self._file.write(content)
        self._bytes += len(content)
        return len(content)

    def tell(self) -> int:
        """Return how many bytes there are."""
        return self._bytes

    def flush(self) -> None:
        """Hand over to the system what is still in memory."""
        self._file.flush()

    def close(self) -> None:
        """Bring everything to the disk."""
        if not self._file.closed:
            try:
                self._file.flush()
                os.fsync(self._file.fileno())
            finally:
                self._file.close()

    def abandon(self) -> None:
        """Close the file, whatever becomes of it."""
        self._abandoned = True
        with contextlib.suppress(OSError):
            self._file.close()

    @property
    def closed(self) -> bool:
        """Whether `close` has been called."""
        return self._file.closed

    @property
    def written(self) -> DataFile:
        """What was written."""
        return DataFile(self._name, self._bytes, self._digest.hexdigest())


def write_hashed(root: Path, name: str, content: bytes) -> DataFile:
    """Write a whole file."""
    file = HashedFile(root, name)
    try:
        file.write(content)
    finally:
        file.close()
    return file.written
