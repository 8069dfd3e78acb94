"""The step of the action that sets the status of a release pull request."""

from __future__ import annotations

import json

import pytest

from notewright.review.checklist import LINES
from tests.action.stage import Stage
from tests.parts.tokens import TOKEN_WRITE


@pytest.fixture
def proposed(stage: Stage) -> Stage:
    for step, token in (("collect", TOKEN_WRITE), ("prepare", None), ("propose", TOKEN_WRITE)):
        ran = stage.run(step, token=token, **({"engine": "none"} if step == "prepare" else {}))
        assert ran.code == 0, ran.log
    return stage


def on_event(stage: Stage, event: object, *, name: str = "pull_request") -> None:
    path = stage.home / "event.json"
    path.write_text(json.dumps(event))
    stage.extra |= {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_RUN_ID": "42"}


def test_an_edit_sets_the_status_and_the_step_succeeds_while_it_waits(proposed: Stage) -> None:
    line = LINES["changelog"]
    body = (proposed.github.pull(1).body or "").replace(line, line.replace("[ ]", "[x]"))
    on_event(proposed, proposed.github.edit(1, body=body, by="grace"))
    ran = proposed.run("gate", token=TOKEN_WRITE, command="gate")
    assert ran.code == 0, ran.log
    assert ran.outputs == {"changed": "true", "pull-request-number": "1", "pull-request-url": f"{proposed.github.url}/acme/app/pull/1"}
    assert ran.summary.startswith("### notewright: pull request 1: pending: Changelog ticked by grace")
    newest = proposed.github.statuses(proposed.github.pull(1).head_sha)[-1]
    assert (newest.context, newest.target_url) == ("notewright", f"{proposed.git_server.url}/acme/app/actions/runs/42")
    assert TOKEN_WRITE not in ran.log + ran.summary


@pytest.mark.case(23, 24)
@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_an_event_of_a_fork_or_on_its_behalf_is_refused_before_anything_is_asked(proposed: Stage, name: str) -> None:
    event = proposed.github.event(1, "edited")
    event["pull_request"]["head"]["repo"]["full_name"] = "mallory/app"
    on_event(proposed, event, name=name)
    calls = len(proposed.github.calls)
    ran = proposed.run("gate", token=TOKEN_WRITE, command="gate")
    assert (ran.code, len(proposed.github.calls)) == (2, calls)
    assert ran.errors


def test_the_step_is_for_its_command_alone(stage: Stage) -> None:
    ran = stage.run("gate", token=TOKEN_WRITE)
    assert ran.code == 2
    assert "gate is for command: gate" in ran.errors[0]


def test_what_the_gate_does_not_read_is_refused(stage: Stage) -> None:
    ran = stage.run("gate", token=TOKEN_WRITE, command="gate", version="1.0.0")
    assert ran.code == 2
    assert "the input version does nothing for gate" in ran.errors[0]
