"""Entries: what is shown of a commit's items, under ids that stay."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from notewright.changelog.classification import is_security
from notewright.changelog.folding.folds import Folds
from notewright.changelog.folding.related import request_number
from notewright.changelog.items import Item, Known
from notewright.changelog.people import made_by
from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry
from notewright.changelog.subjects import summary_of
from notewright.changelog.tracked import find_tracked, tracked_patterns
from notewright.history.changes import Change

_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Entries:
    """Makes entries, by one set of rules. `scopes` maps a scope in lower case to how it is shown."""

    changes: Sequence[Change]
    folds: Folds
    known: Known
    scopes: Mapping[str, str]
    tracked: tuple[re.Pattern[str], ...]

    @classmethod
    def by(cls, rules: Rules, changes: Sequence[Change], folds: Folds, known: Known) -> Entries:
        """Return what makes entries by these rules."""
        return cls(changes, folds, known, {name.lower(): shown for name, shown in rules.scopes}, tracked_patterns(rules))

    def make(self, entry_id: str, position: int, item: Item, joined: Sequence[int]) -> Entry:
        """Make the entry of an item of the commit at `position`; those at `joined` are a part of its change."""
        change, message = self.changes[position], item.message
        others = [self.changes[other] for other in joined]
        breaking = message.breaking or item.verdict.breaking
        references = self._references(change, position, item, others)
        return Entry(
            id=entry_id,
            type=item.verdict.type or (message.type.lower() if message.type else None),
            scope=self._scope(message.scope),
            summary=summary_of(message, references if self.tracked else ()),
            breaking=breaking,
            breaking_text=message.breaking_description if message.breaking_description != message.description else None,
            security=item.verdict.security or (breaking and is_security(message)),
            references=references,
            commits=(change.sha, *(other.sha for other in others)),
            authors=made_by(change, others),
        )

    def _references(self, change: Change, position: int, item: Item, others: Sequence[Change]) -> tuple[str, ...]:
        number = self.known.numbers.get(change.sha) or self.folds.requests.get(position)
        if number is None and item.message is not change.message:
            number = request_number(change)  # what stands in its header is nowhere in these other words
        references = item.message.references
        if self.tracked:
            own = find_tracked(change.message, self.tracked) if item.key == "0" else ()  # a pull request's title may stand in its place
            references = _unique((*references, *own, *find_tracked(item.message, self.tracked)))
        if number is not None and f"#{number}" not in references:
            references = (*references, f"#{number}")
        if not others:
            return references
        further = [one for other in others for one in (*other.message.references, *find_tracked(other.message, self.tracked))]
        return _unique((*references, *further))

    def _scope(self, scope: str | None) -> str | None:
        return self.scopes.get(scope.lower(), scope) or None if scope and self.scopes else scope


def entry_order(entry: Entry) -> tuple[object, ...]:
    """The total order of entries within a group: by scope, then words, then object name and id."""
    summary = entry.summary
    return ((entry.scope or "").casefold(), summary.casefold(), summary, entry.commits, entry.id)


def entry_ids(keys: Sequence[str], digits: int = _ID_DIGITS) -> list[str]:
    """Name each entry by a digest of its anchor commit and what it is there, with more digits for those that would collide."""
    ids = [f"c-{hashlib.sha256(key.encode()).hexdigest()[:digits]}" for key in keys]
    if len(set(ids)) == len(ids):
        return ids
    often = Counter(ids)
    places = [place for place, entry_id in enumerate(ids) if often[entry_id] > 1]
    for place, entry_id in zip(places, entry_ids([keys[place] for place in places], digits * 2), strict=True):
        ids[place] = entry_id
    return ids


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
