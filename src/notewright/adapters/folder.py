"""A folder that is there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from notewright.errors import StorageError, UsageError
from notewright.system.files import write_atomic, writing_hint
from notewright.system.leftovers import is_temporary, sweep, temporary_folder

_MOST_BYTES = 256 << 20
# git sees nothing of a folder that ignores itself, so that a proposal in a work tree leaves it clean
_IGNORE = (".gitignore", b"*\n")


def write_folder(directory: Path, files: Mapping[str, bytes], *, known: Iterable[str]) -> None:
    """Put `files` in the place of `directory`, whose older content goes; nobody sees half of either. Raises `UsageError` if it holds
    something other than the top-level names that are `known`, `StorageError` where it cannot be written: then the old one stays."""
    directory = directory.absolute()
    check_replaceable(directory, {*known, _IGNORE[0]}, "proposal")
    with replaced_folder(directory) as scratch:
        for name, content in (*files.items(), _IGNORE):
            write_atomic(scratch / name, content)


@contextmanager
def replaced_folder(directory: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which is in the place of `directory` when the block ends; nobody sees half of either. Raises
    `StorageError` where one of them cannot be written, or the block raises `OSError`: then, as after every error, the old one stays."""
    directory = directory.absolute()
    sweep(directory, lambda scratch: _put_back(directory, scratch))
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(directory) as scratch:
            (scratch / "new").mkdir()
            yield scratch / "new"
            _swap(directory, scratch)
    except OSError as error:
        hint = writing_hint(error) or "check its permissions, or use another --output"
        raise StorageError(f"cannot write {directory}: {error.strerror}", hint=hint) from error


def check_replaceable(directory: Path, known: Container[str], what: str) -> None:
    """Raise `UsageError` where a folder holds other top-level names than are `known`, so that it is not `what` it is taken for."""
    try:
        strange = sorted(path.name for path in directory.iterdir() if path.name not in known and not is_temporary(path.name))
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise UsageError(f"{directory} is a file, or lies below one", hint="name another folder with --output") from error
    except OSError as error:
        raise StorageError(f"cannot read {directory}: {error.strerror}", hint="check its permissions") from error
    if strange:
        raise UsageError(f"{directory} is no {what}: it holds {strange[0]}", hint="name an empty or a new folder with --output")


def read_folder_file(directory: Path, name: str) -> bytes | None:
    """Return a file's bytes; None if there is none. Raises `UsageError` for a link, wherever it leads, and for an absurd size."""
    path = directory.absolute() / name
    above = [path, *path.parents[: len(Path(name).parts)]]
    if any(part.is_symlink() for part in above):
        raise UsageError(f"{path} is a link, or lies behind one", hint="a proposal holds plain files only: prepare it again")
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is larger than {_MOST_BYTES >> 20} MiB", hint="no proposal is: prepare it again")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}", hint="check that it is a readable file") from error


def _swap(directory: Path, scratch: Path) -> None:
    if directory.exists():
        directory.rename(scratch / "old")
    try:
        (scratch / "new").rename(directory)
    except OSError:
        _put_back(directory, scratch)
        raise


def _put_back(directory: Path, scratch: Path) -> None:
    """Undo the first half of a swap whose second half did not come."""
    if not directory.exists() and (scratch / "old").exists():
        (scratch / "old").rename(directory)
