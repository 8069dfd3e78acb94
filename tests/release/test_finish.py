"""A merged release is tagged and published as it was approved."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from notewright.errors import CheckFailed, GitHubError, RepositoryError, UsageError
from notewright.review.audit import NAME, find_breaks, link, read_anchor, read_audit
from tests.house.architecture import ROOT
from tests.parts.approving import AT
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_PERSON, TOKEN_READ, TOKEN_WRITE
from tests.release import gating
from tests.release.finishing import WAYS, approve, finish, merge, merged, told_to
from tests.release.site import BRANCH, Site
from tests.release.test_edited_notes import edit, reworded


def on_server(site: Site, *args: str) -> str:
    return read_git(site.git_server.path_of("acme/app"), *args).strip()


def tags(site: Site) -> list[str]:
    return on_server(site, "tag").splitlines()


def page_of(site: Site) -> str:
    """Return audit.html of the release that was published first."""
    return site.github.assets(site.github.releases()[0].number)["audit.html"].content.decode()


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_merge_is_tagged_and_published_once(site: Site, way: str) -> None:
    told_to(site, "developer", "customer")
    commit = merged(site, way)
    done = finish(site)
    (release,) = site.github.releases()
    assert (done.operation, done.version, done.tag, done.commit) == ("published", "0.2.0", "v0.2.0", commit)
    assert on_server(site, "rev-parse", "v0.2.0^{commit}") == commit == site.github.pull(1).merge_sha
    assert (release.tag, release.name, release.draft, release.prerelease, release.latest) == ("v0.2.0", "v0.2.0", False, False, "true")
    assert list(site.github.assets(release.number)) == ["customer.md", "section.json", "ledger.json", NAME, "audit.html"]
    writes = site.writes()
    assert finish(site).operation == "unchanged"
    assert site.writes() == writes


def test_the_release_shows_the_developers_notes_and_the_files_are_those_of_the_tag(site: Site) -> None:
    told_to(site, "developer", "customer")
    merged(site)
    finish(site)
    (release,) = site.github.releases()
    assert release.body == site.show("v0.2.0:.notewright/releases/0.2.0/developer.md").partition("\n\n")[2] + "\n"
    for name, asset in site.github.assets(release.number).items():
        if not name.startswith("audit."):
            assert asset.content.decode().strip() == site.show(f"v0.2.0:.notewright/releases/0.2.0/{name}").strip()


def test_without_notes_for_developers_the_release_shows_the_section(site: Site) -> None:
    told_to(site, "customer")
    merged(site)
    finish(site)
    (release,) = site.github.releases()
    assert release.body is not None
    assert release.body.startswith("### Features\n")
    assert release.body.strip() in site.show("v0.2.0:CHANGELOG.md")


def test_the_page_of_a_release_shows_its_evidence_and_is_left_out_where_the_prompts_have_changed(site: Site) -> None:
    merged(site)
    finish(site)
    (release,) = site.github.releases()
    page = site.github.assets(release.number)["audit.html"].content.decode()
    assert page.startswith("<!doctype html>")
    assert all(told in page for told in ("Handle an empty file.", "chore: tidy", "0.2.0"))
    site.git_server.push(site.work, ":refs/tags/v0.2.0")
    site.github.hub.releases.clear()
    prompt = site.work.path / ".notewright/prompts/notes/developer"
    shutil.copytree(ROOT / "prompts/notes/developer", prompt)
    (prompt / "prompt.yaml").write_text((prompt / "prompt.yaml").read_text().replace("sentence_words: 25", "sentence_words: 24"))
    finish(site)
    assert "audit.html" not in site.github.assets(site.github.releases()[0].number)


def test_the_audit_says_who_approved_what_and_the_tag_vouches_for_it(site: Site) -> None:
    commit = merged(site)
    head = site.github.pull(1).head_sha
    finish(site)
    audit = read_audit(site.github.assets(site.github.releases()[0].number)[NAME].content)
    assert list(find_breaks(audit)) == []
    assert audit.approvals.gate == "success"
    assert [(one.audit, one.login, one.event_id, one.at) for one in audit.approvals.approvals] == [
        ("changelog", "grace", "4711", AT),
        ("notes", "ada", "4711", AT),
    ]
    assert (audit.proposal.pull_request, audit.proposal.head, audit.publication.commit) == (1, head, commit)
    assert (audit.publication.tag_object, audit.publication.merged_by) == (on_server(site, "rev-parse", "v0.2.0"), "ada")
    message = on_server(site, "cat-file", "tag", "v0.2.0").partition("\n\n")[2]
    assert message.startswith("v0.2.0\n\nApproved by grace (changelog), ada (notes).\n")
    assert read_anchor(message) == link(audit.approvals) == audit.publication.previous


def test_what_people_tick_and_the_gate_lets_pass_is_published_with_their_names(site: Site) -> None:
    site.run()
    gating.approve(site, changelog="ada", notes="grace")
    merge(site)
    assert finish(site).operation == "published"
    audit = read_audit(site.github.assets(site.github.releases()[0].number)[NAME].content)
    assert [(one.audit, one.login) for one in audit.approvals.approvals] == [("changelog", "ada"), ("notes", "grace")]
    approval = page_of(site).partition('<section id="approval">')[2].partition("</section>")[0]
    bound = (audit.proposal.head or "", audit.proposal.proposal, audit.proposal.tree, audit.publication.tag_object)
    people = [told for one in audit.approvals.approvals for told in (one.login, one.at, one.digest, f"/actions/runs/{one.event_id}")]
    assert [told for told in (*people, *bound) if not told or told not in approval] == []


@pytest.mark.parametrize("way", WAYS)
def test_notes_that_a_person_edited_are_what_is_published(site: Site, way: str) -> None:
    site.run()
    edit(site, reworded)
    site.run()
    approve(site)
    merge(site, way)
    finish(site)
    (release,) = site.github.releases()
    assert "files that hold nothing at all" in (release.body or "")
    assert "audit.html" in site.github.assets(release.number)
    (notes,) = read_audit(site.github.assets(release.number)[NAME].content).notes.audiences
    assert (notes.human, notes.fallback, notes.edited) == (1, 1, False)


@pytest.mark.parametrize("way", WAYS)
def test_an_edit_that_was_approved_as_it_stood_belongs_to_the_release(site: Site, way: str) -> None:
    site.run()
    edit(site, reworded)
    merge(site, way)
    assert finish(site, without_gate=True).operation == "published"
    (release,) = site.github.releases()
    assert "files that hold nothing at all" in (release.body or "")
    assert read_audit(site.github.assets(release.number)[NAME].content).notes.audiences[0].edited


def test_what_a_person_unticked_again_is_not_published(site: Site) -> None:
    site.run()
    gating.approve(site)
    gating.gate(site, gating.tick(site, "notes", by="grace", on=False))
    merge(site)
    with pytest.raises(CheckFailed, match="has not passed the gate"):
        finish(site)


def test_another_machine_makes_the_same_tag(site: Site) -> None:
    merged(site)
    finish(site)
    first = on_server(site, "rev-parse", "v0.2.0")
    site.git_server.push(site.work, ":refs/tags/v0.2.0")
    other = replace(site, work=Repo.clone(site.git_server.url_of("acme/app"), site.work.path.parent / "other"))
    finish(other)
    assert on_server(site, "rev-parse", "v0.2.0") == first


@pytest.mark.parametrize("way", WAYS)
def test_a_commit_that_came_to_the_base_after_the_approval_is_named_and_nothing_is_tagged(site: Site, way: str) -> None:
    site.run()
    approve(site)
    late = site.push("fix: slip in", {"late.py": "1\n"})
    merge(site, way)
    with pytest.raises(CheckFailed) as caught:
        finish(site)
    assert f"a commit that is not in the approved changelog: {late[:7]} fix: slip in (Ada" in caught.value.message
    assert "git revert" in (caught.value.hint or "")
    assert (tags(site), site.github.releases()) == (["v0.1.0"], [])


@pytest.mark.parametrize("way", WAYS)
def test_a_late_commit_that_touches_only_a_file_of_the_release_is_named_too(site: Site, way: str) -> None:
    old = "# Changelog\n\n" + "".join(f"## 0.0.{patch}\n\n- told by hand\n\n" for patch in range(9, 0, -1))
    site.push("docs: keep a changelog", {"CHANGELOG.md": old})
    site.run()
    approve(site)
    late = site.push("docs: correct the oldest entry", {"CHANGELOG.md": old + "- and another\n"})
    merge(site, way)
    with pytest.raises(CheckFailed, match=f"{late[:7]} docs: correct the oldest entry"):
        finish(site)


@pytest.mark.parametrize("way", WAYS)
def test_after_a_late_commit_the_way_on_that_is_named_leads_to_a_release_with_it(site: Site, way: str) -> None:
    site.run()
    approve(site)
    site.push("fix: slip in", {"late.py": "1\n"})
    merge(site, way)
    with pytest.raises(CheckFailed) as caught:
        finish(site)
    command = (caught.value.hint or "").split("`")[1].split(" ")
    assert command[:2] == ["git", "revert"]
    site.work.git("revert", "--no-edit", *command[2:])
    site.git_server.push(site.work, "main")
    site.run()
    approve(site, number=2)
    commit = merge(site, way, number=2)
    assert finish(site).commit == commit
    assert "Slip in" in (site.github.releases()[0].body or "")


def test_a_branch_that_took_the_base_in_is_named_with_all_that_came_by_it(site: Site) -> None:
    site.run()
    late = site.push("fix: slip in", {"late.py": "1\n"})
    site.work.git("fetch", "--quiet", "origin", BRANCH)
    site.work.git("switch", "--quiet", "--detach", "FETCH_HEAD")
    update = site.work.merge("main", "Merge branch 'main' into notewright/release")
    site.git_server.push(site.work, f"HEAD:refs/heads/{BRANCH}")
    site.work.branch("main")
    approve(site)
    merge(site)
    with pytest.raises(CheckFailed) as caught:
        finish(site)
    assert "2 commits that are not in the approved changelog" in caught.value.message
    assert all(sha[:7] in caught.value.message for sha in (late, update))


def test_a_merge_that_holds_something_else_than_the_pull_request_showed_is_refused(site: Site) -> None:
    site.run()
    approve(site)
    head, base = site.github.pull(1).head_sha, site.work.sha()
    site.work.git("fetch", "--quiet", "origin", BRANCH)
    site.work.git("merge", "--quiet", "--no-commit", "--no-ff", "FETCH_HEAD")
    notes = site.work.path / ".notewright/releases/0.2.0/developer.md"
    notes.write_text(notes.read_text() + "\nBuy now.\n")
    site.work.git("add", "-A")
    site.work.git("commit", "--quiet", "-m", "Merge the release")
    assert site.work.git("rev-parse", "HEAD^1", "HEAD^2").split() == [base, head]
    site.git_server.push(site.work, "main")
    site.github.hub.follow_branches()
    site.github.hub.pulls[1].merge_sha = site.work.sha()  # as GitHub says of a merge pushed by hand
    site.github.hub.pulls[1].landed = (site.work.sha(), head)
    with pytest.raises(CheckFailed, match="does not hold what pull request 1 showed"):
        finish(site)
    assert tags(site) == ["v0.1.0"]


def test_a_section_that_does_not_follow_from_history_is_refused_though_it_was_approved(site: Site) -> None:
    site.prepare(metadata=site.collect())
    site.propose()
    site.tag("v0.1.5", at="HEAD~1")  # a release that nobody knew of when this one was proposed
    approve(site)
    merge(site)
    with pytest.raises(CheckFailed, match=r"the tag v0\.1\.5 is at .* and was at nowhere"):
        finish(site)


def test_nothing_is_tagged_that_nobody_approved(site: Site) -> None:
    site.run()
    merge(site)
    with pytest.raises(CheckFailed, match="has not passed the gate: pull request 1 was merged without") as caught:
        finish(site)
    assert "--without-gate" in (caught.value.hint or "")
    assert (tags(site), site.github.releases()) == (["v0.1.0"], [])


@pytest.mark.parametrize(
    ("token", "digest"),
    [pytest.param(TOKEN_PERSON, None, id="by a person's own statuses"), pytest.param(TOKEN_WRITE, "0" * 16, id="of another proposal")],
)
def test_approvals_that_the_gate_did_not_give_for_this_very_proposal_do_not_count(site: Site, token: str, digest: str | None) -> None:
    site.run()
    approve(site, token=token, digest=digest)
    merge(site)
    with pytest.raises(CheckFailed, match="has not passed the gate"):
        finish(site)


def test_one_approved_audit_is_not_enough(site: Site) -> None:
    site.run()
    head = approve(site)
    site.connect().set_status(head, "notewright/notes", "pending", "unticked by ada")
    merge(site)
    with pytest.raises(CheckFailed, match="has not passed the gate"):
        finish(site)


def test_a_person_may_finish_what_the_gate_let_pass(site: Site) -> None:
    merged(site)
    assert finish(site, token=TOKEN_PERSON).operation == "published"


def test_a_release_without_the_gate_is_published_when_asked_for_and_recorded_so(site: Site) -> None:
    site.run()
    merge(site)
    assert finish(site, without_gate=True).operation == "published"
    audit = read_audit(site.github.assets(site.github.releases()[0].number)[NAME].content)
    assert (audit.approvals.gate, audit.approvals.approvals, audit.publication.merged_by) == ("none", (), "ada")
    assert "Finished without the gate" in on_server(site, "cat-file", "tag", "v0.2.0")
    assert "Finished without the gate: nobody's approval is recorded" in page_of(site)
    assert "Ticked by" not in page_of(site)
    assert list(find_breaks(audit)) == []


def test_a_release_that_no_pull_request_brought_is_published_only_without_the_gate(site: Site) -> None:
    site.run()
    site.work.git("pull", "--quiet", "--ff-only", "origin", BRANCH)
    site.github.edit(1, state="closed")
    site.git_server.push(site.work, "main")
    with pytest.raises(CheckFailed, match="no pull request brought it"):
        finish(site)
    assert finish(site, without_gate=True).commit == site.work.sha()
    audit = read_audit(site.github.assets(site.github.releases()[0].number)[NAME].content)
    assert (audit.proposal.pull_request, audit.proposal.head, audit.publication.merged_by) == (None, None, "")


def test_a_tag_that_is_elsewhere_is_an_error_that_names_both(site: Site) -> None:
    commit = merged(site)
    elsewhere = site.work.sha("v0.1.0^{commit}")
    site.tag("v0.2.0", at=elsewhere)
    with pytest.raises(CheckFailed) as caught:
        finish(site)
    assert elsewhere in caught.value.message
    assert commit in caught.value.message
    assert site.github.releases() == []


def test_a_tag_that_a_person_put_on_the_merge_is_kept(site: Site) -> None:
    commit = merged(site)
    site.tag("v0.2.0", at=commit)
    assert finish(site).operation == "published"
    assert on_server(site, "rev-parse", "v0.2.0") == commit
    audit = read_audit(site.github.assets(site.github.releases()[0].number)[NAME].content)
    assert audit.publication.tag_object == commit


def test_an_approval_that_was_taken_back_after_the_tag_does_not_change_the_record(site: Site) -> None:
    merged(site)
    finish(site)
    site.github.hub.releases.clear()
    site.github.hub.statuses.clear()
    with pytest.raises(CheckFailed, match="was made with other approvals"):
        finish(site, without_gate=True)
    assert site.github.releases() == []


@pytest.mark.parametrize("state", ["deleted", "moved"])
def test_what_becomes_of_the_release_branch_does_not_matter(site: Site, state: str) -> None:
    merged(site, "squash")
    site.git_server.push(site.work, f":refs/heads/{BRANCH}" if state == "deleted" else f"+main:refs/heads/{BRANCH}")
    assert finish(site).operation == "published"


def test_commits_after_the_merge_do_not_matter(site: Site) -> None:
    commit = merged(site)
    site.push("fix: the next release", {"app.py": "4\n"})
    site.push("docs: a typo in the notes", {".notewright/releases/0.2.0/developer.md": "corrected\n"})
    assert finish(site).commit == commit
    assert "corrected" not in (site.github.releases()[0].body or "")


def test_the_next_release_is_proposed_and_finished_in_its_turn(site: Site) -> None:
    merged(site, "squash")
    finish(site)
    site.work.git("fetch", "--quiet", "--tags", "origin")
    site.push("feat: one more", {"app.py": "4\n"})
    site.run()
    approve(site, number=2)
    merge(site, "squash", number=2)
    assert finish(site).tag == "v0.3.0"
    assert finish(site, version="0.2.0").operation == "unchanged"
    assert [release.tag for release in site.github.releases()] == ["v0.2.0", "v0.3.0"]


def test_an_older_line_is_not_published_as_the_latest(site: Site) -> None:
    site.work.git("switch", "--quiet", "--create", "next")
    site.work.commit("feat!: begin anew", {"app.py": "9\n"})
    site.tag("v2.0.0")
    site.work.branch("main")
    merged(site)
    finish(site)
    assert site.github.releases()[0].latest == "false"


def test_a_pre_release_is_published_as_one(site: Site) -> None:
    site.config = replace(site.config, changelog=replace(site.config.changelog, channel="rc"))
    merged(site)
    finish(site)
    assert [(release.tag, release.prerelease) for release in site.github.releases()] == [("v0.2.0-rc.1", True)]


def test_where_nothing_was_merged_there_is_nothing_to_finish(site: Site) -> None:
    site.run()
    assert finish(site).operation == "none"
    with pytest.raises(UsageError, match=r"holds no release 0\.2\.0"):
        finish(site, version="0.2.0")


@pytest.mark.parametrize("name", ["0.2.0", "v0.2.0"])
def test_a_release_is_named_by_its_version_or_its_tag(site: Site, name: str) -> None:
    merged(site)
    assert finish(site, version=name).version == "0.2.0"


def test_a_clone_that_is_behind_says_what_to_fetch(site: Site) -> None:
    site.run()
    approve(site)
    site.github.merge(1, method="rebase")
    site.work.git("fetch", "--quiet", "origin", "main")
    site.work.git("switch", "--quiet", "--detach", "FETCH_HEAD")
    site.github.hub.pulls[1].merge_sha = "1" * 40  # what came after is not here
    with pytest.raises(RepositoryError, match="does not contain 1111111"):
        finish(site)


def test_an_upload_that_broke_off_is_completed(site: Site) -> None:
    merged(site)
    finish(site)
    (release,) = site.github.releases()
    whole = site.github.assets(release.number)
    site.github.hub.assets = {number: one for number, one in site.github.hub.assets.items() if one.name != "ledger.json"}
    site.github.break_off_upload(release.number, "ledger.json")
    assert finish(site).operation == "published"
    assert site.github.assets(release.number)["ledger.json"].content == whole["ledger.json"].content


def test_a_published_file_that_somebody_replaced_is_an_error_and_stays(site: Site) -> None:
    merged(site)
    finish(site)
    hub = site.github.hub
    hub.assets = {number: replace(one, content=b"{}\n") if one.name == "ledger.json" else one for number, one in hub.assets.items()}
    with pytest.raises(CheckFailed, match=r"holds another ledger\.json than its tag"):
        finish(site)


def test_a_published_text_belongs_to_whoever_edits_it(site: Site) -> None:
    merged(site)
    finish(site)
    (release,) = site.github.releases()
    release.body = "Better words."
    assert finish(site).operation == "unchanged"
    assert release.body == "Better words."


def test_a_draft_that_a_person_prepared_is_left_alone(site: Site) -> None:
    merged(site)
    with_own_words = site.connect().releases.draft("v0.2.0", text="My own words.", prerelease=False)
    finish(site)
    assert [(one.body == "My own words.", one.draft) for one in site.github.releases()] == [(True, True), (False, False)]
    assert site.github.releases()[0].number == with_own_words.number


def test_two_runs_at_once_make_one_tag_and_one_release(site: Site) -> None:
    merged(site)
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(finish, site) for _ in range(4)]
    failures = [run.exception() for run in runs if run.exception()]
    assert all(isinstance(failure, GitHubError) for failure in failures), failures
    finish(site)
    (release,) = site.github.releases()
    assert (release.draft, tags(site)) == (False, ["v0.1.0", "v0.2.0"])
    assert sorted(asset.name for asset in site.github.hub.assets.values()) == ["audit.html", NAME, "ledger.json", "section.json"]
    audit = read_audit(site.github.assets(release.number)[NAME].content)
    assert audit.publication.tag_object == on_server(site, "rev-parse", "v0.2.0")


def test_a_token_that_may_only_read_names_the_permissions(site: Site) -> None:
    merged(site)
    with pytest.raises(GitHubError, match="may not do this") as caught:
        finish(site, token=TOKEN_READ)
    assert "contents: write" in (caught.value.hint or "")
    assert tags(site) == ["v0.1.0"]
