"""The gate on a real pull request: who ticks what, what changes after that, and which status comes of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from notewright.adapters.branch import build_commit
from notewright.errors import RepositoryError
from notewright.review.approval import CONTEXT, context_of, read_approvals
from notewright.review.checklist import LINES
from tests.parts.hub.state import BOT
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_PERSON
from tests.release.gating import approve, gate, said, tick
from tests.release.site import BRANCH, Site


@pytest.fixture
def proposed(site: Site) -> Site:
    site.run()
    return site


@pytest.fixture
def approved(proposed: Site) -> Site:
    assert approve(proposed).state == "success"
    return proposed


def release_config(site: Site, **keys: object) -> None:
    site.config = replace(site.config, release=replace(site.config.release, **keys))  # type: ignore[arg-type]  # keys of a test


def body(site: Site) -> str:
    return (site.github.pull(1).body or "").replace("\r\n", "\n")


def commit_on_branch(site: Site, files: dict[str, str], *, author: str = "Grace Hopper <grace@example.org>") -> str:
    """Commit on top of the release branch, as a person does who has it checked out."""
    site.work.git("fetch", "--quiet", site.git_server.url_of("acme/app"), BRANCH)
    site.work.git("switch", "--quiet", "--detach", "FETCH_HEAD")
    sha = site.work.commit("docs: better words", files, author=author)
    site.git_server.push(site.work, f"HEAD:refs/heads/{BRANCH}")
    site.work.git("switch", "--quiet", "main")
    return sha


def test_two_ticks_of_people_with_write_access_are_a_success(proposed: Site) -> None:
    assert said(proposed) == ("pending", "Changelog waits for a tick; Notes waits for a tick")
    first = gate(proposed, tick(proposed, "changelog", by="ada"))
    assert (first.state, said(proposed)) == ("pending", ("pending", "Changelog ticked by ada; Notes waits for a tick"))
    outcome = gate(proposed, tick(proposed, "notes", by="grace"))
    assert outcome.message == "pull request 1: success: Changelog ticked by ada; Notes ticked by grace"
    assert said(proposed)[0] == said(proposed, context_of("changelog"))[0] == said(proposed, context_of("notes"))[0] == "success"
    head = proposed.branch() or ""
    assert {status.creator for status in proposed.github.statuses(head)} == {BOT}
    approvals = read_approvals(proposed.connect().read_statuses(head), BOT)
    assert [(one.audit, one.login) for one in approvals] == [("changelog", "ada"), ("notes", "grace")]


def test_running_it_again_says_nothing_new(approved: Site) -> None:
    writes = approved.writes()
    again = gate(approved)
    assert (again.state, again.changed, approved.writes()) == ("success", False, writes)


@pytest.mark.case(25)
@pytest.mark.parametrize(
    ("by", "keys", "told"),
    [
        pytest.param(BOT, {}, f"Notes was ticked by {BOT}, who is not a person", id="the bot"),
        pytest.param("renovate[bot]", {}, "Notes was ticked by renovate[bot], who is not a person", id="another bot"),
        pytest.param("mallory", {}, "Notes was ticked by mallory, who has no write access", id="a reader"),
        pytest.param("grace", {"approver_may_author": False}, "who wrote a part of this release", id="an author"),
        pytest.param("grace", {"approvers": ("ada", "lin")}, "who is not among release.approvers", id="somebody who is not listed"),
    ],
)
def test_a_tick_by_somebody_who_may_not_leaves_it_pending_and_says_why(proposed: Site, by: str, keys: dict[str, object], told: str) -> None:
    proposed.github.add_bot("renovate[bot]")
    proposed.github.add_person("lin", email="lin@example.org", name="Lin")
    release_config(proposed, **keys)
    outcome = approve(proposed, changelog="lin", notes=by)
    assert (outcome.state, said(proposed)[0]) == ("pending", "pending")
    assert told in said(proposed)[1]
    assert said(proposed, context_of("notes"))[0] == "pending"
    assert gate(proposed).state == "pending", "later runs see the same"
    gate(proposed, tick(proposed, "notes", by=by, on=False))
    assert gate(proposed, tick(proposed, "notes", by="lin")).state == "success"


def test_an_author_may_tick_unless_it_is_forbidden_and_so_may_who_is_listed_in_any_case(proposed: Site) -> None:
    release_config(proposed, approvers=("Grace", "ADA"))
    assert approve(proposed, changelog="grace", notes="grace").state == "success"


def test_a_tick_withdrawn_later_returns_it_to_pending_and_names_who(approved: Site) -> None:
    assert gate(approved, tick(approved, "changelog", by="grace", on=False)).state == "pending"
    assert said(approved) == ("pending", "Changelog was unticked by grace; Notes ticked by grace")
    assert gate(approved, tick(approved, "changelog", by="grace")).state == "success"


def truncated(text: str) -> str:
    return text[: len(text) // 2]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(lambda text: text.replace(LINES["changelog"].replace("[ ]", "[x]") + "\n", ""), "checklist", id="checklist deleted"),
        pytest.param(lambda _: "", "checklist", id="everything deleted"),
        pytest.param(lambda text: text + "\n" + LINES["notes"].replace("[ ]", "[x]") + "\n", "checklist", id="a box twice"),
        pytest.param(lambda text: text.replace("every commit of", "some commits of"), "checklist", id="other words for a box"),
        pytest.param(truncated, "text of the pull request", id="body truncated"),
        pytest.param(lambda text: text.replace("passkey", "password"), "text of the pull request", id="section edited in the body"),
    ],
)
def test_a_body_changed_after_approval_returns_it_to_pending_and_propose_restores_it(
    approved: Site, change: Callable[[str], str], told: str
) -> None:
    event = approved.github.edit(1, body=change(body(approved)), by="ada")
    assert gate(approved, event).state == "pending"
    assert said(approved)[1].startswith(f"the {told}")
    assert said(approved, context_of("notes"))[0] == "pending"
    approved.run()
    assert "- [x]" not in body(approved)
    assert gate(approved).message.endswith("pending: Changelog waits for a tick; Notes waits for a tick")
    assert approve(approved).state == "success"


def test_a_title_that_somebody_changed_returns_it_to_pending(approved: Site) -> None:
    assert gate(approved, approved.github.edit(1, title="feat: something else")).state == "pending"
    assert "title" in said(approved)[1]


def test_notes_edited_after_approval_wait_for_the_release_workflow(approved: Site) -> None:
    text = approved.show(f"{BRANCH}:.notewright/releases/0.2.0/developer.md")
    commit_on_branch(approved, {".notewright/releases/0.2.0/developer.md": text + "\n\nThank you, everybody.\n"})
    assert gate(approved, approved.github.event(1, "synchronize")).state == "pending"
    assert said(approved)[1].startswith("notes were edited (developer)")
    approved.run()
    assert gate(approved).state == "pending"
    assert approve(approved).state == "success"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("CHANGELOG.md", "changes CHANGELOG.md", id="the section"),
        pytest.param(".notewright/releases/0.2.0/section.json", "changes .notewright/releases/0.2.0/section.json", id="section.json"),
        pytest.param("app.py", "changes app.py", id="code"),
        pytest.param("notewright.yaml", "changes notewright.yaml", id="rules"),
    ],
)
def test_a_commit_to_anything_but_notes_is_a_failure_that_names_it(approved: Site, path: str, told: str) -> None:
    sha = commit_on_branch(approved, {path: "mine\n"})
    assert gate(approved).state == "failure"
    assert sha[:7] in said(approved)[1]
    assert told in said(approved)[1]
    assert said(approved, context_of("changelog"))[0] == "failure"


def forged(site: Site, files: dict[str, str]) -> None:
    """Replace the release commit by one that says it is ours, as an attacker with our own code makes it."""
    site.work.git("fetch", "--quiet", site.git_server.url_of("acme/app"), BRANCH)
    message = site.work.git("log", "-1", "--format=%B", "FETCH_HEAD").rpartition("Notewright-Tree:")[0]
    names = site.work.git("diff", "--name-only", "HEAD", "FETCH_HEAD").splitlines()
    contents = {name: site.work.git("show", f"FETCH_HEAD:{name}") + "\n" for name in names} | files
    changed = [(name, content.encode()) for name, content in contents.items()]
    made = build_commit(site.repository.git, base=site.work.sha(), files=changed, message=message, at_s=1_800_000_000)
    site.work.git("push", "--quiet", "--force", str(site.git_server.path_of("acme/app")), f"{made}:refs/heads/{BRANCH}")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("CHANGELOG.md", "CHANGELOG.md is not", id="changelog"),
        pytest.param(".notewright/releases/0.2.0/ledger.json", "ledger.json is not", id="ledger"),
        pytest.param(".notewright/releases/0.2.0/section.json", "section.json is not", id="section"),
        pytest.param(".notewright/releases/0.2.0/developer.md", "developer.md is not", id="notes"),
        pytest.param(".notewright/releases/0.2.0/proposal.json", "proposal.json is not", id="manifest"),
        pytest.param(".notewright/releases/9.9.9/proposal.json", "several releases", id="another release"),
        pytest.param(".github/workflows/gate.yml", ".github/workflows/gate.yml is changed", id="a workflow"),
        pytest.param("app.py", "app.py is changed", id="code"),
    ],
)
def test_a_release_commit_forged_in_our_name_is_a_failure_by_its_file(approved: Site, path: str, told: str) -> None:
    forged(approved, {path: "{}\n"})
    assert gate(approved).state == "failure"
    assert told in said(approved)[1]


def test_a_base_that_moved_returns_it_to_pending_until_the_new_proposal_is_approved(approved: Site) -> None:
    before = approved.branch() or ""
    approved.push("feat: something new")
    assert gate(approved).state == "pending"
    newest = [one for one in approved.github.statuses(before) if one.context == CONTEXT][-1]
    assert (newest.state, (newest.description or "")[:22]) == ("pending", "main has moved on sinc")
    approved.run()
    assert said(approved) == ("pending", "Changelog waits for a tick; Notes waits for a tick")
    assert approve(approved).state == "success"


def test_a_checkout_that_is_not_the_base_says_nothing(approved: Site) -> None:
    approved.push("feat: something new")
    approved.run()
    approved.work.git("switch", "--quiet", "--detach", "HEAD~1")
    writes = approved.writes()
    with pytest.raises(RepositoryError, match="nothing was said"):
        gate(approved)
    assert approved.writes() == writes


def test_a_second_pull_request_of_the_same_commit_withholds_it_until_it_is_closed(approved: Site) -> None:
    approved.git_server.push(approved.work, "v0.1.0:refs/heads/stable")
    approved.connect().open_pull(branch=BRANCH, base="stable", title="chore(release): 0.2.0", body=body(approved), draft=False)
    assert gate(approved, tick(approved, "notes", by="ada", on=False, number=2)).state == "pending"
    assert said(approved)[1].startswith("pull request 2 has this very commit")
    approved.github.edit(2, state="closed")
    assert gate(approved).state == "success"


def test_ticks_on_another_pull_request_count_for_nothing(proposed: Site) -> None:
    proposed.git_server.push(proposed.work, f"{proposed.branch()}:refs/heads/mine")
    proposed.connect().open_pull(branch="mine", base="main", title="chore(release): 0.2.0", body=body(proposed), draft=False)
    for audit in ("changelog", "notes"):
        gate(proposed, tick(proposed, audit, number=2))
    proposed.github.edit(2, state="closed")
    assert gate(proposed).message.endswith("pending: Changelog waits for a tick; Notes waits for a tick")


def test_a_tick_whose_event_got_lost_is_asked_for_again(proposed: Site) -> None:
    tick(proposed, "changelog")
    gate(proposed, tick(proposed, "notes"))
    assert said(proposed)[1].startswith("Changelog is ticked, and no edit tells by whom: untick it and tick it again")


def test_one_edit_that_does_more_than_tick_one_box_counts_for_nothing(proposed: Site) -> None:
    both = body(proposed).replace("- [ ] **", "- [x] **")
    assert gate(proposed, proposed.github.edit(1, body=both)).state == "pending"
    assert "no edit tells by whom" in said(proposed)[1]


def test_an_old_run_started_again_brings_no_approval_back(proposed: Site) -> None:
    gate(proposed, tick(proposed, "changelog"))
    old = tick(proposed, "notes", by="grace")
    assert gate(proposed, old, run=7).state == "success"
    gate(proposed, tick(proposed, "notes", by="ada", on=False))
    gate(proposed, tick(proposed, "notes", by="mallory"))
    assert gate(proposed, old, run=7).state == "pending"
    assert "ticked by mallory" in said(proposed)[1]


def test_an_event_of_an_older_commit_counts_for_nothing(proposed: Site) -> None:
    event = tick(proposed, "changelog")
    proposed.push("feat: something new")
    proposed.run()
    tick(proposed, "changelog", by="mallory")
    assert gate(proposed, event).state == "pending"
    assert "no edit tells by whom" in said(proposed)[1]


def test_who_loses_write_access_has_not_approved(approved: Site) -> None:
    people = approved.github.hub.people
    people["grace"] = replace(people["grace"], permission="read")
    assert gate(approved).state == "pending"
    assert "grace, who has no write access" in said(approved)[1]
    people["grace"] = replace(people["grace"], permission="write")
    assert gate(approved).state == "success"


def test_a_status_that_a_person_sets_proves_nothing_and_is_set_right(proposed: Site) -> None:
    approvals = ((CONTEXT, "all good"), (context_of("notes"), f"ticked by ada 2026-06-01T00:00:01Z, run 1, {'0' * 16}, {'0' * 16}"))
    for context, words in approvals:
        proposed.connect(TOKEN_PERSON).set_status(proposed.branch() or "", context, "success", words)
    assert gate(proposed).state == "pending"
    assert said(proposed)[0] == said(proposed, context_of("notes"))[0] == "pending"


def test_two_runs_at_once_end_in_the_right_status(proposed: Site) -> None:
    work = Repo.clone(proposed.git_server.url_of("acme/app"), proposed.work.path.parent / "other")
    sites = (proposed, replace(proposed, work=work))
    events = (tick(proposed, "changelog", by="ada"), tick(proposed, "notes", by="grace"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(gate, sites, events))
    assert said(proposed) == ("success", "Changelog ticked by ada; Notes ticked by grace")


def test_a_tick_and_its_withdrawal_in_the_wrong_order_end_in_the_right_status(proposed: Site) -> None:
    gate(proposed, tick(proposed, "changelog"))
    events = [tick(proposed, "notes"), tick(proposed, "notes", on=False), tick(proposed, "notes", by="mallory")]
    for event in reversed(events):
        gate(proposed, event)
    assert said(proposed)[0] == "pending"
    assert "ticked by mallory" in said(proposed)[1]


def test_without_a_release_pull_request_nothing_is_said(site: Site) -> None:
    assert gate(site).message == "no release pull request is open"
    assert site.github.writes() == []


def test_a_pull_request_opened_anew_with_the_same_commit_waits_again(approved: Site) -> None:
    approved.github.edit(1, state="closed")
    approved.run()
    assert said(approved) == ("pending", "Changelog waits for a tick; Notes waits for a tick")
    assert gate(approved).state == "pending"
