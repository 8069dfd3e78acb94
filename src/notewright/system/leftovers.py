"""Temporary files and folders: what a killed writer left beside its target is removed by the next one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # on Windows nothing tells the dead from the living, and what they left stays
    _LOCKS = False
else:
    _LOCKS = True

_END = ".notewright"


@contextmanager
def temporary_file(target: Path) -> Iterator[tuple[int, Path]]:
    """Give a new file beside `target`, open for writing, to be closed by who writes it, and its path; it is gone at the end unless it was
    renamed. Raises `OSError`."""
    while True:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=_begin(target), suffix=_END)
        try:
            with _claimed(name) as claimed:
                if claimed:
                    yield handle, Path(name)
                    return
                os.close(handle)
        finally:
            Path(name).unlink(missing_ok=True)


@contextmanager
def temporary_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`, which is gone at the end with all that is in it then. Raises `OSError`."""
    while True:
        name = tempfile.mkdtemp(dir=target.parent, prefix=_begin(target), suffix=_END)
        try:
            with _claimed(name) as claimed:
                if claimed:
                    yield Path(name)
                    return
        finally:
            shutil.rmtree(name, ignore_errors=True)


def sweep(target: Path, rescue: Callable[[Path], None] | None = None) -> None:
    """Remove the files and folders that writers of `target` left when they were killed, each after `rescue` has seen it; what a living
    writer holds stays."""
    try:
        left = sorted(path for path in target.parent.iterdir() if path.name.startswith(_begin(target)) and is_temporary(path.name))
    except OSError:  # whoever writes there will say why it does not go
        return
    for path in left if _LOCKS else ():
        with suppress(OSError):
            _remove(path, rescue)


def is_temporary(name: str) -> bool:
    """Whether a file or folder of this name is one that is made here."""
    return name.startswith(".") and name.endswith(_END)


def _remove(path: Path, rescue: Callable[[Path], None] | None) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if rescue:
            rescue(path)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    finally:
        os.close(handle)


def _begin(target: Path) -> str:
    return f".{target.name}."


@contextmanager
def _claimed(name: str) -> Iterator[bool]:
    """Hold what was made until the block ends; tell whether it is there still: a sweep may have come between."""
    if not _LOCKS:
        yield True
        return
    try:
        handle = os.open(name, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        with suppress(OSError):  # a file system without locks: nobody sweeps there either
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield os.path.lexists(name)
    finally:
        os.close(handle)
