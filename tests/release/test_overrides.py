"""Overrides in a release: what people say of commits, bound by the proposal, and the server's alone."""

from __future__ import annotations

import pytest

from notewright.adapters.overrides import NOTES, OVERRIDES
from notewright.errors import CheckFailed
from notewright.review.proposal import read_proposal
from tests.release.site import BRANCH, Site


def note(site: Site, text: str, *, at: str = "HEAD~2", push: bool = True) -> None:
    site.work.git("notes", f"--ref={NOTES}", "add", "--force", "-m", text, at, author="Grace Hopper <grace@example.org>")
    if push:
        site.git_server.push(site.work, f"+{NOTES}:{NOTES}")


def test_a_note_changes_the_release_and_the_ledger_says_who_and_why(site: Site) -> None:
    note(site, "reword: sign in with a passkey\nwhy: as people call it")
    site.run()
    assert "- **auth:** sign in with a passkey (" in site.show(f"{BRANCH}:CHANGELOG.md")
    body = site.github.pull(1).body or ""
    assert "feat(auth): add passkey login" in body
    proposal = read_proposal((site.output / "proposal.json").read_bytes())
    assert proposal.overrides
    page = (site.output / "audit.html").read_text()
    assert proposal.overrides in page
    ledger = (site.output / "ledger.json").read_text()
    assert "changed by Grace Hopper: as people call it" in ledger
    assert site.run().operation == "unchanged"


def test_the_file_of_the_base_counts_whatever_the_work_tree_says(site: Site) -> None:
    sha = site.work.sha("HEAD~2")
    site.push("chore: say it better", {OVERRIDES: f"- {{commit: {sha}, reword: sign in with a passkey, why: shorter, by: Grace}}\n"})
    (site.work.path / OVERRIDES).unlink()
    prepared = site.prepare()
    assert "sign in with a passkey" in prepared.draft.section_markdown
    with pytest.raises(CheckFailed, match=f"{OVERRIDES} here is not the one in commit"):
        site.propose()


def test_without_overrides_there_is_nothing_to_bind(site: Site) -> None:
    assert site.prepare().proposal.overrides is None


def test_notes_that_change_after_prepare_are_refused(site: Site) -> None:
    note(site, "reword: sign in with a passkey")
    site.prepare()
    note(site, "reword: sign in without a password")
    with pytest.raises(CheckFailed, match="overrides is not what follows from git and the configuration here"):
        site.propose()
    assert site.branch() is None


def test_a_note_that_says_the_same_for_another_reason_is_another_proposal(site: Site) -> None:
    note(site, "hide: true\nwhy: internal", at="HEAD~1")
    before = site.prepare().proposal
    note(site, "hide: true\nwhy: not for users", at="HEAD~1")
    assert site.prepare().proposal.overrides != before.overrides


@pytest.mark.parametrize("there", [False, True], ids=["only here", "otherwise there"])
def test_a_note_that_the_server_does_not_have_decides_nothing(site: Site, there: bool) -> None:
    if there:
        note(site, "reword: sign in with a passkey")
    note(site, "hide: true", push=False)
    site.prepare()
    with pytest.raises(CheckFailed, match=f"the overrides in {NOTES} are not those on the server") as caught:
        site.propose()
    assert f"git fetch origin +{NOTES}:{NOTES}" in (caught.value.hint or "")
    assert site.branch() is None


def test_a_note_that_this_clone_lacks_is_missed(site: Site) -> None:
    note(site, "hide: true")
    site.work.git("update-ref", "-d", NOTES)
    site.prepare()
    with pytest.raises(CheckFailed, match="are not those on the server"):
        site.propose()


def test_other_people_s_notes_mean_nothing(site: Site) -> None:
    site.work.git("notes", "add", "-m", "reviewed", "HEAD~2")
    site.git_server.push(site.work, "+refs/notes/commits:refs/notes/commits")
    assert site.run().operation == "created"
