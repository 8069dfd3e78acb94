"""Alone: whether a range of history can be told without what lies before it."""

from __future__ import annotations

from collections.abc import Sequence

from notewright.changelog.folding.related import Related
from notewright.history.history import History


def stands_alone(history: History, related: Related, names: Sequence[tuple[str, ...]]) -> bool:
    """Whether `history`, the commits of a range with the `names` of their parents, gives the section that the whole history gives.

    It does where all that lies before is below one commit, which all of the range descends from: then no commit before can be a copy on a
    parallel line. And where every commit that the range reverts, copies or amends is a part of it.
    """
    outside = {parent for above in names for parent in above if parent not in history.positions}
    if names and not (len(outside) == 1 and all(names)):
        return False
    asking = (position for position, change in enumerate(history.changes) if change.relations or change.message.reverts)
    return all(_names_only_own(history, related, position) for position in asking)


def _names_only_own(history: History, related: Related, position: int) -> bool:
    change = history.changes[position]
    relations = change.relations
    found = {history.changes[other].sha for other in (*related.undone.get(position, ()), *related.picked.get(position, ()))}
    named = (*change.message.reverts, *(relations.picked if relations else ()))
    if not all(any(sha.startswith(name) for sha in found) for name in named):
        return False
    if relations is None:
        return True
    undoes = not named and (relations.undoes or relations.undone_number is not None)
    sought = ((undoes, related.undone), (relations.joins, related.joined))
    return all(not asked or related.nearest(position, candidates.get(position, ())) is not None for asked, candidates in sought)
