"""Watched git: long calls that are measured while they run, and ended with all that they started."""

from __future__ import annotations

import os
import re
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import IO

from notewright.control import Cancel
from notewright.errors import RepositoryError
from notewright.system.git import Git, GitFailed

_LOOK_S = 0.1  # how soon a wish to stop is honoured
_MEASURE_S = 0.5
_LAST_WORDS_S = 1.0  # an ssh connection that others share keeps the pipes open after git has ended
_CHUNK_BYTES = 1 << 16
_SAID_BYTES = 1 << 16  # the end says what failed; a server may talk for hours
_LINE_END = re.compile(rb"[\r\n]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may take: seconds without a word, seconds in all, bytes on the disk, and bytes of memory at once."""

    silent_s: float = 600.0
    total_s: float = 4 * 3600.0
    disk_bytes: int = 20 << 30
    memory_bytes: int = 1 << 30


def run_watched(
    git: Git,
    *args: str,
    limits: Limits,
    cancel: Cancel,
    folder: Path | None = None,
    heard: Callable[[str], None] = lambda _: None,
) -> None:
    """Run git for what it does, not for what it prints; tell `heard` each line of stderr as it comes, and measure the files of `folder`.

    Raises `GitFailed`, `RepositoryError` for a limit, and `Cancelled` within a second; nothing that git started goes on then.
    """
    with git.start(*args, apart=True) as process:
        watch = _Watch(process, args[0], limits=limits, cancel=cancel, folder=folder, heard=heard)
        try:
            watch.follow()
        finally:
            _end(process)
    if process.returncode:
        raise GitFailed(args[0], watch.said.decode("utf-8", "replace"), process.returncode)


class _Watch:
    """Reads both pipes of one process in turn, and looks at the limits between."""

    def __init__(
        self, process: Popen[bytes], name: str, *, limits: Limits, cancel: Cancel, folder: Path | None, heard: Callable[[str], None]
    ) -> None:
        self.said = bytearray()
        self._name, self._process, self._limits, self._cancel = name, process, limits, cancel
        self._folder, self._heard = folder, heard
        self._line = b""
        self._began_at = self._spoke_at = self._measured_at = time.monotonic()

    def follow(self) -> None:
        """Read until git has ended and said all."""
        assert self._process.stdin
        self._process.stdin.close()
        ended_at: float | None = None
        with selectors.DefaultSelector() as pipes:
            for pipe, take in ((self._process.stdout, lambda _: None), (self._process.stderr, self._take_words)):
                pipes.register(_of(pipe), selectors.EVENT_READ, take)
            while pipes.get_map():
                for key, _ in pipes.select(_LOOK_S):
                    self._spoke_at = time.monotonic()
                    chunk = os.read(key.fd, _CHUNK_BYTES)
                    key.data(chunk)
                    if not chunk:
                        pipes.unregister(key.fileobj)
                self._check()
                if self._process.poll() is not None:
                    ended_at = ended_at or time.monotonic()
                    if time.monotonic() - ended_at > _LAST_WORDS_S:
                        break
        while self._process.poll() is None:  # it closed its pipes before it ended
            self._check()
            self._cancel.wait(_LOOK_S)
        self._measure()  # what was too quick to be seen

    def _take_words(self, chunk: bytes) -> None:
        self.said += chunk
        del self.said[:-_SAID_BYTES]
        *lines, rest = _LINE_END.split(self._line + chunk)
        self._line = rest[-_CHUNK_BYTES:]
        for line in lines:
            self._heard(line.decode("utf-8", "replace"))

    def _check(self) -> None:
        self._cancel.check()
        now = time.monotonic()
        if now - self._spoke_at > self._limits.silent_s:
            raise RepositoryError(
                f"git {self._name} said nothing for {self._limits.silent_s:g} s", hint="check the network and the git server"
            )
        if now - self._began_at > self._limits.total_s:
            raise RepositoryError(f"git {self._name} did not end within {self._limits.total_s:g} s", hint="leave this repository out")
        if now - self._measured_at > _MEASURE_S:
            self._measured_at = now
            self._measure()

    def _measure(self) -> None:
        if self._folder and _size_of(self._folder) > self._limits.disk_bytes:
            raise RepositoryError(f"the repository takes more than {self._limits.disk_bytes >> 20:,} MiB", hint="leave it out")


def _end(process: Popen[bytes]) -> None:
    """End git and whatever it started: transports, ssh, the one that unpacks."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)  # git removes its temporary files
    with suppress(TimeoutExpired):
        process.wait(_LAST_WORDS_S / 2)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _size_of(folder: Path) -> int:
    total = 0
    with suppress(OSError):  # files come and go meanwhile
        for entry in os.scandir(folder):
            total += entry.stat(follow_symlinks=False).st_size
    return total


def _of(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe
    return pipe
