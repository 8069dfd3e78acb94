"""Atomic files: a reader sees the old bytes or the new ones, never half."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from notewright.errors import StorageError, UsageError
from notewright.system.leftovers import sweep, temporary_file


def read_bytes(path: Path) -> bytes | None:
    """Read a whole file; None if there is none. Raises `StorageError` where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}", hint="check that it is a readable file") from error


def write_atomic(path: Path, content: bytes) -> bool:
    """Write through a temporary file, fsync and rename; return whether the bytes changed. Raises `StorageError`."""
    sweep(path)
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}", hint=writing_hint(error)) from error
    return True


def writing_hint(error: OSError) -> str | None:
    """Return what to do about a file that cannot be written, where it is known."""
    return _HINTS.get(error.errno or 0)


def resolve_inside(root: Path, name: str) -> Path:
    """Resolve a configured relative path, following links; refuse one that ends outside `root`, or within its .git, where a file can
    break the repository or be run as a hook (security case 26)."""
    base = root.resolve()
    try:
        path = (base / name).resolve()
    except (OSError, RuntimeError) as error:  # Python 3.11 and 3.12 raise RuntimeError for links that go in a circle
        raise StorageError(f"cannot follow {name} in {base}: {error}", hint="mend or remove the link") from error
    if Path(name).is_absolute() or not path.is_relative_to(base):
        raise UsageError(f"{name} leads out of {base}", hint="name a path inside the repository, without links out of it")
    if any(part.lower() == ".git" for part in path.relative_to(base).parts):  # git takes .GIT as well where file names have no case
        raise UsageError(f"{name} is git's own place in {base}", hint="name a path outside .git")
    return path


def _replace(path: Path, content: bytes) -> None:
    with temporary_file(path) as (handle, temporary):
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # a temporary file is private; keep the mode of the file replaced, else what the umask would give
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_HINTS = {
    errno.ENOSPC: "the disk is full: free some space and run the same command again; nothing half-written is left",
    errno.EDQUOT: "the disk quota is used up: free some space and run the same command again",
    errno.EROFS: "the file system is read-only: write somewhere else with --output",
    errno.EACCES: "check the permissions of the folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
}
