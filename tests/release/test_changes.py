from __future__ import annotations

import pytest

from tests.release.site import BRANCH, Site
from tests.release.test_edited_notes import edit, reworded

HEAD = "### Changed since you last looked"


def told(site: Site) -> str:
    return (site.github.pull(1).body or "").partition(HEAD)[2].partition("###")[0]


@pytest.fixture
def opened(site: Site) -> Site:
    site.run()
    return site


def test_a_new_pull_request_has_nothing_that_changed(opened: Site) -> None:
    assert HEAD not in (opened.github.pull(1).body or "")
    assert not (opened.output / "changes.json").exists()


def test_an_update_says_what_it_changed(opened: Site) -> None:
    opened.push("feat(cli): print the version (#13)")
    opened.push("chore: tidy more")
    opened.run()
    assert "+2 commits, +1 entry, developer notes +1 sentence." in told(opened)
    assert "- cli: print the version" in told(opened)
    assert "has to be ticked again" in told(opened)


def test_running_again_keeps_what_was_told(opened: Site) -> None:
    opened.push("feat(cli): print the version (#13)")
    opened.run()
    body, branch, writes = opened.github.pull(1).body, opened.branch(), opened.writes()
    assert opened.run().operation == "unchanged"
    assert (opened.github.pull(1).body, opened.branch(), opened.writes()) == (body, branch, writes)


def test_only_the_last_update_is_told(opened: Site) -> None:
    opened.push("feat(cli): print the version (#13)")
    opened.run()
    opened.push("fix: another")
    opened.run()
    assert "+1 commit, +1 entry" in told(opened)
    assert "print the version" not in told(opened)


def test_what_is_gone_is_told_too(opened: Site) -> None:
    sha = opened.push("feat(cli): print the version (#13)")
    opened.run()
    opened.push(f'Revert "feat(cli): print the version (#13)"\n\nThis reverts commit {sha}.')
    opened.run()
    assert "\u22121 entry" in told(opened)
    assert "developer notes \u22121 sentence" in told(opened)


def test_an_edit_by_a_person_is_told(opened: Site) -> None:
    edit(opened, reworded)
    opened.run()
    assert "developer notes +1 sentence and \u22121 sentence, edited by a person" in told(opened)


def test_another_version_is_told(opened: Site) -> None:
    opened.run(version="1.0.0")
    assert "version 1.0.0, was 0.2.0" in told(opened)


def test_a_clone_that_never_saw_the_branch_tells_no_changes(opened: Site) -> None:
    opened.work.git("update-ref", "-d", f"refs/notewright/branches/{BRANCH}")
    opened.push("fix: another")
    opened.prepare()
    assert opened.propose().operation == "updated"
    assert HEAD not in (opened.github.pull(1).body or "")


@pytest.mark.parametrize("words", ["@everyone Closes #1", "<img src=x>", "```", "| a | b |"])
def test_titles_of_commits_do_nothing_there(opened: Site, words: str) -> None:
    opened.push(f"feat: {words}")
    opened.run()
    shown = told(opened)
    assert "- " in shown
    assert "<img" not in shown
    assert not any(line.startswith("```") for line in shown.split("\n"))
    assert "`@everyone`" in shown or "@" not in shown
