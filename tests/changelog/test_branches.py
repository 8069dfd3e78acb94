"""Branches: one entry a change, whatever way it was merged."""

from __future__ import annotations

import pytest

from notewright.history.metadata import Metadata, PullRequest
from tests.parts.repository import Repo
from tests.parts.telling import tell


def topic(repo: Repo, *messages: str, name: str = "topic") -> list[str]:
    """Commit to a branch off main, and return to main, which has moved on."""
    repo.branch(name)
    made = [repo.commit(message, {f"{name}{number}": message}) for number, message in enumerate(messages)]
    repo.branch("main")
    return made


@pytest.fixture
def started(repo: Repo) -> Repo:
    repo.commit("chore: start", {"start": ""})
    repo.tag("v0.1.0")
    return repo


MERGE = "Merge pull request #7 from o/topic\n\n"


def test_conventional_commits_of_a_branch_win_over_its_title(started: Repo) -> None:
    first, second = topic(started, "feat: a", "fix: b")
    merge = started.merge("topic", MERGE + "feat: everything new")
    told = tell(started)
    assert told.entries() == ["Features: a", "Fixes: b"]
    assert told.outcome(merge) == ("folded", "merge commit: its branch's commits stand for it")
    assert sorted(told.standing(merge)) == ["a", "b"]
    assert [told.entry(one).references for one in "ab"] == [("#7",), ("#7",)]
    assert told.line(first).outcome == told.line(second).outcome == "shown"


def test_the_title_of_a_request_tells_a_branch_of_unconventional_commits(started: Repo) -> None:
    inner = topic(started, "wip", "more wip", "address review")
    merge = started.merge("topic", MERGE + "feat(auth): add passkey login", author="Maintainer <m@example.org>")
    told = tell(started)
    assert told.entries() == ["Features: add passkey login"]
    entry = told.entry("add passkey login")
    assert (entry.commits[0], set(entry.commits[1:]), entry.references, entry.scope) == (merge, set(inner), ("#7",), "auth")
    assert entry.authors == ("Ada Lovelace",)
    assert told.outcome(merge) == ("shown", "title of pull request #7")
    assert {told.outcome(sha) for sha in inner} == {("folded", f"told by the merge {merge[:7]}")}
    assert all(told.standing(sha) == ["add passkey login"] for sha in inner)


def test_a_request_of_one_commit_is_told_by_its_commit_unless_the_title_is_conventional(started: Repo) -> None:
    topic(started, "Improve the thing")
    started.merge("topic", MERGE + "Improve the thing, as agreed")
    assert tell(started).entries() == ["Other changes: Improve the thing"]


def test_titles_that_github_tells_stand_for_branches_too(started: Repo) -> None:
    topic(started, "wip", "more")
    merge = started.merge("topic", "Merge branch 'topic'")
    pull = PullRequest(9, "fix: crash on start", "ada", (), (merge,))
    told = tell(started, metadata=Metadata("o/r", "https://github.com/o/r", "main", (pull,)))
    assert told.entries() == ["Fixes: crash on start"]
    assert told.entry("crash on start").references == ("#9",)


def test_hidden_types_of_a_branch_leave_the_word_to_the_title(started: Repo) -> None:
    topic(started, "test: a", "chore: b")
    started.merge("topic", MERGE + "feat: c")
    assert tell(started).entries() == ["Features: c"]


def test_what_breaks_in_a_branch_is_told_whatever_the_title_says(started: Repo) -> None:
    topic(started, "Drop the old format\n\nBREAKING CHANGE: write the new one", "wip", "Mend CVE-2026-10412")
    started.merge("topic", MERGE + "chore: clean up")
    assert tell(started).entries()[:2] == ["Breaking changes: Drop the old format", "Security: Mend CVE-2026-10412"]


def test_a_merge_that_breaks_is_told_beside_its_branch_and_nothing_twice(started: Repo) -> None:
    topic(started, "feat: a", "fix: b")
    started.merge("topic", MERGE + "feat: a\n\nBREAKING CHANGE: c")
    assert tell(started).entries() == ["Breaking changes: a", "Fixes: b"]


