from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.errors import CheckFailed
from notewright.flows.propose import Outcome
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo
from tests.release.site import BRANCH, Site


def test_a_release_becomes_one_branch_and_one_pull_request(site: Site) -> None:
    base = site.work.sha()
    outcome = site.run()
    (pull,) = site.github.pulls()
    assert outcome == Outcome("created", "pull request 1 opened for 0.2.0", number=1, url=pull_url(site), commit=site.branch())
    assert (pull.title, pull.head_ref, pull.base_ref, pull.labels, pull.draft) == (
        "chore(release): 0.2.0",
        BRANCH,
        "main",
        ["release"],
        False,
    )
    assert pull.body == (site.output / "body.md").read_text()
    bare = site.git_server.path_of("acme/app")
    assert read_git(bare, "log", "--format=%s", f"{base}..{BRANCH}") == "chore(release): 0.2.0"
    assert read_git(bare, "diff", "--name-only", base, BRANCH).splitlines() == [
        *(f".notewright/releases/0.2.0/{name}" for name in
          ("developer.json", "developer.md", "ledger.json", "metadata.json", "proposal.json", "section.json")),
        "CHANGELOG.md",
    ]  # fmt: skip
    assert "add passkey login" in site.show(f"{BRANCH}:CHANGELOG.md")


def pull_url(site: Site) -> str:
    return f"{site.github.url}/acme/app/pull/1"


def test_running_again_writes_nothing_anywhere(site: Site) -> None:
    site.run()
    branch, writes = site.branch(), site.writes()
    assert site.run().operation == "unchanged"
    assert (site.branch(), site.writes()) == (branch, writes)


def test_another_machine_makes_the_same_commit(site: Site) -> None:
    site.run()
    branch, writes = site.branch(), site.writes()
    other = replace(site, work=Repo.clone(site.git_server.url_of("acme/app"), site.work.path.parent / "other"))
    other.work.git("config", "user.name", "Somebody Else")
    assert other.run().operation == "unchanged"
    assert (site.branch(), site.writes()) == (branch, writes)


def test_a_new_commit_on_the_base_updates_the_same_pull_request(site: Site) -> None:
    site.run()
    first = site.branch()
    site.push("feat(cli): print the version (#13)")
    outcome = site.run()
    assert (outcome.operation, outcome.number) == ("updated", 1)
    assert len(site.github.pulls()) == 1
    assert "print the version" in (site.github.pull(1).body or "")
    assert site.branch() not in (first, None)
    assert site.work.git("rev-parse", "HEAD") in read_git(site.git_server.path_of("acme/app"), "log", "-1", "--format=%P", BRANCH)


def test_ticks_stay_while_nothing_changes_and_go_when_something_does(site: Site) -> None:
    site.run()
    ticked = (site.github.pull(1).body or "").replace("- [ ] **Notes**", "- [x] **Notes**").replace("\n", "\r\n")
    site.github.edit(1, body=ticked)
    assert site.run().operation == "unchanged"
    assert site.github.pull(1).body == ticked
    site.push("fix: another")
    assert site.run().operation == "updated"
    assert "- [x]" not in (site.github.pull(1).body or "")


def test_a_body_or_title_that_somebody_changed_is_brought_back(site: Site) -> None:
    site.run()
    body = site.github.pull(1).body
    site.github.edit(1, body="Please merge!", title="Big release")
    assert site.run().operation == "updated"
    assert (site.github.pull(1).body, site.github.pull(1).title) == (body, "chore(release): 0.2.0")


@pytest.mark.case(42)
def test_a_person_s_commit_on_the_branch_is_kept_and_updates_stop_with_one_comment(site: Site) -> None:
    site.run()
    site.work.git("fetch", "--quiet", site.git_server.url_of("acme/app"), BRANCH)
    site.work.git("switch", "--quiet", "--create", BRANCH, "FETCH_HEAD")
    theirs = site.work.commit("docs: my words", {"CHANGELOG.md": "mine\n"}, author="Grace Hopper <grace@example.org>")
    site.git_server.push(site.work, BRANCH)
    site.work.git("switch", "--quiet", "main")
    body = site.github.pull(1).body
    site.push("feat: something new")
    for _ in range(2):
        with pytest.raises(CheckFailed, match=f"{theirs[:7]} by Grace Hopper; nothing was written") as caught:
            site.run()
        assert "delete the branch" in (caught.value.hint or "")
    assert site.branch() == theirs
    assert site.github.pull(1).body == body
    (comment,) = site.github.comments(1)
    assert "Updates have stopped" in comment
    assert f"{theirs[:7]} by Grace Hopper, docs: my words" in comment


