"""What a killed writer leaves is removed by the next; what a living one holds stays."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from notewright.adapters.folder import replaced_folder, write_folder
from notewright.system.files import write_atomic
from notewright.system.leftovers import is_temporary, sweep, temporary_file, temporary_folder


def _killed(act: Callable[[], object], *, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something in a fork of this process that is killed at its first call of `at`, a function of os."""

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(os, at, die)
        try:
            act()
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_write_after_a_kill_leaves_one_file(at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "CHANGELOG.md"
    write_atomic(path, b"old")
    _killed(lambda: write_atomic(path, b"never seen"), at=at, monkeypatch=monkeypatch)
    assert len(list(tmp_path.iterdir())) == 2
    assert not write_atomic(path, b"old"), "the old bytes stood all the time"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_was_put_aside_when_its_writer_was_killed_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "proposal"
    write_folder(target, {"a": b"old"}, known={"a"})

    def swap_half() -> None:
        with replaced_folder(target) as scratch:
            (scratch / "a").write_bytes(b"new")
            target.rename(scratch.parent / "old")
            os.kill(os.getpid(), signal.SIGKILL)

    _killed(swap_half, at="getppid", monkeypatch=monkeypatch)
    assert not target.exists()
    with pytest.raises(RuntimeError), replaced_folder(target):
        raise RuntimeError("no second folder is made")
    assert (target / "a").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_leftovers_in_a_folder_do_not_make_it_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "proposal"
    write_folder(target, {"a": b"old"}, known={"a"})
    _killed(lambda: write_atomic(target / "a", b"half"), at="fsync", monkeypatch=monkeypatch)
    write_folder(target, {"a": b"new"}, known={"a"})
    assert sorted(path.name for path in target.iterdir()) == [".gitignore", "a"]


def test_what_a_living_writer_holds_stays(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with temporary_file(target) as (_, file), temporary_folder(target) as folder:
        sweep(target)
        assert file.is_file()
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".file.draft", "file.x.notewright", ".files.x.notewright", ".gitignore"])
def test_other_names_are_not_touched(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("someone's")
    sweep(tmp_path / "file")
    assert (tmp_path / name).read_text() == "someone's"
    assert is_temporary(name) is (name == ".files.x.notewright")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/work").write_text("of years")
    (tmp_path / ".file.x.notewright").symlink_to(tmp_path / "elsewhere")
    sweep(tmp_path / "file")
    assert (tmp_path / "elsewhere/work").read_text() == "of years"
