"""Twins: one change that stands in a history more than once."""

from __future__ import annotations

import pytest

from tests.parts.repository import Repo
from tests.parts.telling import tell


def pick(sha: str) -> str:
    return f"\n\n(cherry picked from commit {sha})"


@pytest.fixture
def lines(repo: Repo) -> Repo:
    """main with a release, and the branch 1.x from there."""
    repo.commit("chore: start", {"start": ""})
    repo.tag("v1.0.0")
    repo.branch("1.x")
    repo.branch("main")
    return repo


def test_a_copy_and_its_origin_in_one_release_are_one_entry(lines: Repo) -> None:
    sha = lines.commit("fix: a", {"a": "1"})
    lines.branch("1.x")
    copy = lines.commit(f"fix: a{pick(sha)}", {"a": "1"}, author="Bob <b@example.org>")
    lines.branch("main")
    lines.merge("1.x", "Merge branch '1.x'")
    told = tell(lines)
    assert told.entries() == ["Fixes: a"]
    assert told.entry("a").commits == (sha, copy)
    assert told.entry("a").authors == ("Ada Lovelace", "Bob")
    assert told.outcome(copy) == ("folded", f"same change as {sha[:7]}")


def test_copies_without_a_word_about_it_are_known_by_subject_and_patch(lines: Repo) -> None:
    lines.commit("fix: a", {"a": "1"})
    lines.commit("fix: b", {"b": "1"})
    lines.branch("1.x")
    lines.commit("fix: a", {"a": "1"})
    lines.commit("fix: b", {"b": "another"})
    lines.branch("main")
    lines.git("merge", "--quiet", "--no-ff", "--strategy-option=ours", "-m", "Merge branch '1.x'", "1.x")
    assert tell(lines).entries() == ["Fixes: a", "Fixes: b", "Fixes: b"]


def test_what_a_maintenance_release_had_is_not_told_again_by_the_release_that_merges_it(lines: Repo) -> None:
    sha = lines.commit("fix: a", {"a": "1"})
    lines.branch("1.x")
    lines.commit(f"fix: a{pick(sha)}", {"a": "1"})
    lines.tag("v1.0.1")
    lines.branch("main")
    assert tell(lines).entries() == ["Fixes: a"]
    lines.merge("1.x", "Merge branch '1.x'")
    told = tell(lines)
    assert (told.entries(), told.entries("v1.0.1")) == ([], ["Fixes: a"])
    assert told.line(sha).rule.endswith("released in v1.0.1")


def test_a_copy_on_another_line_is_told_there_as_a_backport(lines: Repo) -> None:
    sha = lines.commit("fix: a", {"a": "1"})
    lines.tag("v1.1.0")
    lines.branch("1.x")
    copy = lines.commit(f"fix: a{pick(sha)}", {"a": "1"})
    lines.tag("v1.0.1")
    lines.branch("main")
    told = tell(lines, all_lines=True)
    assert told.entries("v1.0.1") == told.entries("v1.1.0") == ["Fixes: a"]
    assert told.outcome(copy) == ("shown", f"type fix; backport of {sha[:7]}")


def test_a_copy_of_a_copy_is_the_same_change(lines: Repo) -> None:
    sha = lines.commit("fix: a", {"a": "1"})
    lines.branch("1.x")
    second = lines.commit(f"fix: a{pick(sha)}", {"a": "1"})
    lines.git("switch", "--quiet", "--create", "0.x", "v1.0.0")
    lines.commit(f"fix: a, backported{pick(sha)}\n(cherry picked from commit {second})", {"a": "1"})
    lines.branch("main")
    lines.merge("1.x", "Merge branch '1.x'")
    lines.merge("0.x", "Merge branch '0.x'")
    assert tell(lines).entries() == ["Fixes: a"]


