"""The release branch's one commit, made beside the work tree."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from notewright.system.git import Git, GitFailed

_NAME = "notewright[bot]"
EMAIL = "notewright[bot]@users.noreply.github.com"  # workflows/release.yml knows our own pushes by it
_TREE_TRAILER = "Notewright-Tree"
_PLAIN = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Tip:
    """The newest commit of a branch. `ours` says that this tool made exactly it: nobody committed on top, or amended it."""

    sha: str
    author: str
    subject: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A path that differs between two commits. `edited` says that a plain file was there before and is there after, no more able to run
    than it was."""

    path: str
    edited: bool


def build_commit(git: Git, *, base: str, files: Iterable[tuple[str, bytes]], message: str, at_s: int) -> str:
    """Commit `files` (path and content) on top of `base` and return the commit's id; no branch moves.

    Work tree and index stay as they are: everything happens in an index of its own. A file that can be run in `base` still can.
    Author and date (`at_s`, seconds since 1970) are fixed, so the same arguments give the same id.
    """
    with tempfile.TemporaryDirectory(prefix="notewright-index-") as scratch:
        beside = git.with_environment({"GIT_INDEX_FILE": str(Path(scratch) / "index"), **_people(at_s)})
        beside.run("read-tree", base)
        runnable = _runnable(beside)
        contents = dict(sorted(files))
        blobs = _write_blobs(beside, list(contents.values()), Path(scratch))
        modes = ("100755" if path in runnable else "100644" for path in contents)
        lines = [f"{mode} {blob}\t{path}".encode() for path, mode, blob in zip(contents, modes, blobs, strict=True)]
        # --replace: a file that stood where a folder is needed goes, as in a checkout
        beside.run("update-index", "--add", "--replace", "-z", "--index-info", input_bytes=b"\0".join(lines) + b"\0")
        tree = beside.line("write-tree")
        text = f"{message.rstrip()}\n{_TREE_TRAILER}: {tree}\n"
        return beside.run("commit-tree", tree, "-p", base, "-F", "-", input_bytes=text.encode()).decode().strip()


def read_tip(git: Git, sha: str) -> Tip:
    """Read a commit that is in the object database.

    It is ours when author and committer are ours and the tree is the one that its message names: amending changes the
    committer, committing on top the tip, and editing through a web page both.
    """
    shape = "%T%x00%an <%ae>%x00%cn <%ce>%x00%an%x00%s%x00%(trailers:key=" + _TREE_TRAILER + ",valueonly)"
    tree, author, committer, name, subject, trailer = git.line("log", "-1", f"--format={shape}", sha).split("\0")
    us = f"{_NAME} <{EMAIL}>"
    return Tip(sha, name, subject, ours=author == committer == us and trailer.strip() == tree)


def read_changes(git: Git, before: str, after: str) -> tuple[Change, ...]:
    """Return what differs between two commits, in the order of the paths; a renamed file is one that is gone and one that is new."""
    fields = git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", before, after).decode("utf-8", "surrogateescape").split("\0")
    heads = (head.lstrip(":").split(" ") for head in fields[:-1:2])
    return tuple(Change(path, edited=old == new in _PLAIN) for (old, new, *_), path in zip(heads, fields[1::2], strict=True))


def list_above(git: Git, tip: str, *, most: int) -> tuple[str, ...]:
    """Return a commit and those below it by first parents, newest first."""
    return tuple(git.run("rev-list", "--first-parent", f"--max-count={most}", tip).decode().split())


def read_author(git: Git, sha: str) -> str:
    """Return who wrote a commit, as "Name <address>"."""
    return git.line("log", "-1", "--format=%an <%ae>", sha)


def last_change(git: Git, before: str, after: str, path: str) -> str:
    """Return the newest commit between two that changed a path; `after` itself where only a merge did."""
    found = git.run("rev-list", "--first-parent", "--max-count=1", f"{before}..{after}", "--", f":(literal){path}").decode().strip()
    return found or after


def has_commit(git: Git, sha: str) -> bool:
    """Return whether the object database holds this commit."""
    return git.succeeds("cat-file", "-e", f"{sha}^{{commit}}")


def find_ref(git: Git, name: str) -> str | None:
    """Return the object that a reference (its full name) is at; None where there is none."""
    try:
        return git.line("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    except GitFailed:
        return None


def _runnable(git: Git) -> set[str]:
    """Return the paths of the index that are files to be run."""
    entries = git.run("ls-files", "--stage", "-z").decode("utf-8", "replace").split("\0")
    return {entry.partition("\t")[2] for entry in entries if entry.startswith("100755 ")}


def _write_blobs(git: Git, contents: Sequence[bytes], scratch: Path) -> list[str]:
    """Write contents into the object database as they are, and return their ids: one process for all of them, which reads them as files."""
    paths = [scratch / f"blob-{place}" for place in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    listed = "".join(f"{path}\n" for path in paths).encode()
    return git.run("hash-object", "-w", "--no-filters", "--stdin-paths", input_bytes=listed).decode().split()


def _people(at_s: int) -> dict[str, str]:
    return {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", _NAME), ("EMAIL", EMAIL), ("DATE", f"@{at_s} +0000"))
    }