def test_a_branch_of_this_name_that_was_never_ours_is_kept(site: Site) -> None:
    site.work.branch(BRANCH)
    theirs = site.work.commit("feat: a branch of my own")
    site.git_server.push(site.work, BRANCH)
    site.work.branch("main")
    with pytest.raises(CheckFailed, match="did not make"):
        site.run()
    assert site.branch() == theirs
    assert site.github.pulls() == []


def test_a_branch_that_only_marks_an_older_base_is_taken_over(site: Site) -> None:
    site.git_server.push(site.work, f"HEAD~1:refs/heads/{BRANCH}")
    assert site.run().operation == "created"


def test_when_nothing_is_left_to_release_the_pull_request_is_closed_with_a_comment(site: Site) -> None:
    site.run()
    site.tag("v0.2.0")
    site.push("chore: nothing that shows")
    outcome = site.run()
    assert (outcome.operation, outcome.number) == ("closed", 1)
    assert site.github.pull(1).state == "closed"
    (comment,) = site.github.comments(1)
    assert "Nothing is left to release" in comment
    writes = site.writes()
    assert site.run() == Outcome("none", "nothing to release")
    assert site.writes() == writes


def test_after_it_was_closed_a_new_feature_opens_the_next_pull_request(site: Site) -> None:
    site.run()
    site.tag("v0.2.0")
    site.run()
    site.push("feat: something new")
    outcome = site.run()
    assert (outcome.operation, outcome.number) == ("created", 2)


@pytest.mark.case(43)
def test_a_base_that_moved_meanwhile_is_left_to_the_newer_run(site: Site) -> None:
    site.prepare(metadata=site.collect())
    other = Repo.clone(site.git_server.url_of("acme/app"), site.work.path.parent / "other")
    newer = other.commit("feat: meanwhile")
    site.git_server.push(other, "main")
    writes = site.writes()
    with pytest.raises(CheckFailed, match=f"main has moved on: it is at {newer[:7]}.*nothing was written"):
        site.propose()
    assert site.branch() is None
    assert site.writes() == writes


def test_a_commit_that_is_not_on_the_server_is_not_proposed(site: Site) -> None:
    site.work.commit("feat: only here")
    with pytest.raises(CheckFailed, match="main has moved on"):
        site.run()
    assert site.branch() is None


def test_a_branch_that_releases_do_not_come_from_is_not_proposed(site: Site) -> None:
    site.work.branch("topic")
    site.prepare()
    with pytest.raises(CheckFailed, match="for topic, releases come from main"):
        site.propose()
    assert site.branch() is None


@pytest.mark.parametrize(
    ("disturb", "told"),
    [
        pytest.param(lambda site: site.work.tag("v0.1.1", at="HEAD~1"), "v0.1.1 is not on the server", id="a tag only here"),
        pytest.param(lambda site: site.work.git("tag", "--force", "v0.1.0", "HEAD~2"), "v0.1.0 is not on the server as", id="a moved tag"),
        pytest.param(
            lambda site: site.git_server.push(site.work, "HEAD~1:refs/tags/v0.1.1"),
            "this clone lacks the tag v0.1.1",
            id="a tag only there",
        ),
    ],
)
def test_tags_that_are_not_the_server_s_decide_nothing(site: Site, disturb: object, told: str) -> None:
    assert callable(disturb)
    disturb(site)
    site.prepare()
    with pytest.raises(CheckFailed, match=told) as caught:
        site.propose()
    assert caught.value.hint
    assert site.branch() is None


def test_a_version_that_is_tagged_on_the_server_is_not_proposed_again(site: Site) -> None:
    site.git_server.push(site.work, "HEAD~1:refs/tags/v0.2.0")
    site.prepare(version="0.2.0")
    with pytest.raises(CheckFailed, match=r"v0\.2\.0 is on the server already"):
        site.propose()


