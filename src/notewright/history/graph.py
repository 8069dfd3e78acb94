"""The commit graph as integers: who reaches what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Parents = Sequence[tuple[int, ...]]


def index_parents(shas: Sequence[str], parents: Iterable[tuple[str, ...]]) -> list[tuple[int, ...]]:
    """Return each commit's parents as positions in `shas`; parents outside the range read are left out."""
    positions = {sha: position for position, sha in enumerate(shas)}
    return [
        (positions[names[0]],)
        if len(names) == 1 and names[0] in positions
        else tuple([positions[name] for name in names if name in positions])
        for names in parents
    ]


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
    """Return for each commit the merge that brought it, -1 on a line of its own. Parents of -1 were not read.

    `tips` are the ends of lines in their order, the oldest release first. A line is the chain of first parents down to a commit of
    an earlier line. What a merge on it brings is the chain below its other parents, and so on inwards, older merges first, so that
    later commits change nothing of what was found before.
    """
    brought = [-2] * len(parents)
    for tip in tips:
        waiting = [(tip, -1)] if brought[tip] == -2 else []
        while waiting:
            start, merge = waiting.pop()
            inner: list[tuple[int, int]] = []
            position = start
            while position >= 0 and brought[position] == -2:
                brought[position] = merge
                above = parents[position]
                if len(above) > 1:
                    inner += [(other, position) for other in above[:0:-1]]
                position = above[0] if above else -1
            waiting += inner  # the oldest merge comes last, so it is the next
    return brought


def parents_first(parents: Parents) -> list[int]:
    """Return all positions, each after its parents. Iterative: histories are deeper than Python's stack."""
    order: list[int] = []
    placed = bytearray(len(parents))
    # a log prints the newest first, so from its end nearly all commits already find their parents placed
    for position in range(len(parents) - 1, -1, -1):
        if placed[position]:
            continue
        above = parents[position]
        if not above or (placed[above[0]] and (len(above) == 1 or all(placed[parent] for parent in above))):
            placed[position] = 1
            order.append(position)
        else:
            _place_below(position, parents, placed, order)
    return order


def _place_below(root: int, parents: Parents, placed: bytearray, order: list[int]) -> None:
    """Place a commit after all its ancestors that have no place yet."""
    stack = [root]
    while stack:
        position = stack[-1]
        waiting = [parent for parent in parents[position] if not placed[parent]] if not placed[position] else []
        if waiting:
            stack += waiting
            continue
        stack.pop()
        if not placed[position]:
            placed[position] = 1
            order.append(position)


def reached_marks(parents: Parents, marks: Mapping[int, int]) -> list[int]:
    """Return for each commit the union of the bit sets in `marks` of itself and all its ancestors."""
    reached = [0] * len(parents)
    for position in parents_first(parents):
        above = parents[position]
        bits = reached[above[0]] if above else 0  # the very number: most commits share it with their parent
        for parent in above[1:]:
            bits |= reached[parent]
        if position in marks:
            bits |= marks[position]
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
