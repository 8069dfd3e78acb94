"""Folding: a history's commits become changes that are told once, each other commit with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from notewright.changelog.branches import fold_merges
from notewright.changelog.classification import Classifier, is_security, updates_dependencies
from notewright.changelog.corrections import apply_overrides
from notewright.changelog.folds import Fold, Folds, Told
from notewright.changelog.overrides import Override
from notewright.changelog.related import Related, subject_key
from notewright.changelog.reverts import fold_reverts
from notewright.changelog.rules import Rules
from notewright.changelog.twins import find_twins, fold_twins
from notewright.history.bumps import Bump, read_bump
from notewright.history.conventional import parse_change
from notewright.history.history import History


def fold_history(
    history: History,
    related: Related,
    rules: Rules,
    *,
    patch_ids: Mapping[str, str],
    titles: Mapping[str, str],
    overrides: Sequence[Override] = (),
) -> Folds:
    """Decide which commits have entries of their own, and why the others have none.

    What a person says comes first, then reverts, fixups, copies, merges and dependency updates. Each decision about a commit rests
    on what its own release and the releases before it hold, never on later ones: a new commit changes only what is unreleased.
    """
    folds = Folds()
    apply_overrides(history, overrides, folds)
    twins = find_twins(history, related, patch_ids)
    fold_reverts(history, related, twins, folds)
    _fold_fixups(history, related, folds)
    fold_twins(history, related, twins, folds)
    classifier = Classifier(rules)
    fold_merges(history, classifier.shows, titles, folds)
    for release in history.releases:
        _fold_bumps(history, release.commits, folds)
    return folds


def _fold_fixups(history: History, related: Related, folds: Folds) -> None:
    for position, change in enumerate(history.changes):
        if not change.relations or not change.relations.joins or folds.decided(position):
            continue
        target = related.nearest(position, related.joined.get(position, ()))
        if target is None:
            folds.told[position] = Told(parse_change(change.relations.joins), "amends a commit that the history read does not have")
        elif history.owners[target] == history.owners[position]:
            folds.folded[position] = Fold(f"amends {history.changes[target].sha[:7]}", (target,), joins=True)
        else:
            folds.folded[position] = Fold(f"amends {history.changes[target].sha[:7]}, released before")


def _fold_bumps(history: History, positions: Iterable[int], folds: Folds) -> None:
    """Tell the updates of one package as one, from the first version to the last. The oldest stands for all."""
    bumps: dict[str, list[tuple[int, Bump | None]]] = {}
    for position in positions:
        change = history.changes[position]
        if change.is_merge or change.message.breaking or change.released or folds.decided(position):
            continue
        if updates_dependencies(change.message.header) and not is_security(change.message):
            bump = read_bump(change.message.header)
            name = bump.package if bump else subject_key(change.message.subject)
            bumps.setdefault(name.casefold(), []).append((position, bump))
    for *later, (anchor, first) in (found for found in bumps.values() if len(found) > 1):
        message = history.changes[anchor].message
        words = _words(first, later[0][1]) if first and later[0][1] else message.subject
        told = message._replace(header=words) if message.description is None else message._replace(description=words)
        folds.told[anchor] = Told(told, f"dependency update, with {len(later)} more of the same")
        for position, _ in later:
            folds.folded[position] = Fold(f"goes on from {history.changes[anchor].sha[:7]}", (anchor,), joins=True)


def _words(first: Bump, last: Bump) -> str:
    return " ".join(("bump", first.package, *(("from", first.old) if first.old else ()), *(("to", last.new) if last.new else ())))
