"""A forest: which things belong together because something links them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Forest:
    """Things 0 to `size`, each at first alone (disjoint sets, 4 bytes a thing)."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self._above: NDArray[np.int32] = np.arange(size, dtype=np.int32)

    def link(self, ones: Iterable[int], others: Iterable[int]) -> None:
        """Put each of `ones` and its counterpart in `others` together."""
        above = self._above
        for one, other in zip(ones, others, strict=True):
            low, high = sorted((self._root(one), self._root(other)))
            above[high] = low

    def roots(self) -> NDArray[np.int32]:
        """Return for each thing the smallest one that belongs to it."""
        above = self._above
        while ((higher := above[above]) != above).any():
            above = higher
        self._above = above
        return above.copy()

    def _root(self, thing: int) -> int:
        above = self._above
        while (higher := int(above[thing])) != thing:
            above[thing] = above[higher]
            thing = higher
        return thing
