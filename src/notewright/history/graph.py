"""The commit graph as integers: who reaches what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Parents = Sequence[tuple[int, ...]]


def index_parents(shas: Sequence[str], parents: Iterable[tuple[str, ...]]) -> list[tuple[int, ...]]:
    """Return each commit's parents as positions in `shas`; parents outside the range read are left out."""
    positions = {sha: position for position, sha in enumerate(shas)}
    return [tuple(positions[parent] for parent in names if parent in positions) for names in parents]


@dataclass(frozen=True, slots=True)
class Ancestry:
    """Which of some commits the others descend from."""

    bits: Mapping[int, int]
    reached: Sequence[int]

    def reaches(self, position: int, ancestor: int) -> bool:
        """Whether `ancestor`, one of those asked about, is `position` or an ancestor of it."""
        return bool(self.reached[position] >> self.bits[ancestor] & 1)


def find_ancestry(parents: Parents, asked: Iterable[int]) -> Ancestry:
    """Walk the graph once for all the commits asked about. Their number of bits is kept for each commit where it changes."""
    bits = {position: bit for bit, position in enumerate(sorted(set(asked)))}
    return Ancestry(bits, reached_marks(parents, {position: 1 << bit for position, bit in bits.items()}) if bits else ())


def find_branches(parents: Parents, tips: Iterable[int]) -> list[int]:
    """Return for each commit the merge that brought it, -1 on a line of its own.

    `tips` are the ends of lines in their order, the oldest release first. A line is the chain of first parents down to a commit of
    an earlier line. What a merge on it brings is the chain below its other parents, and so on inwards, older merges first, so that
    later commits change nothing of what was found before.
    """
    brought = [-2] * len(parents)
    for tip in tips:
        waiting = [(tip, -1)]
        while waiting:
            start, merge = waiting.pop()
            inner: list[tuple[int, int]] = []
            position: int | None = start
            while position is not None and brought[position] == -2:
                brought[position] = merge
                above = parents[position]
                inner += [(other, position) for other in above[:0:-1]]
                position = above[0] if above else None
            waiting += inner  # the oldest merge comes last, so it is the next
    return [max(merge, -1) for merge in brought]


def parents_first(parents: Parents) -> list[int]:
    """Return all positions, each after its parents. Iterative: histories are deeper than Python's stack."""
    order: list[int] = []
    state = bytearray(len(parents))  # 0 unseen, 1 open, 2 placed
    # a log prints the newest first, so from its end most commits already find their parents placed
    for root in range(len(parents) - 1, -1, -1):
        stack = [root] if not state[root] else []
        while stack:
            position = stack[-1]
            waiting = [parent for parent in parents[position] if not state[parent]] if not state[position] else []
            state[position] = max(state[position], 1)
            if waiting:
                stack += waiting
                continue
            stack.pop()
            if state[position] != 2:
                state[position] = 2
                order.append(position)
    return order


def reached_marks(parents: Parents, marks: Mapping[int, int]) -> list[int]:
    """Return for each commit the union of the bit sets in `marks` of itself and all its ancestors."""
    reached = [0] * len(parents)
    for position in parents_first(parents):
        bits = marks.get(position, 0)
        for parent in parents[position]:
            bits |= reached[parent]
        reached[position] = bits
    return reached


def claim_reachable(parents: Parents, start: int, owners: list[int], owner: int) -> None:
    """Give every commit that `start` reaches, and nobody owns (-1), to `owner`."""
    stack = [start]
    while stack:
        position = stack.pop()
        if owners[position] < 0:
            owners[position] = owner
            stack += parents[position]
