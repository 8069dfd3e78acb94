"""The gate on merge groups: what a queue merges is a release as it was approved, or none."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notewright.errors import GitHubError, UsageError
from notewright.review.merge_group import read_merge_group
from tests.parts.faults import Faults
from tests.parts.hub.state import BOT
from tests.parts.plumbing import read_git
from tests.release.finishing import WAYS, finish
from tests.release.gating import approve, gate, said, tick
from tests.release.site import Site
from tests.release.test_command import notewright
from tests.release.test_gate_command import environment

Event = Any  # what a workflow is told, as JSON


@pytest.fixture
def approved(site: Site) -> Site:
    site.run()
    assert approve(site).state == "success"
    return site


def change_of_app(site: Site, name: str = "theirs") -> int:
    """Open a pull request that has nothing to do with the release."""
    site.work.git("switch", "--quiet", "-c", name)
    site.work.commit(f"feat: {name}", {f"{name}.py": "1\n"})
    site.git_server.push(site.work, name)
    site.work.git("switch", "--quiet", "main")
    return site.connect().open_pull(branch=name, base="main", title=f"feat: {name}", body="", draft=False).number


def told(site: Site, event: Event) -> list[tuple[str, str, str]]:
    """Return what was said of a group's commit."""
    return [(one.context, one.state, one.description or "") for one in site.github.statuses(event["merge_group"]["head_sha"])]


@pytest.mark.parametrize("way", WAYS)
def test_an_approved_release_passes_the_queue_and_is_finished(approved: Site, way: str) -> None:
    event = approved.github.queue(1, method=way)
    outcome = gate(approved, event)
    words = "pull request 1: success: Changelog ticked by ada; Notes ticked by grace"
    assert told(approved, event) == [("notewright", "success", words)]
    assert (outcome.state, outcome.number, outcome.commit) == ("success", 1, event["merge_group"]["head_sha"])
    approved.github.land(1, event)
    approved.pull()
    assert finish(approved).operation == "published"


def test_running_it_again_says_nothing_new(approved: Site) -> None:
    event = approved.github.queue(1)
    assert gate(approved, event, run=7).changed
    writes = approved.writes()
    assert not gate(approved, event, run=7).changed
    assert approved.writes() == writes


def test_a_release_that_is_not_approved_is_taken_out_of_the_queue_with_the_reason(approved: Site) -> None:
    gate(approved, tick(approved, "notes", by="grace", on=False))
    event = approved.github.queue(1)
    assert gate(approved, event).state == "failure"
    assert told(approved, event) == [
        ("notewright", "failure", "pull request 1: pending: Changelog ticked by ada; Notes was unticked by grace")
    ]
    assert said(approved)[0] == "pending", "the pull request itself waits"


def test_a_release_behind_another_pull_request_is_taken_out(approved: Site) -> None:
    ahead = approved.github.queue(change_of_app(approved))
    event = approved.github.queue(1, behind=ahead)
    assert gate(approved, event).state == "failure"
    assert "is not the first in the merge queue" in told(approved, event)[0][2]
    assert gate(approved, ahead).message.endswith("success: this merge group holds no release")
    assert said(approved)[0] == "success", "of the release nobody has taken anything back"


def test_what_comes_behind_a_release_is_merged_after_it_and_belongs_to_the_next(approved: Site) -> None:
    number = change_of_app(approved)
    first = approved.github.queue(1)
    second = approved.github.queue(number, behind=first)
    assert [gate(approved, event).state for event in (second, first)] == ["success", "success"]
    approved.github.land(1, first)
    approved.github.land(number, second)
    approved.pull()
    assert finish(approved).operation == "published"
    assert read_git(approved.git_server.path_of("acme/app"), "rev-parse", "v0.2.0^{commit}").strip() == first["merge_group"]["head_sha"]


def test_a_group_is_judged_by_what_the_base_lacks_of_it_when_one_ahead_is_merged(approved: Site) -> None:
    number = change_of_app(approved)
    first = approved.github.queue(1)
    second = approved.github.queue(number, behind=first)
    approved.github.land(1, first)
    approved.pull()
    assert gate(approved, second).message.endswith("success: this merge group holds no release")


def test_a_group_without_a_release_passes_and_the_release_pull_request_is_not_looked_at(approved: Site) -> None:
    event = approved.github.queue(change_of_app(approved))
    calls = len(approved.github.calls)
    assert gate(approved, event).state == "success"
    assert not [call for call in approved.github.calls[calls:] if "/pulls" in call.path]
    assert [(one.creator, one.state) for one in approved.github.statuses(event["merge_group"]["head_sha"])] == [(BOT, "success")]


