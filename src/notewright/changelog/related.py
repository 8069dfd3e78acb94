"""Related commits: which commit a message means when it names one by object name, number or subject."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage
from notewright.history.graph import Ancestry, find_ancestry
from notewright.history.history import History
from notewright.history.relations import Relations

_NUMBERS_AT_END = re.compile(r"(?:\s*\((?:[\w.-]+/[\w.-]+)?[#!]\d+\))+$")
_OBJECT_NAME = re.compile(r"[0-9a-f]{7,64}")
_MERGED = re.compile(r"Merge pull request #(\d{1,12}) from ")
_SQUASHED = re.compile(r"\(#(\d{1,12})\)$")
_END = 300  # characters at a header's end in which numbers are looked for
_SHORTEST_CUT = 20
_MOST_CANDIDATES = 20  # of one subject: "chore: format" may stand in a history a thousand times


@dataclass(frozen=True, slots=True)
class Related:
    """For commits that name others: all that they may mean, the likeliest first, still without regard to ancestry. `twins` are groups
    of one subject on lines that may be parallel."""

    undone: dict[int, tuple[int, ...]]
    picked: dict[int, tuple[int, ...]]
    joined: dict[int, tuple[int, ...]]
    twins: tuple[tuple[int, ...], ...]
    ancestry: Ancestry

    def nearest(self, position: int, candidates: Iterable[int]) -> int | None:
        """Return the first candidate that `position` descends from."""
        return next((other for other in candidates if other != position and self.ancestry.reaches(position, other)), None)


def find_related(history: History) -> Related:
    """Find what messages name, and the commits of one subject on parallel lines, which may be the same change twice."""
    asking = _asking(history)
    undone, picked, joined = {}, {}, {}
    if asking:
        index = _Index(history, asking)
        for position in asking:
            message, relations = history.changes[position].message, history.changes[position].relations
            undone[position] = index.undone(message, relations)
            picked[position] = index.picked(relations) if relations else ()
            joined[position] = index.joined(relations.joins) if relations and relations.joins else ()
    twins = _parallel(history, {at for at in asking if undone[at] or joined[at]})
    asked = {position for found in (undone, picked, joined) for one, others in found.items() for position in (one, *others)}
    asked.update(position for group in twins for position in group)
    return Related(_filled(undone), _filled(picked), _filled(joined), twins, find_ancestry(history.parents, asked))


def subject_key(header: str) -> str:
    """Return a header without the numbers at its end, and without case, for comparing."""
    return _without_numbers(header).strip().casefold()


def request_number(change: Change) -> int | None:
    """Return the number of the pull request that a commit is the merge of, as GitHub's merge and squash buttons write it."""
    header = change.message.header
    if header.startswith("Merge pull request #"):
        match = _MERGED.match(header)
    else:
        match = _SQUASHED.search(header[-20:]) if header.endswith(")") else None
    return int(match[1]) if match else None


def _filled(found: dict[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    return {position: others for position, others in found.items() if others}


def _without_numbers(header: str) -> str:
    if not header.endswith(")"):
        return header
    end = header[-_END:]
    return header[: len(header) - len(end)] + _NUMBERS_AT_END.sub("", end)


def _asking(history: History) -> list[int]:
    """Return the commits whose messages name another."""
    found = []
    for position, change in enumerate(history.changes):
        relations = change.relations
        if change.message.reverts or (relations and (relations.undoes or relations.picked or relations.joins)):
            found.append(position)
    return found


def _undone_keys(relations: Relations) -> tuple[str, ...]:
    """Return the subjects, as keys, of what a header takes back; what is reapplied is the revert of it that is taken back."""
    if not relations.undoes:
        return ()
    return tuple(
        map(subject_key, (f'Revert "{relations.undoes}"', f"revert: {relations.undoes}") if relations.redoes else (relations.undoes,))
    )


class _Index:
    """Commits by object name, subject and number, as far as those in `asking` ask for them: one pass over the history."""

    def __init__(self, history: History, asking: Iterable[int]) -> None:
        self._positions = history.positions
        self._names = sorted(history.positions)
        relations = [asked for asked in (history.changes[position].relations for position in asking) if asked]
        keys = {key for asked in relations for key in _undone_keys(asked)}
        keys.update(subject_key(asked.joins) for asked in relations if asked.joins)
        self._subjects: dict[str, list[int]] = {key: [] for key in keys}
        self._numbers: dict[int, list[int]] = {asked.undone_number: [] for asked in relations if asked.undone_number is not None}
        if keys:
            self._fill(history.changes)

    def undone(self, message: CommitMessage, relations: Relations | None) -> tuple[int, ...]:
        """Return what a message may take back: by object name, then by number, then by subject."""
        found = [at for name in message.reverts for at in self._named(name)]
        if relations:
            found += self._numbers.get(relations.undone_number or 0, ())
            found += [at for key in _undone_keys(relations) for at in self._subjects[key]]
        return tuple(dict.fromkeys(found))

    def picked(self, relations: Relations) -> tuple[int, ...]:
        """Return the commits that one was copied from."""
        return tuple(at for name in relations.picked for at in self._named(name))

    def joined(self, subject: str) -> tuple[int, ...]:
        """Return the commits that a fixup may belong to."""
        return (*self._named(subject), *self._subjects[subject_key(subject)])

    def _fill(self, changes: Sequence[Change]) -> None:
        cut = [key for key in self._subjects if key.endswith("…") and len(key) > _SHORTEST_CUT]  # GitHub shortens long titles
        begins = tuple(key.rstrip("…").rstrip() for key in cut)
        for position, change in enumerate(changes):
            header, description = change.message.header, change.message.description
            key = subject_key(header)
            for text in {key, subject_key(description)} if description else (key,):
                found = self._subjects.get(text)
                if found is not None and len(found) < _MOST_CANDIDATES:
                    found.append(position)
            if begins and key.startswith(begins):
                for text, begin in zip(cut, begins, strict=True):
                    self._subjects[text] += [position] if key.startswith(begin) else []
            if self._numbers and (number := request_number(change)) is not None:
                self._numbers.get(number, []).append(position)

    def _named(self, name: str) -> list[int]:
        """Return the commit of this object name, or of the only one that begins so."""
        if name in self._positions:
            return [self._positions[name]]
        if not _OBJECT_NAME.fullmatch(name):
            return []
        start = bisect_left(self._names, name)
        found = [other for other in self._names[start : start + 2] if other.startswith(name)]
        return [self._positions[found[0]]] if len(found) == 1 else []


def _parallel(history: History, without: set[int]) -> tuple[tuple[int, ...], ...]:
    """Return commits of one subject of which at least one came by a merge: on one line the same patch cannot come twice."""
    if all(merge < 0 for merge in history.brought_by):
        return ()
    groups: dict[str, list[int]] = {}
    for position, change in enumerate(history.changes):
        if not change.is_merge and not change.released and position not in without:
            groups.setdefault(_without_numbers(change.message.header), []).append(position)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1 and any(history.brought_by[at] >= 0 for at in group))
