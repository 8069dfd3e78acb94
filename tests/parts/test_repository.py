"""The repository part makes the same commits everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parts.plumbing import read_git, run_git
from tests.parts.repository import Repo


def _story(path: Path) -> Repo:
    repo = Repo(path)
    repo.commit("feat: start", {"a.txt": "a\n", "deep/b.txt": "b\n"})
    repo.tag("v1.0.0", annotated=True)
    repo.branch("topic")
    repo.commit("fix: less", {"a.txt": None}, author="Grace Hopper <grace@example.org>")
    repo.branch("main")
    repo.merge("topic", "Merge branch 'topic'")
    return repo


def test_the_same_story_gives_the_same_object_ids(tmp_path: Path) -> None:
    assert _story(tmp_path / "one").git("show-ref", "--head") == _story(tmp_path / "two").git("show-ref", "--head")


def test_each_commit_is_later_than_the_one_before(tmp_path: Path) -> None:
    times = [int(line) for line in _story(tmp_path / "one").git("log", "--format=%ct").splitlines()]
    assert times == sorted(set(times), reverse=True)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"# no comment\n\n\n  indented", id="comment lines and blanks"),
        pytest.param(b"fix: \xff\xfe bad bytes", id="no UTF-8"),
        pytest.param("fix: Grüße".encode(), id="UTF-8"),
    ],
)
def test_a_message_goes_in_as_it_is_but_for_a_last_newline(repo: Repo, message: bytes) -> None:
    repo.commit(message)
    raw = run_git(repo.path, "cat-file", "commit", "HEAD").partition(b"\n\n")[2]
    assert raw.removesuffix(b"\n") == message


def test_a_bare_clone_holds_branches_and_tags_and_no_remote(tmp_path: Path) -> None:
    bare = _story(tmp_path / "one").clone_bare(tmp_path / "bare.git")
    assert read_git(bare, "for-each-ref", "--format=%(refname)").splitlines() == [
        "refs/heads/main",
        "refs/heads/topic",
        "refs/tags/v1.0.0",
    ]
    assert read_git(bare, "remote") == ""
