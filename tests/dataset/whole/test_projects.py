"""A dataset of this repository and of other people's code, each row held against the commit that it names."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.house.architecture import ROOT
from tests.parts.mining import Mine
from tests.parts.plumbing import run_git
from tests.parts.projects import LANGUAGES, find_sources, make_project

PYTHON = os.environ.get("NOTEWRIGHT_DATASETS_PYTHON")
_SOURCES = find_sources()
_COUNT = "import sys, datasets; print(sum(len(rows) for rows in datasets.load_dataset(sys.argv[1]).values()))"
pytestmark = pytest.mark.skipif(_SOURCES is None, reason="there are no sources of other projects: .ci/install-sources.sh fetches them")


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Mine:
    """A dataset of four repositories, made without a model, and with the addresses that their tests invent."""
    home = tmp_path_factory.mktemp("projects")
    assert _SOURCES
    repositories = [make_project(_SOURCES, language, home / language).path for language in LANGUAGES]
    ours = home / "notewright"  # a clone, because somebody may commit to this one meanwhile
    run_git(home, "clone", "--quiet", "--template=", "--bare", str(ROOT), str(ours))
    mine = Mine.open(home / "mine", [*repositories, ours], formats=["jsonl", "parquet", "csv"], personal_data="keep")
    mine.make()
    return mine


def test_every_row_is_what_git_shows_at_its_lines(mine: Mine) -> None:
    shown: dict[tuple[str, str], list[str]] = {}
    rows = mine.rows()
    assert {row["repository"] for row in rows} == set((mine.path / "repos.txt").read_text().split())
    assert {"python", "javascript", "go"} <= {row["language"] for row in rows}
    for row in rows:
        place = row["repository"], f"{row['commit']}:{row['path']}"
        if place not in shown:
            shown[place] = run_git(Path(place[0]), "show", place[1]).decode().split("\n")
        lines = shown[place][row["line_start"] - 1 : row["line_end"]]
        assert row["input"].rstrip("\n") in "\n".join(lines), row["id"]


def test_check_holds_all_rows_of_every_format_and_says_which_does_not(mine: Mine) -> None:
    ended = mine.run("check", "dataset")
    assert (ended.code, f"{3 * len(mine.rows()):,} rows hold" in ended.err) == (0, True), ended.err
    file = mine.path / "dataset" / "data" / "test.jsonl"
    before = file.read_text("utf-8")
    file.write_text(before.replace("def ", "fed ", 1), "utf-8")
    try:
        ended = mine.run("check", "dataset")
        assert (ended.code, "data/test.jsonl is missing, or not the file that was written" in ended.err) == (1, True)
    finally:
        file.write_text(before, "utf-8")


@pytest.mark.skipif(not PYTHON, reason="NOTEWRIGHT_DATASETS_PYTHON names no Python that has `datasets`")
def test_datasets_loads_the_folder(mine: Mine) -> None:
    assert PYTHON
    loaded = subprocess.run([PYTHON, "-c", _COUNT, str(mine.path / "dataset")], capture_output=True, timeout=300, check=True)
    assert int(loaded.stdout) == len(mine.rows())


def test_a_second_run_does_nothing_and_leaves_every_byte(mine: Mine) -> None:
    before = mine.files()
    ended = mine.make()
    assert "0 tasks done" in ended.err
    assert "nothing changed" in ended.err
    assert mine.files() == before


def test_another_store_gives_the_same_bytes(mine: Mine) -> None:
    ended = mine.run("run", "--engine", "none", "--output", "again", env={"NOTEWRIGHT_STATE_DIR": str(mine.path / "other")})
    assert ended.code == 0, ended.err
    assert mine.files("again") == mine.files()


def test_the_status_and_the_report_tell_what_there_is(mine: Mine) -> None:
    status = mine.status()
    assert status["generation"]["failures"] == {}
    assert sum(status["generation"]["kept"].values()) >= len(mine.rows())
    ended = mine.run("report")
    assert ended.code == 0
    assert f"{len(mine.rows()):,}" in ended.out.decode()
    assert json.loads((mine.path / "dataset" / "manifest.json").read_bytes())["generation"].startswith("sha256:")
