"""`notewright release gate` as a workflow runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parts.hub.state import Token
from tests.parts.tokens import TOKEN_PERSON, TOKEN_WRITE
from tests.release.gating import approve, gate, said, tick
from tests.release.site import Site
from tests.release.test_command import notewright


@pytest.fixture
def proposed(site: Site) -> Site:
    site.run()
    return site


def environment(folder: Path, event: object, *, name: str = "pull_request") -> dict[str, str]:
    path = folder / "event.json"
    path.write_text(json.dumps(event))
    return {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_RUN_ID": "15093847562"}


def test_a_run_that_an_edit_started_takes_note_of_who_ticked_what(proposed: Site, tmp_path: Path) -> None:
    done = notewright(proposed, "gate", "--format", "json", env=environment(tmp_path, tick(proposed, "notes", by="grace")))
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert (outcome["state"], outcome["changed"], outcome["number"], outcome["commit"]) == ("pending", True, 1, proposed.branch())
    assert done.stderr.splitlines()[-1] == "pull request 1: pending: Changelog waits for a tick; Notes ticked by grace"
    assert ", run 15093847562, " in said(proposed, "notewright/notes")[1]


def test_outside_of_a_workflow_it_only_works_out_what_is_true(proposed: Site) -> None:
    tick(proposed, "notes")
    done = notewright(proposed, "gate")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no edit tells by whom" in said(proposed)[1]


def test_a_person_at_a_terminal_sees_what_the_gate_would_say_and_takes_nothing_back(proposed: Site) -> None:
    approve(proposed)
    before, writes = said(proposed), proposed.writes()
    done = notewright(proposed, "gate", "--format", "json", token=TOKEN_PERSON)
    assert (json.loads(done.stdout)["state"], json.loads(done.stdout)["changed"]) == ("success", False)
    told, hint = done.stderr.splitlines()[-2:]
    assert told == "pull request 1: success: Changelog ticked by ada; Notes ticked by grace"
    assert hint == (
        "  hint: nothing was set: the statuses there are not all ada's, whom this token speaks for; the workflow of the gate sets them"
    )
    proposed.push("fix: something else")
    done = notewright(proposed, "gate", token=TOKEN_PERSON)
    assert "pull request 1: pending: main has moved on" in done.stderr
    assert (said(proposed), proposed.writes() - 1) == (before, writes), "nothing was written but the push to the base"


def test_a_person_whose_statuses_they_all_are_sets_them_at_a_terminal(site: Site) -> None:
    site.token = TOKEN_PERSON
    site.run()
    tick(site, "notes")
    done = notewright(site, "gate", token=TOKEN_PERSON)
    assert done.returncode == 0, done.stderr
    assert "hint" not in done.stderr
    assert "no edit tells by whom" in said(site)[1]


def test_a_status_that_another_person_set_is_not_believed_and_not_overwritten_at_a_terminal(proposed: Site) -> None:
    proposed.github.hub.tokens["theirs"] = Token("grace", writes=True, integration=False)
    proposed.connect("theirs").set_status(proposed.branch() or "", "notewright", "success", "all good")
    done = notewright(proposed, "gate", token=TOKEN_PERSON)
    assert "pull request 1: pending: Changelog waits for a tick" in done.stderr
    assert "nothing was set" in done.stderr
    assert said(proposed) == ("success", "all good")
    assert gate(proposed).state == "pending", "the gate's own run sets it right"
    assert said(proposed)[0] == "pending"


def test_a_status_that_waits_and_one_that_fails_are_no_failures_of_the_run(proposed: Site) -> None:
    proposed.push("feat: something new")
    assert notewright(proposed, "gate").returncode == 0


def test_an_event_that_cannot_be_read_is_a_usage_error(proposed: Site, tmp_path: Path) -> None:
    writes = proposed.writes()
    done = notewright(proposed, "gate", env=environment(tmp_path, {}))
    assert done.returncode == 2
    assert "not one of a pull request" in done.stderr
    assert TOKEN_WRITE not in done.stderr
    assert proposed.writes() == writes


def test_a_configuration_that_is_not_committed_decides_nothing(proposed: Site) -> None:
    (proposed.work.path / "notewright.yaml").write_text("release: {approvers: [mallory]}\n")
    done = notewright(proposed, "gate")
    assert done.returncode == 1
    assert "notewright.yaml here is not the one in commit" in done.stderr


def test_without_a_token_the_hint_names_a_command_that_there_is(proposed: Site) -> None:
    done = notewright(proposed, "gate", token=None)
    assert done.returncode == 6
    assert "`release run --dry-run`" in done.stderr
    assert notewright(proposed, "run", "--dry-run", "--engine", "none", token=None).returncode == 0
