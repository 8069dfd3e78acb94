"""The log of a run: JSON lines in files of bounded size, with no word of a prompt and no secret in them."""

from __future__ import annotations

import itertools
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from notewright.control import Event, Finished, Report, Started, Warned
from notewright.rendering.canonical import canonical_line
from notewright.rendering.neutral import visible

_FILE_BYTES = 5_000_000
_OLDER = 3
_LONGEST = 500  # characters of a text
# What opens a door, wherever a message repeats it: who calls in an address, a header, and the tokens of GitHub, GitLab and Hugging Face
_SECRET = re.compile(
    r"(?<=://)[^/@\s]+(?=@)"
    r"|(?i:(?<=bearer )|(?<=basic )|(?<=token ))[\w.~+/=-]{8,}"
    r"|\b(?:gh[a-z]_|github_pat_|glpat-|hf_)[\w-]{10,}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log: all that may be said there. What a model reads or writes has no field.

    `name` is the step, or what a task is known by; `failure` the class in which it failed; `seconds` and tokens are what it cost.
    """

    event: Literal["started", "finished", "warned", "failed"]
    name: str = ""
    stage: str = ""
    repository: str = ""
    failure: str = ""
    message: str = ""
    attempt: int | None = None
    total: int | None = None
    seconds: float | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    generated_tokens: int | None = None


_KEYS = tuple(field.name for field in fields(Entry))  # `asdict` takes most of the time of a line


def _now() -> datetime:
    return datetime.now(UTC)


class RunLog:
    """Writes entries, and the steps and warnings of a flow, to a file; passes every event on, so it stands before another `Report`.

    A file that would outgrow `file_bytes` becomes `path.1`, that one `path.2`, and so on, up to three. Thread-safe. What
    cannot be written, as on a full disk, is lost and told once: a run never stops for its log. Words of `secrets` are masked, like
    what looks like one.
    """

    def __init__(
        self,
        path: Path,
        report: Report,
        *,
        run: str = "",
        secrets: tuple[str, ...] = (),
        file_bytes: int = _FILE_BYTES,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._path = path
        self._report = report
        self._run = run
        self._secrets = tuple(filter(None, secrets))
        self._file_bytes = file_bytes
        self._now = now
        self._lock = threading.Lock()
        self._file: int | None = None
        self._size = 0
        self._torn = False
        self._told = False

    def __call__(self, event: Event) -> None:
        """Take one event; usable as `Report`."""
        match event:
            case Started(step, total):
                self.write(Entry(event="started", name=step, total=total))
            case Finished(step, summary):
                self.write(Entry(event="finished", name=step, message=summary))
            case Warned(message):
                self.write(Entry(event="warned", message=message))
            case _:
                pass  # how far a step is would fill the log
        self._report(event)

    def write(self, entry: Entry) -> None:
        """Write one line, its time first known here."""
        said = {key: self._clean(value) for key in _KEYS if (value := getattr(entry, key)) not in ("", None)}
        line = canonical_line({"at": self._now().isoformat(timespec="milliseconds"), "run": self._run, **said})
        with self._lock:
            error = self._append(line)
            first, self._told = error is not None and not self._told, self._told or error is not None
        if first and error is not None:
            self._report(Warned(f"the log {self._path} cannot be written: {error.strerror}", "the run goes on without it"))

    def close(self) -> None:
        """Close the file; writing again opens it anew."""
        with self._lock:
            self._close()

    def _append(self, line: bytes) -> OSError | None:
        try:
            if self._file is not None and self._size + len(line) > self._file_bytes:
                self._rotate()
            if self._file is None:
                self._open(len(line))
            assert self._file is not None
            rest = memoryview(b"\n" + line if self._torn else line)
            while rest:  # a disk that fills up takes a part of a line
                written = os.write(self._file, rest)
                rest, self._size, self._torn = rest[written:], self._size + written, written < len(rest)
        except OSError as error:
            return error
        return None

    def _open(self, more: int) -> None:
        """Open the file to add to it, or a new one where the lines of earlier runs leave no room."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = os.fstat(self._file).st_size
        self._torn = self._size > 0 and os.pread(self._file, 1, self._size - 1) != b"\n"
        if self._size and self._size + more > self._file_bytes:
            self._rotate()
            self._open(more)

    def _rotate(self) -> None:
        self._close()
        files = [self._path, *(self._path.with_name(f"{self._path.name}.{number}") for number in range(1, _OLDER + 1))]
        for newer, older in reversed([*itertools.pairwise(files)]):
            if newer.exists():
                newer.replace(older)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _clean(self, value: object) -> object:
        """Return a text on one line, short and without secrets; a number as it is, seconds to a millisecond."""
        if not isinstance(value, str):
            return round(value, 3) if isinstance(value, float) else value
        value = value[: 10 * _LONGEST]
        for secret in self._secrets:
            value = value.replace(secret, "***")
        return _SECRET.sub("***", visible(value))[:_LONGEST]
