from __future__ import annotations

from pathlib import Path

import pytest

from notewright.action.inputs import Inputs, read_inputs
from notewright.errors import UsageError


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "workspace"
    (path / "packages" / "core").mkdir(parents=True)
    return path


def read(workspace: Path, **inputs: str) -> Inputs:
    given = {"command": "release", **inputs}
    variables = {f"INPUT_{'FROM' if name == 'since' else name.upper()}": value for name, value in given.items()}
    return read_inputs({"GITHUB_WORKSPACE": str(workspace), "RUNNER_TOOL_CACHE": str(workspace.parent / "tools"), **variables})


def test_empty_inputs_leave_everything_to_the_configuration(workspace: Path) -> None:
    assert read(workspace, working_directory=".", dry_run="false") == Inputs(
        command="release", workspace=workspace, directory=workspace, config=None, component=None, engine=None, audiences=(), regenerate=(),
        version=None, since=None, base=None, output=None, models_dir=None, state_dir=workspace.parent / "tools" / "notewright",
        container="auto", image=None, dry_run=False, without_gate=False,
    )  # fmt: skip


def test_paths_are_relative_to_the_working_directory(workspace: Path) -> None:
    inputs = read(workspace, working_directory="packages/core", config="../../notewright.yaml", output="build")
    assert inputs.directory == workspace / "packages" / "core"
    assert inputs.config == workspace / "notewright.yaml"
    assert inputs.output == workspace / "packages" / "core" / "build"


@pytest.mark.case(26)
@pytest.mark.parametrize("name", ["config", "working_directory", "output"])
@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "link/x", "packages/../../x"])
def test_a_path_out_of_the_workspace_is_refused(workspace: Path, name: str, path: str) -> None:
    (workspace / "link").symlink_to(workspace.parent)
    with pytest.raises(UsageError, match="leads out of"):
        read(workspace, **{name: path})


@pytest.mark.parametrize("place", [".", "cache", "packages/core", "~"])
def test_a_state_dir_that_a_repository_could_fill_is_refused(workspace: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(workspace))
    with pytest.raises(UsageError, match="not outside the workspace"):
        read(workspace, state_dir=place if place in ("~", "cache") else str(workspace / place))


def test_a_state_dir_behind_a_link_into_the_workspace_is_refused(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(workspace)
    with pytest.raises(UsageError, match="not outside the workspace"):
        read(workspace, state_dir=str(tmp_path / "link" / "state"))


def test_models_may_lie_anywhere(workspace: Path) -> None:
    assert read(workspace, models_dir="/models").models_dir == Path("/models")
    assert read(workspace, models_dir="models").models_dir == workspace / "models"


@pytest.mark.parametrize("text", ["developer,customer", "developer customer", "developer\ncustomer\r\n", " developer , customer "])
def test_audiences_may_be_written_on_one_line_or_several(workspace: Path, text: str) -> None:
    assert read(workspace, audiences=text).audiences == ("developer", "customer")
    assert read(workspace, regenerate=text).regenerate == ("developer", "customer")


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("True", True), ("false", False), ("", False)])
def test_a_flag_is_read_as_github_writes_it(workspace: Path, text: str, *, flag: bool) -> None:
    assert read(workspace, dry_run=text).dry_run is flag


@pytest.mark.parametrize("text", ["yes", "1", "$(true)"])
def test_any_other_flag_is_refused(workspace: Path, text: str) -> None:
    with pytest.raises(UsageError, match="the input dry-run is"):
        read(workspace, dry_run=text)


@pytest.mark.parametrize("name", ["notewright:0.1.0", "ghcr.example/a/notewright@sha256:" + "0" * 64, "localhost:5000/notewright:1"])
def test_an_image_is_named_by_a_tag_or_a_digest(workspace: Path, name: str) -> None:
    assert read(workspace, image=name).image == name


@pytest.mark.parametrize("name", ["--privileged", "-v", "a b", "a;id", "$(id)", "notewright@sha256:12", "@sha256:" + "0" * 64])
def test_an_image_that_is_an_option_or_no_name_is_refused(workspace: Path, name: str) -> None:
    with pytest.raises(UsageError, match="the input image is"):
        read(workspace, image=name)


def test_a_container_is_taken_where_it_can_be_always_or_never(workspace: Path) -> None:
    assert read(workspace).container == "auto"
    assert [read(workspace, container=word).container for word in ("auto", "always", "never")] == ["auto", "always", "never"]
    assert read(workspace, command="changelog", container="auto").container == "auto"
    with pytest.raises(UsageError, match="the input container is 'docker'"):
        read(workspace, container="docker")


@pytest.mark.case(1)
@pytest.mark.parametrize("name", ["version", "since", "engine", "base", "config", "output", "working_directory", "state_dir", "models_dir"])
@pytest.mark.parametrize("text", ["1.0.0\nversion=9.9.9", "a\rb", "\x1b[31m", "a\u202eb", "a\x00b"])
def test_a_line_break_or_a_hidden_character_in_an_input_is_refused(workspace: Path, name: str, text: str) -> None:
    with pytest.raises(UsageError, match="holds a line break or another control character"):
        read(workspace, command="notes", **{name: text})


@pytest.mark.parametrize(
    ("command", "name"),
    [("release", "since"), ("changelog", "engine"), ("changelog", "audiences"), ("changelog", "models_dir"), ("changelog", "base"),
     ("notes", "base"), ("notes", "dry_run"), ("notes", "regenerate"), ("gate", "regenerate")],
)  # fmt: skip
def test_an_input_that_a_command_does_not_read_is_refused(workspace: Path, command: str, name: str) -> None:
    with pytest.raises(UsageError, match=f"does nothing for {command}"):
        read(workspace, command=command, **{name: "true"})


@pytest.mark.parametrize("command", ["", "publish", "release; rm -rf ."])
def test_an_unknown_command_is_refused_with_the_known_ones(workspace: Path, command: str) -> None:
    with pytest.raises(UsageError, match="there is no command") as raised:
        read(workspace, command=command)
    assert raised.value.hint == "choose one of release, changelog, notes, gate, finish, dataset"


def test_a_working_directory_that_is_not_there_is_refused(workspace: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        read(workspace, working_directory="packages/none")


@pytest.mark.parametrize("environment", [{}, {"GITHUB_WORKSPACE": "/nowhere/at/all"}], ids=["unset", "missing"])
def test_there_is_no_running_without_a_workspace(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="GITHUB_WORKSPACE names no folder"):
        read_inputs({"INPUT_COMMAND": "release", **environment})


def test_only_a_release_that_is_no_dry_run_writes(workspace: Path) -> None:
    assert read(workspace).writes
    assert not read(workspace, dry_run="true").writes
    assert not read(workspace, command="changelog").writes


def test_a_component_is_taken_by_its_name(workspace: Path) -> None:
    assert read(workspace, component=" core ").component == "core"
    assert read(workspace, command="changelog", component="core").component == "core"
    with pytest.raises(UsageError, match="component holds a line break"):
        read(workspace, component="core\napp")
