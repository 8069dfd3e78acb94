"""Partition: which of the places where a file may be cut are taken."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass

# Costs of a cut, in thousandths of one more passage.
PASSAGE = 1_000
_LEAST_SHARE = 4  # a passage holds at least a quarter of the limit, unless it is the last
_SCRAP = 300  # for a last passage of nothing; less for a larger one


@dataclass(frozen=True, slots=True)
class Places:
    """Where a file may be cut, from its start to its end: `at` in bytes, `tokens` that end up to there, both rising; `costs` of cutting."""

    at: tuple[int, ...]
    tokens: tuple[int, ...]
    costs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rest of the file costs when it is cut at a place, that cut included, in thousandths of a passage."""

    places: Places
    totals: tuple[int, ...]

    def choose(self, tokens: int, limit: int) -> int | None:
        """Return the number of the best place to end a passage that begins after so many tokens: the cheapest within the limit that
        leaves it no scrap, of equals the last; None where no place is within the limit."""
        places, last = self.places, len(self.places.at) - 1
        high = bisect_right(places.tokens, tokens + limit)
        low = bisect_left(places.tokens, tokens + max(limit // _LEAST_SHARE, 1))
        if low >= high:
            low = bisect_right(places.tokens, tokens)
        best, cheapest = None, 0
        for number in range(low, high):
            total = self.totals[number] if number < last else _scrap(places.tokens[last] - tokens, limit)
            if best is None or total <= cheapest:
                best, cheapest = number, total
        return best


def plan_cuts(places: Places, limit: int) -> Plan:
    """Find out what the cheapest way to cut costs from every place on, in one walk from the end: the fewest passages, and the best cuts.

    Kept is the minimum of a window that slides with the place: it holds the places that end a passage of at least a quarter of the limit
    and at most all of it, falling in cost towards its right end.
    """
    last = len(places.at) - 1
    totals = [0] * (last + 1)
    window: deque[int] = deque()
    entering = last
    least = max(limit // _LEAST_SHARE, 1)
    for number in range(last - 1, -1, -1):
        tokens = places.tokens[number]
        while entering > number and places.tokens[entering - 1] - tokens >= least:
            entering -= 1
            if entering <= number:
                break
            while window and totals[window[-1]] > totals[entering]:
                window.pop()
            window.append(entering)
        while window and places.tokens[window[0]] - tokens > limit:
            window.popleft()
        rest = places.tokens[last] - tokens
        options = [totals[window[0]]] if window else []
        if rest <= limit:
            options.append(_scrap(rest, limit))
        after = min(options) if options else totals[number + 1]
        totals[number] = PASSAGE + places.costs[number] + after
    return Plan(places, tuple(totals))


def _scrap(tokens: int, limit: int) -> int:
    """Return what a last passage of so many tokens costs more than one of a quarter of the limit."""
    least = max(limit // _LEAST_SHARE, 1)
    return max(0, _SCRAP * (least - tokens) // least)