def test_tags_of_other_forms_and_other_lines_are_nobody_s_business(site: Site) -> None:
    site.work.tag("nightly-2026")
    site.git_server.push(site.work, "refs/tags/nightly-2026", "HEAD~1:refs/tags/backup")
    site.work.branch("line")
    site.work.commit("feat: on another line")
    site.git_server.push(site.work, "line", "line:refs/tags/v9.0.0")
    site.work.branch("main")
    assert site.run().operation == "created"


def test_the_version_asked_for_is_the_one_proposed(site: Site) -> None:
    outcome = site.run(version="1.0.0")
    assert outcome.message == "pull request 1 opened for 1.0.0"
    assert "As asked for, whatever the commits say" in (site.github.pull(1).body or "")
    assert site.run(version="1.0.0").operation == "unchanged"


def test_labels_reviewers_and_draft_come_from_the_configuration(site: Site) -> None:
    release = replace(site.config.release, labels=("release", "docs"), reviewers=("grace", "acme/writers"), draft=True)
    site.config = replace(site.config, release=replace(release, reviewers=("grace",)))
    site.run()
    pull = site.github.pull(1)
    assert (pull.labels, pull.reviewers, pull.draft) == (["release", "docs"], ["grace"], True)
    writes = site.writes()
    site.github.review(1, "APPROVED")
    assert site.github.pull(1).reviewers == []
    assert site.run().operation == "unchanged"
    assert site.writes() == writes, "who has reviewed is not asked again"


@pytest.mark.case(44)
def test_two_runs_at_once_open_one_pull_request(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    work = Repo.clone(site.git_server.url_of("acme/app"), site.work.path.parent / "other")
    other = replace(site, work=work, output=site.output.with_name("other-proposal"))
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda one: one.run(), (site, other)))
    assert len(site.github.pulls()) == 1
    assert {outcome.number for outcome in outcomes} == {1}


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_merging_a_release_does_not_start_another(site: Site, method: str) -> None:
    site.run()
    site.github.merge(1, method=method)
    site.pull()
    writes = site.writes()
    outcome = site.run()
    assert outcome.operation == "none"
    assert "0.2.0 was merged as" in outcome.message
    assert outcome.hint == "notewright release finish"
    assert site.writes() == writes
    site.tag("v0.2.0")
    assert site.run().message == "nothing to release"
    site.push("fix: one more")
    assert site.run().message == "pull request 2 opened for 0.2.1"
    assert "0.2.0" in site.show(f"{BRANCH}:CHANGELOG.md")


def test_a_squash_merge_that_lost_the_trailer_does_not_start_another_either(site: Site) -> None:
    site.run()
    site.work.git("fetch", "--quiet", site.git_server.url_of("acme/app"), BRANCH)
    site.work.git("merge", "--quiet", "--squash", "FETCH_HEAD")
    site.push("Release things (#1)")
    site.push("feat: after the merge")
    outcome = site.run()
    assert (outcome.operation, outcome.message.partition(" was")[0]) == ("none", "0.2.0")


def test_the_work_tree_the_index_and_the_references_stay_as_they_are(site: Site) -> None:
    (site.work.path / "app.py").write_text("edited\n")
    (site.work.path / "auth.py").write_text("staged\n")
    site.work.git("add", "auth.py")
    (site.work.path / "new.txt").write_text("untracked\n")
    looks = (
        ("status", "--porcelain"),
        ("diff",),
        ("diff", "--cached"),
        ("for-each-ref",),
        ("config", "--list", "--local"),
        ("stash", "list"),
    )
    before = [site.work.git(*look) for look in looks]
    index = (site.work.path / ".git/index").read_bytes()
    site.output = site.work.path / "build/proposal"
    site.run()
    assert [site.work.git(*look) for look in looks] == before
    assert (site.work.path / ".git/index").read_bytes() == index
    assert site.show(f"{BRANCH}:app.py") == "3"


def test_a_changelog_elsewhere_keeps_its_words_and_line_ends(site: Site) -> None:
    site.config = replace(site.config, changelog=replace(site.config.changelog, file="docs/changes.md"))
    site.push("docs: start a changelog", {"docs/changes.md": "# History\r\n\r\n## 0.1.0\r\n\r\n* first\r\n"})
    site.run()
    text = site.show(f"{BRANCH}:docs/changes.md")
    assert text.startswith("# History\r\n\r\n## [0.2.0]")
    assert text.endswith("## 0.1.0\r\n\r\n* first\r")  # git show ends the last line
