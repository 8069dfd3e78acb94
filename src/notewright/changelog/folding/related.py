"""Related commits: which commit a message means when it names one by object name, number or subject."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage
from notewright.history.graph import Ancestry, find_ancestry
from notewright.history.history import History
from notewright.history.relations import Relations

_NUMBER_AT_END = re.compile(r"\((?:[\w.-]+/[\w.-]+)?[#!]\d+\)")
_OBJECT_NAME = re.compile(r"[0-9a-f]{7,64}")
_MERGED = re.compile(r"Merge pull request #(\d{1,12}) from ")
_SQUASHED = re.compile(r"\(#(\d{1,12})\)$")
_END = 300  # characters of a title that GitHub may have cut
_SHORTEST_CUT = 20
_CUT_NUMBER = re.compile(r"\s*\((?:[\w.-]+/[\w.-]+)?[#!]?\d*$")
# Of one subject: "chore: format" may stand in a history a thousand times. Counted from the commit that asks, and from the oldest, so that
# later commits change nothing of what was found before.
_MOST_CANDIDATES = 20
_MOST_TWINS = 100


@dataclass(frozen=True, slots=True)
class Related:
    """For commits that name others: all that they may mean, the likeliest first, still without regard to ancestry. `twins` are groups
    of one subject on lines that may be parallel, `repeats` for what may be undone the other commits of its header."""

    undone: dict[int, tuple[int, ...]]
    picked: dict[int, tuple[int, ...]]
    joined: dict[int, tuple[int, ...]]
    twins: tuple[tuple[int, ...], ...]
    repeats: dict[int, tuple[int, ...]]
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
            undone[position] = index.undone(position, message, relations)
            picked[position] = index.picked(relations) if relations else ()
            joined[position] = index.joined(position, relations.joins) if relations and relations.joins else ()
    twins = _parallel(history, {at for at in asking if undone[at] or joined[at]})
    asked = {position for found in (undone, picked, joined) for one, others in found.items() for position in (one, *others)}
    repeats = _repeats(history, {target for targets in undone.values() for target in targets})
    asked.update(position for group in (*twins, *repeats.values()) for position in group)
    return Related(_filled(undone), _filled(picked), _filled(joined), twins, repeats, find_ancestry(history.parents, asked))


def subject_key(header: str) -> str:
    """Return a header without the numbers at its end, without case and marks of code, for comparing: people type them anew."""
    key = (_without_numbers(header) if header.endswith(")") else header).strip().casefold()
    return key.replace("`", "") if "`" in key else key


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
    """Cut "(#12)" off the end, and by position: a pattern that ends in "$" would try each place of a hostile header."""
    while header.endswith(")") and (start := header.rfind("(")) >= 0 and _NUMBER_AT_END.fullmatch(header, start):
        header = header[:start].rstrip()
    return header


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
        self._names: list[str] = []  # in order, once somebody asks by the beginning of a name
        relations = [asked for asked in (history.changes[position].relations for position in asking) if asked]
        keys = {key for asked in relations for key in _undone_keys(asked)}
        keys.update(subject_key(asked.joins) for asked in relations if asked.joins)
        self._subjects: dict[str, list[int]] = {key: [] for key in keys}
        self._numbers: dict[int, list[int]] = {asked.undone_number: [] for asked in relations if asked.undone_number is not None}
        if keys:
            self._fill(history.changes)

    def undone(self, position: int, message: CommitMessage, relations: Relations | None) -> tuple[int, ...]:
        """Return what a message may take back: by object name, then by number, then by subject."""
        found = [at for name in message.reverts for at in self._named(name)]
        if relations:
            found += _older(self._numbers.get(relations.undone_number or 0, []), position)
            found += [at for key in _undone_keys(relations) for at in _older(self._subjects[key], position)]
        return tuple(dict.fromkeys(found))

    def picked(self, relations: Relations) -> tuple[int, ...]:
        """Return the commits that one was copied from."""
        return tuple(at for name in relations.picked for at in self._named(name))

    def joined(self, position: int, subject: str) -> tuple[int, ...]:
        """Return the commits that a fixup may belong to."""
        return (*self._named(subject), *_older(self._subjects[subject_key(subject)], position))

    def _fill(self, changes: Sequence[Change]) -> None:
        cut, look = self._cut(), _Look(self._subjects)
        lengths = {len(begin) for begin in cut}
        for position, change in enumerate(changes):
            if not (look.may_be_asked(change) or self._numbers):
                continue
            header, description, title = (
                change.message.header,
                change.message.description,
                change.relations.title if change.relations else None,
            )
            if (change.message.type or "").lower() == "revert":
                description = None  # what it takes back is not what it is called
            key = subject_key(header)
            for text in {key, *(subject_key(one) for one in (description, title) if one)} if description or title else (key,):
                found = self._subjects.get(text)
                if found is not None:
                    found.append(position)
            for length in lengths:
                for text in cut.get(key[:length], ()):
                    self._subjects[text].append(position)
            if self._numbers and (number := request_number(change)) is not None:
                self._numbers.get(number, []).append(position)

    def _cut(self) -> dict[str, list[str]]:
        """Return, by their beginnings, the subjects that GitHub shortened, perhaps within a number at their end."""
        cut: dict[str, list[str]] = {}
        for text in self._subjects:
            begin = _CUT_NUMBER.sub("", text.rstrip("…").rstrip()) if text.endswith("…") and len(text) <= _END else ""
            if len(begin) >= _SHORTEST_CUT:
                cut.setdefault(begin, []).append(text)
        return cut

    def _named(self, name: str) -> list[int]:
        """Return the commit of this object name, or of the only one that begins so."""
        if name in self._positions:
            return [self._positions[name]]
        if not _OBJECT_NAME.fullmatch(name):
            return []
        self._names = self._names or sorted(self._positions)
        start = bisect_left(self._names, name)
        found = [other for other in self._names[start : start + 2] if other.startswith(name)]
        return [self._positions[found[0]]] if len(found) == 1 else []


class _Look:
    """A look at a few letters of a header and of a description, which spares nearly all commits the comparing."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._begins = frozenset(key[:8] for key in keys)
        self._insides = frozenset(key[12:20] for key in keys)

    def may_be_asked(self, change: Change) -> bool:
        """Whether one of the keys may be what this commit is called."""
        header, _, _, _, description, *_ = change.message
        if header[12:20].casefold() in self._insides or (description and description[:8].casefold() in self._begins):
            return True
        # short headers have no inside, marks of code, letters beyond ASCII and early numbers move it, and a merge has a title besides
        numbered = "#" in header[:40] or "(!" in header[:40] or (description and "#" in description[:12])
        return len(header) < 32 or "`" in header or change.is_merge or bool(numbered) or not header.isascii()


