"""Resolve: every row of an artifact held against the lines of the commit that it names, in the clones."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from notewright.adapters.dataset.blobs import Blobs
from notewright.adapters.dataset.exports.artifact import CHECKSUMS
from notewright.control import Advanced, Cancel, Finished, Report, Started
from notewright.dataset.drops import Drop
from notewright.dataset.encoding import decode
from notewright.errors import NotewrightError, RepositoryError, UsageError
from notewright.screening.personal import find_personal, redact
from notewright.system.files import read_bytes

_STEP = "resolve"
_EVERY = 1_000
_MOST_BYTES = 1 << 30
_TURNS = ("conversations", "messages")
Rows = Iterator[Mapping[str, Any]]


@dataclass(slots=True)
class Resolved:
    """How many rows were held against their lines, and what does not hold, in sentences; files with another checksum too."""

    rows: int = 0
    wrong: list[str] = field(default_factory=list)


def resolve_rows(artifact: Path, clone_of: Callable[[str], Path | None], *, report: Report, cancel: Cancel) -> Resolved:
    """Hold every row of every file against `git show commit:path`, and every file against its checksum. `clone_of` says where the clone of
    a repository is. A passage that holds personal data is compared as it is redacted. Raises `UsageError` where there is no artifact."""
    resolved = Resolved()
    report(Started(_STEP))
    for name in _checked_files(artifact, resolved):
        if name.startswith("data/"):
            rows = groupby(_read_rows(artifact / name), key=itemgetter("repository", "commit"))
            for (repository, commit), group in rows:
                _resolve(group, clone_of(repository), f"{name}: {repository}", commit, resolved, report=report, cancel=cancel)
    report(Finished(_STEP, f"{resolved.rows:,} rows, {len(resolved.wrong):,} wrong"))
    return resolved


def _checked_files(artifact: Path, resolved: Resolved) -> list[str]:
    """Return the files of an artifact, those that are not what its checksums say noted."""
    lines = read_bytes(artifact / CHECKSUMS)
    if lines is None:
        raise UsageError(
            f"{artifact} is no dataset of notewright: it has no {CHECKSUMS}", hint="name the folder that `dataset export` wrote"
        )
    names = []
    for line in lines.decode().splitlines():
        said, _, name = line.partition("  ")
        try:
            with (artifact / name).open("rb") as file:
                right = hashlib.file_digest(file, "sha256").hexdigest() == said
        except OSError:
            right = False
        if right:
            names.append(name)
        else:
            resolved.wrong.append(f"{name} is missing, or not the file that was written")
    return names


def _resolve(rows: Rows, clone: Path | None, where: str, commit: str, resolved: Resolved, *, report: Report, cancel: Cancel) -> None:
    try:
        files = _Files(clone, commit)
    except RepositoryError as error:
        files, problem = None, error.message
    else:
        problem = ""
    for row in rows:
        cancel.check()
        resolved.rows += 1
        if resolved.rows % _EVERY == 0:
            report(Advanced(_STEP, resolved.rows))
        if found := problem if files is None else files.differs(row):
            resolved.wrong.append(f"{where}: row {row['id']}: {found}")


class _Files:
    """The files of a commit, the last one read in memory: rows come file by file."""

    def __init__(self, clone: Path | None, commit: str) -> None:
        if clone is None:
            raise RepositoryError("there is no clone of it here", hint="run `notewright dataset sync`")
        self._blobs = Blobs(clone)
        self._oids = {file.path.decode("utf-8", "backslashreplace"): file.oid for file in self._blobs.list_files(commit)}
        self._path = ""
        self._lines: list[str] = []

    def differs(self, row: Mapping[str, Any]) -> str:
        """Return what does not hold of a row; empty where it does."""
        path = row["path"]
        if self._oids.get(path) != row["blob"]:
            return f"{path} is not the blob {row['blob']:.12} in the commit"
        if path != self._path:
            self._path, self._lines = path, self._read(row["blob"])
        lines = "".join(self._lines[int(row["line_start"]) - 1 : int(row["line_end"])])
        if _stands_in(row, lines) or _stands_in(row, redact(lines, find_personal(lines))):
            return ""
        return f"lines {row['line_start']}-{row['line_end']} of {path} are not its context"

    def _read(self, oid: str) -> list[str]:
        ((_, content),) = self._blobs.read([oid], most_bytes=_MOST_BYTES)
        text = decode(content)
        return [] if isinstance(text, Drop) else _lines(text.text)


def _lines(text: str) -> list[str]:
    """Cut after line feeds alone, as git does."""
    return [f"{line}\n" for line in text.split("\n")]


def _stands_in(row: Mapping[str, Any], lines: str) -> bool:
    if "input" in row or "context" in row:
        return (row.get("context") or row.get("input") or "") in lines
    return any(text in lines or text in lines.replace("<|", "< |") for text in _shown(row))  # as chatml writes it


def _shown(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may be the passage in a form that joins it with its question by a blank line."""
    turns = next((row[name] for name in _TURNS if name in row), None)
    if turns is None:
        user = str(row["text"]).partition("<|im_start|>user\n")[2].partition("<|im_end|>\n<|im_start|>assistant\n")[0]
    else:
        first = (json.loads(turns) if isinstance(turns, str) else turns)[0]
        user = first.get("value") or first.get("content") or ""
    for place in range(len(user)):
        if user.startswith("\n\n", place):
            yield user[place + 2 :]


def _read_rows(path: Path) -> Rows:
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            yield from map(json.loads, file)
    elif path.suffix == ".csv":
        csv.field_size_limit(sys.maxsize)
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
    else:
        yield from _read_parquet(path)


def _read_parquet(path: Path) -> Rows:
    try:
        from pyarrow import parquet  # type: ignore[import-untyped]  # it brings no types
    except ImportError as error:
        raise NotewrightError("Parquet needs pyarrow, which is not installed", hint="pip install 'notewright[dataset]'") from error
    for batch in parquet.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()
