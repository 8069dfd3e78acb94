"""The dataset workflow in act: mined from repositories of our own, and uploaded as an artifact."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.action.act import Run, find_act, find_caches, read_action
from tests.action.artifacts import ActWithArtifacts, write_upload
from tests.house.architecture import ROOT
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.mining import make_functions, write_script
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_WRITE

_BINARY, _CACHES = find_act(), find_caches()  # looked up before the environment is cleaned
pytestmark = [
    pytest.mark.skipif(_BINARY is None, reason="there is no act: .ci/install-tool.sh builds it"),
    pytest.mark.skipif(sys.platform == "win32", reason="act's host mode and the action need a Unix"),
]
WORKFLOW = ROOT / "workflows" / "dataset.yml"
CALLED = ROOT / ".github" / "workflows" / "reusable-dataset.yml"


@pytest.fixture
def work(git_server: GitServer, tmp_path: Path) -> Repo:
    """acme/app with a list of two repositories, one of them on the server and one a folder, and a model that is a script."""
    git_server.add("acme/tools", make_functions(tmp_path / "tools", ["prices", "orders"]))
    make_functions(tmp_path / "library", ["books"])
    script = write_script(tmp_path / "script.jsonl", ["prices", "orders", "books"])
    config = {
        "llm": {"backend": "scripted", "model_name": str(script)},
        "dataset": {"licenses": [], "unknown_license": "keep", "questions_per_passage": 2},
    }
    made = Repo.clone(git_server.url_of("acme/app"), tmp_path / "work")
    listed = f"{git_server.url_of('acme/tools')}\n{tmp_path / 'library'}\n"
    made.commit("ci: mine a dataset", {"repos.txt": listed, "notewright.yaml": yaml.safe_dump(config)})
    return made


@pytest.fixture
def act(github: FakeGitHub, git_server: GitServer, tmp_path: Path, state_dir: Path) -> ActWithArtifacts:
    assert _BINARY
    made = ActWithArtifacts(_BINARY, tmp_path / "act", github, git_server, state_dir=state_dir, caches=_CACHES)
    made.kept = tmp_path / "artifacts"
    return made


def actions(folder: Path, workflow: Path) -> Mapping[str, Path]:
    """The actions that a workflow uses: our own, and the upload, in folders; act itself stands in for the checkout."""
    for name, content in read_action().items():
        (folder / "notewright" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "notewright" / name).write_bytes(content)
    (upload,) = re.findall(r"uses: (actions/upload-artifact@[0-9a-f]{40})", workflow.read_text("utf-8"))
    return {"notewright/notewright@v0": folder / "notewright", upload: write_upload(folder / "upload")}


def rows_of(artifact: Path) -> list[dict[str, Any]]:
    with zipfile.ZipFile(artifact) as archive:
        files = [name for name in archive.namelist() if name.startswith("data/") and name.endswith(".jsonl")]
        return [json.loads(line) for name in files for line in archive.read(name).splitlines()]


def check_clean(run: Run, artifact: Path) -> None:
    """No token is in what was printed or uploaded."""
    assert TOKEN_WRITE not in run.log
    with zipfile.ZipFile(artifact) as archive:
        assert not [name for name in archive.namelist() if TOKEN_WRITE.encode() in archive.read(name)]


def test_the_dataset_workflow_uploads_rows_card_and_report(act: ActWithArtifacts, work: Repo, tmp_path: Path) -> None:
    run = act.run_as_written(WORKFLOW, work, actions=actions(tmp_path, WORKFLOW), event="workflow_dispatch")
    assert run.code == 0, run.log
    artifact = act.find("dataset")
    assert len(rows_of(artifact)) == 6, run.log
    with zipfile.ZipFile(artifact) as archive:
        assert {"README.md", "report.html"} <= set(archive.namelist())
    assert run.summaries
    check_clean(run, artifact)


def test_a_called_dataset_workflow_asks_nothing_twice(act: ActWithArtifacts, work: Repo, tmp_path: Path, state_dir: Path) -> None:
    call = {
        "on": "workflow_dispatch",
        "jobs": {"dataset": {"uses": f"./.github/workflows/{CALLED.name}", "with": {"state-dir": str(state_dir)}}},
    }
    caller = ".github/workflows/dataset.yml"
    work.commit("ci: call it", {caller: json.dumps(call), f".github/workflows/{CALLED.name}": CALLED.read_bytes()})
    used = actions(tmp_path, CALLED)
    first = act.run_as_written(work.path / caller, work, actions=used, event="workflow_dispatch")
    assert first.code == 0, first.log
    artifact = act.find("dataset")
    rows = rows_of(artifact)
    assert len(rows) == 6, first.log
    artifact.unlink()
    second = act.run_as_written(work.path / caller, work, actions=used, event="workflow_dispatch")
    assert second.code == 0, second.log
    assert rows_of(act.find("dataset")) == rows
    assert "6 pairs kept" in first.said["prepare"]
    assert "0 tasks done, 0 pairs kept" in second.said["prepare"]