def _older(positions: list[int], position: int) -> list[int]:
    """Return the first of these that a log prints below a commit: no other can be its ancestor."""
    start = bisect_right(positions, position)
    return positions[start : start + _MOST_CANDIDATES]


def _repeats(history: History, targets: set[int]) -> dict[int, tuple[int, ...]]:
    """Return the commits that have the header of a target, but for numbers, as far as few do: one that many share names no change."""
    changes = history.changes
    headers: dict[str, list[int]] = {_without_numbers(changes[target].message.header): [] for target in targets}
    for position, change in enumerate(changes) if headers else ():
        header = change.message.header
        found = headers.get(_without_numbers(header) if header.endswith(")") else header)
        if found is not None:
            found.append(position)
    same = {target: headers[_without_numbers(changes[target].message.header)] for target in targets}
    return {target: tuple(found) for target, found in same.items() if 1 < len(found) <= _MOST_TWINS}


def _parallel(history: History, without: set[int]) -> tuple[tuple[int, ...], ...]:
    """Return commits of one subject of which at least one came by a merge: on one line the same patch cannot come twice.

    A subject that very many commits share names no change ("Update CHANGELOG"): only its oldest ones are compared.
    """
    changes, brought_by = history.changes, history.brought_by
    groups: dict[str, list[int]] = {
        _without_numbers(changes[position].message.header): [] for position, merge in enumerate(brought_by) if merge >= 0
    }
    for position, change in enumerate(changes) if groups else ():
        header = change.message.header
        group = groups.get(_without_numbers(header) if header.endswith(")") else header)
        if group is not None and not change.is_merge and not change.released and position not in without:
            group.append(position)
    few = (tuple(group[-_MOST_TWINS:]) for group in groups.values() if len(group) > 1)
    return tuple(group for group in few if any(brought_by[at] >= 0 for at in group))
