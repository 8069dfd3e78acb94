"""`notewright release gate` as a workflow runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.parts.tokens import TOKEN_WRITE
from tests.release.gating import said, tick
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
