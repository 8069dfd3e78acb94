"""Paths: the files that each commit changed, read from the bytes of one log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notewright.history.commits import LOG_FORMAT, Commit

# A record starts with an empty field, since no file name is empty: nothing else could end a list of names, because a file may be
# named like any other field. `git log -z --name-only` puts one line end before the first name and NUL after each.
PATHS_FORMAT = "%x00%H"
LOG_PATHS_FORMAT = "%x00" + LOG_FORMAT


def parse_paths(chunks: Iterable[bytes]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield object names and paths of `git log -z --name-only --format=PATHS_FORMAT`, in its order, from chunks cut anywhere.

    Paths are as git sorts them; bytes that are not UTF-8 become U+FFFD. Raises `ValueError` where the output is no such log.
    """
    for (sha,), paths in _records(chunks, size=1):
        yield sha, paths


def parse_log_with_paths(chunks: Iterable[bytes]) -> Iterator[tuple[Commit, tuple[str, ...]]]:
    """Yield commits and their paths, as `parse_paths`, of a log with LOG_PATHS_FORMAT."""
    for (sha, parents, author, email, committed_at, message), paths in _records(chunks, size=6):
        yield Commit(sha, tuple(parents.split()), author, email, int(committed_at or 0), message), paths


def _records(chunks: Iterable[bytes], *, size: int) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Yield records: `size` fields and the names that follow them."""
    pending: list[str] = []
    searched = 0  # a record may be larger than many chunks: what was searched for its end is not searched again
    for fields in _fields(chunks):
        pending += fields
        start = 0
        while len(pending) > start + size:
            try:
                end = pending.index("", max(searched, start + 1 + size))
            except ValueError:
                break
            yield _record(pending[start:end], size)
            start = searched = end
        searched = len(pending) - start
        del pending[:start]
    if pending:
        yield _record(pending, size)


def _record(fields: list[str], size: int) -> tuple[list[str], tuple[str, ...]]:
    names = fields[1 + size :]
    if fields[0] or len(fields) <= size or (names and names[0][:1] != "\n"):
        raise ValueError(f"no record of a log with paths: {fields[: size + 2]!r:.200}")
    if names:
        names[0] = names[0][1:]
    return fields[1 : 1 + size], tuple(names)


def _fields(chunks: Iterable[bytes]) -> Iterator[list[str]]:
    rest: list[bytes] = []
    for chunk in chunks:
        head, found, tail = chunk.rpartition(b"\0")
        if not found:
            rest.append(chunk)
            continue
        # one decode for the whole batch: NUL never belongs to a longer UTF-8 character, so the fields stay apart
        yield b"".join((*rest, head)).decode("utf-8", "replace").split("\0")
        rest = [tail]
    if left := b"".join(rest):
        raise ValueError(f"the log ends inside a record: {left[:60]!r}")
