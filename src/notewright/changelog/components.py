"""Components: the commits that belong to a part of the repository which is released by itself, and those of the parts that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notewright.changelog.classification import Classifier
from notewright.changelog.folds import Fold, Folds, Told
from notewright.changelog.rules import Component, Rules
from notewright.history.conventional import CommitMessage
from notewright.history.history import History
from notewright.history.releases import Tag

Paths = Mapping[str, Sequence[str]]


def fold_components(history: History, rules: Rules, paths: Paths, released: Mapping[str, Sequence[Tag]], folds: Folds) -> frozenset[int]:
    """Return the commits that belong to the component of `rules`, and fold what they say of the components that it needs.

    A commit belongs if it touches a file of the component, a merge if it brought such a commit. What other components changed is one
    dependency update in each release, told by the oldest of their commits that shows. `released` are their tags, by name.
    """
    assert rules.component
    own = _touching(history, paths, rules.component)
    classifier = Classifier(rules)
    for needed in rules.needs:
        newest_first = sorted(released.get(needed.name, ()), key=lambda tag: tag.version.key(), reverse=True)
        others = _touching(history, paths, needed) - own
        for release in history.releases:
            commits = [position for position in release.commits if position in others]
            shown = [position for position in commits if _shows(history, position, classifier, folds)]
            if shown:
                targets = {history.changes[position].sha for position in release.commits}
                _tell(shown, needed.name, next((tag for tag in newest_first if tag.target in targets), None), folds)
                own |= set(commits)
    return frozenset(own)


def _tell(shown: Sequence[int], name: str, newest: Tag | None, folds: Folds) -> None:
    *later, anchor = shown
    words = f"update {name}" + (f" to {newest.version.text}" if newest else "")
    message = CommitMessage(words, conventional=True, type="deps", description=words)
    folds.told[anchor] = Told(message, f"update of {name}, with {len(later)} more of its changes")
    for position in later:
        folds.told.pop(position, None)
        folds.folded[position] = Fold(f"update of {name}", (anchor,), joins=True)


def _shows(history: History, position: int, classifier: Classifier, folds: Folds) -> bool:
    change, told = history.changes[position], folds.told.get(position)
    if change.released or position in folds.folded or position in folds.hidden:
        return False
    return classifier.shows(told.message if told else change.message)


def _touching(history: History, paths: Paths, component: Component) -> set[int]:
    folder = component.path.strip("/").removeprefix("./")
    everything = folder in ("", ".")
    inside = f"{folder}/"
    touching = {
        position
        for position, change in enumerate(history.changes)
        if any(everything or path.startswith(inside) or path == folder for path in paths.get(change.sha, ()))
    }
    for position in tuple(touching):
        merge = history.brought_by[position]
        while merge >= 0 and merge not in touching:
            touching.add(merge)
            merge = history.brought_by[merge]
    return touching
