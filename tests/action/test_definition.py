"""What action.yml, the workflows and the image say, held against the code that they call."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from notewright.action import inputs, outputs
from notewright.action.run import STEPS
from notewright.action.secret import TOKENS
from notewright.adapters import branch
from notewright.config.release import ReleaseConfig
from notewright.review.approval import CONTEXT
from tests.house.architecture import PACKAGE, ROOT

ACTION = ROOT / "action.yml"
WORKFLOWS = sorted((ROOT / "workflows").glob("*.yml"))
NEEDED = {
    "release": {"contents": "write", "pull-requests": "write", "statuses": "write"},
    "gate": {"contents": "read", "pull-requests": "read", "statuses": "write"},
    "finish": {"contents": "write", "pull-requests": "read", "statuses": "read"},
    "dataset": {"contents": "read"},
}
_OWN_PUSH = f"startsWith(github.ref_name, 'notewright/release') && github.event.head_commit.committer.email == '{branch.EMAIL}'"
_EXPRESSION = re.compile(r"\$\{\{")


def load(path: Path) -> Any:  # noqa: ANN401  # whatever YAML holds
    return yaml.load(path.read_bytes(), yaml.BaseLoader)  # BaseLoader: `on` stays a word, and every value text


def steps() -> dict[str, Any]:
    return {step["id"]: step for step in load(ACTION)["runs"]["steps"]}


def values_of(key: str, node: object) -> Iterator[str]:
    """Yield the value of every `key`, wherever it stands."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and key in node:
        yield node[key]
    for child in children:
        yield from values_of(key, child)


@pytest.mark.case(2)
@pytest.mark.parametrize("path", [ACTION, *WORKFLOWS], ids=lambda path: path.name)
def test_no_expression_is_pasted_into_a_script(path: Path) -> None:
    found = list(values_of("run", load(path)))
    assert found or path != ACTION
    assert [script for script in found if _EXPRESSION.search(script)] == []


def test_the_inputs_are_those_that_the_code_reads() -> None:
    assert list(load(ACTION)["inputs"]) == [*inputs.NAMES, "token"]


def test_every_value_read_from_an_input_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in (PACKAGE / "action").glob("*.py") if path.name != "inputs.py")
    unused = [field.name for field in dataclasses.fields(inputs.Inputs) if not re.search(rf"\binputs\.{field.name}\b", code)]
    assert unused == []


def test_every_step_is_given_every_input_by_its_environment() -> None:
    wanted = {f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in inputs.NAMES}
    assert list(steps()) == list(STEPS)
    for step in steps().values():
        assert {name: value for name, value in step["env"].items() if name.startswith("INPUT_")} == wanted


def test_only_the_steps_without_a_model_are_given_the_token() -> None:
    given = {name: [key for key, value in step["env"].items() if "token" in value] for name, step in steps().items()}
    token = ["NOTEWRIGHT_TOKEN"]
    assert given == {"set-up": [], "collect": token, "prepare": [], "propose": token, "gate": token, "finish": token}


@pytest.mark.case(20)
def test_prepare_sheds_every_token_before_it_starts() -> None:
    assert tuple(re.findall(r"-u (\w+)", steps()["prepare"]["run"])) == TOKENS


def test_the_outputs_are_those_that_the_steps_set() -> None:
    declared = load(ACTION)["outputs"]
    assert list(declared) == [
        "changed", "version", "previous-version", "engine", "proposal",
        "pull-request-number", "pull-request-url", "pull-request-operation", "tag", "release-url",
        "dataset", "dataset-rows", "grounded",
    ]  # fmt: skip
    assert set(declared) == set(outputs.NAMES)
    for name, output in declared.items():
        assert set(re.findall(r"steps\.[\w-]+\.outputs\.([\w-]+)", output["value"])) == {name}


def test_every_input_and_output_says_what_it_is() -> None:
    action = load(ACTION)
    assert [name for kind in ("inputs", "outputs") for name, item in action[kind].items() if not item.get("description")] == []