def test_copies_of_a_commit_that_nobody_has_are_one_change(lines: Repo) -> None:
    gone = "1234567890" * 4
    lines.commit(f"fix: a{pick(gone)}", {"a": "1"})
    lines.branch("1.x")
    lines.commit(f"fix: a, again{pick(gone)}", {"a": "2"})
    lines.branch("main")
    lines.git("merge", "--quiet", "--no-ff", "--strategy-option=ours", "-m", "Merge branch '1.x'", "1.x")
    assert len(tell(lines).entries()) == 1


def test_one_commit_copied_from_two_does_not_make_the_two_one(lines: Repo) -> None:
    """A backport of two fixes in one commit let one of them vanish from the release that had both."""
    one, two = lines.commit("fix: a", {"a": "1"}), lines.commit("fix: b", {"b": "1"})
    lines.branch("1.x")
    lines.commit(f"fix: a and b{pick(one)}\n(cherry picked from commit {two})", {"a": "1", "b": "1"})
    lines.branch("main")
    lines.merge("1.x", "Merge branch '1.x'")
    assert tell(lines).entries() == ["Fixes: a", "Fixes: b"]


def test_a_copy_that_a_squash_quotes_does_not_make_the_squash_a_copy(lines: Repo) -> None:
    sha = lines.commit("fix: a", {"a": "1"})
    lines.branch("1.x")
    lines.commit(f"feat: many things (#4)\n\n* fix: a{pick(sha)}\n\n* feat: b", {"b": "1"})
    lines.branch("main")
    lines.merge("1.x", "Merge branch '1.x'")
    assert "Features: many things" in tell(lines).entries()
    assert "Features: b" in tell(lines).entries()


def test_a_copy_of_a_whole_squash_is_a_copy(lines: Repo) -> None:
    body = "feat: many things (#4)\n\n* fix: a\n\n* feat: b"
    sha = lines.commit(body, {"b": "1"})
    lines.branch("1.x")
    lines.commit(body + pick(sha), {"b": "1"})
    lines.branch("main")
    lines.merge("1.x", "Merge branch '1.x'")
    assert tell(lines).entries() == ["Features: b", "Features: many things", "Fixes: a"]


def test_a_copy_of_its_own_ancestor_brings_back_what_was_reverted(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.commit(f'Revert "feat: a"\n\nThis reverts commit {sha}.')
    repo.commit(f"feat: a{pick(sha)}")
    assert tell(repo).entries() == ["Features: a"]
    repo.tag("v1.0.0")
    repo.commit(f'Revert "feat: a"\n\nThis reverts commit {sha}.')
    repo.tag("v1.1.0")
    back = repo.commit(f"feat: a{pick(sha)}")
    told = tell(repo)
    assert (told.entries("v1.0.0"), told.entries()) == (["Features: a"], ["Features: a"])
    assert told.outcome(back)[0] == "shown"


def test_a_copy_of_what_was_removed_by_hand_is_a_change(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.tag("v1.0.0")
    repo.commit("refactor: remove a")
    repo.commit(f"feat: a{pick(sha)}")
    assert tell(repo).entries() == ["Features: a"]


def test_the_same_words_again_on_one_line_are_another_change(repo: Repo) -> None:
    for content in "123":
        repo.commit("fix: typo", {"a": content})
    assert len(tell(repo).entries()) == 3


def test_more_commits_of_one_subject_leave_old_twins_as_they_were(lines: Repo) -> None:
    """The hundred-and-first commit of a subject made two old copies two entries of a release long gone."""
    lines.commit("fix: a", {"a": "1"})
    lines.branch("1.x")
    lines.commit("fix: a", {"a": "1"})
    lines.branch("main")
    lines.merge("1.x", "Merge branch '1.x'")
    lines.tag("v1.1.0")
    assert tell(lines).entries("v1.1.0") == ["Fixes: a"]
    parent, tree = lines.sha(), lines.git("rev-parse", "HEAD^{tree}")
    for _ in range(100):
        parent = lines.git("commit-tree", tree, "-p", parent, "-m", "fix: a")
    lines.git("reset", "--quiet", "--hard", parent)
    assert tell(lines).entries("v1.1.0") == ["Fixes: a"]
