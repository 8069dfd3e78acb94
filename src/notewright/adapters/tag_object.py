"""Tag objects: made beside the work tree, the same for whoever makes them, and read back."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.adapters.branch import find_ref
from notewright.system.git import Git

_TAGGER = "notewright[bot] <notewright[bot]@users.noreply.github.com>"


@dataclass(frozen=True, slots=True)
class TagObject:
    """A tag: the object that its name stands for, the commit that this names in the end, and its message, "" without an object."""

    sha: str
    commit: str
    message: str


def build_tag(git: Git, *, name: str, commit: str, message: str) -> str:
    """Write a tag object and return its id; no reference is made. Its date is the commit's, so the same arguments give the same id."""
    at_s = git.line("log", "-1", "--format=%ct", commit)
    text = f"object {commit}\ntype commit\ntag {name}\ntagger {_TAGGER} {at_s} +0000\n\n{message}"
    return git.run("mktag", input_bytes=text.encode("utf-8", "surrogateescape")).decode().strip()


def read_tag(git: Git, name: str) -> TagObject | None:
    """Read a tag of this clone; None where there is none."""
    sha = find_ref(git, f"refs/tags/{name}")
    if sha is None:
        return None
    commit = find_ref(git, f"refs/tags/{name}^{{commit}}")
    return TagObject(sha, commit or "", read_message(git, sha) if commit != sha else "")


def read_message(git: Git, sha: str) -> str:
    """Return the message of a tag object."""
    return git.run("cat-file", "tag", sha).decode("utf-8", "replace").partition("\n\n")[2]