def test_a_group_that_the_base_has_left_behind_is_taken_out(approved: Site) -> None:
    event = approved.github.queue(1)
    approved.push("fix: past the queue")
    assert gate(approved, event).state == "failure"
    assert told(approved, event)[0][2] == "main has moved on since this merge group was made"


def test_a_group_with_other_files_than_the_pull_request_shows_is_taken_out(approved: Site) -> None:
    event = approved.github.queue(1)
    group = event["merge_group"]
    approved.work.git("fetch", "--quiet", str(approved.git_server.path_of("acme/app")), group["head_ref"])
    approved.work.git("switch", "--quiet", "--detach", "FETCH_HEAD")
    (approved.work.path / "app.py").write_text("mine\n")
    approved.work.git("add", "app.py")
    approved.work.git("commit", "--quiet", "--amend", "--no-edit")
    group["head_sha"] = approved.work.sha()
    approved.work.git("push", "--quiet", "--force", str(approved.git_server.path_of("acme/app")), f"HEAD:{group['head_ref']}")
    approved.work.git("switch", "--quiet", "main")
    assert gate(approved, event).state == "failure"
    assert told(approved, event)[0][2] == "this merge group does not hold what pull request 1 shows"


def test_several_releases_in_one_group_are_taken_out(approved: Site) -> None:
    number = change_of_app(approved)
    approved.work.git("switch", "--quiet", "theirs")
    approved.work.commit("chore(release): core 1.0.0", {".notewright/releases/core/1.0.0/proposal.json": "{}\n"})
    approved.git_server.push(approved.work, "theirs")
    approved.work.git("switch", "--quiet", "main")
    alone = approved.github.queue(number)
    assert gate(approved, alone).message.endswith("it holds the release of another component")
    assert told(approved, alone) == [], "the job of that component says what is true of it"
    both = approved.github.queue(1, behind=alone)
    assert gate(approved, both).state == "failure"
    assert told(approved, both)[0][2].startswith("this merge group holds 2 releases")


def test_a_release_that_no_open_pull_request_shows_is_taken_out(approved: Site) -> None:
    event = approved.github.queue(1)
    approved.github.edit(1, state="closed")
    assert gate(approved, event).state == "failure"
    assert "no release pull request is open" in told(approved, event)[0][2]


def test_of_a_group_that_goes_elsewhere_or_is_given_up_nothing_is_said(approved: Site) -> None:
    event = approved.github.queue(1)
    elsewhere = {**event, "merge_group": {**event["merge_group"], "base_ref": "refs/heads/stable"}}
    assert gate(approved, elsewhere).message.endswith("it goes into stable, and releases go into main")
    approved.git_server.push(approved.work, f":{event['merge_group']['head_ref']}")
    assert gate(approved, event).message.endswith("the queue has given it up")
    assert told(approved, event) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_status_that_cannot_be_set_is_set_by_the_next_run(approved: Site, after: bool) -> None:
    event = approved.github.queue(1)
    approved.github.fault("POST", "/statuses/", status=500, after=after)
    with pytest.raises(GitHubError, match="cannot set the status"):
        gate(approved, event)
    approved.github.faults = Faults()
    assert gate(approved, event).state == "success"
    assert len(told(approved, event)) == 1


def test_the_command_takes_the_group_from_its_event(approved: Site, tmp_path: Path) -> None:
    event = approved.github.queue(1)
    done = notewright(approved, "gate", "--format", "json", env=environment(tmp_path, event, name="merge_group"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["commit"] == event["merge_group"]["head_sha"]
    assert told(approved, event)[0][1] == "success"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param("head_sha", "main", id="no commit"),
        pytest.param("head_ref", "--upload-pack=x", id="an option"),
        pytest.param("head_ref", "refs/heads/a b", id="no branch"),
        pytest.param("base_ref", "refs/tags/v1", id="no base"),
        pytest.param("base_ref", None, id="nothing"),
    ],
)
def test_an_event_that_is_none_of_a_merge_group_is_a_usage_error(key: str, value: object) -> None:
    group = {"head_sha": "0" * 40, "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-0", "base_ref": "refs/heads/main"}
    assert read_merge_group(json.dumps({"merge_group": group}).encode()).base == "main"
    with pytest.raises(UsageError, match=f"not one of a merge group: merge_group.{key}"):
        read_merge_group(json.dumps({"merge_group": {**group, key: value}}).encode())


def test_a_component_s_gate_leaves_the_release_of_the_whole_repository_to_its_own(approved: Site) -> None:
    event = approved.github.queue(1)
    core = replace(approved, config=replace(approved.config, changelog=replace(approved.config.changelog, component="core")))
    assert gate(core, event).message.endswith("it holds the release of another component")
