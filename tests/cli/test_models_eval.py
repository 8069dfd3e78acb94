"""`notewright models eval`: a script that answers well, one that makes things up, and a real engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from notewright.adapters.evaluation import read_evaluation
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.section import Section
from notewright.flows.notes import prepare_notes
from notewright.notes.assembly import told_entries
from tests.parts.command import Ended, run_command
from tests.parts.ollama import ABSENT, PROGRAM, serve_ollama

_SET = read_evaluation(prompt_places(None))
_AUDIENCE = Prompts(prompt_places(None)).audience("developer")
_ANSWERS = (
    "A `ValueError` is raised above `MAX_BYTES`.",
    "It is tried 3 times and waits 200 ms between two tries.",
    "The column `email` is unique.",
    "It returns `undefined`.",
    "The method `flush` must be called first.",
    "It runs on main at 03:30 UTC.",
)


def _sentences(section: Section) -> list[dict[str, object]]:
    """Return what a faithful model answers: each entry's fixed sentence."""
    (notes,) = prepare_notes(section, [_AUDIENCE], engine=None)
    numbers = {entry.id: number for number, entry in enumerate(told_entries(section, _AUDIENCE.policy), start=1)}
    return [{"cites": [numbers[cite] for cite in sentence.cites], "text": sentence.text} for sentence in notes.sentences]


def _script(path: Path, *, change: Iterable[tuple[str, str]] = (), answers: Iterable[str] = _ANSWERS) -> Path:
    """Write a script that answers the whole set faithfully, with these changes of its words."""
    lines: list[dict[str, object]] = [{"match": "Are you there|nobody has read", "reply": {"ok": "yes"}}]
    for _, section in _SET.sections:
        first = told_entries(section, _AUDIENCE.policy)[0]
        lines.append({"match": re.escape(first.summary), "reply": _sentences(section)})
    lines += [
        {"match": re.escape(passage.question), "reply": {"answer": answer}}
        for passage, answer in zip(_SET.passages, answers, strict=True)
    ]  # fmt: skip
    text = "".join(f"{json.dumps(line)}\n" for line in lines)
    for old, new in change:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def _run(folder: Path, engine: str, *arguments: str | Path, **env: str) -> Ended:
    return run_command("models", "eval", "--engine", engine, *arguments, cwd=folder, env={"NOTEWRIGHT_STATE_DIR": str(folder), **env})


def _value(folder: Path, engine: str, *arguments: str, **env: str) -> Any:  # noqa: ANN401  # JSON, looked at by the test
    done = _run(folder, engine, "--format", "json", *arguments, **env)
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_the_set_is_of_varied_releases_with_everything_that_a_model_gets_wrong() -> None:
    entries = [entry for _, section in _SET.sections for entry in section.entries()]
    assert (len(_SET.sections), len(_SET.passages)) == (12, 6)
    assert sum(entry.breaking for entry in entries) >= 8
    assert sum(entry.security for entry in entries) >= 6
    assert sum(bool(re.search(r"\d", entry.summary)) for entry in entries) >= 25
    assert {entry.type for entry in entries} >= {"feat", "fix", "perf", "docs", "deps", "deprecate", "revert", "chore", None}
    assert len({entry.id for entry in entries}) == len(entries)


def test_a_model_that_says_what_the_entries_say_has_every_share_at_1(tmp_path: Path) -> None:
    value = _value(tmp_path, f"scripted:{_script(tmp_path / 'good.jsonl')}")
    shares = {name: value["figures"][name] for name in ("valid", "grounded", "covered", "required", "answered", "right")}
    assert shares == dict.fromkeys(shares, 1.0)
    assert (value["counts"]["entries"], value["counts"]["calls"]) == (79, 18)
    assert len(value["projects"]) == 18


def test_what_a_model_makes_up_or_gets_wrong_is_counted(tmp_path: Path) -> None:
    """A number, a version and an answer of its own: each costs its own share."""
    changed = [("0.8 ms", "0.2 ms"), ("from 3.2.1 to 3.2.4", "from 3.2.1 to 3.3.0"), ("It returns `undefined`.", "It returns `NaN`.")]
    value = _value(tmp_path, f"scripted:{_script(tmp_path / 'bad.jsonl', change=changed)}")
    counts = value["counts"]
    assert counts["sentences"] - counts["grounded"] == 2
    assert counts["entries"] - counts["covered"] == 2
    assert (counts["answered"], counts["right"]) == (5, 5)
    assert value["figures"]["required"] == 1.0


