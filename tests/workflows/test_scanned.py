"""The workflows, the action and the container files, read by the linters of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.architecture import ROOT
from tests.workflows.scanners import scan

WORKFLOWS = sorted([*(ROOT / "workflows").glob("*.yml"), *(ROOT / ".github" / "workflows").glob("*.yml")])
ZIZMOR = ROOT / ".github" / "zizmor.yml"


def test_zizmor_finds_nothing_and_no_line_hides_anything_from_it() -> None:
    done = scan("zizmor", "--offline", "--no-progress", "--quiet", "--config", ZIZMOR, "workflows", ".github/workflows", "action.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in [*WORKFLOWS, ROOT / "action.yml"] if "zizmor: ignore" in path.read_text("utf-8")] == []


def test_what_zizmor_is_told_to_accept_has_a_reason_beside_it() -> None:
    lines = ZIZMOR.read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        if "disable: true" in line or "ref-pin" in line:
            assert "#" in line or lines[number - 1].strip().startswith("#")


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        pytest.param("vendor.github-workflows", WORKFLOWS, id="workflows"),
        pytest.param("vendor.github-actions", [ROOT / "action.yml"], id="action"),
    ],
)
def test_github_s_schema_takes_them(schema: str, files: list[Path]) -> None:
    done = scan("check-jsonschema", "--builtin-schema", schema, *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = scan("hadolint", ROOT / "Dockerfile")
    assert done.returncode == 0, done.stdout


def load(path: Path) -> Any:  # noqa: ANN401  # whatever YAML holds
    return yaml.load(path.read_bytes(), yaml.BaseLoader)  # BaseLoader: `on` stays a word, and every value text


@pytest.mark.parametrize("path", [path for path in WORKFLOWS if path.parent.parent.name == ".github"], ids=lambda path: path.name)
def test_a_workflow_of_ours_has_least_permissions_a_time_limit_and_no_token_in_its_checkout(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"]
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] == "false"


def test_no_workflow_of_ours_runs_for_strangers_with_our_rights() -> None:
    for path in WORKFLOWS:
        events = load(path)["on"]
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(events), path.name
