"""Reverts: what was taken back and brought back, and what each release tells of it."""

from __future__ import annotations

import pytest

from notewright.changelog.rules import Rules
from tests.parts.repository import Repo
from tests.parts.telling import tell


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param("feat: a", 'Revert "feat: a"\n\nThis reverts commit {sha}.', id="git's"),
        pytest.param("feat: a (#12)", 'Revert "feat: a (#12)" (#13)\n\nReverts o/r#12', id="GitHub's button"),
        pytest.param("feat: a (#12)", 'Revert "something renamed" (#13)\n\nReverts #12', id="only by number"),
        pytest.param("feat: a", 'Revert "other words"\n\nThis reverts commit {short}.', id="only by a short object name"),
        pytest.param("feat: a", 'Revert "feat: a"', id="only by subject"),
        pytest.param("Words of a change", 'Revert "Words of a change"', id="without a type"),
        pytest.param("feat: a", "revert: feat: a", id="typed"),
        pytest.param("feat: a", 'revert: "feat: a"', id="typed and quoted"),
        pytest.param("feat: a", "revert: feat: b\n\nRefs: {short}", id="typed, as the specification has it"),
        pytest.param("feat(ui): a (#1)", "revert(ui): a (#1) (#2)", id="typed, with the scope of what it reverts"),
        pytest.param("feat: a", "revert(core)!: feat: a", id="typed, breaking"),
        pytest.param("feat: a", 'fix: revert "feat: a"', id="as a fix"),
        pytest.param("feat: a", "Reverts feat: a", id="another form"),
        pytest.param("feat: a", "Back out feat: a", id="backed out"),
        pytest.param("feat: a with `code`", "revert: feat: a with code", id="marks of code typed anew"),
        pytest.param(
            "feat: keep names in a very long bundle for debugging (#12)",
            'Revert "feat: keep names in a very long bundle for d…" (#13)',
            id="cut by GitHub",
        ),
        pytest.param(
            "feat: keep names in a very long bundle for debugging (#12)",
            'Revert "feat: keep names in a very long bundle for debugging (#1…" (#13)',
            id="cut within the number",
        ),
        pytest.param("feat: a", 'Revert "Feat: A"', id="in other case"),
        pytest.param("feat: short words (#12345) (acme/app#12346)", 'Revert "feat: short words (#12345)"', id="more numbers than words"),
    ],
)
def test_a_change_and_its_revert_in_one_release_are_both_gone(repo: Repo, target: str, message: str) -> None:
    repo.commit("fix: before")
    sha = repo.commit(target)
    repo.commit("fix: between")
    revert = repo.commit(message.format(sha=sha, short=sha[:8]))
    told = tell(repo)
    assert told.entries() == ["Fixes: before", "Fixes: between"]
    assert told.outcome(sha) == ("folded", f"reverted by {revert[:7]} before its release")
    assert told.outcome(revert) == ("folded", f"cancels {sha[:7]}")


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("fix: undo history in the editor", id="undo as a word"),
        pytest.param("feat: revert button", id="revert as a word"),
        pytest.param('Revert "what nobody did"', id="an unknown change"),
        pytest.param("revert: what nobody did\n\nRefs: 1234567", id="an unknown object name"),
        pytest.param('Revert "x"\n\nReverts #' + "9" * 4000, id="a number as long as a page"),
        pytest.param('Revert ""', id="nothing"),
        pytest.param('Revert "', id="an open quote"),
    ],
)
def test_what_reverts_nothing_that_is_there_is_listed(repo: Repo, message: str) -> None:
    repo.commit("feat: a")
    sha = repo.commit(message)
    told = tell(repo)
    assert told.line(sha).outcome == "shown"
    assert "Features: a" in told.entries()


