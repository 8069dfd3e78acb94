"""Files as a commit holds them, whatever the work tree says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from notewright.errors import RepositoryError, UsageError
from notewright.system.git import Git

_FILES = ("100644", "100755")
_FOLDER = "040000"
_MOST_PATHS = 500  # told to one process: together they are far below what a command line holds


def read_file(git: Git, commit: str, path: str) -> bytes | None:
    """Return a file's bytes; None if the commit has none there. Raises as `read_files`."""
    return read_files(git, commit, (path,))[path]


def read_files(git: Git, commit: str, paths: Iterable[str]) -> dict[str, bytes | None]:
    """Return the bytes of files by their paths, None for what the commit does not hold; two or three git processes do it for all of them.

    Raises `UsageError` for a path that leaves the tree, `RepositoryError` for a link, a folder or a submodule in its place or above it
    (security case 26).
    """
    places = {path: inside(path) for path in paths}
    entries = _entries(git, commit, sorted({*places.values()}))
    # Git lists nothing below what is no folder: what stands above a file that is not listed is asked for apart.
    above = {folder for place in places.values() if place not in entries for folder in place.parents[:-1]}
    entries |= _entries(git, commit, sorted(above - entries.keys()))
    found = {path: blob for path, place in places.items() if (blob := _blob(entries, place, commit))}
    contents = read_blobs(git, sorted({*found.values()}))
    return {path: contents[found[path]] if path in found else None for path in places}


def read_blobs(git: Git, names: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of blobs by their names. Raises `RepositoryError` for one that the repository should hold and does not."""
    output = git.run("cat-file", "--batch=%(objectsize)", input_bytes="".join(f"{name}\n" for name in names).encode()) if names else b""
    contents, place = {}, 0
    for name in names:
        end = output.index(b"\n", place)
        if not (size := output[place:end]).isdigit():  # "… missing"
            raise RepositoryError(
                f"this clone lacks {name[:7]}, a file of its own history",
                hint="run `git fsck`, and clone again; a partial clone needs `git fetch --refetch --no-filter`",
            )
        length = int(size)
        contents[name] = output[end + 1 : end + 1 + length]
        place = end + length + 2
    return contents


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


def _entries(git: Git, commit: str, places: Sequence[PurePosixPath]) -> dict[PurePosixPath, tuple[str, str]]:
    """Return mode and object of what stands at these places and of the folders above it."""
    entries: dict[PurePosixPath, tuple[str, str]] = {}
    for first in range(0, len(places), _MOST_PATHS):
        asked = (f":(literal){place}" for place in places[first : first + _MOST_PATHS])
        listed = git.run("ls-tree", "-t", "-z", commit, "--", *asked).decode("utf-8", "surrogateescape")
        for entry in listed.split("\0")[:-1]:
            about, _, path = entry.partition("\t")
            mode, _kind, name = about.split(" ")
            entries[PurePosixPath(path)] = (mode, name)
    return entries


def _blob(entries: dict[PurePosixPath, tuple[str, str]], place: PurePosixPath, commit: str) -> str | None:
    """Return the object of the file at a place; None for nothing."""
    for above in reversed(place.parents[:-1]):
        if above not in entries:
            return None
        if entries[above][0] != _FOLDER:
            raise _not_a("folder", above, commit)
    if place not in entries:
        return None
    mode, name = entries[place]
    if mode not in _FILES:
        raise _not_a("file", place, commit)
    return name


def _not_a(kind: str, path: PurePosixPath, commit: str) -> RepositoryError:
    return RepositoryError(
        f"{path} is no {kind} in commit {commit[:7]}: a link or a submodule", hint=f"make it a plain {kind}, or configure another"
    )