@pytest.mark.case(5)
def test_no_code_writes_variables_or_paths_for_later_steps() -> None:
    named = [path.name for path in PACKAGE.rglob("*.py") if re.search(r"GITHUB_(ENV|PATH|STATE)\b", path.read_text("utf-8"))]
    assert named == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_pins_what_it_uses_to_a_commit(path: Path) -> None:
    used = list(values_of("uses", load(path)))
    assert "notewright/notewright@v0" in used  # our own: its comment tells how to pin it
    for reference in used:
        if not reference.startswith("notewright/"):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", reference), reference
            assert re.search(rf"{re.escape(reference)} # v\d+\.\d+\.\d+$", path.read_text("utf-8"), re.MULTILINE), reference


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_asks_for_no_more_than_it_needs(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == NEEDED[path.stem]
        assert int(job["timeout-minutes"]) <= (360 if path.stem == "dataset" else 60)  # a night, which dataset.max_minutes ends before


def test_release_runs_one_at_a_time_and_no_run_of_the_gate_is_dropped_for_a_newer_one() -> None:
    release = load(ROOT / "workflows" / "release.yml")
    group = f"notewright-release${{{{ {_OWN_PUSH} && '-own' || '' }}}}"  # a run that is skipped must not take the place of one that waits
    assert release["concurrency"] == {"group": group, "cancel-in-progress": "false"}
    assert "concurrency" not in load(ROOT / "workflows" / "gate.yml")


def test_the_release_workflow_takes_up_what_people_push_to_its_branch_and_never_its_own_push() -> None:
    release = load(ROOT / "workflows" / "release.yml")
    assert release["on"]["push"]["branches"] == ["main", f"{ReleaseConfig().branch}*"]
    assert release["jobs"]["propose"]["if"] == f"!github.event.deleted && !({_OWN_PUSH})"


def test_the_gate_is_skipped_for_forks_and_checks_out_the_base_without_a_token() -> None:
    (job,) = load(ROOT / "workflows" / "gate.yml")["jobs"].values()
    assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
    (checkout,) = [step for step in job["steps"] if step["uses"].startswith("actions/checkout@")]
    base = "${{ github.event.pull_request.base.ref || github.event.merge_group.base_ref || github.ref_name }}"
    assert checkout["with"] == {"ref": base, "fetch-depth": "0", "persist-credentials": "false"}


def test_the_job_of_the_gate_is_named_like_the_status_so_that_other_pull_requests_pass() -> None:
    assert list(load(ROOT / "workflows" / "gate.yml")["jobs"]) == [CONTEXT]


def test_the_release_workflow_checks_out_the_history_and_leaves_no_token() -> None:
    job = load(ROOT / "workflows" / "release.yml")["jobs"]["propose"]
    (checkout,) = [step for step in job["steps"] if step["uses"].startswith("actions/checkout@")]
    base = "${{ startsWith(github.ref_name, 'notewright/release') && github.event.repository.default_branch || '' }}"
    assert checkout["with"] == {"ref": base, "fetch-depth": "0", "persist-credentials": "false"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_gives_the_action_inputs_that_it_has_and_reads_outputs_that_it_sets(path: Path) -> None:
    action, text = load(ACTION), path.read_text("utf-8")
    (step,) = [step for job in load(path)["jobs"].values() for step in job["steps"] if step["uses"].startswith("notewright/")]
    assert set(step["with"]) <= set(action["inputs"])
    assert set(re.findall(rf"steps\.{step.get('id')}\.outputs\.([\w-]+)", text)) <= set(action["outputs"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(path: Path) -> None:
    actionlint = shutil.which("actionlint")
    if actionlint is None:
        pytest.skip("there is no actionlint on PATH")
    done = subprocess.run([actionlint, "-no-color", "-shellcheck=", str(path)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout.decode()
