from __future__ import annotations

import pytest

from notewright.history.commits import Commit
from notewright.history.merges import MergedPull, choose_pull, commits_by_pull


def commit(sha: str, message: str, *parents: str) -> Commit:
    return Commit(sha, parents, "Ada", "ada@example.org", 0, message)


def test_each_commit_belongs_to_the_pull_request_that_brought_it() -> None:
    log = [
        commit("h", "Merge pull request #3 from acme/three\n\nThree", "g", "f"),
        commit("g", "fix: squashed (#2)", "c"),
        commit("f", "feat: on three (#9)", "e"),
        commit("e", "feat: start of three", "d"),
        commit("d", "Merge pull request #1 from acme/one", "a", "b"),
        commit("c", "chore: direct", "d"),
        commit("b", "feat: on one", "a"),
        commit("a", "docs: mentions #7 but ends otherwise", "outside"),
    ]
    assert commits_by_pull(log, {}) == {3: ["h", "f", "e"], 2: ["g"], 1: ["d", "b"]}


@pytest.mark.parametrize(
    "message", ["fix: x (#0)", "fix: x (#٣)", "fix: x (#)", "see (#12) here", "Merge pull request #x from y", "(#9999999999)", ""]
)
def test_a_message_that_names_no_pull_request_names_none(message: str) -> None:
    assert commits_by_pull([commit("a", message)], {}) == {}


def test_no_commits_are_no_pull_requests() -> None:
    assert commits_by_pull([], {}) == {}


def test_what_github_knows_of_a_commit_counts_before_what_its_message_says() -> None:
    log = [commit("c", "fix: rebased (#99)", "b"), commit("b", "fix: rebased too", "a"), commit("a", "fix: pushed (#4)")]
    assert commits_by_pull(log, {"c": 7, "b": 7}) == {7: ["c", "b"], 4: ["a"]}


def test_a_merge_with_words_of_its_own_stands_for_what_it_brought() -> None:
    log = [commit("m", "Bring in the parser", "a", "b"), commit("b", "feat: parse", "a"), commit("a", "feat: start")]
    assert commits_by_pull(log, {"m": 5}) == {5: ["m", "b"]}


def test_a_commit_of_a_branch_keeps_the_pull_request_that_brought_it_there() -> None:
    log = [
        commit("m", "Merge pull request #9 from acme/release", "a", "c"),
        commit("c", "feat: two", "b"),
        commit("b", "feat: one", "a"),
        commit("a", "feat: start"),
    ]
    assert commits_by_pull(log, {"m": 9, "c": 9, "b": 3}) == {9: ["m", "c"], 3: ["b"]}


def test_of_several_pull_requests_the_one_that_the_commit_merged_is_chosen_and_else_the_first() -> None:
    first, second, third = MergedPull(3, "c", "ada"), MergedPull(5, "e", "ada", merge_commit="x"), MergedPull(7, "g", "ada")
    assert choose_pull([third, second, first], "x") == second
    assert choose_pull([third, second, first], "y") == first
    assert choose_pull([], "x") is None


def test_a_deep_history_is_no_deep_recursion() -> None:
    log = [commit(str(number), f"fix: a (#{number})", str(number - 1)) for number in range(20_000, 0, -1)]
    assert len(commits_by_pull(log, {})) == 20_000
