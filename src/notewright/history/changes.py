"""Changes: what each commit says, in the little that a changelog needs."""

from __future__ import annotations

from typing import NamedTuple

from notewright.history.commits import Commit
from notewright.history.conventional import CommitMessage, read_parts, split_message
from notewright.history.relations import Relations, read_relations

RELEASE_TRAILER = "Notewright-Release"


class Change(NamedTuple):
    """One commit, read: its body is dropped. `released` is the version that our own release commit names.

    A tuple, not a dataclass: one is made for every commit of a history, and a frozen dataclass takes three times as long.
    """

    sha: str
    author: str
    committed_at: int
    is_merge: bool
    message: CommitMessage
    released: str | None = None
    relations: Relations | None = None


def read_change(commit: Commit, *, trailers: bool = False) -> Change:
    """Read a commit, with all its `trailers` if they are wanted. Total: every message yields a change, conventional or not."""
    sha, parents, author, _, committed_at, text = commit
    header, rest = split_message(text)
    message = read_parts(header, rest, trailers=trailers)
    is_merge = len(parents) > 1
    released = _own_release(message) if message.trailers else None
    return _new(Change, (sha, author, committed_at, is_merge, message, released, read_relations(message, rest, is_merge=is_merge)))


def _own_release(message: CommitMessage) -> str | None:
    released = next((value for token, value in message.trailers if token == RELEASE_TRAILER), None)
    # the header is asked for as well: a trailer alone must not let a commit hide itself
    own = released is not None and message.header.startswith(f"chore(release): {released}")
    return released if own else None


_new = tuple.__new__  # half the cost of calling the class, for each commit of a history
