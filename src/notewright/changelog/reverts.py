"""Reverts: what was taken back, brought back and taken back again, and what of it each release tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from notewright.changelog.folds import Fold, Folds, Told
from notewright.changelog.related import Related
from notewright.changelog.twins import Twins
from notewright.history.conventional import parse_change
from notewright.history.graph import parents_first
from notewright.history.history import History

_FORMAL = re.compile(r"""(?i)(?:re(?:vert(?:s|ed)?|-?appl(?:y|ies)|-?land)\s+["']|revert(?:\([^()]*\))?!?:)""")
_NESTED = re.compile(r'(?:revert(?P<undo>s?)|(?P<redo>reapply|reland))\s+"(?P<rest>.*)"', re.IGNORECASE | re.DOTALL)
_MOST_NESTED = 20


def fold_reverts(history: History, related: Related, twins: Twins, folds: Folds) -> None:
    """Decide about every commit that takes another one back, or brings it back, and about what it names.

    A change and its revert in one release cancel; whatever brings it back in the same release joins it. What an earlier release had is
    listed once as reverted, or once as brought back, by the last commit that says so; turns without effect are folded.
    """
    effects = _effects(history, related, twins)
    turns: dict[int, list[tuple[int, bool]]] = {}  # of each change: the commits that set whether it is alive, ancestors first
    for position, effect in effects.items():
        for root, alive in effect.items():
            turns.setdefault(root, []).append((position, alive))
    telling = _Telling(history, related, twins, folds)
    votes: dict[int, list[Fold | Told | None]] = {}
    for root, taken in turns.items():
        for position, vote in telling.tell(root, taken):
            votes.setdefault(position, []).append(vote)
    for position, cast in votes.items():
        _settle(position, cast, history, folds)
    for position, change in enumerate(history.changes):
        relations = change.relations
        if relations and relations.undoes and position not in effects and not folds.decided(position):
            _tell_unknown(position, change.message.header, folds)


def is_formal(header: str) -> bool:
    """Whether a header is what git or a type writes for a revert, and not words that begin with one."""
    return _FORMAL.match(header) is not None


def _effects(history: History, related: Related, twins: Twins) -> dict[int, dict[int, bool]]:
    """Return what each undoing commit makes of the changes at the root of what it names: alive or not. Ancestors first."""
    if not related.undone and not related.picked:
        return {}
    brought = _brought_by(history, {other for others in related.undone.values() for other in others})
    effects: dict[int, dict[int, bool]] = {}
    for position in parents_first(history.parents):
        if position in related.undone and _undoes(history, position):
            targets = _targets(history, related, position)
            flipped = {root: not alive for target in targets for root, alive in _effect(target, effects, brought, twins).items()}
            if flipped:
                effects[position] = flipped
        elif position in related.picked and (origin := related.nearest(position, related.picked[position])) is not None:
            effects[position] = dict(_effect(origin, effects, brought, twins))  # a copy of its own ancestor brings it back
    return effects


def _undoes(history: History, position: int) -> bool:
    """A body that says so is enough, but for merges: their bodies quote what the branch did."""
    change = history.changes[position]
    return not change.is_merge or bool(change.relations and change.relations.undoes)


def _targets(history: History, related: Related, position: int) -> tuple[int, ...]:
    """All commits named by object name; if none of them is an ancestor, the nearest one of that number or subject."""
    change, candidates = history.changes[position], related.undone[position]
    named = tuple(
        other
        for other in candidates
        if history.changes[other].sha.startswith(change.message.reverts) and other != position and related.ancestry.reaches(position, other)
    )
    if named:
        return named
    nearest = related.nearest(position, candidates)
    return () if nearest is None else (nearest,)


def _effect(target: int, effects: Mapping[int, dict[int, bool]], brought: Mapping[int, list[int]], twins: Twins) -> dict[int, bool]:
    """What a commit does to changes: an undoing one what it did, a merge what its branch did, any other makes itself."""
    if target in effects:
        return effects[target]
    made = {twins.root(target): True}
    for position in reversed(brought.get(target, ())):
        made |= effects.get(position) or {twins.root(position): True}
    return made


def _brought_by(history: History, targets: set[int]) -> dict[int, list[int]]:
    """Return what those of the targets that are merges brought, the newest first, inner merges' branches included."""
    brought: dict[int, list[int]] = {target: [] for target in targets if history.changes[target].is_merge}
    if brought:
        for position in range(len(history.changes)):
            merge = history.brought_by[position]
            while merge >= 0:
                if merge in brought:
                    brought[merge].append(position)
                merge = history.brought_by[merge]
    return brought


@dataclass(frozen=True, slots=True)
class _Telling:
    """Says what each release tells of one change's turns."""

    history: History
    related: Related
    twins: Twins
    folds: Folds

    def tell(self, root: int, turns: list[tuple[int, bool]]) -> Iterator[tuple[int, Fold | Told | None]]:
        """Yield what becomes of each commit that turned `root`; None: it is shown as what it is."""
        owners = self.history.owners
        for release in sorted({owners[position] for position, _ in turns}):
            own = [(position, alive) for position, alive in turns if owners[position] == release]
            if self._is_new(root, release):
                yield from self._tell_new(root, own, release)
            else:
                before = [alive for position, alive in turns if owners[position] != release and self._has(release, position)]
                yield from self._tell_released(root, own, alive_before=before[-1] if before else True)

    def _has(self, release: int, position: int) -> bool:
        return self.related.ancestry.reaches(self.history.tips[release], position)

    def _is_new(self, root: int, release: int) -> bool:
        """Whether the change comes with this release, and no copy of it with one before."""
        members, owners = self.twins.members(root), self.history.owners
        if not any(owners[member] == release for member in members):
            return False
        return len(members) == 1 or not any(owners[member] != release and self._has(release, member) for member in members)

    def _tell_new(self, root: int, own: list[tuple[int, bool]], release: int) -> Iterator[tuple[int, Fold]]:
        last, alive = own[-1]
        members = [member for member in self.twins.members(root) if self.history.owners[member] == release]
        if not alive:
            for member in members:
                self.folds.folded[member] = Fold(f"reverted by {_short(self.history, last)} before its release")
        for position, turned in own:
            yield position, Fold(f"{'brings back' if turned else 'cancels'} {_short(self.history, root)}", tuple(members) if alive else ())

    def _tell_released(self, root: int, own: list[tuple[int, bool]], *, alive_before: bool) -> Iterator[tuple[int, Fold | Told | None]]:
        last, alive = own[-1]
        if alive == alive_before:
            yield from ((position, Fold(f"comes to nothing: {_short(self.history, root)} is as it was")) for position, _ in own)
            return
        yield from ((position, Fold(f"goes on in {_short(self.history, last)}", (last,), joins=True)) for position, _ in own[:-1])
        self.folds.remark(last, f"{'brings back' if alive else 'takes back'} {_short(self.history, root)}, released before")
        yield last, Told(self.history.changes[root].message, "as what it brings back") if alive else None


def _settle(position: int, cast: list[Fold | Told | None], history: History, folds: Folds) -> None:
    """One commit may undo several: shown if that matters for one of them; as what it brings back, if that is all."""
    change = history.changes[position]
    plain = not change.relations or not change.relations.undoes
    if plain and not (change.relations and change.relations.picked):
        return  # its header tells of something else; what its body takes back is gone all the same
    shown = [vote for vote in cast if not isinstance(vote, Fold)]
    if not shown:
        first = next(vote for vote in cast if isinstance(vote, Fold))
        into = tuple(dict.fromkeys(at for vote in cast if isinstance(vote, Fold) for at in vote.into))
        folds.folded[position] = Fold(first.rule if len(cast) == 1 else f"{first.rule} and {len(cast) - 1} more", into)
    elif len(cast) == 1 and isinstance(shown[0], Told):
        folds.told[position] = shown[0]


def _tell_unknown(position: int, header: str, folds: Folds) -> None:
    """What is brought back although the history read does not have it is told as what it was."""
    subject, alive = header, True
    for _ in range(_MOST_NESTED):
        match = _NESTED.match(subject)
        if not match:
            break
        subject, alive = match["rest"], alive if match["redo"] else not alive
    if subject != header and alive:
        folds.told[position] = Told(parse_change(subject), "brings back what the history read does not have")


def _short(history: History, position: int) -> str:
    return history.changes[position].sha[:7]