def test_a_revert_of_what_an_earlier_release_had_is_listed_once(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.tag("v1.0.0")
    first = repo.commit(f'Revert "feat: a"\n\nThis reverts commit {sha}.')
    told = tell(repo)
    assert told.entries("v1.0.0") == ["Features: a"]
    assert told.entries() == ['Reverts: Revert "feat: a"']
    assert told.outcome(first) == ("shown", f"revert; takes back {sha[:7]}, released before")


def test_a_revert_of_a_hidden_type_is_hidden_as_what_it_reverts_was(repo: Repo) -> None:
    """A list of reverts named tests and refactorings that no release had ever told of."""
    repo.commit("test: a")
    repo.commit("chore!: b")
    repo.tag("v1.0.0")
    first = repo.commit('Revert "test: a"')
    repo.commit('Revert "chore!: b"')
    told = tell(repo)
    assert told.line(first).outcome == "hidden"
    assert told.line(first).rule.startswith("reverts a change of hidden type test")
    assert told.entries() == ['Reverts: Revert "chore!: b"']
    assert len(tell(repo, Rules(types=(("revert", "Reverted"),))).entries()) == 2


@pytest.mark.parametrize("again", ['Revert "Revert "feat: a""\n\nThis reverts commit {revert}.', 'Reapply "feat: a"', "Reland feat: a"])
def test_a_change_that_was_reverted_and_brought_back_is_told_once_in_each_release(repo: Repo, again: str) -> None:
    sha = repo.commit("feat: a")
    revert = repo.commit(f'Revert "feat: a"\n\nThis reverts commit {sha}.')
    back = repo.commit(again.format(revert=revert))
    told = tell(repo)
    assert told.entries() == ["Features: a"]
    assert told.line(back).rule.startswith("brings back")
    assert told.standing(back) == told.standing(revert) == ["a"]


def test_revert_and_reapply_across_three_releases_are_told_as_they_happened(repo: Repo) -> None:
    sha = repo.commit("feat: a (#1)")
    repo.tag("v1.0.0")
    revert = repo.commit(f'Revert "feat: a (#1)" (#2)\n\nThis reverts commit {sha}.')
    repo.tag("v1.1.0")
    back = repo.commit(f'Reapply "feat: a (#1)" (#3)\n\nThis reverts commit {revert}.')
    repo.tag("v1.2.0")
    repo.commit(f'Revert "Reapply "feat: a (#1)"" (#4)\n\nThis reverts commit {back}.')
    told = tell(repo)
    assert told.entries("v1.0.0") == ["Features: a"]
    assert told.entries("v1.1.0") == ['Reverts: Revert "feat: a (#1)"']
    assert told.entries("v1.2.0") == ["Features: a"]
    assert told.entries() == ['Reverts: Revert "Reapply "feat: a (#1)""']
    assert told.entry("a", "v1.2.0").references == ("#1", "#3")


def test_turns_that_come_to_nothing_since_the_last_release_are_folded(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.tag("v1.0.0")
    revert = repo.commit(f'Revert "feat: a"\n\nThis reverts commit {sha}.')
    back = repo.commit(f'Revert "Revert "feat: a""\n\nThis reverts commit {revert}.')
    told = tell(repo)
    assert told.entries() == []
    assert told.line(revert).rule == told.line(back).rule == f"comes to nothing: {sha[:7]} is as it was"


def test_a_chain_of_reverts_ends_where_its_last_link_says(repo: Repo) -> None:
    last, words = repo.commit("feat: a"), "feat: a"
    for number in range(1, 7):
        words = f'Revert "{words}"'
        last = repo.commit(f"{words}\n\nThis reverts commit {last}.")
        assert tell(repo).entries() == (["Features: a"] if number % 2 == 0 else [])


def test_several_commits_named_in_one_revert_are_all_gone(repo: Repo) -> None:
    first, second = repo.commit("feat: a"), repo.commit("feat: b")
    revert = repo.commit(f"revert: the new things\n\nThis reverts commits {first} and {second}.")
    told = tell(repo)
    assert told.entries() == []
    assert told.outcome(revert) == ("folded", f"cancels {first[:7]} and 1 more")


def test_a_commit_that_also_reverts_is_told_as_what_it_is(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    other = repo.commit(f"feat: b\n\nThis reverts commit {sha}.")
    assert tell(repo).entries() == ["Features: b"]
    repo.commit(f'Revert "feat: b"\n\nThis reverts commit {other}.')
    assert tell(repo).entries() == ["Features: a"]


def test_a_reverted_merge_takes_all_that_it_brought(repo: Repo) -> None:
    repo.commit("fix: start")
    repo.branch("topic")
    inner = [repo.commit("feat: a"), repo.commit("fix: b")]
    repo.branch("main")
    repo.commit("docs: meanwhile")
    merge = repo.merge("topic", "Merge pull request #7 from o/topic\n\nAll the new things")
    revert = repo.commit('Revert "All the new things"\n\nReverts o/r#7')
    told = tell(repo)
    assert told.entries() == ["Fixes: start", "Documentation: meanwhile"]
    assert {told.line(sha).rule for sha in (*inner, merge)} == {f"reverted by {revert[:7]} before its release"}
    repo.tag("v1.0.0")
    repo.commit(f'Revert "Revert "All the new things""\n\nThis reverts commit {revert}.')
    assert len(tell(repo).entries()) == 1


def test_a_merge_is_found_by_the_title_of_its_request(repo: Repo) -> None:
    repo.commit("fix: start")
    repo.branch("topic")
    repo.commit("wip")
    repo.branch("main")
    repo.merge("topic", "Merge pull request #7 from o/topic\n\nAdd passkey login")
    repo.commit('Revert "Add passkey login" (#8)')
    assert tell(repo).entries() == ["Fixes: start"]


def test_a_reverted_squash_takes_its_listed_changes_with_it(repo: Repo) -> None:
    sha = repo.commit("feat: a (#1)\n\n* feat: a\n* fix: b")
    assert tell(repo).entries() == ["Features: a", "Fixes: b"]
    repo.commit(f'Revert "feat: a (#1)"\n\nThis reverts commit {sha}.')
    assert tell(repo).entries() == []


def test_a_revert_on_a_maintenance_line_means_the_copy_on_that_line(repo: Repo) -> None:
    repo.commit("fix: start")
    repo.tag("v1.0.0")
    repo.branch("1.x")
    repo.branch("main")
    sha = repo.commit("feat: a")
    repo.branch("1.x")
    repo.commit(f"feat: a for 1.x\n\n(cherry picked from commit {sha})")
    repo.commit(f'Revert "feat: a for 1"\n\nThis reverts commit {sha}.')
    repo.tag("v1.0.1")
    repo.branch("main")
    told = tell(repo, all_lines=True)
    assert told.entries("v1.0.1") == []
    assert told.entries() == ["Features: a"]


def test_the_copy_of_a_revert_means_what_was_committed_again_since(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    words = f'Revert "feat: a"\n\nThis reverts commit {sha}.'
    repo.commit(words)
    repo.commit("feat: a")
    assert tell(repo).entries() == ["Features: a"]
    repo.commit(words)
    assert tell(repo).entries() == []


def test_later_commits_of_the_same_words_leave_an_old_revert_as_it_was(repo: Repo) -> None:
    """Twenty-one more of one subject, and a revert released long ago lost what it had reverted."""
    repo.commit("chore!: format")
    repo.commit('Revert "chore!: format"')
    repo.tag("v1.0.0")
    assert tell(repo).entries("v1.0.0") == []
    for _ in range(25):
        repo.commit("chore!: format")
    assert tell(repo).entries("v1.0.0") == []


def test_what_is_made_once_more_after_its_revert_is_no_news_where_a_release_has_it(repo: Repo) -> None:
    change = repo.commit("feat: add w", {"w": "1"})
    repo.tag("v1.0.0")
    repo.commit(f'Revert "feat: add w"\n\nThis reverts commit {change}.', {"w": None})
    repo.commit("feat: add w", {"w": "1"})
    newest = tell(repo).sections[0]
    assert [line.outcome for line in newest.ledger] == ["folded", "folded"]
    assert {line.rule for line in newest.ledger} == {f"comes to nothing: {change[:7]} is as it was"}


def test_the_same_words_about_something_else_are_a_change_of_their_own(repo: Repo) -> None:
    change = repo.commit("feat: add w", {"w": "1"})
    repo.commit(f'Revert "feat: add w"\n\nThis reverts commit {change}.', {"w": None})
    repo.commit("feat: add w", {"w": "another way"})
    newest = tell(repo).sections[0]
    assert [line.outcome for line in newest.ledger] == ["shown", "folded", "folded"]


def test_what_came_and_went_on_a_branch_does_not_come_back_with_the_revert_of_its_merge(repo: Repo) -> None:
    repo.commit("chore: start", {"a": "1"})
    repo.branch("topic")
    gone = repo.commit("feat: add x", {"x": "1"})
    repo.commit(f'Revert "feat: add x"\n\nThis reverts commit {gone}.', {"x": None})
    repo.commit("fix: mend y", {"y": "1"})
    repo.branch("main")
    merge = repo.merge("topic", "Merge branch 'topic'")
    repo.commit(f"Revert \"Merge branch 'topic'\"\n\nThis reverts commit {merge}.", {"y": None})
    assert [line.outcome for line in tell(repo).sections[0].ledger] == ["folded"] * 5 + ["hidden"]


def test_a_typed_revert_of_a_revert_that_nobody_has_brings_its_change(repo: Repo) -> None:
    repo.commit('revert: Revert "feat: add w"\n\nRefs: 046cbeae6', {"w": "1"})
    (line,) = tell(repo).sections[0].ledger
    assert (line.outcome, line.rule) == ("shown", "brings back what the history read does not have")


def test_a_typed_revert_takes_back_the_change_and_no_other_revert_of_it(repo: Repo) -> None:
    repo.commit("feat: add w", {"w": "1"})
    elsewhere = "revert: feat: add w\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567."
    undone = repo.commit(elsewhere, {"w": None})
    repo.commit(f'Revert "revert: feat: add w"\n\nThis reverts commit {undone}.', {"w": "1"})
    repo.commit(elsewhere, {"w": None})
    assert [line.outcome for line in tell(repo).sections[0].ledger] == ["folded"] * 4


def test_a_change_made_once_more_is_known_without_its_request_s_number(repo: Repo) -> None:
    change = repo.commit("perf: speed w up (#4)", {"w": "1"})
    repo.tag("v1.0.0")
    repo.commit(f'Revert "perf: speed w up (#4)"\n\nThis reverts commit {change}.', {"w": None})
    repo.commit("perf: speed w up", {"w": "1"})
    assert {line.rule for line in tell(repo).sections[0].ledger} == {f"comes to nothing: {change[:7]} is as it was"}
