"""Branches: a merge commit is represented by its branch, and a pull request whose commits say little by its title."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from notewright.changelog.folds import Fold, Folds, Told
from notewright.changelog.related import request_number
from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage, parse_change
from notewright.history.history import History


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
    for position in range(len(history.changes) - 1, -1, -1):
        change = history.changes[position]
        if change.is_merge and not folds.decided(position):
            number = request_number(change)
            if number is not None:
                folds.requests |= {other: number for other in brought.get(position, ()) if other not in folds.requests}
            _fold_merge(history, position, brought.get(position, ()), folds, title=_title(change, titles), shows=shows)


def _fold_merge(
    history: History,
    position: int,
    brought: Sequence[int],
    folds: Folds,
    *,
    title: CommitMessage | None,
    shows: Callable[[CommitMessage], bool],
) -> None:
    changes, change = history.changes, history.changes[position]
    live = [other for other in brought if history.owners[other] == history.owners[position] and other not in folds.folded]
    own = [other for other in live if not changes[other].is_merge]
    if title is None or not own or any(changes[other].message.conventional and shows(changes[other].message) for other in live):
        told = change.message.breaking
    elif title.conventional:
        told = True
    else:
        told = len(own) > 1 and not any(changes[other].message.conventional for other in own)
    if not told:
        folds.folded[position] = Fold("merge commit: its branch's commits stand for it", tuple(live))
        return
    number = request_number(change)
    folds.told[position] = Told(title or change.message, f"title of {'a merged branch' if number is None else f'pull request #{number}'}")
    for other in own if title else ():
        if not folds.decided(other):
            folds.folded[other] = Fold(f"told by the merge {change.sha[:7]}", (position,), joins=True)


def _title(change: Change, titles: Mapping[str, str]) -> CommitMessage | None:
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
