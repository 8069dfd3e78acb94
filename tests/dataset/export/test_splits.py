"""Splits that say nothing of each other, and stay as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from notewright.adapters.dataset.exports.signatures import SignatureFile
from notewright.dataset.export.ledger import Ledger
from notewright.dataset.export.splits import Level, Split
from notewright.dataset.pairs import StoredPair
from tests.parts.stored_pairs import stored_pair

SPLITS = (Split("train", 90), Split("validation", 5), Split("test", 5))
ANSWER = "It opens the file that it is given, reads what is in it line by line, and returns how many of those lines are empty"


def place(pairs: Iterable[StoredPair], folder: Path, *, splits: tuple[Split, ...] = SPLITS) -> tuple[dict[str, str], Level]:
    """Return the split of each pair that stays, by its key, and what was kept whole."""
    ledger, pairs = Ledger(), list(pairs)
    with SignatureFile(folder / "signatures") as signatures:
        for stored in pairs:
            ledger.add(stored, "")
            signatures.append(stored.pair.signature)
        decisions = ledger.decide(signatures, near=0.8, splits=splits)
    placed = zip(pairs, decisions.split_of.tolist(), strict=True)
    return {stored.key: splits[split].name for stored, split in placed if split >= 0}, decisions.level


def many(repositories: int, *, files: int, pairs: int = 1) -> list[StoredPair]:
    numbers = range(repositories * files * pairs)
    return [
        stored_pair(number, repository=f"https://example.org/r{number // files // pairs:04}", path=f"{number // pairs % files}.py")
        for number in numbers
    ]


def shares(placed: dict[str, str]) -> dict[str, float]:
    return {name: count / len(placed) for name, count in Counter(placed.values()).items()}


def test_of_many_repositories_each_lies_in_one_split(tmp_path: Path) -> None:
    pairs = many(600, files=4)
    placed, level = place(pairs, tmp_path)
    assert level == "repository"
    by_repository = {(stored.repository, placed[stored.key]) for stored in pairs}
    assert len(by_repository) == 600
    assert shares(placed) == pytest.approx({"train": 0.9, "validation": 0.05, "test": 0.05}, abs=0.03)


def test_of_a_few_repositories_each_file_lies_in_one_split(tmp_path: Path) -> None:
    pairs = many(3, files=400, pairs=2)
    placed, level = place(pairs, tmp_path)
    assert level == "file"
    assert len({(stored.repository, stored.path, placed[stored.key]) for stored in pairs}) == 1_200
    assert shares(placed) == pytest.approx({"train": 0.9, "validation": 0.05, "test": 0.05}, abs=0.03)


@pytest.mark.parametrize("repositories", [3, 300])
def test_a_row_stays_in_its_split_when_others_are_added(repositories: int, tmp_path: Path) -> None:
    pairs = many(repositories, files=40 // min(repositories, 10))
    before, _ = place(pairs, tmp_path)
    added = [stored_pair(number, repository=f"https://example.org/a{number % 7}") for number in range(90_000, 90_050)]
    after, _ = place([*added, *pairs], tmp_path)
    assert {key: after[key] for key in before} == before


def test_files_whose_pairs_are_nearly_the_same_share_a_split(tmp_path: Path) -> None:
    alike = [
        stored
        for number in range(0, 400, 2)
        for stored in (
            stored_pair(number, question=f"What does {number} count?", answer=f"{ANSWER} {number} {number} {number}."),
            stored_pair(number + 1, question=f"What does {number} count?", answer=f"{ANSWER} {number} {number} {number}!!"),
            stored_pair(number + 1_000, path=f"src/file_{number:05}.py"),
            stored_pair(number + 1_001, path=f"src/file_{number + 1:05}.py"),
        )
    ]
    placed, level = place(alike, tmp_path)
    assert level == "file"
    assert len(set(placed.values())) == 3
    for start in range(0, len(alike), 4):
        assert placed[alike[start + 2].key] == placed[alike[start + 3].key]


@pytest.mark.parametrize(("files", "level"), [(1, "repository"), (100, "file")])
def test_files_that_share_a_passage_share_a_split(files: int, level: Level, tmp_path: Path) -> None:
    repositories = 400 // files
    pairs = many(repositories, files=files)
    text = "def shared(): ..."
    shared = [
        stored_pair(number + 10_000, repository=stored.repository, path=stored.path, text=f"{text} # {number // 2}", line=9)
        for number, stored in enumerate(pairs)
    ]
    placed, found = place(sorted([*pairs, *shared], key=lambda stored: (stored.repository, stored.path, stored.line_start)), tmp_path)
    assert found == level
    assert len(set(placed.values())) == 3
    for one, other in zip(pairs[::2], pairs[1::2], strict=True):
        assert placed[one.key] == placed[other.key]


def test_what_holds_most_rows_together_is_trained_with(tmp_path: Path) -> None:
    for seed in range(30):
        one = [stored_pair(number + seed * 1_000, path=f"large{seed}.py") for number in range(60)]
        others = [stored_pair(number + seed * 1_000 + 500) for number in range(40)]
        placed, _ = place([*one, *others], tmp_path)
        assert {placed[stored.key] for stored in one} == {"train"}


@pytest.mark.parametrize(
    ("splits", "expected"),
    [
        ((Split("train", 1),), {"train": 1.0}),
        ((Split("train", 80), Split("validation", 0), Split("test", 20)), {"train": 0.8, "test": 0.2}),
        ((Split("test", 1), Split("train", 1)), {"test": 0.5, "train": 0.5}),
    ],
)
def test_shares_are_as_asked(splits: tuple[Split, ...], expected: dict[str, float], tmp_path: Path) -> None:
    placed, _ = place(many(2, files=500), tmp_path, splits=splits)
    assert shares(placed) == pytest.approx(expected, abs=0.05)
