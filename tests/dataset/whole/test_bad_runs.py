"""Runs that meet faults, wrong lists and each other: each says what to do, and nothing is lost."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.reading import Reader
from tests.parts.fault_proxy import FaultProxy
from tests.parts.mining import Mine, make_functions, write_script
from tests.parts.repository import Repo

NAMES = ("apples", "pears", "plums", "figs")


def told(mine: Mine) -> list[tuple[str, ...]]:
    """All pairs of the store, kept and dropped, in their order."""
    rows = Reader(mine.store).rows()
    return [(row.key, row.path, row.pair.question, row.pair.answer, row.pair.reason, row.pair.verdict) for row in rows]


def test_faults_are_listed_by_class_and_retries_end_in_what_a_run_without_any_gives(tmp_path: Path, llama_url: str) -> None:
    repo = make_functions(tmp_path / "repo", NAMES)
    whole = Mine.open(tmp_path / "mine-whole", [repo.path])
    whole.make(f"llama_server:{llama_url}")
    mine = Mine.open(tmp_path / "mine", [repo.path], max_attempts=1)
    settings = {"NOTEWRIGHT_LLM_MAX_RETRIES": "0", "NOTEWRIGHT_LLM_REQUEST_TIMEOUT": "2", "NOTEWRIGHT_LLM_BREAKER_FAILURES": "50"}
    with FaultProxy(llama_url, share=0.3, seed=4, faults=("reset", "503", "die midway"), path="/completion") as proxy:
        ended = mine.run("run", "--engine", f"llama_server:{proxy.url}", env=settings)
    assert ended.code == 0, ended.err
    failures = mine.status()["generation"]["failures"]
    assert failures, "no fault was met"
    assert set(failures) <= {"timeout", "connection", "overload"}
    assert f"{sum(failures.values()):,}" in mine.run("status").out.decode()
    for _ in range(5):
        retried = mine.run("retry", "--failed")
        assert (retried.code, "ready again" in retried.err) == (0, True)
        mine.make(f"llama_server:{llama_url}")
        if not mine.status()["generation"]["failures"]:
            break
    assert told(mine) == told(whole)
    assert mine.files() == whole.files()


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        pytest.param("", 3, "repos.txt", id="an empty list"),
        pytest.param("not a url\n", 3, "line 1", id="no URL"),
        pytest.param("ext::sh -c id\n", 3, "line 1", id="a transport that runs programs"),
        pytest.param("--upload-pack=touch\n", 3, "line 1", id="an option"),
        pytest.param("./nowhere\n", 4, "nowhere", id="a repository that is not there"),
    ],
)
def test_a_wrong_list_is_told_with_its_line_and_changes_nothing(tmp_path: Path, lines: str, code: int, said: str) -> None:
    mine = Mine.open(tmp_path / "mine", [])
    (mine.path / "repos.txt").write_text(lines)
    ended = mine.run("run", "--engine", "none")
    assert (ended.code, said in ended.err, "hint:" in ended.err) == (code, True, True), ended.err
    assert not (mine.path / "dataset").exists()


def test_a_repository_that_vanished_keeps_its_rows_and_is_told(tmp_path: Path) -> None:
    gone, here = make_functions(tmp_path / "gone", ["apples"]), make_functions(tmp_path / "here", ["pears"])
    mine = Mine.open(tmp_path / "mine", [gone.path, here.path])
    mine.make()
    gone.path.rename(tmp_path / "elsewhere")
    ended = mine.make()
    assert "warning:" in ended.err
    assert {row["path"] for row in mine.rows()} == {"apples.py", "pears.py"}
    assert [one["state"] for one in mine.status()["repositories"]] == ["failed", "synced"]
    assert mine.run("prepare", "--engine", "none").code == 0


def test_an_empty_repository_stops_no_other(tmp_path: Path) -> None:
    empty, here = Repo(tmp_path / "empty"), make_functions(tmp_path / "here", ["pears"])
    mine = Mine.open(tmp_path / "mine", [empty.path, here.path])
    assert "it is empty" in mine.make().err
    assert {row["path"] for row in mine.rows()} == {"pears.py"}


def test_history_that_was_rewritten_leaves_rows_of_what_is_there_now(tmp_path: Path) -> None:
    repo = make_functions(tmp_path / "repo", ["apples", "pears"])
    mine = Mine.open(tmp_path / "mine", [repo.path])
    mine.make()
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.git("rm", "--quiet", "-r", "--cached", ".")
    other = make_functions(tmp_path / "source", ["plums"])
    repo.commit("feat: anew", {"plums.py": (other.path / "plums.py").read_bytes()})
    repo.git("branch", "--force", "main", "other")
    mine.make()
    assert {row["path"] for row in mine.rows()} == {"plums.py"}


def test_a_second_run_at_the_same_time_is_refused_and_told_who_is_at_work(tmp_path: Path) -> None:
    repo = make_functions(tmp_path / "repo", ["apples"])
    mine = Mine.open(tmp_path / "mine", [repo.path])
    mine.make()
    with mine.store.with_name("store.sqlite.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = mine.run("run", "--engine", "none")
        assert (ended.code, "hint:" in ended.err) == (7, True), ended.err
        assert mine.run("status").code == 0, "who only reads is not held up"
    mine.make()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    repo = make_functions(tmp_path / "repo", ["apples"])
    mine = Mine.open(tmp_path / "mine", [repo.path])
    mine.make()
    with closing(sqlite3.connect(mine.store)) as connection, connection:
        connection.execute("INSERT INTO migrations (name, digest) VALUES ('m999_later', 'x')")
    ended = mine.run("run", "--engine", "none")
    assert (ended.code, "update notewright" in ended.err) == (7, True), ended.err


def test_fewer_pairs_than_asked_for_fail_and_leave_the_old_dataset(tmp_path: Path) -> None:
    repo = make_functions(tmp_path / "repo", ["apples"])
    mine = Mine.open(tmp_path / "mine", [repo.path])
    mine.make()
    before = mine.files()
    mine.configure(min_pairs=1_000)
    ended = mine.run("run", "--engine", "none")
    assert (ended.code, "1,000" in ended.err) == (1, True), ended.err
    assert mine.files() == before


def test_a_run_stops_at_its_time_limit_exports_what_is_done_and_goes_on_the_next_night(tmp_path: Path) -> None:
    repo = make_functions(tmp_path / "repo", [*NAMES, "limes", "dates"])
    script = write_script(tmp_path / "script.jsonl", [*NAMES, "limes", "dates"], delay_s=0.7)
    mine = Mine.open(tmp_path / "mine", [repo.path], max_minutes=0.1)
    ended = mine.make(f"scripted:{script}")
    assert "stopped at the time limit" in ended.err
    first = len(mine.rows())
    assert 0 < first < 12
    mine.configure(max_minutes=None)
    mine.make(f"scripted:{script}")
    assert len(mine.rows()) == 12
    assert mine.status()["run"]["tasks"] < 18, "what was done is not done again"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    repo = make_functions(tmp_path / "repo", ["apples"])
    mine = Mine.open(tmp_path / "mine", [repo.path])
    (mine.path / "state").mkdir(mode=0o500)
    ended = mine.run("run", "--engine", "none")
    assert (ended.code, "state_dir" in ended.err) == (7, True)


def test_two_projects_that_share_a_state_folder_have_stores_of_their_own(tmp_path: Path) -> None:
    mines = [Mine.open(tmp_path / name / "mine", [make_functions(tmp_path / f"{name}-repo", [name]).path]) for name in ("figs", "limes")]
    shared = {"NOTEWRIGHT_STATE_DIR": str(tmp_path / "state")}
    runs = [mine.run("run", "--engine", "none", env=shared) for mine in (*mines, mines[0])]
    assert [run.code for run in runs] == [0, 0, 0]
    assert "0 tasks done" in runs[-1].err, "the other took nothing away"
    assert {row["path"] for row in mines[0].rows()} == {"figs.py"}
