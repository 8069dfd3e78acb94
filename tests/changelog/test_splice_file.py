"""The file in the work tree: written whole or not at all, and never outside the repository."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from notewright.errors import StorageError, UsageError
from notewright.flows.splice import FileOutcome, splice_file
from tests.parts.command import PROGRAM, run_command
from tests.parts.repository import Repo

ONE = ("1.0.0", "## 1.0.0\n\n- one\n")
OLD = b"# Changes\n\n## 0.9.0\n\n- x\n"


def test_a_missing_file_is_made_with_its_folders(tmp_path: Path) -> None:
    assert splice_file(tmp_path, "docs/deep/CHANGELOG.md", [ONE]) == FileOutcome(changed=True, edited=())
    assert (tmp_path / "docs/deep/CHANGELOG.md").read_text().startswith("# Changelog\n")
    assert splice_file(tmp_path, "docs/deep/CHANGELOG.md", [ONE]) == FileOutcome(changed=False, edited=())


def test_nothing_to_splice_makes_no_file(tmp_path: Path) -> None:
    assert splice_file(tmp_path, "CHANGELOG.md", []) == FileOutcome(changed=False, edited=())
    assert list(tmp_path.iterdir()) == []


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    splice_file(tmp_path, "CHANGELOG.md", [ONE])
    before = (tmp_path / "CHANGELOG.md").stat()
    splice_file(tmp_path, "CHANGELOG.md", [ONE])
    after = (tmp_path / "CHANGELOG.md").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf# Changes\r\n\r\n## 0.9.0\r\n", id="byte order mark and CRLF"),
        pytest.param(b"# \xff\xfe\xc3 Changes \x80\n\n## 0.9.0\n\n- \xed\xa0\x80 x\n", id="bytes that are no UTF-8"),
        pytest.param("# Änderungen\n\n\x0c\n\u2028\n## 0.9.0\n".encode(), id="line ends that are none"),
        pytest.param(b"# Changes\n\n- a\0b\n", id="NUL"),
    ],
)
def test_all_other_bytes_stay(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "CHANGELOG.md"
    file.write_bytes(content)
    splice_file(tmp_path, "CHANGELOG.md", [ONE])
    before, _, after = file.read_bytes().partition(b"## 1.0.0")
    rest = before + after.partition(b"-->")[2]
    assert rest.replace(b"\r", b"").replace(b"\n", b"") == content.replace(b"\r", b"").replace(b"\n", b"")


def test_the_mode_of_the_file_stays_and_a_new_one_obeys_the_umask(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_bytes(OLD)
    (tmp_path / "old.md").chmod(0o640)
    mask = os.umask(0o027)
    try:
        splice_file(tmp_path, "old.md", [ONE])
        splice_file(tmp_path, "new.md", [ONE])
    finally:
        os.umask(mask)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("old.md", "new.md")] == [0o640, 0o640]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../outside.md", id="up"),
        pytest.param("docs/../../outside.md", id="down and up"),
        pytest.param("/etc/notewright.md", id="absolute"),
        pytest.param("link.md", id="a link to a file outside"),
        pytest.param("dangling.md", id="a link to no file outside"),
        pytest.param("folder/CHANGELOG.md", id="a folder that is a link outside"),
    ],
)
def test_a_path_that_leads_out_of_the_repository_is_refused(name: str, tmp_path: Path) -> None:
    root, outside = tmp_path / "repo", tmp_path / "elsewhere"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.md").write_bytes(OLD)
    (root / "link.md").symlink_to(outside / "secret.md")
    (root / "dangling.md").symlink_to(outside / "new.md")
    (root / "folder").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out of"):
        splice_file(root, name, [ONE])
    assert (outside / "secret.md").read_bytes() == OLD
    assert [path.name for path in outside.iterdir()] == ["secret.md"]
    assert sorted(path.name for path in root.iterdir()) == ["dangling.md", "folder", "link.md"]


def test_a_link_inside_the_repository_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/changes.md").write_bytes(OLD)
    (tmp_path / "CHANGELOG.md").symlink_to("docs/changes.md")
    splice_file(tmp_path, "CHANGELOG.md", [ONE])
    assert (tmp_path / "CHANGELOG.md").is_symlink()
    assert b"## 1.0.0" in (tmp_path / "docs/changes.md").read_bytes()


@pytest.mark.parametrize("name", ["folder", "file/CHANGELOG.md", "circle"])
def test_a_path_that_is_no_file_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(StorageError, match=r"cannot (read|write|follow) "):
        splice_file(tmp_path, name, [ONE])


# A file may not grow beyond a few bytes: writing fails halfway through, as on a full disk.
_CRAMPED = f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); {PROGRAM[2]}"


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_other(repo: Repo) -> None:
    repo.commit("feat: " + "many words " * 30, {"CHANGELOG.md": OLD})
    command = [sys.executable, "-c", _CRAMPED, "changelog", "--write", "CHANGELOG.md"]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (7, "")
    assert done.stderr.startswith(f"error: cannot write {repo.path / 'CHANGELOG.md'}: File too large\n")
    assert (repo.path / "CHANGELOG.md").read_bytes() == OLD
    assert sorted(path.name for path in repo.path.iterdir()) == [".git", "CHANGELOG.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told(repo: Repo) -> None:
    repo.commit("feat: a", {"CHANGELOG.md": OLD})
    repo.path.chmod(0o555)
    try:
        done = run_command("changelog", "--write", "CHANGELOG.md", cwd=repo.path)
    finally:
        repo.path.chmod(0o755)
    assert done.code == 7
    assert "Permission denied" in done.err
    assert "hint: check the permissions of the folder" in done.err
    assert (repo.path / "CHANGELOG.md").read_bytes() == OLD


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc")
def test_a_file_system_that_takes_no_files_is_told() -> None:
    """What root cannot write either."""
    with pytest.raises(StorageError, match=r"cannot write /proc/notewright/CHANGELOG\.md: "):
        splice_file(Path("/proc"), "notewright/CHANGELOG.md", [ONE])


def test_writing_ten_times_leaves_one_section(repo: Repo) -> None:
    repo.commit("feat: a", {"CHANGELOG.md": OLD})
    first = run_command("changelog", "--version", "1.0.0", "--write", "CHANGELOG.md", cwd=repo.path)
    content = (repo.path / "CHANGELOG.md").read_bytes()
    again = run_command("changelog", "--version", "1.0.0", "--write", "CHANGELOG.md", cwd=repo.path)
    assert (first.code, first.out, first.err) == (0, b"", "CHANGELOG.md: updated\n")
    assert (again.code, again.out, again.err) == (0, b"", "CHANGELOG.md: unchanged\n")
    assert (repo.path / "CHANGELOG.md").read_bytes() == content
    assert content.count(b"## 1.0.0") == 1


def test_an_edit_of_a_person_is_told_and_kept(repo: Repo) -> None:
    repo.commit("feat: add imports")
    run_command("changelog", "--version", "1.0.0", "--write", "CHANGELOG.md", cwd=repo.path)
    file = repo.path / "CHANGELOG.md"
    file.write_text(file.read_text().replace("add imports", "imports, at last"))
    repo.commit("fix: one more")
    done = run_command("changelog", "--version", "1.0.0", "--write", "CHANGELOG.md", cwd=repo.path)
    assert done.code == 1
    lines = done.err.splitlines()
    assert lines[:2] == ["CHANGELOG.md: unchanged", "1.0.0 was edited by a person and stays:"]
    assert lines[-2:] == [
        "error: CHANGELOG.md: a person edited 1.0.0, so what is there stays",
        "  hint: say it in .notewright/overrides.yaml, as shown above; delete the section to have it written anew",
    ]
    assert f'- commit: {repo.sha("HEAD~1")[:12]}\n  reword: "imports, at last"\n' in done.err
    assert any(line.startswith("  missing ") for line in lines)
    assert any(line.startswith("-- one more (") for line in lines)
    assert "imports, at last" in file.read_text()


def test_an_unreleased_section_that_was_never_ours_is_told_in_few_words(repo: Repo) -> None:
    """The first run listed each line of it as a person's edit, with overrides and a diff."""
    old = OLD.replace(b"## 0.9.0", b"## [Unreleased]\n\n### Added\n\n- Something of mine\n- Something else\n\n## 0.9.0")
    repo.commit("feat: add imports", {"CHANGELOG.md": old})
    done = run_command("changelog", "--write", "CHANGELOG.md", cwd=repo.path)
    assert (done.code, done.err.splitlines()) == (
        1,
        [
            "CHANGELOG.md: unchanged",
            "Unreleased was written by a person and stays; release it by hand or delete it",
            "error: CHANGELOG.md: a person wrote Unreleased, so it stays",
            "  hint: release it by hand, or delete it to have it written anew",
        ],
    )
    assert (repo.path / "CHANGELOG.md").read_bytes() == old


def test_a_range_without_commits_writes_no_section(repo: Repo) -> None:
    """An empty Unreleased section came in after each release."""
    repo.commit("feat: a", {"CHANGELOG.md": OLD})
    repo.tag("v1.0.0")
    done = run_command("changelog", "--write", "CHANGELOG.md", cwd=repo.path)
    assert done.code == 0
    assert (repo.path / "CHANGELOG.md").read_bytes() == OLD
