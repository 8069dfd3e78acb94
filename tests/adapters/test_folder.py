from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from notewright.adapters.folder import read_folder_file, write_folder
from notewright.errors import NotewrightError, StorageError, UsageError

OLD = {"proposal.json": b"old", "notes/developer.md": b"old"}
NEW = {"proposal.json": b"new", "notes/customer.md": b"new"}
KNOWN = ("proposal.json", "notes")


def files_of(directory: Path) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "build/proposal"


@pytest.fixture(params=["absent", "empty", "old"])
def before(request: pytest.FixtureRequest, target: Path) -> str:
    if request.param != "absent":
        target.mkdir(parents=True)
    if request.param == "old":
        write_folder(target, OLD, known=KNOWN)
    return str(request.param)


def test_a_folder_takes_the_place_of_what_was_there(before: str, target: Path) -> None:
    write_folder(target, NEW, known=KNOWN)
    assert files_of(target) == {**NEW, ".gitignore": b"*\n"}
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_that_holds_something_else_is_not_touched(target: Path) -> None:
    target.mkdir(parents=True)
    (target / "thesis.doc").write_text("years of work")
    with pytest.raises(UsageError, match=r"thesis\.doc"):
        write_folder(target, NEW, known=KNOWN)
    assert files_of(target) == {"thesis.doc": b"years of work"}


def test_a_file_in_the_way_is_not_touched(target: Path) -> None:
    target.parent.mkdir()
    target.write_text("a file")
    with pytest.raises(UsageError, match="is a file"):
        write_folder(target, NEW, known=KNOWN)
    assert target.read_text() == "a file"


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the disk be full from the second fsync on."""
    real, calls = os.fsync, iter(range(100))

    def fsync(handle: int) -> None:
        if next(calls) > 0:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    yield
    monkeypatch.undo()


def test_a_full_disk_leaves_the_old_folder_and_nothing_half_written(before: str, target: Path, full_disk: None) -> None:
    earlier = files_of(target) if target.exists() else None
    with pytest.raises(StorageError, match="No space left") as caught:
        write_folder(target, NEW, known=KNOWN)
    assert "free some space" in (caught.value.hint or "")
    assert (files_of(target) if target.exists() else None) == earlier
    assert [path for path in target.parent.iterdir() if path != target] == []


@pytest.mark.parametrize(
    ("place", "kind"),
    [pytest.param("file/build/proposal", UsageError, id="below a file"), pytest.param("x" * 300, StorageError, id="a name too long")],
)
def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path, place: str, kind: type[NotewrightError]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(kind) as caught:
        write_folder(tmp_path / place, NEW, known=KNOWN)
    assert caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_files_are_read_back_and_absent_ones_are_none(target: Path) -> None:
    write_folder(target, NEW, known=KNOWN)
    assert read_folder_file(target, "notes/customer.md") == b"new"
    assert read_folder_file(target, "notes/none.md") is None
    assert read_folder_file(target, "proposal.json/deeper") is None
    assert read_folder_file(target.parent / "none", "proposal.json") is None


def test_links_in_a_folder_are_refused(target: Path, tmp_path: Path) -> None:
    write_folder(target, NEW, known=KNOWN)
    (tmp_path / "secret.json").write_text("secret")
    (target / "section.json").symlink_to(tmp_path / "secret.json")
    (target / "linked").symlink_to(tmp_path)
    for name in ("section.json", "linked/secret.json"):
        with pytest.raises(UsageError, match="is a link"):
            read_folder_file(target, name)
