from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.action.events import check_event, check_history
from notewright.action.inputs import Inputs
from notewright.errors import RepositoryError, UsageError
from tests.parts.repository import Repo

OURS, THEIRS = {"full_name": "acme/app"}, {"full_name": "mallory/app"}


def pull(head: object, base: object = OURS) -> object:
    return {"pull_request": {"head": {"repo": head}, "base": {"repo": base}}, "repository": OURS}


def workflow_run(head: object) -> object:
    return {"workflow_run": {"head_repository": head}, "repository": OURS}


@pytest.fixture
def inputs(repo: Repo) -> Inputs:
    return Inputs(
        command="release", workspace=repo.path, directory=repo.path, config=None, component=None, engine=None, audiences=(), regenerate=(),
        version=None, since=None, base=None, output=None, models_dir=None, state_dir=repo.path.parent / "state",
        container="auto", image=None, dry_run=False, without_gate=False,
    )  # fmt: skip


def check(tmp_path: Path, inputs: Inputs, name: str, payload: object) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(payload))
    check_event({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(file)}, inputs)


@pytest.mark.case(23)
@pytest.mark.parametrize(
    ("name", "payload"),
    [
        pytest.param("pull_request", pull(THEIRS), id="pull request of a fork"),
        pytest.param("pull_request", pull(None), id="pull request of a deleted fork"),
        pytest.param("pull_request_review", pull(THEIRS), id="review of a fork's pull request"),
        pytest.param("pull_request_review_comment", pull(THEIRS), id="comment on a fork's pull request"),
        pytest.param("workflow_run", workflow_run(THEIRS), id="after a fork's workflow"),
        pytest.param("workflow_run", workflow_run(None), id="after a deleted fork's workflow"),
        pytest.param("pull_request", {}, id="payload that says nothing"),
        pytest.param("pull_request", [], id="payload that is no object"),
        pytest.param("pull_request", pull({"full_name": None}, {"full_name": None}), id="names that are none"),
    ],
)
def test_an_event_that_a_fork_causes_is_refused(tmp_path: Path, inputs: Inputs, name: str, payload: object) -> None:
    with pytest.raises(UsageError, match="comes from a fork"):
        check(tmp_path, inputs, name, payload)


@pytest.mark.case(24)
@pytest.mark.parametrize("payload", [pull(THEIRS), pull(OURS), {}], ids=["fork", "own", "empty"])
def test_pull_request_target_is_refused_whoever_caused_it(tmp_path: Path, inputs: Inputs, payload: object) -> None:
    with pytest.raises(UsageError, match="pull_request_target"):
        check(tmp_path, inputs, "pull_request_target", payload)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        pytest.param("push", {}, id="push"),
        pytest.param("schedule", {}, id="schedule"),
        pytest.param("workflow_dispatch", {}, id="by hand"),
        pytest.param("pull_request", pull(OURS), id="pull request of our own"),
        pytest.param("workflow_run", workflow_run(OURS), id="after a workflow of our own"),
    ],
)
def test_an_event_of_our_own_may_release(tmp_path: Path, inputs: Inputs, name: str, payload: object) -> None:
    check(tmp_path, inputs, name, payload)


def test_a_missing_payload_of_a_pull_request_is_refused(inputs: Inputs, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="comes from a fork"):
        check_event({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(tmp_path / "none.json")}, inputs)


def test_a_fork_may_be_shown_what_would_be_released(tmp_path: Path, inputs: Inputs) -> None:
    check(tmp_path, replace(inputs, dry_run=True), "pull_request", pull(THEIRS))


def test_a_whole_history_may_be_used(inputs: Inputs, repo: Repo) -> None:
    repo.commit("feat: start")
    check_history(inputs)


def test_a_shallow_history_is_refused_with_the_lines_that_mend_it(inputs: Inputs, repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: start")
    repo.commit("feat: more")
    repo.git("clone", "--quiet", "--depth=1", repo.path.as_uri(), str(tmp_path / "shallow"))
    with pytest.raises(RepositoryError, match="the checkout is shallow") as raised:
        check_history(replace(inputs, directory=tmp_path / "shallow"))
    assert raised.value.hint
    assert "      fetch-depth: 0\n" in raised.value.hint