def test_a_break_that_a_branch_tells_is_not_told_again_by_its_merge(started: Repo) -> None:
    topic(started, "feat!: a")
    started.merge("topic", MERGE + "feat: a\n\nBREAKING CHANGE: a")
    assert tell(started).entries() == ["Breaking changes: a"]


def test_squash_and_rebase_modes_give_one_entry_a_change(started: Repo) -> None:
    started.commit("feat: squashed (#3)\n\n* wip\n\n* more wip")
    started.commit("feat: rebased")
    told = tell(started)
    assert told.entries() == ["Features: rebased", "Features: squashed"]
    assert told.entry("squashed").references == ("#3",)


def test_gitlab_s_merge_commits_tell_their_title(started: Repo) -> None:
    topic(started, "wip", "wip again")
    started.merge("topic", "Merge branch 'topic' into 'main'\n\nfeat: add passkey login\n\nSee merge request group/project!12")
    assert tell(started).entries() == ["Features: add passkey login"]


def test_merging_main_into_a_branch_brings_nothing(started: Repo) -> None:
    started.branch("topic")
    started.commit("feat: a", {"a": ""})
    started.branch("main")
    started.commit("fix: meanwhile", {"b": ""})
    started.branch("topic")
    inner = started.merge("main", "Merge branch 'main' into topic")
    started.commit("fix: c", {"c": ""})
    started.branch("main")
    started.merge("topic", MERGE + "feat: a")
    told = tell(started)
    assert told.entries() == ["Features: a", "Fixes: c", "Fixes: meanwhile"]
    assert told.line(inner).outcome == "folded"


def test_a_title_tells_inner_branches_too(started: Repo) -> None:
    """The commits of a branch that was merged into another one stood beside the title of both."""
    started.branch("topic")
    started.commit("wip on topic", {"a": ""})
    started.branch("inner")
    deep = started.commit("wip on inner", {"b": ""})
    started.branch("topic")
    started.commit("more wip", {"c": ""})
    inner = started.merge("inner", "Merge branch 'inner' into topic")
    started.branch("main")
    merge = started.merge("topic", MERGE + "feat: everything new")
    told = tell(started)
    assert told.entries() == ["Features: everything new"]
    assert told.outcome(deep) == ("folded", f"told by the merge {merge[:7]}")
    assert told.standing(inner) == told.standing(deep) == ["everything new"]


def test_requests_within_a_request_are_told_once_each(started: Repo) -> None:
    started.branch("topic")
    started.commit("wip", {"a": ""})
    started.branch("inner")
    started.commit("wip", {"b": ""})
    started.branch("topic")
    started.merge("inner", "Merge pull request #6 from o/inner\n\nfix: the small one")
    started.branch("main")
    merge = started.merge("topic", MERGE + "feat: the large one")
    told = tell(started)
    assert "Fixes: the small one" in told.entries()
    assert told.line(merge).outcome == "folded"
    assert "the small one" in told.standing(merge)


def test_an_octopus_brings_all_its_branches(started: Repo) -> None:
    topic(started, "feat: a", name="one")
    topic(started, "feat: b", name="two")
    started.commit("chore: c", {"c": ""})
    started.git("merge", "--quiet", "--no-ff", "-m", "Merge branches 'one' and 'two'", "one", "two")
    told = tell(started)
    assert told.entries() == ["Features: a", "Features: b"]
    assert sorted(told.standing(started.sha())) == ["a", "b"]


def test_a_foxtrot_merge_lists_everything_once(started: Repo) -> None:
    topic(started, "feat: theirs", name="published")
    started.commit("feat: mine", {"m": ""})
    started.merge("published", "Merge remote-tracking branch 'origin/main'")
    assert tell(started).entries() == ["Features: mine", "Features: theirs"]


def test_a_branch_that_was_released_elsewhere_leaves_nothing_to_tell_to_its_merge(started: Repo) -> None:
    topic(started, "fix: a", name="1.x")
    started.tag("v0.1.1", at="1.x")
    started.commit("feat: b", {"b": ""})
    merge = started.merge("1.x", "Merge branch '1.x'")
    told = tell(started)
    assert (told.entries(), told.entries("v0.1.1")) == (["Features: b"], ["Fixes: a"])
    assert told.line(merge).entries == ()
