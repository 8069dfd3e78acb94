"""Security cases 23-25: events that strangers cause, refused before anything is installed, asked or written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.action.stage import Ran, Stage
from tests.parts.tokens import TOKEN_WRITE

_OURS, _THEIRS = {"full_name": "acme/app"}, {"full_name": "mallory/app"}
_STEPS = ("set-up", "collect", "propose", "finish", "gate")


def pull(head: object) -> dict[str, Any]:
    return {"pull_request": {"head": {"repo": head}, "base": {"repo": _OURS}}, "repository": _OURS, "sender": {"login": "renovate[bot]"}}


def run_on(stage: Stage, step: str, name: str, payload: object, **inputs: str) -> Ran:
    place = stage.home / "event.json"
    place.write_text(json.dumps(payload))
    stage.extra |= {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(place), "GITHUB_ACTOR": "renovate[bot]"}
    command = step if step in ("finish", "gate") else "release"
    return stage.run(step, token=TOKEN_WRITE, **{"command": command, "state_dir": str(stage.home / "state"), **inputs})


def assert_refused(stage: Stage, ran: Ran) -> None:
    assert ran.code == 2, ran.log
    assert "nothing is released" in ran.errors[0]
    assert stage.github.calls == []
    assert not (stage.home / "state").exists(), "nothing was installed"
    assert not list(Path(stage.shared).iterdir())


@pytest.mark.case(23)
def test_a_fork_s_pull_request_is_refused_before_anything_runs(stage: Stage) -> None:
    for step in _STEPS:
        assert_refused(stage, run_on(stage, step, "pull_request", pull(_THEIRS)))


@pytest.mark.case(24)
def test_pull_request_target_is_refused_before_anything_runs(stage: Stage) -> None:
    for step in _STEPS:
        for head in (_OURS, _THEIRS):
            assert_refused(stage, run_on(stage, step, "pull_request_target", pull(head)))
    for inputs in ({"dry_run": "true"}, {"command": "dataset"}, {"command": "notes"}):
        assert_refused(stage, run_on(stage, "collect", "pull_request_target", pull(_THEIRS), **inputs))


@pytest.mark.case(25)
def test_a_comment_of_somebody_who_is_no_member_is_refused_whatever_the_account_is_called(stage: Stage) -> None:
    for login, standing in (("mallory", "NONE"), ("renovate[bot]", "CONTRIBUTOR"), ("github-actions[bot]", None), ("ada", "member")):
        said = {"user": {"login": login}, "author_association": standing, "body": "/release"}
        assert_refused(stage, run_on(stage, "collect", "issue_comment", {"comment": said, "sender": said["user"], "repository": _OURS}))
    said = {"user": {"login": "ada"}, "author_association": "MEMBER", "body": "/release"}
    assert run_on(stage, "collect", "issue_comment", {"comment": said, "repository": _OURS}).code == 0, "a member may start one"


@pytest.mark.case(25)
def test_other_words_of_strangers_are_refused(stage: Stage) -> None:
    by_nobody: dict[str, object] = {"author_association": "NONE"}
    events: tuple[tuple[str, object], ...] = (
        ("issues", {"issue": by_nobody}),
        ("discussion", {"discussion": by_nobody}),
        ("discussion_comment", {"comment": by_nobody}),
        ("commit_comment", {"comment": {}}),
        ("pull_request_review", {**pull(_OURS), "review": by_nobody}),
        ("pull_request_review_comment", {**pull(_OURS), "comment": by_nobody}),
        ("watch", {"action": "started"}),
        ("fork", {"forkee": {}}),
        ("gollum", {"pages": []}),
        ("issue_comment", []),
    )
    for name, payload in events:
        assert_refused(stage, run_on(stage, "collect", name, payload))
