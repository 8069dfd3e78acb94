"""Blobs: the files of a commit and their contents, read from git's objects without a checkout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from subprocess import Popen
from typing import IO

from notewright.errors import RepositoryError
from notewright.system.git import Git, listen

MOST_FILES = 2_000_000  # Chromium has 400,000; ten trees that name each other ten times have ten thousand million
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# Asked together before the first answer is read, which must fit into a pipe: git waits with its answers, never with reading.
_TOGETHER = 50
_AGAIN = "run `notewright dataset sync` again: it repairs a clone"


@dataclass(frozen=True, slots=True)
class TreeFile:
    """What stands at a path of a commit, as git holds it: `mode` is 100644 or 100755 for a file, 120000 for a link, 160000 for a
    submodule, whose `size` in bytes is 0. The path may be any bytes but NUL."""

    path: bytes
    mode: str
    oid: str
    size: int


class Blobs:
    """Reads the objects of one bare clone. Nothing of what is read is run, unfolded, filtered or fetched."""

    def __init__(self, directory: Path) -> None:
        # named, or git would look for a repository in the folders above a broken one, and follow its configuration
        self._git = Git(directory, environment={"GIT_DIR": str(directory)})
        self._directory = directory

    def list_files(self, commit: str, *, most: int = MOST_FILES) -> Iterator[TreeFile]:
        """Yield everything but folders in git's order. Raises `RepositoryError`, also for more than `most` files (security case 34)."""
        with self._git.stream("ls-tree", "-r", "-z", "--long", "--full-tree", "--end-of-options", _checked(commit)) as chunks:
            for number, record in enumerate(_records(chunks)):
                if number == most:
                    raise RepositoryError(
                        f"commit {commit[:7]} in {self._directory.name} has more than {most:,} files", hint="leave this repository out"
                    )
                yield self._read_entry(record)

    def read(self, oids: Iterable[str], *, most_bytes: int) -> Iterator[tuple[str, bytes]]:
        """Yield the blobs with their contents in the given order, but for those of more than `most_bytes`, which are not read.

        Raises `RepositoryError` where the clone lacks one.
        """
        waiting = iter(oids)
        with self._talk("--batch-check") as sizes, self._talk("--batch") as contents:
            while group := [_checked(oid) for oid in islice(waiting, _TOGETHER)]:
                _ask(sizes, group)
                small = [oid for oid in group if self._read_size(sizes, oid) <= most_bytes]
                _ask(contents, small)
                for oid in small:
                    size = self._read_size(contents, oid)
                    yield oid, self._read_exactly(contents, size + 1)[:size]  # a line feed ends each

    @contextmanager
    def _talk(self, how: str) -> Iterator[Popen[bytes]]:
        with self._git.start("cat-file", how) as process:
            said = listen(process)
            try:
                yield process
            except BaseException:
                process.kill()
                raise
            finally:
                with suppress(BrokenPipeError):
                    _pipe(process.stdin).close()
                said()

    def _read_size(self, process: Popen[bytes], oid: str) -> int:
        fields = _pipe(process.stdout).readline().split()
        if len(fields) != 3 or fields[0] != oid.encode() or fields[1] != b"blob":
            raise self._lacks(oid)
        return int(fields[2])

    def _read_exactly(self, process: Popen[bytes], size: int) -> bytes:
        content = _pipe(process.stdout).read(size)
        if len(content) != size:
            raise RepositoryError(f"objects of {self._directory.name} are damaged", hint=_AGAIN)
        return content

    def _read_entry(self, record: bytes) -> TreeFile:
        head, _, path = record.partition(b"\t")
        mode, _, oid, size = head.decode("ascii").split()
        if size not in ("-", "BAD"):
            return TreeFile(path, mode, oid, int(size))
        if size == "BAD":  # git's word for an object that is not there
            raise self._lacks(oid)
        return TreeFile(path, mode, oid, 0)

    def _lacks(self, oid: str) -> RepositoryError:
        return RepositoryError(f"{self._directory.name} has no file with the object {oid:.12}", hint=_AGAIN)


def _ask(process: Popen[bytes], oids: list[str]) -> None:
    stdin = _pipe(process.stdin)
    with suppress(BrokenPipeError):  # what it did not answer is missed when it is read
        stdin.write("".join(f"{oid}\n" for oid in oids).encode())
        stdin.flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe
    return pipe


def _checked(oid: str) -> str:
    if not _OID.fullmatch(oid):
        raise ValueError(f"{oid!r} is not the full name of an object")
    return oid


def _records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut at NUL, which ends each record."""
    rest = b""
    for chunk in chunks:
        *records, rest = (rest + chunk).split(b"\0")
        yield from records
