"""Speed: how fast a count grows."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 120.0  # over which a speed is measured


class Speed:
    """How fast a count grows, measured over the last two minutes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, at_s: float, count: int) -> None:
        """Note a count. The first is where a run goes on, and no work of it."""
        if len(self._seen) > 1 and self._seen[-1][0] - self._seen[-2][0] < 1:
            self._seen.pop()  # one a second is enough
        self._seen.append((at_s, count))
        while len(self._seen) > 2 and at_s - self._seen[1][0] > _WINDOW_S:
            self._seen.popleft()

    @property
    def per_s(self) -> float:
        """How many a second; 0 while that is not known."""
        if len(self._seen) < 2:
            return 0.0
        (from_s, few), (to_s, many) = self._seen[0], self._seen[-1]
        return (many - few) / (to_s - from_s) if to_s > from_s else 0.0
