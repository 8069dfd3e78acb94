"""Commits as git recorded them, read from the bytes of one log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

# Fields end at NUL because git cuts every name and message there: no field can hold one.
LOG_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%ct%x00%B"
_FIELDS = 6


class Commit(NamedTuple):
    """One commit. `parents` are object names, `committed_at` is in seconds since 1970 UTC, `message` is whole.

    A tuple, not a dataclass, as everything that is made for each commit of a history: a frozen dataclass takes three times as long.
    """

    sha: str
    parents: tuple[str, ...]
    author: str
    email: str
    committed_at: int
    message: str


def parse_log(chunks: Iterable[bytes]) -> Iterator[Commit]:
    """Yield the commits of `git log -z --format=LOG_FORMAT`, in its order, from chunks cut anywhere.

    Total: bytes that are not UTF-8 become U+FFFD, an empty message stays empty. Raises `ValueError` if the output ends
    inside a record, which git never does.
    """
    rest: list[bytes] = []  # joined only where a field ends: a message may be larger than many chunks
    for chunk in chunks:
        head, found, tail = chunk.rpartition(b"\0")
        if not found:
            rest.append(chunk)
            continue
        fields = b"".join((*rest, head)).split(b"\0")
        whole = len(fields) - len(fields) % _FIELDS
        yield from _commits(fields[:whole])
        rest = [b"".join(field + b"\0" for field in fields[whole:]), tail]
    if left := b"".join(rest):
        raise ValueError(f"the log ends inside a record: {left[:60]!r}")


def _commits(fields: list[bytes]) -> Iterator[Commit]:
    # one decode for the whole batch: NUL never belongs to a longer UTF-8 character, so the fields stay apart
    texts = iter(b"\0".join(fields).decode("utf-8", "replace").split("\0") if fields else ())
    for sha, parents, author, email, committed_at, message in zip(*[texts] * _FIELDS, strict=True):
        above = (parents,) if len(parents) == len(sha) else tuple(parents.split())  # one parent is what most have
        yield _new(Commit, (sha, above, author, email, int(committed_at or 0), message))


_new = tuple.__new__  # half the cost of calling the class, for each commit of a history