def test_the_table_for_people_has_80_columns_and_a_line_for_each_project(tmp_path: Path) -> None:
    done = _run(tmp_path, f"scripted:{_script(tmp_path / 'good.jsonl')}")
    lines = done.out.decode().splitlines()
    assert done.code == 0
    assert "HTTP client library                     1/1       8/8      8/8       3/3      -" in lines
    assert "valid replies     100.0%" in lines
    assert "reads             the engine tells no tokens" in lines
    assert [line for line in lines if len(line) > 80] == []


def test_a_baseline_that_is_held_passes_and_one_that_is_not_names_every_regression(tmp_path: Path) -> None:
    good, bad = _script(tmp_path / "good.jsonl"), _script(tmp_path / "bad.jsonl", answers=["x is 9."] * 6)
    baseline = tmp_path / "baseline.json"
    assert _run(tmp_path, f"scripted:{good}", "--output", baseline).code == 0
    assert _run(tmp_path, f"scripted:{good}", "--baseline", baseline).code == 0
    done = _run(tmp_path, f"scripted:{bad}", "--baseline", baseline)
    assert done.code == 1
    assert "  answered: 0, it was 1 (tolerated: 0.10 less)\n" in done.err
    assert done.err.endswith(f"error: worse than {baseline}: answered, right\n")
    assert done.out, "the figures are printed all the same"


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A folder whose own set has one section and one passage: a random model writes each reply to its end."""
    own = tmp_path / ".notewright" / "prompts" / "eval"
    own.mkdir(parents=True)
    (own / "sections.yaml").write_text("version: 1\nsections: [{project: p, release: '1', entries: [{type: feat, summary: add a page}]}]\n")
    (own / "passages.yaml").write_text("version: 1\npassages: [{language: c, question: What is x?, needs: ['1'], text: int x = 1;}]\n")
    return tmp_path


def test_a_real_engine_of_this_machine_is_measured_with_its_speed_and_memory(few: Path, tiny_gguf: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the embedded engine is not installed: pip install 'notewright[llama]'")
    value = _value(few, f"llama_server:{tiny_gguf}")
    figures = value["figures"]
    assert (figures["valid"], [one["name"] for one in value["projects"]]) == (1.0, ["p", "passage: c"])
    assert figures["read_per_second"] > 0 < figures["written_per_second"]
    assert 10e6 < figures["memory_bytes"] < 500e6


@pytest.mark.skipif(PROGRAM is None, reason=ABSENT)
def test_a_real_ollama_is_measured_with_its_memory(few: Path, tiny_gguf: Path) -> None:
    home = few / "ollama"
    home.mkdir()
    with serve_ollama(home) as server:
        server.create("tiny", tiny_gguf)
        value = _value(few, "ollama:tiny", NOTEWRIGHT_LLM_OLLAMA_URL=server.url)
    assert (value["engine"]["model"], len(value["projects"])) == ("tiny:latest", 2)
    assert value["figures"]["memory_bytes"] > 1_000_000
    assert value["figures"]["read_per_second"] > 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "there is no file", id="absent"),
        pytest.param("no JSON", "is no evaluation", id="no-json"),
        pytest.param('{"schema": 2}', "is no evaluation", id="another-schema"),
    ],
)
def test_a_wrong_baseline_is_refused_before_anything_is_measured(content: str | None, said: str, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    if content is not None:
        baseline.write_text(content)
    done = _run(tmp_path, "scripted:absent.jsonl", "--baseline", baseline)
    assert (done.code, done.out) == (2, b"")
    assert said in done.err


def test_a_baseline_of_another_set_is_refused(tmp_path: Path) -> None:
    engine = f"scripted:{_script(tmp_path / 'good.jsonl')}"
    value = _value(tmp_path, engine)
    (tmp_path / "baseline.json").write_text(json.dumps(value | {"set": "sha256:0"}))
    done = _run(tmp_path, engine, "--baseline", tmp_path / "baseline.json")
    assert done.code == 2
    assert "measured with other sections or passages" in done.err


def test_a_model_that_answers_nothing_ends_with_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "script.jsonl").write_text('{"match": "", "error": "the disk is on fire"}\n')
    done = _run(tmp_path, "scripted:script.jsonl")
    assert (done.code, done.out) == (5, b"")
    assert "the disk is on fire" in done.err
    assert _run(tmp_path, "none").code == 5
