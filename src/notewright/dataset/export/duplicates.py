"""Duplicates: pairs that say the same as another one, whatever order they arrived in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from notewright.dataset.export.forest import Forest
from notewright.dataset.near import PERMUTATIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint32]
    Indices = NDArray[np.int64]
    Places = NDArray[np.int32]  # of pairs, of which no export has two thousand million; there is one for each, several times
    Sketches = NDArray[np.uint64]  # of two columns: the last bit of each number of a signature, and the one before it

# So many numbers of a signature agree in one band; the fewer, the more unlike are the pairs that are looked at
_WIDTHS = (4, 3, 2)
_RECALL = 0.98
_MOST_ROUNDS = 64
_LOOKED_AT_ONCE = 4096


class Signatures(Protocol):
    """Signatures of pairs, by their number; `near.signature` tells what they are."""

    def __len__(self) -> int: ...

    def blocks(self, first: int, width: int) -> Iterator[Numbers]:
        """Yield `width` numbers of each signature from the `first` on, of some thousands at a time: arrays of two dimensions."""
        ...

    def rows(self, places: Places) -> Numbers:
        """Return the signatures of these numbers, which rise, an array of two dimensions."""
        ...


def first_of_each(digests: NDArray[np.generic], keys: NDArray[np.bytes_]) -> Places:
    """Return for each pair the one of the same digest with the lowest key: itself where there is no other."""
    import numpy as np

    order = np.lexsort((keys, digests)).astype(np.int32)
    starts = _starts(digests[order])
    firsts: Places = np.empty(len(order), dtype=np.int32)
    firsts[order] = order[starts]
    return firsts


def link_near(forest: Forest, signatures: Signatures, chosen: Indices, keys: NDArray[np.bytes_], *, least: float) -> None:
    """Link those of the `chosen` pairs whose signatures agree by `least` at least. What is compared are pairs that agree in a whole
    band, so few that are alike are missed (2 of 100 right at `least`); cost and memory grow with their number.

    Within a band each is compared with the one of the lowest key, and those that are unlike it with the lowest of themselves again.
    """
    import numpy as np

    ordered: Places = chosen[np.argsort(keys[chosen])].astype(np.int32)
    width, sketches = _width(least), _sketches(signatures)
    for first in range(0, PERMUTATIONS - width + 1, width):
        order, starts = _buckets(_hashes(signatures, first, width)[ordered])
        members, leaders = ordered[order], ordered[order[starts]]
        for _ in range(_MOST_ROUNDS):
            apart = np.flatnonzero(members != leaders)
            if not len(apart):
                break
            alike = _link_alike(forest, signatures, sketches, (leaders[apart], members[apart]), least)
            left = apart[~alike]
            members, buckets = members[left], leaders[left]
            leaders = members[_starts(buckets)] if len(left) else members


def _link_alike(
    forest: Forest, signatures: Signatures, sketches: Sketches, compared: tuple[Places, Places], least: float
) -> NDArray[np.bool_]:
    """Link what is alike and tell which it is; those that already belong together are. The signatures themselves are looked at only where
    their sketches do not rule it out, as they do for nearly all that are unlike."""
    import numpy as np

    ones, others = compared
    roots = forest.roots()
    alike: NDArray[np.bool_] = roots[ones] == roots[others]
    open_ = np.flatnonzero(~alike)
    open_ = open_[_may_be_alike(sketches, ones[open_], others[open_], least)]
    open_ = open_[np.argsort(others[open_])]  # signatures that are looked at together lie together
    for start in range(0, len(open_), _LOOKED_AT_ONCE):
        part = open_[start : start + _LOOKED_AT_ONCE]
        numbers, places = np.unique(np.concatenate((ones[part], others[part])), return_inverse=True)
        seen = signatures.rows(numbers)
        same = (seen[places[: len(part)]] == seen[places[len(part) :]]).mean(axis=1) >= least
        alike[part] = same
        forest.link(ones[part[same]].tolist(), others[part[same]].tolist())
    return alike


def _sketches(signatures: Signatures) -> Sketches:
    """Return two bits of every number of every signature, 16 bytes a pair."""
    import numpy as np

    sketches: Sketches = np.empty((len(signatures), 2), dtype=np.uint64)
    start = 0
    for block in signatures.blocks(0, PERMUTATIONS):
        for bit in range(2):
            packed = np.packbits((block >> np.uint32(bit) & np.uint32(1)).astype(np.uint8), axis=1)
            sketches[start : start + len(block), bit] = packed.view(np.uint64)[:, 0]
        start += len(block)
    return sketches


def _may_be_alike(sketches: Sketches, ones: Places, others: Places, least: float) -> NDArray[np.bool_]:
    """Tell which may agree by `least`: numbers that are equal have equal bits, so who agrees in fewer bits does not."""
    import numpy as np

    differ = sketches[ones]
    differ ^= sketches[others]
    differ[:, 0] |= differ[:, 1]
    maybe: NDArray[np.bool_] = np.bitwise_count(differ[:, 0]) <= PERMUTATIONS * (1 - least)
    return maybe


def _width(least: float) -> int:
    """Return how many numbers make a band, so that of pairs that are just alike enough hardly one is missed."""
    found = (width for width in _WIDTHS if 1 - (1 - least**width) ** (PERMUTATIONS // width) >= _RECALL)
    return next(found, _WIDTHS[-1])


def _hashes(signatures: Signatures, first: int, width: int) -> NDArray[np.uint64]:
    """Return a number for each signature's part in a band; equal ones have equal numbers."""
    import numpy as np

    hashes: NDArray[np.uint64] = np.zeros(len(signatures), dtype=np.uint64)
    start = 0
    for block in signatures.blocks(first, width):
        part = hashes[start : start + len(block)]
        for column in range(width):
            part[:] = (part ^ block[:, column]) * np.uint64(0x9E3779B97F4A7C15)
            part ^= part >> np.uint64(29)
        start += len(block)
    return hashes


def _buckets(hashes: NDArray[np.uint64]) -> tuple[Indices, Places]:
    """Return the order in which equal ones follow each other, the earlier first, and where each one's bucket starts; without those that
    are alone."""
    import numpy as np

    order = np.argsort(hashes, kind="stable")
    found = hashes[order]
    alone = np.ones(len(found), dtype=bool)
    same = found[1:] == found[:-1]
    alone[1:] &= ~same
    alone[:-1] &= ~same
    order = order[~alone]
    return order, _starts(hashes[order])


def _starts(ordered: NDArray[np.generic]) -> Places:
    """Return for each element where the run of its equals starts."""
    import numpy as np

    begins = np.ones(len(ordered), dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    runs = np.cumsum(begins, dtype=np.int32)
    runs -= 1
    places: Places = np.flatnonzero(begins).astype(np.int32)[runs]
    return places
