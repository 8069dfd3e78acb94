"""The workflows that can be called, held against those that are copied: the same job, and every input is one of the action's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from notewright.action.inputs import NAMES as ACTION_INPUTS
from notewright.action.inputs import read_inputs
from notewright.errors import UsageError
from tests.house.architecture import ROOT

_FOLDER = ROOT / ".github" / "workflows"
_DEFAULT = "github.event.repository.default_branch"
NAMES = sorted(path.stem for path in (ROOT / "workflows").glob("*.yml"))
_OF_THE_JOB = {"runs-on", "timeout-minutes"}
# What the workflow itself decides, and no caller: which command it is, that the checkout is the workspace, and what it uploads
_DECIDED = {"command", "working-directory", "output"}


def load(path: Path) -> Any:  # noqa: ANN401  # whatever YAML holds
    return yaml.load(path.read_bytes(), yaml.BaseLoader)  # BaseLoader: `on` stays a word, and every value text


def called(name: str) -> Any:  # noqa: ANN401
    return load(_FOLDER / f"reusable-{name}.yml")


def job_of(workflow: Any) -> Any:  # noqa: ANN401
    (job,) = workflow["jobs"].values()
    return job


def action_step(job: Any) -> Any:  # noqa: ANN401
    (step,) = [step for step in job["steps"] if step.get("uses", "").startswith("notewright/")]
    return step


def test_each_workflow_to_copy_has_one_to_call() -> None:
    assert sorted(path.stem.removeprefix("reusable-") for path in _FOLDER.glob("reusable-*.yml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_for_the_same_permissions_and_uses_the_same_commits(name: str) -> None:
    mine, theirs = called(name), load(ROOT / "workflows" / f"{name}.yml")
    assert mine["permissions"] == {}
    assert job_of(mine)["permissions"] == job_of(theirs)["permissions"]
    assert [step["uses"] for step in job_of(mine)["steps"]] == [step["uses"] for step in job_of(theirs)["steps"]]
    checkouts = [step["with"] for job in (job_of(mine), job_of(theirs)) for step in job["steps"] if "checkout" in step["uses"]]
    base = {key: value.replace(f"(inputs.base || {_DEFAULT})", _DEFAULT) for key, value in checkouts[0].items()}
    assert base == checkouts[1]  # a caller may name the branch that releases come from
    assert action_step(job_of(mine))["with"].get("command") == action_step(job_of(theirs))["with"].get("command")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_as_seldom_together_as_the_one_to_copy(name: str) -> None:
    mine, theirs = called(name).get("concurrency"), load(ROOT / "workflows" / f"{name}.yml").get("concurrency")
    assert (mine is None) == (theirs is None)
    assert job_of(called(name)).get("if") == job_of(load(ROOT / "workflows" / f"{name}.yml")).get("if") or name == "gate"
    if mine and theirs:
        assert mine["group"].startswith(theirs["group"])
        assert mine["cancel-in-progress"] == theirs["cancel-in-progress"] == "false"


def is_read(name: str, *, by: str) -> bool:
    """Whether a command reads an input of the action; one that it does not read is refused."""
    try:
        read_inputs({"INPUT_COMMAND": by, f"INPUT_{name.upper().replace('-', '_')}": "x"})
    except UsageError as error:
        return f"the input {name} does nothing for {by}" not in error.message
    raise AssertionError("without a workspace nothing is read")


@pytest.mark.parametrize("name", NAMES)
def test_a_caller_gives_every_input_that_the_command_reads_but_what_the_workflow_decides(name: str) -> None:
    offered = set(called(name)["on"]["workflow_call"]["inputs"]) - _OF_THE_JOB
    assert offered == {one for one in ACTION_INPUTS if is_read(one, by=name)} - _DECIDED


@pytest.mark.parametrize("name", NAMES)
def test_what_a_caller_does_not_say_is_what_the_action_takes_then(name: str) -> None:
    inputs, action = called(name)["on"]["workflow_call"]["inputs"], load(ROOT / "action.yml")["inputs"]
    for key in set(inputs) - _OF_THE_JOB:
        assert inputs[key]["default"] == action[key]["default"]
        assert inputs[key]["type"] == ("boolean" if inputs[key]["default"] in ("true", "false") else "string")
        assert "required" not in inputs[key]


@pytest.mark.parametrize("name", NAMES)
def test_every_input_reaches_the_action_under_its_name(name: str) -> None:
    inputs = called(name)["on"]["workflow_call"]["inputs"]
    given = action_step(job_of(called(name)))["with"]
    for key in set(inputs) - _OF_THE_JOB:
        assert given[key] == f"${{{{ inputs.{key} }}}}"
    assert given["token"] == "${{ secrets.token || github.token }}"
    assert set(given) <= set(load(ROOT / "action.yml")["inputs"])


@pytest.mark.parametrize("name", NAMES)
def test_every_output_is_one_that_the_action_sets(name: str) -> None:
    workflow = called(name)
    (job_name,) = workflow["jobs"]
    outputs = workflow["on"]["workflow_call"].get("outputs", {})
    for output, said in outputs.items():
        assert said["value"] == f"${{{{ jobs.{job_name}.outputs.{output} }}}}"
        assert job_of(workflow)["outputs"][output] == f"${{{{ steps.notewright.outputs.{output} }}}}"
    assert set(outputs) <= set(load(ROOT / "action.yml")["outputs"])


@pytest.mark.parametrize("name", NAMES)
def test_the_call_that_its_comment_shows_gives_what_it_asks_for(name: str) -> None:
    text = (_FOLDER / f"reusable-{name}.yml").read_text("utf-8")
    shown = re.search(r"^#   name: .*?\n#\n", text, re.MULTILINE | re.DOTALL)
    assert shown
    example = yaml.load(re.sub(r"^#(   |$)", "", shown[0], flags=re.MULTILINE).replace("\n    ...", ""), yaml.BaseLoader)
    workflow = called(name)
    (call,) = [job for job in example["jobs"].values() if "uses" in job]
    assert call["uses"].startswith(f"notewright/notewright/.github/workflows/reusable-{name}.yml@")
    assert call["permissions"] == job_of(workflow)["permissions"]
    assert example["permissions"] == {}
    assert set(call.get("with", {})) <= set(workflow["on"]["workflow_call"]["inputs"])
    assert set(call.get("secrets", {})) <= set(workflow["on"]["workflow_call"]["secrets"])
