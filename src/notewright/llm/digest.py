"""Digests of model files, computed once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from notewright.errors import ModelError
from notewright.llm.layers.cache_file import CacheFile
from notewright.llm.memory.gguf import read_header
from notewright.system.database import transaction


class Digests:
    """SHA-256 of model files, remembered by path, size and times: a file of 8 GB takes ten seconds to read."""

    def __init__(self, file: CacheFile | None) -> None:
        self._file = file
        self._known: dict[tuple[str, str], str] = {}

    def of(self, path: Path) -> str | None:
        """Return "sha256:…" of a GGUF file, None where there is none that can be read."""
        try:
            read_header(path)
        except ModelError:
            return None
        return self.of_file(path)

    def of_file(self, path: Path) -> str | None:
        """Return "sha256:…" of any file, None where there is none that can be read."""
        try:
            stat = path.stat()
            # the inode's own time cannot be set back, as the time of the content can
            key = (str(path.resolve()), f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}")
            if (digest := self._known.get(key) or self._recall(key)) is None:
                with path.open("rb") as file:
                    digest = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
                self._remember(key, digest)
        except OSError:
            return None
        self._known[key] = digest
        return digest

    def hold(self, path: Path, *, began: str, known: Mapping[str, str]) -> None:
        """Let no weights be loaded but those that the run `began` with, and where the file's name is `known`, those that it means (security
        case 36). Raises `ModelError`."""
        found = self.of_file(path)
        for wanted in (began, known.get(path.name, began)):
            if found not in (wanted, None):
                raise ModelError(
                    f"{path} is not the model that it is taken for: its digest is {found}, not {wanted}",
                    hint="pull it again with `notewright models pull`, or give a model of your own another name",
                )

    def _recall(self, key: tuple[str, str]) -> str | None:
        def look(connection: sqlite3.Connection) -> str | None:
            row = connection.execute("SELECT digest FROM digests WHERE path = ? AND stamp = ?", key).fetchone()
            return None if row is None else str(row[0])

        return None if self._file is None else self._file.ask(look, None)

    def _remember(self, key: tuple[str, str], digest: str) -> None:
        def write(connection: sqlite3.Connection) -> None:
            with transaction(connection):
                connection.execute("INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", (*key, digest))

        if self._file is not None:
            self._file.ask(write, None)
