"""The store: what it keeps, in which order it tells it, and that its counters are true after anything."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from notewright.adapters.dataset.store.store import Store, open_store
from notewright.adapters.dataset.store.values import (
    ClaimedTask,
    Content,
    Dropped,
    FileRecord,
    Finished,
    Generation,
    NewPassage,
    Repository,
    Spent,
)
from notewright.dataset.pairs import Pair, StoredPair
from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.tasks import Done, NewTask, Variant, task_key
from notewright.errors import StorageError
from tests.parts.cost import assert_in_proportion

_ONE = Generation((Variant("questions", "q1", "questions/default", "model"), Variant("answer", "a1", "answers/default", "model")), "cut")
_CUT = Passage(0, 10, 1, 2, 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store.db", label="test")) as opened:
        yield opened


def _passage(name: str, line: int = 1) -> NewPassage:
    return NewPassage(
        Passage(0, 10, line, line + 1, 4), PassageText(f"digest of {name}", f"text of {name}", "import os", "python", "first.py")
    )


def _prepare(store: Store, url: str, files: dict[str, list[str]], *, commit: str = "c1", license_: str = "MIT") -> None:
    """Prepare a repository: paths, and the names of their passages, of which one is on each tenth line."""
    records = []
    for path, names in files.items():
        oid = " ".join(names)
        unit = store.add_unit(oid, "python", "cut", [_passage(name, 10 * n + 1) for n, name in enumerate(names)])
        records.append(FileRecord(path.encode(), oid, unit.id, "", "python", license_))
    store.replace_provenance(url, commit=commit, prepared_digest="p", files=records)


def _work(store: Store, *, order: random.Random | None = None, most: int = 10**9) -> None:
    """Do tasks, two answers of two pairs a question; in any order."""
    hand: list[ClaimedTask] = []
    while most > 0 and (hand or (claimed := store.claim_passages(3))):
        hand += [task for one in ([] if hand else claimed) for task in one.tasks]
        task = hand.pop(order.randrange(len(hand)) if order else 0)
        most -= 1
        done = Done(f"result of {task.given}", tuple(NewTask("answer", f"question {n}", n) for n in range(2)))
        if task.stage == "answer":
            done = Done("{}", (), tuple(Pair("why", task.given, f"answer {n}", "length" if n else "", ordinal=n) for n in range(2)))
        hand += store.finish([Finished(task.id, done, Spent(1, 10, 4, 2, 0.5))])[0]
    if hand:
        store.release([task.id for task in hand])


def test_a_pair_is_told_with_where_it_comes_from_and_how_it_was_made(store: Store) -> None:
    _prepare(store, "https://example.org/a", {"src/x.py": ["one"]})
    store.start_generation(_ONE)
    _work(store)
    row = min(store.reader.rows(), key=lambda row: (row.pair.question, row.pair.answer))
    key = task_key("digest of one", _ONE.variants[1], "question 0", 0).hex() + "0000"
    assert replace(row, unit=0) == type(row)(
        key=key,
        pair=Pair("why", "question 0", "answer 0"),
        repository="https://example.org/a",
        commit="c1",
        path="src/x.py",
        line_start=1,
        line_end=2,
        blob="one",
        language="python",
        license="MIT",
        text="text of one",
        header="import os",
        model="model",
        prompt="answers/default",
        unit=0,
    )


def test_pairs_come_in_one_order_whatever_the_order_of_work_and_preparation(tmp_path: Path) -> None:
    repositories = {
        "https://example.org/b": {"é.py": ["one", "two"], "a.py": ["three"]},
        "https://example.org/a": {"z.py": ["two", "four"]},
    }
    told = []
    for seed in range(4):
        with closing(open_store(tmp_path / f"{seed}.db", label="test")) as store:
            for url in sorted(repositories, reverse=seed % 2 == 0):
                _prepare(store, url, repositories[url])
            store.start_generation(_ONE)
            _work(store, order=random.Random(seed))
            told.append([replace(row, unit=0) for row in store.reader.rows()])
    assert told[0] == told[1] == told[2] == told[3]
    places = [(row.repository, row.path.encode(), row.line_start, row.key) for row in told[0]]
    assert places == sorted(places)
    assert len({row.key for row in told[0]}) == len(told[0]) == 4 * 4
    assert {row.repository for row in told[0] if row.text == "text of two"} == {"https://example.org/a"}


def test_a_passage_in_many_places_is_told_at_the_first_that_is_accepted(store: Store) -> None:
    _prepare(store, "https://example.org/a", {"x.py": ["same", "other", "same"]}, license_="GPL-3.0-only")
    _prepare(store, "https://example.org/b", {"y.py": ["same"], "z.py": ["same"]})
    store.start_generation(_ONE)
    _work(store)
    assert Counter((row.path, row.line_start) for row in store.reader.rows()) == {("x.py", 1): 4, ("x.py", 11): 4}
    accepted = store.reader.rows(accept=lambda place: place.license == "MIT")
    assert Counter((row.repository, row.path) for row in accepted) == {("https://example.org/b", "y.py"): 4}


def test_a_unit_is_kept_once_and_known_by_blob_language_and_cutter(store: Store) -> None:
    added = store.add_unit("oid", "python", "cut", [_passage("one")])
    assert added.new
    assert store.add_unit("oid", "python", "cut", [_passage("other")]) == (added.id, "", False)
    assert store.find_unit("oid", "python", "cut") == (added.id, "", False)
    assert store.find_unit("oid", "python", "other cut") is None
    assert store.add_unit("oid", "go", "cut", [], dropped="encoding").dropped == "encoding"
    with pytest.raises(ValueError, match="a reason why it was dropped"):
        store.add_unit("new", "python", "cut", [NewPassage(_CUT, None)])
    assert store.find_unit("new", "python", "cut") is None


def test_every_drop_is_counted_by_what_and_why(store: Store) -> None:
    unit = store.add_unit("oid", "python", "cut", [_passage("one"), NewPassage(_CUT, None, "secret"), NewPassage(_CUT, None, "secret")])
    files = [
        FileRecord(b"x.py", "oid", unit.id, "", "python", "MIT"),
        FileRecord(b"y.bin", "b", None, "binary"),
        FileRecord(b"z.bin", "c", None, "binary"),
        FileRecord(b"\xff\n.py", "d", None, "path"),
    ]
    store.replace_provenance("https://example.org/a", commit="c1", prepared_digest="p", files=files)
    store.start_generation(_ONE)
    _work(store)
    assert store.reader.dropped() == [
        Dropped("file", "binary", 2),
        Dropped("file", "path", 1),
        Dropped("passage", "secret", 2),
        Dropped("pair", "length", 2),
    ]
    assert store.reader.contents() == [Content("python", 1, 1, 4)]
    assert b"secret" not in b"".join(row.text.encode() for row in store.reader.rows())


def test_a_repository_is_known_with_what_it_was_prepared_with_and_keeps_its_commit_when_a_sync_fails(store: Store) -> None:
    store.note_repository("https://example.org/b", ref="main", commit="c1", license="MIT", state="synced")
    _prepare(store, "https://example.org/b", {"x.py": ["one"]})
    store.note_repository("https://example.org/b", ref="main", state="failed", error="it vanished")
    store.note_repository("https://example.org/a", state="failed", error="no access")
    assert store.repositories() == [
        Repository("https://example.org/a", state="failed", error="no access"),
        Repository("https://example.org/b", "main", "c1", "MIT", "failed", "it vanished", "c1", "p"),
    ]


def test_an_error_while_files_are_made_leaves_the_old_ones(store: Store) -> None:
    _prepare(store, "https://example.org/a", {f"{n}.py": [f"{n}"] for n in range(3)})
    before = [row.path for row in _rows(store)]

    def broken() -> Iterator[FileRecord]:
        for number in range(1200):
            yield FileRecord(f"new{number}.py".encode(), "oid", store.add_unit("oid", "python", "cut", [_passage("new")]).id)
        raise StorageError("the clone is broken")

    with pytest.raises(StorageError, match="broken"):
        store.replace_provenance("https://example.org/a", commit="c2", prepared_digest="p", files=broken())
    assert [row.path for row in _rows(store)] == before
    _prepare(store, "https://example.org/a", {"last.py": ["last"]}, commit="c3")
    with closing(sqlite3.connect(store.reader.path)) as connection:  # nor is anything of it left behind
        assert connection.execute("SELECT count(*) FROM files").fetchone() == (1,)


def test_a_removed_repository_leaves_and_what_was_made_of_it_is_there_when_it_comes_back(store: Store) -> None:
    files = {"x.py": ["one", "two"]}
    _prepare(store, "https://example.org/a", files)
    _prepare(store, "https://example.org/b", {"y.py": ["two"]})
    before = _rows(store)
    assert store.keep_only(["https://example.org/b"]) == ["https://example.org/a"]
    assert {row.text for row in store.reader.rows()} == {"text of two"}
    assert store.reader.status().kept == {"why": 2}
    assert store.keep_only(["https://example.org/b"]) == []
    _prepare(store, "https://example.org/a", files)
    seeded = store.start_generation(_ONE)
    assert (seeded.new, seeded.reused) == ({}, {"questions": 1, "answer": 2})
    assert list(store.reader.rows()) == before


def test_an_older_generation_can_still_be_read_as_what_it_was(store: Store) -> None:
    _prepare(store, "https://example.org/a", {"x.py": ["one"]})
    before = _rows(store)
    first = store.reader.status()
    store.start_generation(replace(_ONE, variants=(_ONE.variants[0], Variant("answer", "a2"))))
    assert list(store.reader.rows()) == []
    assert list(store.reader.rows(first.generation)) == before
    assert store.reader.status(first.generation) == replace(first, current=False)
    assert store.reader.variants(first.generation) == (_ONE.variants[1], _ONE.variants[0])
    assert [(one.id, one.latest) for one in store.reader.generations()] == [(1, False), (2, True)]
    assert store.reader.generations()[0].generation == replace(_ONE, variants=(_ONE.variants[1], _ONE.variants[0]))
    with pytest.raises(StorageError, match="no generation 9"):
        store.reader.status(9)


def test_a_question_that_another_prompt_asked_as_well_keeps_its_answer(store: Store) -> None:
    _prepare(store, "https://example.org/a", {"x.py": ["one"]})
    before = _rows(store)
    store.start_generation(replace(_ONE, variants=(Variant("questions", "q2"), _ONE.variants[1])))
    _work(store)  # asks the same questions
    assert list(store.reader.rows()) == before
    status = store.reader.status()
    assert (status.done, status.ready, status.kept) == ({"questions": 1, "answer": 2}, {}, {"why": 2})
    assert status.spent["answer"].calls == 2


def test_a_passage_that_all_files_begin_with_costs_in_proportion_to_the_files(tmp_path: Path) -> None:
    numbers = count()

    def whole_life(files: int) -> None:
        with closing(open_store(tmp_path / f"{next(numbers)}.db", label="test")) as store, store.grouped():
            store.start_generation(_ONE)
            for _ in range(2):
                _prepare(store, "https://example.org/a", {f"{n}.py": ["licence", f"{n}"] for n in range(files)})
                store.start_generation(_ONE)
                _work(store)
                store.keep_only([])
                _prepare(store, "https://example.org/b", {f"{n}.py": ["licence", f"{n}"] for n in range(files)})
        assert len(list(store.reader.rows())) == 4 * (files + 1)

    assert_in_proportion(whole_life, int, size=20)


def _rows(store: Store) -> list[StoredPair]:
    store.start_generation(_ONE)
    _work(store)
    return list(store.reader.rows())


_COUNT = """
WITH chosen AS (SELECT value AS epoch FROM state WHERE name = 'epoch')
SELECT v.stage, CASE t.state WHEN 3 THEN 'done' WHEN 4 THEN 'failed' ELSE 'ready' END, count(*)
FROM tasks t JOIN chosen ON t.epoch = chosen.epoch JOIN variants v ON v.id = t.variant GROUP BY 1, 2
"""


def _assert_counted(store: Store) -> None:
    """What the counters say is what counting gives, and only what files in force lead to is wanted."""
    status = store.reader.status()
    with closing(sqlite3.connect(store.reader.path)) as connection:
        counted = {(stage, state): count for stage, state, count in connection.execute(_COUNT)}
        wanted = "SELECT DISTINCT c.passage FROM cuts c JOIN files f ON f.unit = c.unit JOIN repositories r ON r.snapshot = f.snapshot"
        strays = f"SELECT count(*) FROM tasks WHERE state IN (1, 2) AND passage NOT IN ({wanted})"
        assert connection.execute(strays).fetchone() == (0,)
    said = {(stage, "ready"): n for stage, n in status.ready.items()} | {(stage, "done"): n for stage, n in status.done.items()}
    said |= {(stage, "failed"): n for stage, n in status.failed.items()}
    assert said == counted
    rows = list(store.reader.rows())
    assert Counter(row.pair.kind for row in rows if not row.pair.reason) == status.kept
    assert Counter(row.pair.reason for row in rows if row.pair.reason) == status.dropped


@pytest.mark.parametrize("seed", range(12))
def test_counters_are_true_after_anything(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    generations = [_ONE, replace(_ONE, cutter="other"), replace(_ONE, variants=(_ONE.variants[0], Variant("answer", "a2")))]
    names, current = list("abcdefgh"), _ONE
    store.start_generation(current)
    for _ in range(40):
        url = f"https://example.org/{chance.randrange(3)}"
        match chance.randrange(6):
            case 0 | 1:
                files = {f"{n}.py": chance.sample(names, chance.randrange(1, 4)) for n in range(chance.randrange(4))}
                _prepare(store, url, files, commit=str(chance.random()))
            case 2:
                store.keep_only([f"https://example.org/{n}" for n in chance.sample(range(3), 2)])
            case 3:
                _work(store, order=chance, most=chance.randrange(12))
            case 4:
                for claimed in store.claim_passages(2):
                    for task in claimed.tasks:
                        store.fail(task.id, chance.choice(["timeout", "invalid", "refused"]), "no", max_attempts=2)
            case 5:
                store.retry(chance.choice([None, "invalid"]))
        if chance.random() < 0.3:
            current = chance.choice(generations)
        store.start_generation(current)  # sees to what came since
        _assert_counted(store)
