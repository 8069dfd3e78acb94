"""`notewright notes` and what the configuration says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from notewright.changelog.codec import section_json
from notewright.cli.main import cli
from notewright.control import Cancel
from notewright.errors import NotewrightError
from tests.parts.sections import invented_release


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the section of an invented release, to work in."""
    (tmp_path / "section.json").write_bytes(section_json(invented_release()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["notes", *args], obj=Cancel())


def write_script(folder: Path, text: str) -> str:
    line = {"match": "", "reply": [{"cites": [1], "text": text}]}
    (folder / "script.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    return f"scripted:{folder / 'script.jsonl'}"


def test_every_audience_has_notes_and_each_of_them_passes_its_check(folder: Path) -> None:
    names = ("customer", "developer", "executive", "migration", "security", "social", "support")
    asked = [word for name in names for word in ("--audience", name)]
    assert run("--section", "section.json", "--engine", "none", "--output", "out", *asked).exit_code == 0
    for name in names:
        assert (folder / "out" / f"{name}.md").stat().st_size
        assert run("check", "--section", "section.json", "--notes", f"out/{name}.json").exit_code == 0


def test_the_language_of_the_configuration_is_asked_for_and_check_names_what_it_cannot_read(folder: Path) -> None:
    (folder / "notewright.yaml").write_text("notes: {language: de}\n", "utf-8")
    engine = write_script(folder, "`ORCHARD_TOKEN` wird allein gelesen.")
    result = run("--section", "section.json", "--engine", engine, "--format", "json", "--config", "notewright.yaml")
    notes = json.loads(result.stdout)
    assert notes["language"] == "de"
    assert notes["sentences"][0]["status"] == "model"
    assert "checks that read English are off" in result.stderr
    (folder / "notes.json").write_text(result.stdout, "utf-8")
    check = ("check", "--section", "section.json", "--notes", "notes.json")
    assert "warning: not checked, because they read English: " in run(*check).stdout
    assert "polarity" in json.loads(run(*check, "--format", "json").stdout)["warnings"][0]


@pytest.mark.parametrize("language", ["german", "e", "de_DE", "''", "'{{ x }}'"])
def test_what_is_no_language_is_refused(language: str, folder: Path) -> None:
    (folder / "notewright.yaml").write_text(f"notes: {{language: {language}}}\n", "utf-8")
    error = run("--section", "section.json", "--engine", "none", "--config", "notewright.yaml").exception
    assert isinstance(error, NotewrightError)
    assert (error.exit_code, "notes.language" in error.message) == (3, True)


def test_texts_that_failed_are_written_beside_the_sentence_that_took_their_place(folder: Path) -> None:
    engine = write_script(folder, "There are 77 tokens.")
    notes = json.loads(run("--section", "section.json", "--engine", engine, "--format", "json").stdout)
    first = notes["sentences"][0]
    assert (first["status"], first["rule"]) == ("fallback", "number")
    assert first["failed"] == [{"text": "There are 77 tokens.", "rule": "number", "detail": "77"}]
