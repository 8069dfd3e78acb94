"""Of pairs that say the same one stays, whatever order they came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from notewright.adapters.dataset.exports.signatures import SignatureFile
from notewright.dataset.export.duplicates import link_near
from notewright.dataset.export.forest import Forest
from notewright.dataset.export.ledger import Decisions, Ledger, id_digest
from notewright.dataset.export.splits import Split
from notewright.dataset.near import PERMUTATIONS, estimate, signature
from notewright.dataset.pairs import StoredPair
from tests.parts.cost import assert_in_proportion
from tests.parts.stored_pairs import stored_pair

LONG = "It reads the whole file into memory, checks that the first four bytes are the mark of the format, and then returns the rest"
ALL = (Split("train", 1),)


def decide(pairs: Iterable[StoredPair], folder: Path, *, near: float = 0.8) -> tuple[list[StoredPair], Decisions]:
    """Return the pairs that stay, and all that was decided."""
    ledger, pairs = Ledger(), list(pairs)
    with SignatureFile(folder / "signatures") as signatures:
        for stored in pairs:
            ledger.add(stored, stored.pair.reason)
            if not stored.pair.reason:
                signatures.append(stored.pair.signature)
        decisions = ledger.decide(signatures, near=near, splits=ALL)
    return [stored for stored, split in zip(pairs, decisions.split_of.tolist(), strict=True) if split >= 0], decisions


def test_pairs_that_say_the_same_are_one(tmp_path: Path) -> None:
    same = [stored_pair(number, question=said, answer="So it is.") for number, said in enumerate(("Why?", "why?", " WHY?\n", "Why ?"))]
    kept, decisions = decide([*same, stored_pair(9)], tmp_path, near=1)
    assert decisions.dropped == {"duplicate": 2}
    assert same[3] in kept
    assert len(kept) == 3


def test_the_same_one_stays_whatever_the_order(tmp_path: Path) -> None:
    pairs = [stored_pair(number, question="Why?", answer=f"{LONG}, or fails{' badly' * (number % 3)}.") for number in range(12)]
    pairs += [stored_pair(number) for number in range(20, 40)]
    kept, decisions = decide(pairs, tmp_path)
    assert decisions.dropped == {"duplicate": 9, "near_duplicate": 2}
    same = min(pairs[:12], key=lambda stored: id_digest(stored.key))
    assert kept == [same, *pairs[12:]]
    for start in (1, 5, 17):
        moved, _ = decide([*pairs[start:], *pairs[:start]], tmp_path)
        assert {stored.key for stored in moved} == {stored.key for stored in kept}


def test_nearly_the_same_is_a_near_duplicate_as_far_as_is_asked(tmp_path: Path) -> None:
    pairs = [
        stored_pair(1, question="What does load do?", answer=f"{LONG}."),
        stored_pair(2, question="What does load do?", answer=f"{LONG} now."),
    ]
    alike = estimate(pairs[0].pair.signature, pairs[1].pair.signature)
    assert 0.8 < alike < 1
    assert decide(pairs, tmp_path, near=0.8)[1].dropped == {"near_duplicate": 1}
    assert decide(pairs, tmp_path, near=(alike + 1) / 2)[1].dropped == {}
    assert decide(pairs, tmp_path, near=1)[1].dropped == {}


def test_no_two_that_stay_are_alike_in_a_crowd(tmp_path: Path) -> None:
    pairs = [stored_pair(number, question=f"What does {number % 40} do?", answer=f"{LONG} {number % 80}" * 3) for number in range(160)]
    kept, decisions = decide(pairs, tmp_path)
    assert sum(decisions.dropped.values()) == 160 - len(kept)
    for number, one in enumerate(kept):
        assert all(estimate(one.pair.signature, other.pair.signature) < 0.8 for other in kept[number + 1 :])


def test_dropped_pairs_take_no_part(tmp_path: Path) -> None:
    gone, stays = stored_pair(1, question="Why?", answer="So.", reason="echo"), stored_pair(2, question="Why?", answer="So.")
    kept, decisions = decide([gone, stays], tmp_path)
    assert kept == [stays]
    assert decisions.dropped == {"echo": 1}


def test_nothing_to_decide_is_no_failure(tmp_path: Path) -> None:
    assert decide([], tmp_path)[0] == []
    assert decide([stored_pair(1, reason="echo")], tmp_path)[0] == []


class Memory:
    """Signatures in memory."""

    def __init__(self, matrix: np.ndarray[tuple[int, int], np.dtype[np.uint32]]) -> None:
        self._matrix = matrix

    def __len__(self) -> int:
        return len(self._matrix)

    def blocks(self, first: int, width: int) -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.uint32]]]:
        for start in range(0, len(self._matrix), 100):
            yield self._matrix[start : start + 100, first : first + width]

    def rows(self, places: np.ndarray[tuple[int], np.dtype[np.int32]]) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
        return self._matrix[places]


@pytest.mark.parametrize("shape", ["all the same", "one band in common, unlike otherwise", "all unlike"])
def test_linking_costs_in_proportion(shape: str) -> None:
    def make(size: int) -> tuple[Memory, np.ndarray[tuple[int], np.dtype[np.bytes_]]]:
        matrix = np.random.default_rng(1).integers(0, 1 << 32, (size, PERMUTATIONS), dtype=np.uint32)
        if shape == "all the same":
            matrix[:] = matrix[0]
        elif shape == "one band in common, unlike otherwise":
            matrix[:, :4] = 7
        return Memory(matrix), np.array([id_digest(str(number)) for number in range(size)], dtype="S16")

    def link(made: tuple[Memory, np.ndarray[tuple[int], np.dtype[np.bytes_]]]) -> None:
        signatures, keys = made
        link_near(Forest(len(signatures)), signatures, np.arange(len(signatures)), keys, least=0.8)

    assert_in_proportion(link, make, size=400)


@pytest.mark.parametrize("least", [0.5, 0.6, 0.7, 0.8, 0.95])
def test_hardly_any_pair_that_is_alike_enough_is_missed(least: float) -> None:
    random = np.random.default_rng(2)
    ones = random.integers(0, 1 << 32, (1_000, PERMUTATIONS), dtype=np.uint32)
    others = ones.copy()
    agreeing = int(np.ceil(least * PERMUTATIONS))
    for other in others:
        other[random.permutation(PERMUTATIONS)[agreeing:]] += np.uint32(1)
    forest, keys = Forest(2_000), np.array([id_digest(str(number)) for number in range(2_000)], dtype="S16")
    link_near(forest, Memory(np.concatenate((ones, others))), np.arange(2_000), keys, least=least)
    roots = forest.roots()
    assert (roots[:1_000] == roots[1_000:]).mean() > 0.97
    assert len(set(roots[:1_000].tolist())) == 1_000


def test_signatures_on_disk_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = [signature("What?", f"It is {number}.") for number in range(5_000)]
    with SignatureFile(tmp_path / "signatures") as signatures:
        for each in written:
            signatures.append(each)
        matrix = np.frombuffer(b"".join(written), dtype="<u4").reshape(-1, PERMUTATIONS)
        assert len(signatures) == 5_000
        assert (np.concatenate(list(signatures.blocks(8, 4))) == matrix[:, 8:12]).all()
        assert (signatures.rows(np.array([0, 7, 4_999], dtype=np.int32)) == matrix[[0, 7, 4_999]]).all()
        with pytest.raises(ValueError, match="256 bytes"):
            signatures.append(b"short")
    assert not (tmp_path / "signatures").exists()
