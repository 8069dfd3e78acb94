"""What changes is done again, and nothing else: renamed files, moved repositories, forks, prompts and models."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.house.architecture import ROOT
from tests.parts.mining import QUESTIONS, Mine, function_of, make_functions, write_script
from tests.parts.repository import Repo

NAMES = ("apples", "pears", "plums")
ASKED, ANSWERED = len(NAMES), len(NAMES) * QUESTIONS


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with a function for each name."""
    return make_functions(tmp_path / "repo", NAMES)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A model for them, and for one that comes later."""
    return write_script(tmp_path / "script.jsonl", [*NAMES, "figs"])


@pytest.fixture
def mine(tmp_path: Path, repo: Repo, script: Path) -> Mine:
    """A dataset of it, made."""
    mine = Mine.open(tmp_path / "mine", [repo.path])
    mine.make(f"scripted:{script}")
    assert tasks(mine) == ASKED + ANSWERED
    assert len(mine.rows()) == ANSWERED
    return mine


def tasks(mine: Mine) -> int:
    """How many tasks the last run did."""
    count: int = mine.status()["run"]["tasks"]
    return count


def test_a_renamed_file_costs_nothing_and_its_rows_name_the_new_path(mine: Mine, repo: Repo, script: Path) -> None:
    ids = [row["id"] for row in mine.rows()]
    repo.commit("refactor: rename", {"apples.py": None, "src/fruit.py": function_of("apples")})
    mine.make(f"scripted:{script}")
    assert tasks(mine) == 0
    assert sorted(row["id"] for row in mine.rows()) == sorted(ids)
    assert {row["path"] for row in mine.rows()} == {"src/fruit.py", "pears.py", "plums.py"}
    assert {row["commit"] for row in mine.rows()} == {repo.sha()}


def test_a_moved_repository_costs_nothing(mine: Mine, repo: Repo, script: Path) -> None:
    moved = repo.path.rename(repo.path.with_name("moved"))
    mine.take([moved])
    mine.make(f"scripted:{script}")
    assert tasks(mine) == 0
    assert {row["repository"] for row in mine.rows()} == {str(moved)}


def test_a_fork_with_the_same_blobs_costs_nothing_and_adds_no_row(mine: Mine, repo: Repo, script: Path) -> None:
    fork = repo.clone_bare(repo.path.with_name("a-fork"))
    mine.take([repo.path, fork])
    mine.make(f"scripted:{script}")
    assert tasks(mine) == 0
    assert len(mine.rows()) == ANSWERED
    assert {row["repository"] for row in mine.rows()} == {str(fork)}, "the first in the order of names"


def test_a_changed_file_is_asked_about_anew_and_no_other(mine: Mine, repo: Repo, script: Path) -> None:
    repo.commit("feat: more", {"pears.py": function_of("pears") + "\n\nPEARS = 3\n"})
    mine.make(f"scripted:{script}")
    assert tasks(mine) == 1 + QUESTIONS


def test_an_edited_prompt_of_answers_redoes_answers_and_no_question(mine: Mine, script: Path) -> None:
    folder = mine.path / ".notewright" / "prompts" / "answers" / "default"
    shutil.copytree(ROOT / "prompts" / "answers" / "default", folder)
    template = folder / "user.md.j2"
    template.write_text(template.read_text().replace("Answer it in full", "Answer it shortly"))
    mine.make(f"scripted:{script}")
    assert tasks(mine) == ANSWERED
    assert mine.status()["generation"]["generation"] == 2
    template.unlink()
    shutil.rmtree(folder)
    mine.make(f"scripted:{script}")
    assert tasks(mine) == 0, "what the old prompt gave is still there"


def test_another_model_redoes_it_all_and_an_export_selects_a_generation(mine: Mine) -> None:
    other = write_script(mine.path / "other.jsonl", NAMES)
    mine.make(f"scripted:{other}")
    assert tasks(mine) == ASKED + ANSWERED
    assert {row["model"] for row in mine.rows()} == {"scripted:other.jsonl"}
    assert mine.run("export", "--generation", "1").code == 0
    assert {row["model"] for row in mine.rows()} == {"scripted:script.jsonl"}
    ended = mine.run("export", "--generation", "9")
    assert (ended.code, "there is no generation 9" in ended.err) == (7, True)


def test_a_repository_that_leaves_the_list_leaves_the_next_export(mine: Mine, repo: Repo, script: Path, tmp_path: Path) -> None:
    other = make_functions(tmp_path / "other", ["figs"])
    mine.take([repo.path, other.path])
    mine.make(f"scripted:{script}")
    assert {row["path"] for row in mine.rows()} == {"apples.py", "pears.py", "plums.py", "figs.py"}
    mine.take([other.path])
    mine.make(f"scripted:{script}")
    assert {row["path"] for row in mine.rows()} == {"figs.py"}
    assert tasks(mine) == 0


def test_rows_that_are_new_since_a_release_make_one_of_their_own(mine: Mine, repo: Repo, script: Path) -> None:
    shutil.copytree(mine.path / "dataset", mine.path / "first")
    repo.commit("feat: figs", {"figs.py": function_of("figs")})
    mine.make(f"scripted:{script}")
    assert mine.run("export", "--output", "new", "--since", "first/manifest.json").code == 0
    assert {row["path"] for row in mine.rows("new")} == {"figs.py"}
    assert len(mine.rows()) == ANSWERED + QUESTIONS
