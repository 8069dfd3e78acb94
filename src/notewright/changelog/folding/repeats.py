"""Repeats: changes made once more, in the same words, after they were taken back."""

from __future__ import annotations

from collections.abc import Iterator

from notewright.changelog.folding.related import Related
from notewright.history.history import History


def find_repeats(history: History, related: Related) -> Iterator[tuple[int, int]]:
    """Yield each commit that may repeat an older one: of the same header, above a commit that took that back, in one release with it.
    Whether it does, their patches say."""
    undoing: dict[int, list[int]] = {}
    for position, targets in related.undone.items():
        for target in targets:
            undoing.setdefault(target, []).append(position)
    for target, reverts in undoing.items():
        for position in related.repeats.get(target, ()):
            if position != target and any(_follows(history, related, position, revert, target) for revert in reverts):
                yield position, target


def _follows(history: History, related: Related, position: int, revert: int, target: int) -> bool:
    if revert == position or history.owners[revert] != history.owners[position]:
        return False
    return related.ancestry.reaches(position, revert) and related.ancestry.reaches(revert, target)
