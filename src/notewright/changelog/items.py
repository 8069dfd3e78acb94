"""Items: what one commit tells, each with the verdict of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from notewright.changelog.classification import Classifier, Verdict
from notewright.changelog.folding.folds import Folds
from notewright.changelog.rules import Rules
from notewright.changelog.subjects import words_of
from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage
from notewright.history.metadata import Metadata


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of commits beyond their messages, by object name: what GitHub says, and the files that unconventional ones touch."""

    metadata: Metadata | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Item(NamedTuple):
    """One thing that a commit tells: `key` names it within the commit, for the id of its entry."""

    key: str
    message: CommitMessage
    verdict: Verdict


def know(metadata: Metadata | None) -> Known:
    """Look up what GitHub says by commit."""
    if metadata is None:
        return Known()
    return Known(metadata, metadata.numbers_by_commit(), metadata.labels_by_commit())


@dataclass(frozen=True, slots=True)
class Items:
    """Reads what commits tell, by one set of rules."""

    rules: Rules
    folds: Folds
    known: Known
    classifier: Classifier

    def read(self, position: int, change: Change) -> list[Item]:
        """Return what a commit tells: its own change, the changes that its body lists, and what a person added."""
        folds = self.folds
        told = folds.told.get(position)
        message = told.message if told else change.message
        if change.released:
            return [Item("0", message, Verdict("hidden", None, f"own release commit of {change.released}"))]
        added = folds.added.get(position, ())
        extra = [Item(f"add:{number}", one, self._classify(change.sha, one)) for number, one in enumerate(added)]
        if position in folds.folded:
            return extra
        if position in folds.hidden:
            return [Item("0", message, Verdict("hidden", None, folds.hidden[position])), *extra]
        verdict = self._classify(change.sha, message)
        items = [Item("0", message, verdict._replace(rule=told.rule) if told else verdict)]
        if change.relations and change.relations.parts and self.rules.squash == "entries" and (not told or told.corrected):
            items = self._with_parts(items[0], change, position)
        return [*items, *extra] if extra else items

    def _with_parts(self, own: Item, change: Change, position: int) -> list[Item]:
        """Add the changes of a squashed commit that its header does not tell already. A header without a type only names them."""
        assert change.relations
        told = {words_of(change.message)}
        parts: list[Item] = []
        undone = _undone(change.relations.parts)
        for number, listed in enumerate(change.relations.parts, start=1):
            part = self.folds.parts.get((position, number), None if number in undone else listed)
            if part and self.classifier.knows(part.type or "") and words_of(part) not in told:
                told.add(words_of(part))
                parts.append(Item(str(number), part, self._classify(change.sha, part)))
        if not parts:
            return [own]
        if own.message.type is None and own.verdict.type is None and position not in self.folds.told:
            return parts
        if own.message.breaking and not _has_bang(own.message) and any(part.message.breaking for part in parts):
            quiet = own.message._replace(breaking=False, breaking_description=None)  # the footer stands below one of the others
            own = own._replace(message=quiet, verdict=self._classify(change.sha, quiet))
        return [own, *parts]

    def _classify(self, sha: str, message: CommitMessage) -> Verdict:
        if message.type is not None:
            return self.classifier.classify(message)
        return self.classifier.classify(message, labels=self.known.labels.get(sha, ()), paths=self.known.paths.get(sha, ()))


def _undone(parts: Sequence[CommitMessage]) -> frozenset[int]:
    """Return the numbers, from 1, of listed changes that a later one takes back, and of those that do."""
    undone: set[int] = set()
    places: dict[str, list[int]] = {}
    for number, part in enumerate(parts, start=1):
        if part.type is not None and part.type.lower() == "revert" and (found := places.get(words_of(part).strip('"'))):
            undone |= {number, found.pop()}
        else:
            for words in {words_of(part), " ".join(part.header.casefold().split())}:
                places.setdefault(words, []).append(number)
    return frozenset(undone)


def _has_bang(message: CommitMessage) -> bool:
    return message.header.partition(":")[0].endswith("!")
