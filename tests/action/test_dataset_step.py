"""The command dataset in the steps of the action: clones with the token, the artifact without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.action.stage import Stage
from tests.parts.git_server import GitServer
from tests.parts.mining import function_of, make_functions, write_script
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ

_CONFIG = "dataset: {licenses: [], unknown_license: keep}\n"


@pytest.fixture
def listed(stage: Stage, git_server: GitServer, tmp_path: Path) -> Stage:
    """A checkout whose repos.txt lists a private repository and one that is gone."""
    private = make_functions(tmp_path / "private", ["apples", "pears"])
    git_server.add("acme/secret", private)
    lines = f"{git_server.url_of('acme/secret')}\n{git_server.url_of('acme/gone')}\n"
    stage.push("feat: mine", {"repos.txt": lines, "notewright.yaml": _CONFIG})
    git_server.private = True
    return stage


def test_clones_are_made_with_the_token_and_the_artifact_without_it(listed: Stage, tmp_path: Path) -> None:
    collect = listed.run("collect", command="dataset", token=TOKEN_READ)
    assert collect.code == 0, collect.log
    assert "acme/gone" in collect.warnings[0]
    prepare = listed.run("prepare", command="dataset", engine="none")
    assert prepare.code == 0, prepare.log
    folder = Path(prepare.outputs["dataset"])
    rows = [json.loads(line) for line in (folder / "data" / "train.jsonl").read_text("utf-8").splitlines()]
    assert (prepare.outputs["changed"], prepare.outputs["dataset-rows"], prepare.outputs["engine"]) == ("true", str(len(rows)), "none")
    assert {row["path"] for row in rows} == {"apples.py", "pears.py"}
    assert (folder / "report.html").is_file()
    assert "| prepare |" in prepare.summary
    left = b"".join(path.read_bytes() for path in (tmp_path, listed.home) for path in path.rglob("*") if path.is_file())
    assert left.count(TOKEN_READ.encode()) == 0


def test_a_second_night_does_what_is_new(listed: Stage, git_server: GitServer, tmp_path: Path) -> None:
    for step in ("collect", "prepare"):
        assert listed.run(step, command="dataset", token=TOKEN_READ if step == "collect" else None).code == 0
    again = listed.run("prepare", command="dataset")
    assert (again.code, again.outputs["changed"]) == (0, "false")
    private = Repo(tmp_path / "private")
    private.commit("feat: more", {"plums.py": function_of("plums")})
    git_server.push(private, "main", name="acme/secret")
    assert listed.run("collect", command="dataset", token=TOKEN_READ).code == 0
    assert listed.run("prepare", command="dataset").outputs["changed"] == "true"


def test_who_made_the_pairs_is_told_also_by_a_night_that_has_nothing_to_ask(listed: Stage, tmp_path: Path) -> None:
    script = write_script(tmp_path / "script.jsonl", ["apples", "pears"])
    listed.push("feat: two questions", {"notewright.yaml": _CONFIG.replace("{", "{questions_per_passage: 2, ")})
    assert listed.run("collect", command="dataset", token=TOKEN_READ).code == 0
    for changed in ("true", "false"):
        ran = listed.run("prepare", command="dataset", engine=f"scripted:{script}")
        assert (ran.outputs["engine"], ran.outputs["changed"]) == ("scripted:script.jsonl", changed), ran.log


def test_inputs_that_a_dataset_does_not_read_are_refused(listed: Stage) -> None:
    ran = listed.run("prepare", command="dataset", component="core")
    assert (ran.code, "component does nothing for dataset" in ran.errors[0]) == (2, True)


def test_without_any_clone_the_step_says_what_to_do(listed: Stage) -> None:
    ran = listed.run("prepare", command="dataset", engine="none")
    assert (ran.code, "dataset sync" in ran.log) == (4, True), ran.log
