"""Splits: which rows are trained with and which are kept apart, so that neither says what the other does."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from notewright.dataset.export.forest import Forest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int32]
    Digests = NDArray[np.uint64]

Level = Literal["repository", "file"]
# The smallest split should expect so many groups: then it is empty for 5 of 100 datasets, and repositories stay whole
_EXPECTED_GROUPS = 3
# A group may be so many times as large as the split that it falls into; a larger one goes to the largest split
_MOST_TIMES = 2.0


@dataclass(frozen=True, slots=True)
class Split:
    """A split and its part of all rows, in any unit: 90, 5 and 5 as well as 18, 1 and 1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Placed:
    """The split of each file, by its position, and what was kept whole."""

    level: Level
    split_of_file: Integers


def place_files(
    splits: Sequence[Split], *, digests: Digests, repositories: Integers, repository_digests: Digests, rows: Integers, links: Forest
) -> Placed:
    """Give each file a split: whole repositories where there are enough of them, else whole files; what `links` holds together stays
    together at both levels.

    `digests` tell files apart, whatever else there is, `repositories` say where each lies, `rows` how many rows it has. A group goes where
    the lowest digest of its members falls in the shares: so a row stays where it is when others are added, unless they link its group
    with another one, make it too large for its split, or bring the repositories that were lacking.
    """
    import numpy as np

    linked = links.roots()
    by_repository = Forest(len(repository_digests))
    by_repository.link(repositories.tolist(), repositories[linked].tolist())
    groups = by_repository.roots()[repositories]
    weights = np.bincount(groups, weights=rows, minlength=1)
    shares = _shares(splits)
    wanted = [share for share in shares if share]
    enough = np.count_nonzero(weights) * min(wanted) >= _EXPECTED_GROUPS and weights.max() <= max(wanted) * weights.sum()
    if enough or len(wanted) == 1:
        return Placed("repository", _placed(shares, groups, repository_digests[repositories], rows))
    return Placed("file", _placed(shares, linked, digests, rows))


def _placed(shares: Sequence[float], groups: Integers, digests: Digests, rows: Integers) -> Integers:
    """Return the split of each file, given its group."""
    import numpy as np

    size = int(groups.max(initial=-1)) + 1
    lowest = np.full(size, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(lowest, groups, digests)
    weights = np.bincount(groups, weights=rows, minlength=size)
    largest, most = shares.index(max(shares)), _MOST_TIMES * weights.sum()
    # the lowest of many is low, so it is mixed once more; then its first 53 bits as a number from 0 to 1
    bounds = np.array(list(itertools.accumulate(shares))[:-1])
    places = np.searchsorted(bounds, (_mixed(lowest) >> np.uint64(11)).astype(np.float64) / float(1 << 53), side="right")
    too_large = weights > np.array(shares)[places] * most
    places[too_large] = largest
    return places[groups].astype(np.int32)


def _mixed(numbers: Digests) -> Digests:
    """Return numbers as evenly spread as any, each from its own (the last step of SplitMix64)."""
    import numpy as np

    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _shares(splits: Sequence[Split]) -> list[float]:
    total = sum(split.share for split in splits)
    return [split.share / total for split in splits]
