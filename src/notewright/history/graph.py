"""The commit graph as integers: who reaches what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Parents = Sequence[tuple[int, ...]]


def index_parents(shas: Sequence[str], parents: Iterable[tuple[str, ...]]) -> list[tuple[int, ...]]:
    """Return each commit's parents as positions in `shas`; parents outside the range read are left out."""
    positions = {sha: position for position, sha in enumerate(shas)}
    return [tuple(positions[parent] for parent in names if parent in positions) for names in parents]


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
