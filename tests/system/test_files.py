"""Files are read whole and written whole."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from notewright.errors import StorageError, UsageError
from notewright.system.files import read_bytes, resolve_inside, write_atomic


def test_a_missing_file_is_none_and_an_empty_one_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert read_bytes(tmp_path / "missing") is None
    assert read_bytes(tmp_path / "empty") == b""


@pytest.mark.parametrize("name", ["folder", "file/below", "a" * 300])
def test_what_is_no_file_is_a_failure_of_storage(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for action in (lambda: read_bytes(tmp_path / name), lambda: write_atomic(tmp_path / name, b"x")):
        with pytest.raises(StorageError, match=r"cannot (read|write) ") as caught:
            action()
        assert caught.value.exit_code == 7
    assert not list(tmp_path.glob(".*"))


def test_writing_says_whether_the_bytes_changed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    assert write_atomic(path, b"one")
    assert not write_atomic(path, b"one")
    assert write_atomic(path, b"two")
    assert read_bytes(path) == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["file"]


def test_a_reader_sees_the_old_bytes_or_the_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([letter]) * 100_000 for letter in b"ab"]
    write_atomic(path, contents[0])
    seen: set[bytes | None] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(read_bytes(path))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(40):
        write_atomic(path, contents[turn % 2])
    done.set()
    reader.join()
    assert seen <= set(contents)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES], ids=["full", "read-only", "not allowed"])
def test_a_write_that_fails_at_the_end_leaves_the_old_file_and_says_what_to_do(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomic(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)  # a disk tells of its trouble here at the latest
        with pytest.raises(StorageError, match=f"cannot write {path}: ") as caught:
            write_atomic(path, b"new")
    assert caught.value.hint
    assert read_bytes(path) == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_path_inside_resolves_to_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "link").symlink_to("docs")
    assert resolve_inside(tmp_path, "link/a.md") == (tmp_path / "docs" / "a.md").resolve()
    assert resolve_inside(tmp_path, "docs/../a.md") == (tmp_path / "a.md").resolve()


@pytest.mark.parametrize("name", ["..", "../x", "/x", "link/x", "docs/../../x"])
def test_a_path_that_leads_outside_is_a_wrong_call(name: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (root / "link").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="leads out of"):
        resolve_inside(root, name)


@pytest.mark.parametrize("name", [".git", ".git/config", ".GIT/hooks/post-checkout", "docs/../.git/config", "module/.git/config", "link"])
def test_what_is_git_s_own_is_no_place_for_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "link").symlink_to(".git/config")
    with pytest.raises(UsageError, match="git's own place"):
        resolve_inside(tmp_path, name)
    assert resolve_inside(tmp_path, ".github/.gitkeep") == (tmp_path / ".github/.gitkeep").resolve()
