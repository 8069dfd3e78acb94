"""People: who made the changes of a release, and who for the first time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from notewright.changelog.section import Contributor
from notewright.history.changes import Change
from notewright.history.metadata import Metadata


def list_contributors(changes: Sequence[Change], places: Iterable[int], metadata: Metadata | None) -> tuple[Contributor, ...]:
    """Count the commits of each author and co-author at `places`, the most first, then by name."""
    newcomers = metadata.newcomers if metadata else frozenset()
    count = Counter(_people(changes, places))
    return tuple(Contributor(name, count[name], name in newcomers) for name in sorted(count, key=lambda name: (-count[name], name)))


def made_by(change: Change, others: Sequence[Change]) -> tuple[str, ...]:
    """Return the authors of a change; of a merge, those of its branch: who pressed the button is none of them."""
    if not others and not change.relations:
        return (change.author,)
    return tuple(dict.fromkeys(_authors(others if change.is_merge and others else [change, *others])))


def _people(changes: Sequence[Change], places: Iterable[int]) -> Iterator[str]:
    """Yield who made each commit, co-authors too; what we committed ourselves is nobody's work."""
    for position in places:
        change = changes[position]
        if not change.released:
            yield from _authors([change]) if change.relations else (change.author,)


def _authors(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        yield from dict.fromkeys((change.author, *(change.relations.people if change.relations else ())))
