"""Clone folders: what a bare clone of ours consists of, and how it begins."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notewright.system.files import read_bytes, write_atomic
from notewright.system.git import Git

PINNED = "refs/heads/pinned"
# The whole configuration of a clone. One that says anything else, such as `url.*.insteadOf` in a restored cache, is not used.
_CONFIGS = {
    "sha1": b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
    "sha256": b"[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
}
_HEAD = f"ref: {PINNED}\n".encode()
_ENTRIES = frozenset({"HEAD", "config", "objects", "refs", "packed-refs", "info"})
# Written by git while it works; a kill leaves them, and nobody else works here while the folder of clones is held.
_LEFTOVERS = ("*.lock", "refs/**/*.lock", "gc.pid", "gc.log", "objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/??/tmp_obj_*",
              "objects/info/*.lock", "objects/info/tmp_*")  # fmt: skip
# Objects that are elsewhere: of a shallow or partial clone, or one that borrows.
_LACKING = ("shallow", "objects/info/alternates", "objects/pack/*.promisor")
_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_PART = ".part"
_OURS = re.compile(r".+-[0-9a-f]{16}\.git")


def folder_name(identity: str) -> str:
    """Return a folder's name that people can read and no other identity has, on disks without upper case too."""
    readable = _PLAIN.sub("-", identity).strip("-.")[-80:].lower()
    return f"{readable or 'repository'}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.git"


def list_clones(directory: Path, *, before_s: float) -> tuple[Path, ...]:
    """Return the clones that were not used since a moment, by name."""
    found = sorted(path for path in directory.iterdir() if _OURS.fullmatch(path.name) and (path / "HEAD").is_file())
    return tuple(path for path in found if (path / "HEAD").stat().st_mtime < before_s)


@contextmanager
def temporary(directory: Path) -> Iterator[Path]:
    """Give an empty folder for a clone that is not whole yet. What is left of it at the end goes."""
    with tempfile.TemporaryDirectory(prefix=".", suffix=_PART, dir=directory, ignore_cleanup_errors=True) as name:
        part = Path(name) / "clone"
        part.mkdir()
        yield part


def begin(folder: Path, object_format: str) -> None:
    """Make an empty folder an empty clone: no hooks, no template, nothing of the machine's configuration."""
    # GIT_DIR would make `init` ignore the folder that it is given
    Git(folder).run("init", "--quiet", "--bare", "--template=", "--initial-branch=pinned", f"--object-format={object_format}", ".")
    write_atomic(folder / "config", _CONFIGS[object_format])


def is_sound(folder: Path) -> bool:
    """Return whether a clone is there that is ours, whole and unchanged, as far as its files tell; remove what a kill left in it."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    for pattern in _LEFTOVERS:
        for path in folder.glob(pattern):
            with suppress(OSError):
                path.unlink()
    if {path.name for path in folder.iterdir()} - _ENTRIES or any(any(folder.glob(pattern)) for pattern in _LACKING):
        return False
    return read_bytes(folder / "HEAD") == _HEAD and read_bytes(folder / "config") in _CONFIGS.values()


def packs(folder: Path) -> int:
    """Count the packs: each fetch that brings something adds one."""
    return sum(1 for _ in folder.glob("objects/pack/*.pack"))


def put(part: Path, folder: Path) -> None:
    """Let a whole clone take its place; what stood there goes."""
    remove(folder)
    part.rename(folder)


def remove(folder: Path) -> None:
    """Remove a clone, by another name first: what is half removed is never taken for a clone."""
    gone = folder.with_name(f".{folder.name}{_PART}")
    _remove_part(gone)
    if folder.exists() or folder.is_symlink():
        folder.rename(gone)
        _remove_part(gone)


def remove_parts(directory: Path) -> None:
    """Remove what interrupted runs left."""
    for path in directory.glob(f".*{_PART}"):
        _remove_part(path)


def _remove_part(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
