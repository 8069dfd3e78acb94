"""Branches: a merge commit is represented by its branch, and a pull request whose commits say little by its title."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from notewright.changelog.classification import is_security
from notewright.changelog.folding.folds import Fold, Folds, Told
from notewright.changelog.folding.related import request_number, subject_key
from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage, parse_change
from notewright.history.history import History

_MOST_NAMED = 100  # commits that stand for a merge: branches nest, and each merge would name all that is within


def fold_merges(history: History, shows: Callable[[CommitMessage], bool], titles: Mapping[str, str], folds: Folds) -> None:
    """Decide about every merge commit, the oldest first.

    It is folded into what its branch brought, where one of those commits tells its change in the conventional form. Where none does, the
    title of the pull request tells it, and the branch's commits are folded into that: one entry a change in GitHub's merge mode
    as in the others. `shows` says whether a conventional message is of a type that is shown; `titles` are GitHub's.
    """
    brought: dict[int, list[int]] = {}
    for position, merge in enumerate(history.brought_by):
        if merge >= 0:
            brought.setdefault(merge, []).append(position)
    merges = _Merges(history, shows, folds, {})
    for position in range(len(history.changes) - 1, -1, -1):
        change, fold = history.changes[position], folds.folded.get(position)
        if change.is_merge and (fold is None or fold.joins):  # else it is reverted, with all that it brought
            number = request_number(change)
            if number is not None:
                folds.requests |= {other: number for other in brought.get(position, ()) if other not in folds.requests}
            merges.decide(position, brought.get(position, ()), merge_title(change, titles))


@dataclass(slots=True)
class _Branch:
    """What stands for a merge: `live` are commits with entries, those of `inner` merges left out. `plain` counts the commits of both,
    `tells` says that one tells its change whatever a title says, `conventional` that one has a type."""

    live: list[int]
    inner: list[int]
    plain: int
    tells: bool
    conventional: bool


@dataclass(frozen=True, slots=True)
class _Merges:
    """Decides about merges, each after those that lie within its branch. `branches` are those of merges without an entry."""

    history: History
    shows: Callable[[CommitMessage], bool]
    folds: Folds
    branches: dict[int, _Branch]

    def decide(self, position: int, brought: Sequence[int], title: CommitMessage | None) -> None:
        """Fold a merge into its branch, or its branch into it. What a person says of a merge changes its words, not what it stands for."""
        branch, change, folds = self._branch(position, brought), self.history.changes[position], self.folds
        by_title = title is not None and branch.plain > 0 and not branch.tells
        if title is not None and by_title and not title.conventional:
            by_title = branch.plain > 1 and not branch.conventional
        left = branch.live or branch.inner or not brought  # else all that the branch did is taken back
        breaks = change.message.breaking and left and not any(self._message(other).breaking for other in branch.live)
        if not by_title and not breaks:
            if not folds.decided(position):
                folds.folded[position] = Fold("merge commit: its branch's commits stand for it", self._standing(branch))
            self.branches[position] = branch
            return
        if not folds.decided(position):
            number = request_number(change)
            rule = f"title of {'a merged branch' if number is None else f'pull request #{number}'}" if title else "breaking change"
            folds.told[position] = Told(title or change.message, rule)
        for other in self._all(branch) if title else ():
            same = title is not None and subject_key(self.history.changes[other].message.subject) == subject_key(title.subject)
            if not folds.decided(other) and (by_title or same):
                folds.folded[other] = Fold(f"told by the merge {change.sha[:7]}", (position,), joins=True)

    def _branch(self, position: int, brought: Sequence[int]) -> _Branch:
        owners, folds = self.history.owners, self.folds
        own = [other for other in brought if owners[other] == owners[position]]
        live = [other for other in own if other not in folds.folded]
        inner = [other for other in own if other in self.branches]
        plain = [other for other in live if not self.history.changes[other].is_merge]
        within = [self.branches[other] for other in inner]
        messages = [self._message(other) for other in live]
        return _Branch(
            live,
            inner,
            len(plain) + sum(branch.plain for branch in within),
            any(map(self._tells, messages)) or any(branch.tells for branch in within),
            any(self.history.changes[other].message.conventional for other in plain) or any(branch.conventional for branch in within),
        )

    def _tells(self, message: CommitMessage) -> bool:
        return message.breaking or is_security(message) or (message.conventional and self.shows(message))

    def _message(self, position: int) -> CommitMessage:
        told = self.folds.told.get(position) if self.history.changes[position].is_merge else None
        return told.message if told else self.history.changes[position].message

    def _all(self, branch: _Branch) -> list[int]:
        """Return the commits of a branch, those of inner branches included. Afterwards those are empty: their commits are decided about."""
        found, waiting = [], [branch]
        while waiting:
            one = waiting.pop()
            found += [other for other in one.live if not self.history.changes[other].is_merge]
            waiting += [self.branches[inner] for inner in one.inner]
            one.inner = []
        return found

    def _standing(self, branch: _Branch) -> tuple[int, ...]:
        """Return the commits that stand for a merge, as far as it is worth naming them."""
        found, waiting = list(branch.live), list(reversed(branch.inner))
        for _ in range(_MOST_NAMED):
            if not waiting or len(found) >= _MOST_NAMED:
                break
            inner = self.branches[waiting.pop()]
            found += inner.live[:_MOST_NAMED]
            waiting += reversed(inner.inner[:_MOST_NAMED])
        return tuple(found)


def merge_title(change: Change, titles: Mapping[str, str]) -> CommitMessage | None:
    """Return what a merge calls its change: a conventional header of its own, else the request's title, by GitHub or in its message."""
    message = change.message
    if message.conventional:
        return message
    text = titles.get(change.sha) or (change.relations.title if change.relations else None)
    if not text:
        return None
    title = parse_change(text)
    return title._replace(
        breaking=title.breaking or message.breaking,
        breaking_description=title.breaking_description or message.breaking_description,
        references=tuple(dict.fromkeys((*title.references, *message.references))),
        trailers=message.trailers,
    )
