"""A real git repository whose object ids are the same on every machine."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.parts.plumbing import PERSON, people, run_git

# Commands that write a date into an object: each gets a later one, so that "newest first" means something.
_DATED = frozenset({"commit", "merge", "tag", "cherry-pick", "revert", "rebase", "commit-tree", "am", "notes"})
_FIRST_MOMENT_S = 1_767_225_600  # 2026-01-01T00:00:00Z
_STEP_S = 60


class Repo:
    """A work tree on branch main, without the machine's configuration, with fixed people and its own clock."""

    def __init__(self, path: Path) -> None:
        """Create the repository, its directory included, where there is none."""
        self.path = path
        self.now_s = _FIRST_MOMENT_S
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--template=", "--initial-branch=main")

    @classmethod
    def clone(cls, source: str, path: Path) -> Self:
        """Clone from an address or a path, as the remote origin, with the branch that is checked out there."""
        run_git(path.parent, "clone", "--quiet", "--template=", source, str(path))
        return cls(path)

    def git(self, *args: str, author: str = PERSON, input_bytes: bytes | None = None) -> str:
        """Return stdout as text without its last newline. Raises `subprocess.CalledProcessError` with git's text as a note."""
        if args[0] in _DATED:
            self._tick()
        out = run_git(self.path, *args, env=people(author, PERSON, at_s=self.now_s), input_bytes=input_bytes)
        return out.decode("utf-8", "replace").removesuffix("\n")

    def commit(self, message: str | bytes, files: Mapping[str, str | bytes | None] | None = None, *, author: str = PERSON) -> str:
        """Commit `files` (path to content; None deletes), or nothing at all, and return the commit's id.

        The message goes in as it is: empty, with comment lines, or no valid UTF-8. Only a last newline is added.
        """
        for name, content in (files or {}).items():
            self._put(name, content)
        raw = message if isinstance(message, bytes) else message.encode()
        self._tick()
        head = [f"tree {self.git('write-tree')}", *(f"parent {sha}" for sha in self._head())]
        head += [f"author {author} {self.now_s} +0000", f"committer {PERSON} {self.now_s} +0000", "\n"]
        # not `git commit`, which rewrites bytes that are no UTF-8
        content = "\n".join(head).encode() + raw + (b"" if raw.endswith(b"\n") or not raw else b"\n")
        sha = self.git("hash-object", "-t", "commit", "-w", "--stdin", input_bytes=content)
        self.git("update-ref", "HEAD", sha)
        return sha

    def merge(self, branch: str, message: str, *, author: str = PERSON) -> str:
        """Merge `branch` with a merge commit, even where a fast-forward would do, and return the commit's id."""
        self.git("merge", "--quiet", "--no-ff", "--cleanup=verbatim", "-m", message, branch, author=author)
        return self.sha()

    def tag(self, name: str, *, annotated: bool = False, at: str = "HEAD") -> None:
        """Tag the commit `at`, with a tag object of its own when `annotated`."""
        self.git("tag", *(("-a", "-m", name) if annotated else ()), name, at)

    def branch(self, name: str) -> None:
        """Switch to the branch `name`, created here when it is new."""
        exists = self.git("branch", "--list", name)
        self.git("switch", "--quiet", *(() if exists else ("--create",)), name)

    def sha(self, revision: str = "HEAD") -> str:
        """Return the id of the commit that `revision` names."""
        return self.git("rev-parse", "--verify", "--end-of-options", revision + "^{commit}")

    def clone_bare(self, directory: Path) -> Path:
        """Clone into `directory`, bare and without a remote, and return it."""
        self.git("clone", "--quiet", "--template=", "--bare", "--no-hardlinks", str(self.path), str(directory))
        run_git(directory, "remote", "remove", "origin")
        return directory

    def _tick(self) -> None:
        """Let time pass, beyond the newest commit that came from elsewhere."""
        dates = [int(run_git(self.path, "log", "-1", "--format=%ct", sha)) for sha in self._head()]
        self.now_s = max(self.now_s, *dates, 0) + _STEP_S

    def _head(self) -> list[str]:
        """Return the commit that is checked out, or nothing on an unborn branch."""
        try:
            return [self.sha()]
        except subprocess.CalledProcessError:
            return []

    def _put(self, name: str, content: str | bytes | None) -> None:
        if content is None:
            self.git("rm", "--quiet", "--", name)
            return
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--force", "--", name)
