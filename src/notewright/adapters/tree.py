"""Files as a commit holds them, whatever the work tree says."""

from __future__ import annotations

from pathlib import PurePosixPath

from notewright.errors import RepositoryError, UsageError
from notewright.system.git import Git

_FILES = ("100644", "100755")
_FOLDER = "040000"


def read_file(git: Git, commit: str, path: str) -> bytes | None:
    """Return a file's bytes; None if the commit has none there. Raises `UsageError` for a path that leaves the tree,
    `RepositoryError` for a link, a folder or a submodule in its place or above it (security case 26)."""
    place = inside(path)
    for above in reversed(place.parents[:-1]):
        mode, _ = _entry(git, commit, above)
        if mode is None:
            return None
        if mode != _FOLDER:
            raise _not_a("folder", above, commit)
    mode, name = _entry(git, commit, place)
    if mode is None:
        return None
    if mode not in _FILES:
        raise _not_a("file", place, commit)
    return git.run("cat-file", "blob", name)


def list_names(git: Git, commit: str, folder: str) -> tuple[str, ...]:
    """Return the names directly in a folder of the commit, in git's order; none if it has no such folder."""
    output = git.run("ls-tree", "-z", "--name-only", commit, "--", f"{inside(folder)}/").decode("utf-8", "replace")
    return tuple(path.rpartition("/")[2] for path in output.split("\0") if path)


def list_files(git: Git, commit: str, folder: str) -> tuple[str, ...]:
    """Return the paths of all files in a folder of the commit, at any depth."""
    output = git.run("ls-tree", "-r", "-z", "--name-only", commit, "--", f"{inside(folder)}/").decode("utf-8", "replace")
    return tuple(path for path in output.split("\0") if path)


def inside(path: str) -> PurePosixPath:
    """Return a path inside the tree. Raises `UsageError` for any other."""
    place = PurePosixPath(path)
    if place.is_absolute() or not place.parts or ".." in place.parts or ".git" in (part.lower() for part in place.parts):
        raise UsageError(f"{path} leads out of the repository", hint="name a path inside it, such as CHANGELOG.md")
    return place


def _entry(git: Git, commit: str, path: PurePosixPath) -> tuple[str | None, str]:
    """Return mode and object of what stands at a path; None for nothing."""
    line = git.run("ls-tree", "-z", commit, "--", f":(literal){path}").decode("utf-8", "replace")
    if not line:
        return None, ""
    mode, _, rest = line.partition(" ")
    return mode, rest.partition("\t")[0].split(" ")[1]


def _not_a(kind: str, path: PurePosixPath, commit: str) -> RepositoryError:
    return RepositoryError(
        f"{path} is no {kind} in commit {commit[:7]}: a link or a submodule", hint=f"make it a plain {kind}, or configure another"
    )
