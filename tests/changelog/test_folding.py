"""Fixups, updates of dependencies and squashed commits: each change once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.changelog.rules import Rules
from tests.parts.repository import Repo
from tests.parts.telling import tell

RULES = Rules()


@pytest.mark.parametrize("mark", ["fixup!", "squash!", "amend!", "fixup! fixup!", "squash! fixup!"])
def test_what_amends_a_commit_is_a_part_of_it(repo: Repo, mark: str) -> None:
    sha = repo.commit("feat: a (#1)")
    amending = repo.commit(f"{mark} feat: a (#1)\n\nCloses #2", author="Bob <b@example.org>")
    told = tell(repo)
    assert told.entries() == ["Features: a"]
    entry = told.entry("a")
    assert (entry.commits, entry.authors, entry.references) == ((sha, amending), ("Ada Lovelace", "Bob"), ("#1", "#2"))
    assert told.outcome(amending) == ("folded", f"amends {sha[:7]}")


def test_a_fixup_by_object_name_joins_it(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.commit(f"fixup! {sha[:9]}")
    assert tell(repo).entries() == ["Features: a"]


def test_a_fixup_means_the_nearest_commit_of_that_name(repo: Repo) -> None:
    repo.commit("fix: typo")
    second = repo.commit("fix: typo")
    amending = repo.commit("fixup! fix: typo")
    assert tell(repo).outcome(amending) == ("folded", f"amends {second[:7]}")


def test_a_fixup_of_an_older_release_and_of_nothing_are_accounted_for(repo: Repo) -> None:
    sha = repo.commit("feat: a")
    repo.tag("v1.0.0")
    late, lost = repo.commit("fixup! feat: a"), repo.commit("fixup! feat: nowhere")
    told = tell(repo)
    assert told.outcome(late) == ("folded", f"amends {sha[:7]}, released before")
    assert told.outcome(lost) == ("shown", "amends a commit that the history read does not have")
    assert told.entries() == ["Features: nowhere"]


def test_a_fixup_of_what_was_reverted_goes_with_it(repo: Repo) -> None:
    repo.commit("feat: a")
    repo.commit("fixup! feat: a")
    repo.commit('Revert "feat: a"')
    assert tell(repo).entries() == []


def test_updates_of_one_package_are_one_line_from_first_to_last(repo: Repo) -> None:
    shas = [repo.commit(f"chore(deps): bump httpx from 0.{old}.0 to 0.{old + 1}.0 (#{old})") for old in range(5, 8)]
    repo.commit("chore(deps): bump rich from 1.0.0 to 2.0.0")
    told = tell(repo)
    assert told.entries() == ["Dependencies: bump httpx from 0.5.0 to 0.8.0", "Dependencies: bump rich from 1.0.0 to 2.0.0"]
    entry = told.entry("bump httpx from 0.5.0 to 0.8.0")
    assert (set(entry.commits), entry.commits[0], set(entry.references)) == (set(shas), shas[0], {"#5", "#6", "#7"})
    assert told.outcome(shas[2]) == ("folded", f"goes on from {shas[0][:7]}")


@pytest.mark.parametrize(
    ("subjects", "wanted"),
    [
        pytest.param(
            ["build(deps): bump a from 1.0.0 to 1.1.0 in /web", "build(deps): bump a from 1.0.0 to 1.1.0 in /api"],
            ["bump a from 1.0.0 to 1.1.0"],
            id="one step in two folders",
        ),
        pytest.param(
            ["build(deps): bump a from 3.0.0 to 4.0.0 in /web", "build(deps): bump a from 1.0.0 to 2.0.0 in /api"],
            ["bump a from 1.0.0 to 2.0.0 in /api", "bump a from 3.0.0 to 4.0.0 in /web"],
            id="other versions in another folder",
        ),
        pytest.param(
            ["build(deps): bump a from 1.0.0 to 2.0.0", "build(deps): bump a from 2.5.0 to 3.0.0"],
            ["bump a from 1.0.0 to 3.0.0"],
            id="a step by hand in between",
        ),
        pytest.param(
            ["fix(deps): update dependency a to v2", "fix(deps): update dependency a to v3"], ["bump a to v3"], id="without a first version"
        ),
        pytest.param(
            ["chore(deps): update lint", "chore(deps): update lint"], ["update lint"], id="a group without versions"
        ),
        pytest.param(
            ["chore(deps): bump a from 1.0.0 to 2.0.0", "chore(deps): bump a from 2.0.0 to 1.0.0"],
            ["bump a from 1.0.0 to 2.0.0"],
            id="there and back",
        ),
    ],
)  # fmt: skip
def test_updates_are_joined_only_where_they_go_on(repo: Repo, subjects: list[str], wanted: list[str]) -> None:
    for subject in subjects:
        repo.commit(subject)
    assert tell(repo).entries() == [f"Dependencies: {one}" for one in wanted]


def test_updates_of_other_releases_stay_apart(repo: Repo) -> None:
    repo.commit("chore(deps): bump a from 1.0.0 to 2.0.0")
    repo.tag("v1.0.0")
    repo.commit("chore(deps): bump a from 2.0.0 to 3.0.0")
    told = tell(repo)
    assert told.entries("v1.0.0") == ["Dependencies: bump a from 1.0.0 to 2.0.0"]
    assert told.entries() == ["Dependencies: bump a from 2.0.0 to 3.0.0"]


def test_updates_that_mend_security_stand_apart_even_where_updates_are_hidden(repo: Repo) -> None:
    repo.commit("chore(deps): bump a from 1.0.0 to 1.1.0")
    repo.commit("chore(deps): update dependency a to v1.2.0 [security] (#3)")
    repo.commit("chore(deps): bump b from 1.0.0 to 1.1.0 for CVE-2026-10412")
    secure = [entry for entry in tell(repo).entries() if entry.startswith("Security: ")]
    assert len(secure) == 2
    assert tell(repo, replace(RULES, dependencies=None)).entries() == secure


def test_people_of_a_commit_are_its_authors_and_contributors(repo: Repo) -> None:
    repo.commit("feat: a\n\nCo-authored-by: Bob <b@example.org>\nco-authored-by: Eve <e@example.org>\nCo-authored-by: Bob <b@example.org>")
    told = tell(repo)
    assert told.entry("a").authors == ("Ada Lovelace", "Bob", "Eve")
    assert [one.name for one in told.sections[0].contributors] == ["Ada Lovelace", "Bob", "Eve"]


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        pytest.param("feat: a (#1)\n\n* feat: a\n\n* fix: b", ["Features: a", "Fixes: b"], id="the header told again"),
        pytest.param("feat: a\n\n- fix: b\n- docs: c", ["Features: a", "Fixes: b", "Documentation: c"], id="dashes"),
        pytest.param("Release the kraken (#9)\n\n* feat: a\n* fix: b", ["Features: a", "Fixes: b"], id="a header without a type"),
        pytest.param("feat: a\n\nfix: b\ndocs: c", ["Features: a", "Fixes: b", "Documentation: c"], id="bare headers"),
        pytest.param("feat: a\n\n* test: b\n* chore: c", ["Features: a"], id="hidden types"),
        pytest.param("chore: a\n\n* feat: b\n* chore: c", ["Features: b"], id="a hidden header with a shown change"),
        pytest.param(
            "feat: a\n\n* feat: b\n\nBREAKING CHANGE: c\n\n* fix: d",
            ["Breaking changes: b", "Features: a", "Fixes: d"],
            id="one that breaks",
        ),
        pytest.param(
            "feat: a\n\nWords.\n\nSquashed commit of the following:\n\ncommit 1234567\nDate: now\n\n    fix: b\n\n"
            "commit 7654321\nAuthor: A <a@b>\n\n    wip\n",
            ["Features: a"],
            id="a log that does not begin the body",
        ),
        pytest.param(
            "feat: a\n\nSquashed commit of the following:\n\ncommit 1234567\nAuthor: A <a@b>\n\n    fix: b\n\n"
            "    Words.\n\ncommit 7654321\n\n    wip\n",
            ["Features: a", "Fixes: b"],
            id="a log of git merge --squash",
        ),
        pytest.param("feat: a\n\n* note: this is prose\n* see also: that", ["Features: a"], id="prose with colons"),
        pytest.param("feat: a\n\nSome words first.\n\n* fix: b", ["Features: a"], id="a list below prose"),
        pytest.param("feat: a\n\nfix: only one line", ["Features: a"], id="one bare line"),
        pytest.param("feat: a\n\n* feat: b\n* fix: c\n* revert: feat: b", ["Features: a", "Fixes: c"], id="a listed change taken back"),
        pytest.param('feat: a\n\n* feat: b\n* revert: "feat: b"\n* feat: b', ["Features: a", "Features: b"], id="and made again"),
    ],
)
def test_a_squashed_commit_tells_each_change_that_it_lists_once(repo: Repo, message: str, wanted: list[str]) -> None:
    sha = repo.commit(message)
    told = tell(repo)
    assert told.entries() == wanted
    assert len(told.line(sha).entries) == len(wanted)


def test_listed_changes_name_the_request_of_their_commit(repo: Repo) -> None:
    repo.commit("feat: a (#5)\n\n* fix: b (#3)\n* docs: c")
    told = tell(repo)
    assert [told.entry(one).references for one in "abc"] == [("#5",), ("#3", "#5"), ("#5",)]


def test_lists_are_left_alone_where_configured(repo: Repo) -> None:
    repo.commit("feat: a\n\n* fix: b")
    assert tell(repo, replace(RULES, squash="header")).entries() == ["Features: a"]


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        pytest.param("release: cut the v22.2.0-next.4 release", "hidden", id="words around a version"),
        pytest.param("release: version bump", "hidden", id="a bump"),
        pytest.param("release: change the caretaker", "shown", id="no version"),
        pytest.param("feat(release): sign v1.0 archives", "shown", id="another type"),
    ],
)
def test_commits_that_only_make_a_release_are_hidden(repo: Repo, header: str, outcome: str) -> None:
    sha = repo.commit(header)
    assert tell(repo).line(sha).outcome == outcome
