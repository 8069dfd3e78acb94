"""Reverts: what was taken back, brought back and taken back again, and what of it each release tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from notewright.changelog.folding.folds import Fold, Folds, Told
from notewright.changelog.folding.related import Related
from notewright.changelog.folding.twins import Twins
from notewright.history.conventional import parse_change
from notewright.history.graph import parents_first
from notewright.history.history import History

_NESTED = re.compile(
    r'(?:reverts?|(?P<redo>reapply|reland))\s+"(?P<quoted>.*)"|revert(?:\([^()]*\))?!?:\s*(?P<typed>\S.*)', re.IGNORECASE | re.DOTALL
)
_MOST_NESTED = 20
_MOST_NAMED = 3  # of what one commit takes back: a merge may have brought thousands


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
        _settle(position, cast, history, twins, folds)
    for position, (does, roots) in telling.told.items():
        named = ", ".join(_short(history, root) for root in roots[:_MOST_NAMED])
        folds.remark(position, f"{does} {named}{_more(len(roots) - _MOST_NAMED)}, released before")
    for position, change in enumerate(history.changes):
        if _says_so(history, position) and position not in effects and not folds.decided(position):
            _tell_unknown(position, change.message.header, folds)


def _effects(history: History, related: Related, twins: Twins) -> dict[int, dict[int, bool]]:
    """Return what each undoing commit makes of the changes at the root of what it names: alive or not. Ancestors first."""
    if not related.undone and not related.picked:
        return {}
    brought = _brought_by(history, {other for others in related.undone.values() for other in others})
    effects: dict[int, dict[int, bool]] = {}
    turns: dict[int, list[tuple[int, bool]]] = {}  # of changes: the commits so far that took them back or brought them back
    for position in parents_first(history.parents):
        if position in related.undone and _undoes(history, position):
            targets = _targets(history, related, twins, position)
            targets = tuple(_living(history, related, position, twins.root(target), turns) or target for target in targets)
            flipped = {root: not alive for target in targets for root, alive in _effect(target, effects, brought, twins).items()}
            if flipped and not _says_so(history, position):
                flipped[twins.root(position)] = True  # a change of its own, whatever else its body takes back
            if flipped:
                effects[position] = flipped
        elif position in related.picked and (origin := related.nearest(position, related.picked[position])) is not None:
            effects[position] = dict(_effect(origin, effects, brought, twins))  # a copy of its own ancestor brings it back
        elif position in twins.repeats and _is_gone(related, position, twins.root(twins.repeats[position]), turns):
            effects[position] = {twins.root(twins.repeats[position]): True}
        for root, alive in effects.get(position, {}).items():
            turns.setdefault(root, []).append((position, alive))
    return effects


def _living(history: History, related: Related, position: int, root: int, turns: Mapping[int, list[tuple[int, bool]]]) -> int | None:
    """Return, where a change is taken back already, the nearest later commit of the same words: git copies a revert with the name of what
    it took back the first time."""
    if not _is_gone(related, position, root, turns):
        return None
    header = history.changes[root].message.header
    later = (other for other in related.undone[position] if other < root and history.changes[other].message.header == header)
    return related.nearest(position, (other for other in later if not turns.get(other)))


def _is_gone(related: Related, position: int, root: int, turns: Mapping[int, list[tuple[int, bool]]]) -> bool:
    """Whether the last commit below `position` that turned a change took it back."""
    return not next((alive for turn, alive in reversed(turns.get(root, [])) if related.ancestry.reaches(position, turn)), True)


def _undoes(history: History, position: int) -> bool:
    """A body that says so is enough, but for merges: their bodies quote what the branch did."""
    return not history.changes[position].is_merge or _says_so(history, position)


def _says_so(history: History, position: int) -> bool:
    """Whether a header tells of taking back or bringing back."""
    relations = history.changes[position].relations
    return relations is not None and relations.undoes is not None


def _targets(history: History, related: Related, twins: Twins, position: int) -> tuple[int, ...]:
    """All commits named by object name, each of another line as the copy of it on this one; if there are none, the nearest commit of
    that number or subject."""
    change, candidates = history.changes[position], related.undone[position]
    named = [other for other in candidates if history.changes[other].sha.startswith(change.message.reverts)]
    found = (related.nearest(position, (other, *twins.members(twins.root(other)))) for other in named)
    targets = tuple(dict.fromkeys(target for target in found if target is not None))
    if targets:
        return targets
    nearest = related.nearest(position, candidates)
    return () if nearest is None else (nearest,)


def _effect(target: int, effects: Mapping[int, dict[int, bool]], brought: Mapping[int, list[int]], twins: Twins) -> dict[int, bool]:
    """What a commit does to changes: an undoing one what it did, a merge what its branch did, any other makes itself."""
    if target in effects:
        return effects[target]
    made = {twins.root(target): True}
    for position in reversed(brought.get(target, ())):
        made |= effects.get(position) or {twins.root(position): True}
    own = {twins.root(position) for position in brought.get(target, ())}
    return {root: alive for root, alive in made.items() if alive or root not in own}  # what came and went on a branch is nothing


def _brought_by(history: History, targets: set[int]) -> dict[int, list[int]]:
    """Return what those of the targets that are merges brought, the newest first, inner merges' branches included."""
    brought: dict[int, list[int]] = {target: [] for target in targets if history.changes[target].is_merge}
    if not brought:
        return brought
    around = {-1: -1, **{target: target for target in brought}}  # of merges: the innermost target that one is or lies in, -1 for none
    for position in range(len(history.changes)):
        target = _innermost(history.brought_by, position, around)
        while target >= 0:
            brought[target].append(position)
            target = _innermost(history.brought_by, target, around)
    return brought


