"""What the fake GitHub reads from, and writes to, the bare repository that people push to."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.parts.plumbing import read_git, run_git

_FIELDS = ("%H", "%T", "%P", "%an", "%ae", "%ad", "%cn", "%ce", "%cd", "%B")
_LOG = ("log", "-z", f"--format={'%x00'.join(_FIELDS)}", "--date=format-local:%Y-%m-%dT%H:%M:%SZ")
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
_STATUSES = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed"}


@dataclass(frozen=True, slots=True)
class Signature:
    """Who did something to a commit, and when (UTC, ISO 8601)."""

    name: str
    email: str
    at: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it lies in the repository."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one file between two commits."""

    path: str
    previous_path: str | None
    status: str
    additions: int
    deletions: int
    blob: str


class Bare:
    """A bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *args: str) -> str:
        """Return what git prints. Raises `subprocess.CalledProcessError`."""
        return read_git(self.path, *args)

    def attempt(self, *args: str) -> str | None:
        """Return what git prints, None when it fails."""
        try:
            return self.git(*args)
        except subprocess.CalledProcessError:
            return None

    def find_commit(self, name: str) -> str | None:
        """Return the commit that an id, a branch, a tag or a path under refs/ names; expressions such as main~1 name nothing."""
        if re.search(r"[~^:{]", name):
            return None
        return self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")

    def find_head(self, branch: str) -> str | None:
        """Return the commit of a branch."""
        return self.attempt("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")

    def list_refs(self, prefix: str) -> list[tuple[str, str, str]]:
        """Return name, object id and kind of each ref under a path such as refs/tags, by name."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname) %(objecttype)", prefix).splitlines()
        return [(name, sha, kind) for name, sha, kind in (line.split(" ") for line in lines)]

    def move_ref(self, ref: str, sha: str | None) -> None:
        """Let `ref` point to `sha`, or delete it."""
        self.git("update-ref", *(("-d", ref) if sha is None else (ref, sha)))

    def read_log(self, *revisions: str) -> list[Commit]:
        """Return the commits that `git log` shows for these arguments, in its order."""
        fields = iter(run_git(self.path, *_LOG, *revisions).decode("utf-8", "replace").split("\0"))
        rows = zip(*[fields] * len(_FIELDS), strict=False)  # what is left over is the empty end
        return [
            Commit(sha, tree, tuple(parents.split()), Signature(*author), Signature(*committer), message.rstrip("\n"))
            for sha, tree, parents, *people, message in rows
            for author, committer in [(people[:3], people[3:])]
        ]

    def read_commit(self, sha: str) -> Commit:
        """Return one commit."""
        return self.read_log("-1", sha)[0]

    def find_merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor."""
        return self.attempt("merge-base", one, other)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether `newer` contains `older`, itself included."""
        return self.attempt("merge-base", "--is-ancestor", older, newer) is not None

    def merge_trees(self, base: str, head: str) -> str | None:
        """Return the tree that merging gives, None on a conflict."""
        return self.attempt("merge-tree", "--write-tree", base, head)

    def list_changes(self, old: str | None, new: str) -> list[Change]:
        """Return what differs, by path; `old` None stands for nothing at all."""
        counts = self._diff("--numstat", old, new)
        rows = iter(self._diff("--raw", old, new))
        found = []
        for raw in rows:
            status, blob = raw.split(" ")[4], raw.split(" ")[3]
            previous = next(rows) if status[0] == "R" else None
            path = next(rows)
            added, deleted = _count_lines(counts, path)
            found.append(Change(path, previous, _STATUSES[status[0]], added, deleted, blob))
        return found

    def _diff(self, form: str, old: str | None, new: str) -> list[str]:
        raw = self.git("diff-tree", "-r", "-M", "-z", "--no-commit-id", "--abbrev=40", form, old or _EMPTY_TREE, new)
        return raw.removesuffix("\0").split("\0") if raw else []


def _count_lines(counts: list[str], path: str) -> tuple[int, int]:
    """Return the added and deleted lines of a path from `--numstat -z`, where a renamed path follows its old one."""
    for place, row in enumerate(counts):
        added, _, rest = row.partition("\t")
        deleted, _, name = rest.partition("\t")
        if path in (name, counts[place + 2] if rest and not name else None):
            return int(added.replace("-", "0")), int(deleted.replace("-", "0"))
    return 0, 0
