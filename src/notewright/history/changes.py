"""Changes: what each commit says, in the little that a changelog needs."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.history.commits import Commit
from notewright.history.conventional import CommitMessage, parse_change

RELEASE_TRAILER = "Notewright-Release"


@dataclass(frozen=True, slots=True)
class Change:
    """One commit, read: its body is dropped. `released` is the version that our own release commit names."""

    sha: str
    author: str
    committed_at: int
    is_merge: bool
    message: CommitMessage
    released: str | None = None


def read_change(commit: Commit) -> Change:
    """Read a commit. Total: every message yields a change, conventional or not."""
    message = parse_change(commit.message)
    released = next((value for token, value in message.trailers if token == RELEASE_TRAILER), None)
    # the header is asked for as well: a trailer alone must not let a commit hide itself
    own = released is not None and message.header.startswith(f"chore(release): {released}")
    return Change(commit.sha, commit.author, commit.committed_at, len(commit.parents) > 1, message, released if own else None)
