"""The step finish of the action, as a process of its own."""

from __future__ import annotations

import pytest

from tests.action.stage import Stage
from tests.parts.approving import approve
from tests.parts.tokens import TOKEN_WRITE


@pytest.fixture
def merged(stage: Stage) -> Stage:
    """A release that was proposed, approved and merged."""
    for step, token in (("collect", TOKEN_WRITE), ("prepare", None), ("propose", TOKEN_WRITE)):
        assert stage.run(step, token=token).code == 0
    approve(stage.github, stage.git_server)
    stage.github.merge(1)
    stage.work.git("pull", "--quiet", "origin", "main")
    return stage


def test_finish_publishes_what_was_merged_and_names_tag_and_address(merged: Stage) -> None:
    done = merged.run("finish", token=TOKEN_WRITE, command="finish")
    assert done.code == 0, done.log
    url = f"{merged.github.url}/acme/app/releases/tag/v0.2.0"
    assert done.outputs == {"changed": "true", "version": "0.2.0", "tag": "v0.2.0", "release-url": url}
    assert done.summary.startswith("### notewright: 0.2.0 is published as v0.2.0\n")
    assert url in done.summary
    assert TOKEN_WRITE not in done.log
    again = merged.run("finish", token=TOKEN_WRITE, command="finish")
    assert again.outputs == {**done.outputs, "changed": "false"}


def test_what_nobody_approved_is_one_error_and_published_only_when_asked_for(merged: Stage) -> None:
    merged.github.hub.statuses.clear()
    refused = merged.run("finish", token=TOKEN_WRITE, command="finish")
    assert refused.code == 1
    (error,) = refused.errors
    assert "has not passed the gate" in error
    assert "without-gate: true" in error
    assert merged.run("finish", token=TOKEN_WRITE, command="finish", without_gate="true").code == 0


def test_before_anything_was_merged_there_is_nothing_to_finish(stage: Stage) -> None:
    done = stage.run("finish", token=TOKEN_WRITE, command="finish")
    assert done.code == 0
    assert done.outputs == {"changed": "false", "version": "", "tag": "", "release-url": ""}
    assert "nothing to finish" in done.summary


@pytest.mark.parametrize(("name", "value"), [("engine", "none"), ("base", "main"), ("dry_run", "true"), ("output", "x")])
def test_an_input_that_finish_does_not_read_is_refused(stage: Stage, name: str, value: str) -> None:
    done = stage.run("finish", token=TOKEN_WRITE, command="finish", **{name: value})
    assert done.code == 2
    assert "does nothing for finish" in done.errors[0]
