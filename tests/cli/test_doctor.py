"""`notewright doctor`, as people run it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.parts.command import Ended, run_command
from tests.parts.repository import Repo

_CLOSED = {"NOTEWRIGHT_LLM_SERVER_URL": "http://127.0.0.1:9", "NOTEWRIGHT_LLM_OLLAMA_URL": "http://127.0.0.1:9"}


def _run(folder: Path, *arguments: str, **env: str) -> Ended:
    return run_command("doctor", *arguments, cwd=folder, env={**_CLOSED, **env})


def _findings(folder: Path, *, code: int = 0, **env: str) -> dict[str, dict[str, str]]:
    done = _run(folder, "--format", "json", **env)
    assert done.code == code, done.err
    return {one["name"]: one for one in json.loads(done.out)["findings"]}


def test_a_healthy_repository_has_no_problem_and_notes_say_what_to_do(repo: Repo, tiny_gguf: Path) -> None:
    repo.commit("feat: start")
    models = repo.path / "models"
    models.mkdir()
    (models / "tiny.gguf").write_bytes(tiny_gguf.read_bytes())
    found = _findings(repo.path, NOTEWRIGHT_LLM_MODELS_DIR=str(models))
    states = {name: one["state"] for name, one in found.items()}
    assert "problem" not in states.values()
    assert [name for name in ("notewright", "git", "repository", "engine", "memory", "lock", "models", "state", "cache")
            if states[name] != "ok"] == []  # fmt: skip
    assert found["engine"]["detail"] == f"auto: tiny.gguf is the largest model in {models} that fits"
    assert found["config"]["hint"] == "`notewright init` writes one"
    assert all(one["hint"] or one["state"] != "note" for name, one in found.items() if not name.endswith("_url"))


def test_it_is_a_page_of_80_columns_that_ends_with_0(repo: Repo) -> None:
    repo.commit("feat: start")
    done = _run(repo.path)
    lines = done.out.decode().splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[0].startswith("notewright   ok       ")
    assert "repository   ok" in done.out.decode()
    assert [line for line in lines if len(line) > 80 and "/" not in line] == []


def test_outside_of_a_repository_it_works_too(tmp_path: Path) -> None:
    found = _findings(tmp_path)
    assert (found["repository"]["state"], found["github"]["state"]) == ("note", "note")


def test_a_shallow_clone_is_a_problem_with_its_remedy(repo: Repo, tmp_path: Path) -> None:
    for number in range(3):
        repo.commit(f"feat: {number}")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{repo.path}", clone], check=True)
    done = _run(clone)
    assert done.code == 1
    assert "repository   problem  this clone is shallow" in done.out.decode()
    assert "fetch-depth: 0" in done.out.decode()
    assert done.err.endswith("error: 1 problem: repository\n")


def test_a_wrong_configuration_is_named_and_the_rest_is_looked_at(repo: Repo) -> None:
    repo.commit("feat: start", {"notewright.yaml": "llm: {modle_name: x}\n"})
    found = _findings(repo.path, code=1)
    assert found["config"]["state"] == "problem"
    assert "modle_name" in found["config"]["detail"]
    assert found["cache"]["state"] == "ok"


def test_a_key_that_is_not_set_is_a_problem_and_a_token_is_never_printed(repo: Repo) -> None:
    repo.commit("feat: start", {"notewright.yaml": "llm: {api_key_env: MY_SERVER_KEY}\n"})
    repo.git("remote", "add", "origin", "https://github.com/acme/app")
    found = _findings(repo.path, code=1, GITHUB_TOKEN="ghs_do_not_print_me")
    assert "MY_SERVER_KEY" in found["config"]["detail"]
    for arguments in ([], ["--format", "json"]):
        done = _run(repo.path, *arguments, GITHUB_TOKEN="ghs_do_not_print_me", MY_SERVER_KEY="sk-nor-me")
        assert done.code == 0
        assert "acme/app: a token is set" in done.out.decode()
        assert "print_me" not in done.out.decode() + done.err
        assert "nor-me" not in done.out.decode() + done.err


def test_an_engine_that_is_configured_and_not_there_is_a_problem(repo: Repo) -> None:
    repo.commit("feat: start", {"notewright.yaml": "llm: {backend: llama_server, model_name: absent.gguf}\n"})
    found = _findings(repo.path, code=1)
    assert (found["engine"]["state"], found["engine"]["detail"]) == ("problem", "there is no model file absent.gguf")


def test_a_state_folder_that_is_a_file_is_a_problem(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: start")
    (tmp_path / "state").write_text("a file")
    found = _findings(repo.path, code=1, NOTEWRIGHT_STATE_DIR=str(tmp_path / "state"))
    assert found["state"]["state"] == "problem"


def test_a_broken_cache_is_a_problem_with_the_command_that_removes_it(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: start")
    (tmp_path / "replies.sqlite").write_bytes(b"this is no database" * 100)
    found = _findings(repo.path, code=1, NOTEWRIGHT_STATE_DIR=str(tmp_path))
    assert (found["cache"]["state"], found["cache"]["hint"]) == ("problem", "`notewright models cache clear` removes it")


def test_prompts_that_may_leave_the_machine_are_noted(repo: Repo) -> None:
    repo.commit("feat: start", {"notewright.yaml": "llm: {allow_remote: true}\n"})
    assert "prompts may leave this machine" in _findings(repo.path)["remote"]["detail"]


def test_nothing_is_made_by_looking(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: start")
    state, models = tmp_path / "state", tmp_path / "models"
    _findings(repo.path, NOTEWRIGHT_STATE_DIR=str(state), NOTEWRIGHT_LLM_MODELS_DIR=str(models))
    assert not state.exists()
    assert not models.exists()


@pytest.mark.parametrize("variable", ["NOTEWRIGHT_LLM_SERVER_URL", "NOTEWRIGHT_LLM_OLLAMA_URL"])
def test_an_address_that_is_none_is_said_and_stops_nothing(repo: Repo, variable: str) -> None:
    repo.commit("feat: start")
    done = run_command("doctor", cwd=repo.path, env={**_CLOSED, variable: "nonsense"})
    assert done.code == 0
    assert "'nonsense' is no address" in " ".join(done.out.decode().split())
    assert "cache        ok" in done.out.decode()