def _innermost(brought_by: Sequence[int], position: int, around: dict[int, int]) -> int:
    merge, passed = brought_by[position], []
    while merge not in around:
        passed.append(merge)
        merge = brought_by[merge]
    around.update(dict.fromkeys(passed, around[merge]))  # merges nest deeply: each is passed once
    return around[merge]


@dataclass(frozen=True, slots=True)
class _Telling:
    """Says what each release tells of one change's turns. `told` collects what the commits that say so take or bring back."""

    history: History
    related: Related
    twins: Twins
    folds: Folds
    told: dict[int, tuple[str, list[int]]] = field(default_factory=dict)

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
                if member not in self.folds.folded and member not in self.folds.hidden:
                    self.folds.folded[member] = Fold(f"reverted by {_short(self.history, last)} before its release")
        for position, turned in own:
            yield position, Fold(f"{'brings back' if turned else 'cancels'} {_short(self.history, root)}", tuple(members) if alive else ())

    def _tell_released(self, root: int, own: list[tuple[int, bool]], *, alive_before: bool) -> Iterator[tuple[int, Fold | Told | None]]:
        last, alive = own[-1]
        if alive == alive_before:
            # a copy of what nobody took back by name is a change all the same: git copies nothing that is there already
            idle = [position for position, _ in own if not all(turned for _, turned in own) or _says_so(self.history, position)]
            yield from ((position, Fold(f"comes to nothing: {_short(self.history, root)} is as it was")) for position in idle)
            return
        yield from ((position, Fold(f"goes on in {_short(self.history, last)}", (last,), joins=True)) for position, _ in own[:-1])
        self.told.setdefault(last, ("brings back" if alive else "takes back", []))[1].append(root)
        yield last, Told(self.history.changes[root].message, "as what it brings back") if alive else None


def _settle(position: int, cast: list[Fold | Told | None], history: History, twins: Twins, folds: Folds) -> None:
    """One commit may undo several: shown if that matters for one of them; as what it brings back, if that is all."""
    if position in folds.folded or position in folds.hidden:
        return  # a person said so
    relations = history.changes[position].relations
    if not _says_so(history, position) and not (relations and relations.picked) and position not in twins.repeats:
        return  # its header tells of something else; what its body takes back is gone all the same
    shown = [vote for vote in cast if not isinstance(vote, Fold)]
    if not shown:
        first = next(vote for vote in cast if isinstance(vote, Fold))
        into = tuple(dict.fromkeys(at for vote in cast if isinstance(vote, Fold) for at in vote.into))
        folds.folded[position] = Fold(first.rule + _more(len(cast) - 1), into)
    elif len(cast) == 1 and isinstance(shown[0], Told) and position not in folds.told:
        folds.told[position] = shown[0]


def _tell_unknown(position: int, header: str, folds: Folds) -> None:
    """What is brought back although the history read does not have it is told as what it was."""
    subject, alive = header, True
    for _ in range(_MOST_NESTED):
        match = _NESTED.match(subject)
        if not match:
            break
        subject, alive = match["quoted"] or match["typed"] or "", alive if match["redo"] else not alive
    if subject != header and alive:
        folds.told[position] = Told(parse_change(subject), "brings back what the history read does not have")


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""


def _short(history: History, position: int) -> str:
    return history.changes[position].sha[:7]
