"""The action as a workflow runs it, with a model asked in a container: `uses: ./` in act, and what the runner itself makes beside it."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest

from notewright.action.image import Image
from tests.action.act import RUNTIME_TOKEN, Act, Run, find_act, find_caches, read_action
from tests.action.containers import find, settings
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_WRITE

_BINARY, _CACHES = find_act(), find_caches()  # looked up before the environment is cleaned
pytestmark = [
    pytest.mark.skipif(_BINARY is None, reason="there is no act: .ci/install-tool.sh builds it"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has containers for the action"),
]


@pytest.fixture
def act(github: FakeGitHub, git_server: GitServer, tmp_path: Path, state_dir: Path) -> Act:
    """act, for acme/app with the action in it, the release v1.0.0 and a feature after it."""
    assert _BINARY
    work = Repo.clone(git_server.url_of("acme/app"), tmp_path / "work")
    work.commit("chore: add the action", read_action())
    work.tag("v1.0.0")
    work.commit("feat(auth): add passkey login")
    for name in ("main", "refs/tags/v1.0.0"):
        git_server.push(work, name)
    return Act(_BINARY, tmp_path / "act", github, git_server, state_dir=state_dir, caches=_CACHES)


def let_in(act: Act, image: Image, notes: Path) -> None:
    """Let jobs have the engine of an image, by a program that notes how it is called, and with what environment."""
    real = shutil.which(image.engine)
    assert real
    exported = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings().items())
    noted = f'{{ printf "%s\\n" "$@"; env; }} >>{shlex.quote(str(notes))}'
    program = act.programs / image.engine
    program.write_text(f'#!/bin/sh\n{noted}\n{exported}exec {shlex.quote(real)} "$@"\n')
    program.chmod(0o755)


def proposal_of(run: Run) -> dict[str, bytes]:
    """Return the files of the proposal, as the job left them."""
    (manifest,) = run.left.rglob("proposal/proposal.json")
    folder = manifest.parent
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_job_asks_in_a_container_and_proposes_the_bytes_that_the_runner_itself_makes(
    act: Act, github: FakeGitHub, git_server: GitServer, tmp_path: Path
) -> None:
    image, notes = find(), tmp_path / "notes"
    if not isinstance(image, Image):
        pytest.skip(f"{image}: .ci/build-image.sh builds it")
    let_in(act, image, notes)
    asked = {"engine": "none", "audiences": "developer, customer"}
    contained = act.run({**asked, "container": "always", "image": image.name})
    assert contained.code == 0, contained.log
    assert f"container: {image.name}" in contained.said["prepare"]
    assert "network of the container: none" in contained.said["prepare"]
    (pull,) = github.pulls()
    assert contained.outputs["pull-request-number"] == str(pull.number)
    assert (contained.outputs["version"], contained.outputs["pull-request-operation"]) == ("1.1.0", "created")
    assert "Add passkey login" in (pull.body or "")
    words = notes.read_text("utf-8")
    assert "--read-only" in words.splitlines()
    assert not any(token in words for token in (TOKEN_WRITE, RUNTIME_TOKEN))
    heads, writes = git_server.heads("acme/app"), len(github.writes())
    native = act.run({**asked, "container": "never"})
    assert native.code == 0, native.log
    assert "container:" not in native.said["prepare"]
    assert proposal_of(native) == proposal_of(contained)
    assert (native.outputs["changed"], git_server.heads("acme/app"), len(github.writes())) == ("false", heads, writes)


def test_a_model_that_is_a_file_answers_in_the_container_of_a_job(act: Act, github: FakeGitHub, tiny_gguf: Path, tmp_path: Path) -> None:
    image = find()
    if not isinstance(image, Image):
        pytest.skip(f"{image}: .ci/build-image.sh builds it")
    let_in(act, image, tmp_path / "notes")
    run = act.run({"engine": f"llama_server:{tiny_gguf}", "container": "auto", "image": image.name})
    assert run.code == 0, run.log
    assert f"container: {image.name}" in run.said["prepare"]
    assert (run.outputs["engine"], len(github.pulls())) == ("llama_server:tiny.gguf", 1)
