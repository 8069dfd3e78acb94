"""Components: the commits that belong to a part of the repository which is released by itself, and those of the parts that it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from notewright.changelog.classification import Classifier
from notewright.changelog.folding.folds import Fold, Folds, Told
from notewright.changelog.rules import Component, Rules
from notewright.history.conventional import CommitMessage
from notewright.history.history import History
from notewright.history.releases import Tag

Paths = Mapping[str, Sequence[str]]


def fold_components(
    history: History, rules: Rules, paths: Paths, own: Collection[int], *, released: Mapping[str, Sequence[Tag]], folds: Folds
) -> frozenset[int]:
    """Return `own`, the commits of the component that `rules` name, with those of the components that it needs, folded.

    What one of those changed is a dependency update in each release, told by the oldest of its commits that shows. `released` are their
    tags, by name.
    """
    found = set(own)
    classifier = Classifier(rules)
    for needed in rules.needs:
        newest_first = sorted(released.get(needed.name, ()), key=lambda tag: tag.version.key(), reverse=True)
        others = touching(history, paths, needed) - found
        for release in history.releases:
            commits = [position for position in release.commits if position in others]
            shown = [position for position in commits if _shows(history, position, classifier, folds)]
            if shown:
                targets = {history.changes[position].sha for position in release.commits}
                _tell(shown, needed.name, next((tag for tag in newest_first if tag.target in targets), None), folds)
                found |= set(commits)
    return frozenset(found)


def _tell(shown: Sequence[int], name: str, newest: Tag | None, folds: Folds) -> None:
    *later, anchor = shown
    words = f"update {name}" + (f" to {newest.version.text}" if newest else "")
    message = CommitMessage(words, conventional=True, type="deps", description=words)
    folds.told[anchor] = Told(message, f"update of {name}" + (f", with {len(later)} more of its changes" if later else ""))
    for position in later:
        folds.told.pop(position, None)
        folds.folded[position] = Fold(f"update of {name}", (anchor,), joins=True)


def _shows(history: History, position: int, classifier: Classifier, folds: Folds) -> bool:
    change, told = history.changes[position], folds.told.get(position)
    if change.released or position in folds.folded or position in folds.hidden:
        return False
    return classifier.shows(told.message if told else change.message)


def touches(component: Component, paths: Sequence[str]) -> bool:
    """Whether a commit that changed these paths belongs to a component; one whose folder is "." has all that change anything."""
    folder = component.path.strip("/").removeprefix("./")
    if folder in ("", "."):
        return bool(paths)
    inside = f"{folder}/"
    return any(path.startswith(inside) or path == folder for path in paths)


def touching(history: History, paths: Paths, component: Component) -> set[int]:
    """Return the commits that touch a file of a component, and the merges that brought such a commit."""
    found = {position for position, change in enumerate(history.changes) if touches(component, paths.get(change.sha, ()))}
    for position in tuple(found):
        merge = history.brought_by[position]
        while merge >= 0 and merge not in found:
            found.add(merge)
            merge = history.brought_by[merge]
    return found
