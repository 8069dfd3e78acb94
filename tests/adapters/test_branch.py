from __future__ import annotations

from pathlib import Path

import pytest

from notewright.adapters.branch import Tip, build_commit, has_commit, read_tip
from notewright.system.git import Git
from tests.parts.plumbing import people, run_git
from tests.parts.repository import Repo

FILES = (("CHANGELOG.md", b"# Changelog\r\n\xff"), (".notewright/releases/1.0.0/developer.md", b"notes\n"))
MESSAGE = "chore(release): 1.0.0\n\nNotewright-Release: 1.0.0\n"


def build(repo: Repo, *, base: str = "HEAD", at_s: int = 1_700_000_000) -> str:
    return build_commit(Git(repo.path), base=repo.sha(base), files=FILES, message=MESSAGE, at_s=at_s)


@pytest.fixture
def started(repo: Repo) -> Repo:
    repo.commit("feat: start", {"CHANGELOG.md": "old\n", "src/app.py": "pass\n"})
    return repo


def test_the_commit_holds_the_base_and_the_files_byte_for_byte(started: Repo) -> None:
    sha = build(started)
    names = started.git("ls-tree", "-r", "--name-only", sha).splitlines()
    assert names == [".notewright/releases/1.0.0/developer.md", "CHANGELOG.md", "src/app.py"]
    assert run_git(started.path, "cat-file", "blob", f"{sha}:CHANGELOG.md") == b"# Changelog\r\n\xff"
    assert started.git("log", "-1", "--format=%P", sha) == started.sha()


def test_the_message_ends_with_both_trailers(started: Repo) -> None:
    body = started.git("log", "-1", "--format=%B", build(started))
    tree = started.git("log", "-1", "--format=%T", build(started))
    assert body.rstrip() == f"chore(release): 1.0.0\n\nNotewright-Release: 1.0.0\nNotewright-Tree: {tree}"


def test_the_same_proposal_gives_the_same_commit_whoever_runs_it(started: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(started)
    for name, value in {**people("Eve <eve@example.org>", "Eve <eve@example.org>", at_s=1), "TZ": "Asia/Tokyo"}.items():
        monkeypatch.setenv(name, value)
    started.git("config", "user.name", "Somebody Else")
    assert build(started) == first
    assert build(started, at_s=1_700_000_001) != first


def test_a_dirty_work_tree_and_index_stay_as_they_are(started: Repo) -> None:
    (started.path / "CHANGELOG.md").write_text("edited, not staged\n")
    (started.path / "src/app.py").write_text("staged\n")
    started.git("add", "src/app.py")
    (started.path / "new.txt").write_text("untracked\n")
    before = (started.git("status", "--porcelain"), started.git("diff"), started.git("diff", "--cached"), started.git("for-each-ref"))
    index = (started.path / ".git/index").read_bytes()
    build(started)
    assert (
        started.git("status", "--porcelain"),
        started.git("diff"),
        started.git("diff", "--cached"),
        started.git("for-each-ref"),
    ) == before
    assert (started.path / ".git/index").read_bytes() == index
    assert (started.path / "CHANGELOG.md").read_text() == "edited, not staged\n"


def test_hooks_and_filters_of_the_repository_do_not_run(started: Repo) -> None:
    marker = started.path / "ran"
    for hook in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        path = started.path / ".git/hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
        path.chmod(0o755)
    started.git("config", "core.fsmonitor", f"touch '{marker}'")
    started.git("config", "filter.x.clean", f"touch '{marker}'; cat")
    started.git("config", "core.hooksPath", str(started.path / ".git/hooks"))
    (started.path / ".git/info/attributes").parent.mkdir(exist_ok=True)
    (started.path / ".git/info/attributes").write_text("* filter=x\n")
    sha = build_commit(Git(started.path), base=started.sha(), files=FILES, message=MESSAGE, at_s=1)
    assert not marker.exists()
    assert run_git(started.path, "cat-file", "blob", f"{sha}:CHANGELOG.md") == b"# Changelog\r\n\xff"


def test_a_file_gives_way_where_a_folder_is_needed(repo: Repo) -> None:
    repo.commit("feat: start", {".notewright": "a file\n"})
    assert repo.git("ls-tree", "-r", "--name-only", build(repo)).splitlines() == [".notewright/releases/1.0.0/developer.md", "CHANGELOG.md"]


def test_no_temporary_index_is_left(started: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    build(started)
    assert list(scratch.iterdir()) == []


def test_the_commit_that_we_made_is_ours(started: Repo) -> None:
    sha = build(started)
    assert read_tip(Git(started.path), sha) == Tip(sha, "notewright[bot]", "chore(release): 1.0.0", ours=True)


def amended(repo: Repo) -> None:
    (repo.path / "CHANGELOG.md").write_text("my words\n")
    repo.git("commit", "--quiet", "--amend", "--no-edit", "-a")


def amended_as_us(repo: Repo) -> None:
    (repo.path / "CHANGELOG.md").write_text("my words\n")
    us = "notewright[bot] <notewright[bot]@users.noreply.github.com>"
    run_git(repo.path, "commit", "--quiet", "--amend", "--no-edit", "-a", env=people(us, us))


def reworded(repo: Repo) -> None:
    repo.git("commit", "--quiet", "--amend", "-m", "docs: mine")


def committed_on_top(repo: Repo) -> None:
    repo.commit("docs: reword", {"CHANGELOG.md": "my words\n"})


@pytest.mark.parametrize("edit", [amended, amended_as_us, reworded, committed_on_top])
def test_a_person_s_commit_is_not_ours(started: Repo, edit: object) -> None:
    started.git("switch", "--quiet", "--detach", build(started))
    assert callable(edit)
    edit(started)
    assert not read_tip(Git(started.path), started.sha()).ours


def test_a_commit_is_here_or_it_is_not(started: Repo) -> None:
    assert has_commit(Git(started.path), started.sha())
    assert not has_commit(Git(started.path), "0" * 40)
