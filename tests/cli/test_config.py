"""`notewright config`: what is in force, whether it is understood, and what could be said."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from notewright.config.config import Config, as_values
from tests.parts.command import run_command
from tests.parts.repository import Repo

HELD = "llm: {seed: 7}\nchangelog:\n  types: {feat: Neues}\n"


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_show_prints_every_key_with_the_value_in_force(form: str, repo: Repo) -> None:
    (repo.path / "notewright.yaml").write_text(HELD)
    (repo.path / "deep").mkdir()
    done = run_command("config", "show", "--format", form, cwd=repo.path / "deep", env={"NOTEWRIGHT_LLM_SEED": "9"})
    assert (done.code, done.err) == (0, "")
    values = yaml.safe_load(done.out) if form == "yaml" else json.loads(done.out)
    expected = as_values(Config())
    expected["llm"]["seed"] = 9
    expected["changelog"]["types"] = {"feat": "Neues"}
    assert values == expected
    assert list(values) == list(expected)


def test_the_schema_takes_what_show_prints_and_refuses_what_is_unknown(tmp_path: Path) -> None:
    schema = json.loads(run_command("config", "schema", cwd=tmp_path).out)
    shown = yaml.safe_load(run_command("config", "show", cwd=tmp_path).out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(shown, schema)
    for section in ("llm", "changelog", "notes", "release"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**shown, section: {**shown[section], "x": 1}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**shown, "x": 1}, schema)


@pytest.mark.parametrize(
    ("text", "arguments", "code", "told"),
    [
        pytest.param(None, [], 0, "no notewright.yaml: the defaults hold\n", id="no file"),
        pytest.param(HELD, [], 0, "{repo}/notewright.yaml: fine\n", id="a file"),
        pytest.param(HELD, ["--config", "notewright.yaml"], 0, "notewright.yaml: fine\n", id="a file named"),
        pytest.param(
            HELD, ["--config", "other.yaml"], 3,
            "error: there is no configuration at other.yaml\n  hint: write one with `notewright init`\n",
            id="a file that is not there",
        ),
        pytest.param(
            "llm: {sed: 1}", [], 3,
            "error: {repo}/notewright.yaml: unknown key llm.sed, did you mean llm.seed?\n"
            "  hint: `notewright config schema` lists every key and its type\n",
            id="an unknown key",
        ),
        pytest.param(
            "changelog: {repository_url: 'javascript:alert(1)'}", [], 3,
            "error: 'javascript:alert(1)' is not the address of a repository's page\n"
            "  hint: changelog.repository_url is written like https://github.com/owner/name\n",
            id="an address that is none",
        ),
        pytest.param(
            "changelog: {tag: v}", [], 3,
            "error: {repo}/notewright.yaml: changelog.tag: 'v' has no place for a version\n  hint: write it like v{{version}}\n",
            id="a tag without version",
        ),
    ],
)  # fmt: skip
def test_check_says_whether_it_is_understood(text: str | None, arguments: list[str], code: int, told: str, repo: Repo) -> None:
    if text is not None:
        (repo.path / "notewright.yaml").write_text(text)
    done = run_command("config", "check", *arguments, cwd=repo.path)
    assert (done.code, done.out, done.err) == (code, b"", told.format(repo=repo.path.resolve()))


def test_a_broken_file_is_told_with_the_line(repo: Repo) -> None:
    (repo.path / "notewright.yaml").write_text("llm:\n  seed: [1\n")
    done = run_command("config", "check", cwd=repo.path)
    assert done.code == 3
    assert done.err.startswith(f"error: {repo.path.resolve()}/notewright.yaml is not YAML: ")
    assert "line 3" in done.err
    assert done.err.endswith("\n  hint: mend the line named\n")


def test_a_configuration_can_be_checked_where_there_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "notewright.yaml").write_text("llm: {seed: x}")
    done = run_command("config", "check", cwd=tmp_path)
    assert done.code == 3
    assert "llm.seed" in done.err
