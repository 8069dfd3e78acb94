"""Twins: one change that is in the history more than once, copied from line to line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from notewright.changelog.folding.folds import Fold, Folds
from notewright.changelog.folding.related import Related, subject_key
from notewright.changelog.folding.repeats import find_repeats
from notewright.history.history import History


@dataclass(frozen=True, slots=True)
class Twins:
    """Commits that are the same change: each one's root, and the members of a root with more than one, the newest first.
    `repeats` names, for a commit that makes once more what was taken back, the commit that made it before."""

    roots: Mapping[int, int]
    groups: Mapping[int, tuple[int, ...]]
    repeats: Mapping[int, int] = field(default_factory=dict)

    def root(self, position: int) -> int:
        """Return the commit that stands for this one's change."""
        return self.roots.get(position, position)

    def members(self, root: int) -> tuple[int, ...]:
        """Return all commits that are this change."""
        return self.groups.get(root, (root,))


def list_candidates(history: History, related: Related) -> tuple[str, ...]:
    """Return the commits whose patches must be compared to know: those of one subject with a parallel one. Mostly none."""
    wanted = {position for group in related.twins for pair in _pairs(group, history, related) for position in pair}
    wanted.update(position for pair in find_repeats(history, related) for position in pair)
    return tuple(history.changes[position].sha for position in sorted(wanted))


def find_twins(history: History, related: Related, patch_ids: Mapping[str, str]) -> Twins:
    """Group copies: those that say what they were copied from, and those of one subject with one patch on parallel lines."""
    same = _Same()
    for position, change in enumerate(history.changes):
        if change.relations and change.relations.picked:
            origins = related.picked.get(position, ())
            if related.nearest(position, origins) is None:  # a copy of its own ancestor brings something back
                origin = _origin(history, position, origins)
                if origin is not None:
                    same.join(position, origin)
    for group in related.twins:
        for one, other in _pairs(group, history, related):
            if _same_patch(history, one, other, patch_ids):
                same.join(one, other)
    groups = {max(members): tuple(sorted(members)) for members in same.groups()}
    repeats = {one: other for one, other in find_repeats(history, related) if _same_patch(history, one, other, patch_ids)}
    return Twins({member: root for root, members in groups.items() for member in members}, groups, repeats)


def fold_twins(history: History, related: Related, twins: Twins, folds: Folds) -> None:
    """Of one change's copies, each release tells at most one, and none that a release before it has. Copies that other lines released are
    told once more there, marked as backports."""
    for members in twins.groups.values():
        releases: dict[int, list[int]] = {}
        for member in members:
            releases.setdefault(history.owners[member], []).append(member)
        for release, own in sorted(releases.items()):
            tip = history.tips[release]
            before = [member for member in members if history.owners[member] != release and related.ancestry.reaches(tip, member)]
            shown = before[-1] if before else min(own, key=lambda member: (_is_copy(history, member), -member))
            for member in own:
                if member != shown and not folds.decided(member):
                    folds.folded[member] = _fold(history, shown, released=bool(before))
            others = (member for member in members if history.owners[member] != release and not _is_copy(history, member))
            elsewhere = next(others, None) if not before and _is_copy(history, shown) else None
            if elsewhere is not None:
                folds.remark(shown, f"backport of {history.changes[elsewhere].sha[:7]}")


def _same_patch(history: History, one: int, other: int, patch_ids: Mapping[str, str]) -> bool:
    patch = patch_ids.get(history.changes[one].sha)
    return patch is not None and patch == patch_ids.get(history.changes[other].sha)


class _Same:
    """Positions, and object names of commits that are not here, joined to groups."""

    def __init__(self) -> None:
        self._above: dict[int | str, int | str] = {}

    def join(self, one: int | str, other: int | str) -> None:
        for member in (one, other):
            self._above.setdefault(member, member)
        self._above[self._top(one)] = self._top(other)

    def groups(self) -> list[list[int]]:
        """Return the groups of two and more positions."""
        found: dict[int | str, list[int]] = {}
        for one in self._above:
            if isinstance(one, int):
                found.setdefault(self._top(one), []).append(one)
        return [members for members in found.values() if len(members) > 1]

    def _top(self, one: int | str) -> int | str:
        while (above := self._above[one]) != one:
            one = self._above[one] = self._above[above]  # halves the way for the next
        return one


def _fold(history: History, shown: int, *, released: bool) -> Fold:
    change, release = history.changes[shown], history.releases[history.owners[shown]]
    if released:
        return Fold(f"same change as {change.sha[:7]}, released in {release.tag.name if release.tag else 'an earlier release'}")
    return Fold(f"same change as {change.sha[:7]}", (shown,), joins=True)


def _origin(history: History, position: int, origins: tuple[int, ...]) -> int | str | None:
    """Return what a commit was copied from. Of several names git adds the last, the others came with the message that was copied.

    A squashed commit's body quotes the messages of others: what one of those was copied from is another change.
    """
    change = history.changes[position]
    assert change.relations
    name = change.relations.picked[-1]
    origin = next((one for one in origins if history.changes[one].sha.startswith(name)), origins[-1] if origins else None)
    if change.relations.parts:
        key = subject_key(change.message.header)
        return origin if origin is not None and subject_key(history.changes[origin].message.header) == key else None
    return name if origin is None else origin


def _is_copy(history: History, position: int) -> bool:
    relations = history.changes[position].relations
    return bool(relations and relations.picked)


def _pairs(group: tuple[int, ...], history: History, related: Related) -> Iterator[tuple[int, int]]:
    """Yield each pair of which neither descends from the other."""
    reaches = related.ancestry.reaches
    for one in group:
        if history.brought_by[one] >= 0:
            yield from ((one, other) for other in group if other != one and not reaches(one, other) and not reaches(other, one))
