"""Folding: a history's commits become changes that are told once, each other commit with its reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from notewright.changelog.classification import Classifier, is_security
from notewright.changelog.folding.branches import fold_merges
from notewright.changelog.folding.corrections import apply_overrides
from notewright.changelog.folding.folds import Fold, Folds, Told
from notewright.changelog.folding.related import Related, subject_key
from notewright.changelog.folding.reverts import fold_reverts
from notewright.changelog.folding.twins import find_twins, fold_twins
from notewright.changelog.overrides import Override
from notewright.changelog.rules import Rules
from notewright.history.bumps import Bump, read_update
from notewright.history.conventional import parse_change
from notewright.history.graph import parents_first
from notewright.history.history import History

_MOST_CHAINS = 20  # updates of one package that are compared with a later one


def fold_history(
    history: History,
    related: Related,
    rules: Rules,
    *,
    patch_ids: Mapping[str, str],
    titles: Mapping[str, str],
    overrides: Sequence[Override] = (),
    within: Collection[int] | None = None,
) -> Folds:
    """Decide which commits have entries of their own, and why the others have none.

    What a person says comes first, then reverts, fixups, copies, merges and dependency updates. Each decision about a commit rests
    on what its own release and the releases before it hold, never on later ones: a new commit changes only what is unreleased.
    `within` are the commits of the component that is told, which only they can stand for; None for all.
    """
    folds = Folds()
    apply_overrides(history, overrides, titles, folds)
    twins = find_twins(history, related, patch_ids)
    fold_reverts(history, related, twins, folds)
    _fold_fixups(history, related, folds, within)
    fold_twins(history, related, twins, folds)
    classifier = Classifier(rules)
    fold_merges(history, classifier.shows, titles, folds)
    updates = _find_updates(history, classifier, folds)
    if within is not None:
        updates &= set(within)
    # by ancestry, not as the log prints them: a clock that was wrong must not part the steps of one package
    by_release: dict[int, list[int]] = {}
    for position in reversed(parents_first(history.parents)) if updates else ():
        if position in updates:
            by_release.setdefault(history.owners[position], []).append(position)
    for found in by_release.values():
        _fold_bumps(history, found, folds)
    return folds


def _fold_fixups(history: History, related: Related, folds: Folds, within: Collection[int] | None) -> None:
    for position, change in enumerate(history.changes):
        if not change.relations or not change.relations.joins or folds.decided(position):
            continue
        target = related.nearest(position, related.joined.get(position, ()))
        if target is None:
            folds.told[position] = Told(parse_change(change.relations.joins), "amends a commit that the history read does not have")
        elif within is not None and position in within and target not in within:
            folds.told[position] = Told(
                parse_change(change.relations.joins), f"amends {history.changes[target].sha[:7]}, not of this component"
            )
        elif history.owners[target] == history.owners[position]:
            folds.folded[position] = Fold(f"amends {history.changes[target].sha[:7]}", (target,), joins=True)
        else:
            folds.folded[position] = Fold(f"amends {history.changes[target].sha[:7]}, released before")


def _find_updates(history: History, classifier: Classifier, folds: Folds) -> set[int]:
    """Find the commits that only move dependencies, and keep what the rules say of all that have a type: asked once for each."""
    found = set[int]()
    for position, change in enumerate(history.changes):
        message = change.message
        if message.type is None:
            update = not change.is_merge and not message.breaking and classifier.updates(message) and not is_security(message)
        else:
            verdict = folds.verdicts[position] = classifier.classify(message)
            update = verdict.dependency and not change.is_merge
        if update and not change.released and position not in folds.folded and position not in folds.hidden:
            found.add(position)
    return found


def _fold_bumps(history: History, updates: Iterable[int], folds: Folds) -> None:
    """Tell the updates of one package as one, from the first version to the last. The oldest stands for all."""
    bumps: dict[str, list[tuple[int, Bump | None]]] = {}
    for position in updates:
        message = history.changes[position].message
        _, bump = read_update(message.header)
        name = bump.package if bump else subject_key(message.subject)
        bumps.setdefault(name.casefold(), []).append((position, bump))
    for found in bumps.values():
        for steps in _chains(found[::-1], folds) if len(found) > 1 else ():
            if len(steps) > 1:
                _tell_steps(history, steps, folds)


def _chains(steps: Iterable[tuple[int, Bump | None]], folds: Folds) -> list[list[tuple[int, Bump | None]]]:
    """Part the updates of one package, the oldest first: one that does not go on from another is made in another folder, or names other
    versions. One that a person corrected stands by itself, or at the head."""
    chains: list[list[tuple[int, Bump | None]]] = []
    for step in steps:
        chain = next((chain for chain in reversed(chains[-_MOST_CHAINS:]) if _goes_on(chain, step[1])), None)
        if chain is None or step[0] in folds.told:
            chains.append([step])
        else:
            chain.append(step)
    return chains


def _goes_on(chain: Sequence[tuple[int, Bump | None]], bump: Bump | None) -> bool:
    """Whether an update begins where one of the chain ended, is one of them in another folder, or goes beyond: by hand in between."""
    ends = [one.new for _, one in chain[-_MOST_CHAINS:] if one and one.new]
    if bump is None or bump.old is None or not ends:
        return True
    if any(one and (one.old, one.new) == (bump.old, bump.new) for _, one in chain[-_MOST_CHAINS:]):
        return True
    return bump.old in ends or _numbers(bump.old) >= max(map(_numbers, ends))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits[:9]) for digits in re.findall(r"\d+", version)[:6])


def _tell_steps(history: History, steps: Sequence[tuple[int, Bump | None]], folds: Folds) -> None:
    (anchor, first), *later = steps
    message = history.changes[anchor].message
    last = next((bump for _, bump in reversed(steps) if bump and bump.new), None)
    words = _words(first, last) if first and last and last.new != first.old else message.subject
    told = message._replace(header=words) if message.description is None else message._replace(description=words)
    if anchor in folds.told:
        folds.remark(anchor, f"with {len(later)} more of the same")
    else:
        folds.told[anchor] = Told(told, f"dependency update, with {len(later)} more of the same")
    for position, _ in reversed(later):
        folds.folded[position] = Fold(f"goes on from {history.changes[anchor].sha[:7]}", (anchor,), joins=True)


def _words(first: Bump, last: Bump) -> str:
    return " ".join(("bump", first.package, *(("from", first.old) if first.old else ()), *(("to", last.new) if last.new else ())))
