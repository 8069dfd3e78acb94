"""Assembly: changes of one release become its section, each commit accounted for."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from notewright.changelog.classification import Classifier, Verdict, group_titles, is_security
from notewright.changelog.folds import Folds
from notewright.changelog.rules import Rules
from notewright.changelog.section import Contributor, Entry, Group, LedgerLine, Section, Totals
from notewright.changelog.tracked import are_shown, find_tracked, tracked_patterns
from notewright.history.changes import Change
from notewright.history.conventional import CommitMessage
from notewright.history.metadata import Metadata
from notewright.rendering.neutral import visible

_REFERENCE = re.compile(r"\((?:(?:[\w.-]+/[\w.-]+)?[#!]\d+|GH-\d+)\)")
_ID_DIGITS = 8
_LAST_S = 253_402_300_799  # 9999-12-31T23:59:59Z: git takes later dates, Python does not
_NO_MESSAGE = "(no message)"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of commits beyond their messages, by object name: what GitHub says, and the files that unconventional ones touch."""

    metadata: Metadata | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Item(NamedTuple):
    """One thing that a commit tells: `key` names it within the commit, for the id of its entry."""

    key: str
    message: CommitMessage
    verdict: Verdict


def know(metadata: Metadata | None) -> Known:
    """Look up what GitHub says by commit."""
    if metadata is None:
        return Known()
    return Known(metadata, metadata.numbers_by_commit(), metadata.labels_by_commit())


def build_section(
    changes: Sequence[Change],
    rules: Rules,
    *,
    positions: Sequence[int] | None = None,
    folds: Folds | None = None,
    known: Known | None = None,
    version: str | None = None,
    tag: str | None = None,
    previous: str | None = None,
    released_at: int | None = None,
) -> Section:
    """Build the section of the changes at `positions` (default: all), newest first, as `folds` decided about them. Same input, same
    section; `released_at` is in seconds UTC, by default the date of the newest commit."""
    places = range(len(changes)) if positions is None else positions
    assembly = _Assembly(changes, rules, folds or Folds(), known or Known())
    ledger, totals = assembly.read(places)
    if released_at is None and places:
        released_at = max(changes[position].committed_at for position in places)
    return Section(
        version=version,
        tag=tag,
        previous=previous,
        date=datetime.fromtimestamp(min(released_at, _LAST_S), UTC).date().isoformat() if released_at is not None else None,
        totals=totals,
        contributors=_contributors(_people(changes, places), assembly.known.metadata),
        groups=assembly.groups(),
        ledger=ledger,
    )


def entry_order(entry: Entry) -> tuple[object, ...]:
    """The total order of entries within a group: by scope, then words, then object name and id."""
    summary = entry.summary
    return ((entry.scope or "").casefold(), summary.casefold(), summary, entry.commits, entry.id)


class _Assembly:
    """Reads commits of one release: entries by title, and a line of the ledger for each commit."""

    def __init__(self, changes: Sequence[Change], rules: Rules, folds: Folds, known: Known) -> None:
        self.known = known
        self._changes = changes
        self._rules = rules
        self._folds = folds
        self._classifier = Classifier(rules)
        self._scopes = {name.lower(): shown for name, shown in rules.scopes}
        self._tracked = tracked_patterns(rules)
        self._entries: dict[str, list[Entry]] = {}
        self._ids: dict[int, tuple[str, ...]] = {}

    def read(self, places: Sequence[int]) -> tuple[tuple[LedgerLine, ...], Totals]:
        """Decide about each commit: first those with entries of their own, then those for which others stand."""
        items = {position: self._items(position) for position in places if position not in self._folds.folded}
        shown = {position: [item for item in found if item.verdict.outcome == "shown"] for position, found in items.items()}
        self._name(shown)
        joined = self._folds.joined(places)
        for position, found in shown.items():
            for entry_id, item in zip(self._ids.get(position, ()), found, strict=True):
                title = item.verdict.title or self._rules.other
                self._entries.setdefault(title, []).append(self._entry(entry_id, position, item, joined.get(position, ())))
        lines = tuple(self._line(position, items) for position in places)
        count = Counter(line.outcome for line in lines)
        return lines, Totals(len(lines), count["shown"], count["folded"], count["hidden"])

    def groups(self) -> tuple[Group, ...]:
        """Return the groups that have entries, in their order."""
        return tuple(
            Group(title, tuple(sorted(self._entries[title], key=entry_order)))
            for title in group_titles(self._rules)
            if title in self._entries
        )

    def _items(self, position: int) -> list[_Item]:
        """Return what a commit tells: its own change, the changes that its body lists, and what a person added."""
        change = self._changes[position]
        told = self._folds.told.get(position)
        message = told.message if told else change.message
        if change.released:
            return [_Item("0", message, Verdict("hidden", None, f"own release commit of {change.released}"))]
        if position in self._folds.hidden:
            return [_Item("0", message, Verdict("hidden", None, self._folds.hidden[position]))]
        verdict = self._classify(change.sha, message)
        items = [_Item("0", message, verdict._replace(rule=told.rule) if told else verdict)]
        if change.relations and change.relations.parts and self._rules.squash == "entries" and not told:
            items = self._with_parts(items[0], change, position)
        added = self._folds.added.get(position, ())
        return [*items, *(_Item(f"add:{number}", one, self._classify(change.sha, one)) for number, one in enumerate(added))]

    def _with_parts(self, own: _Item, change: Change, position: int) -> list[_Item]:
        """Add the changes of a squashed commit that its header does not tell already. A header without a type only names them."""
        assert change.relations
        told = {_words(change.message)}
        parts: list[_Item] = []
        for number, listed in enumerate(change.relations.parts, start=1):
            part = self._folds.parts.get((position, number), listed) if self._folds.parts else listed
            if part and self._classifier.knows(part.type or "") and _words(part) not in told:
                told.add(_words(part))
                parts.append(_Item(str(number), part, self._classify(change.sha, part)))
        if not parts:
            return [own]
        if own.message.type is None and own.verdict.type is None:
            return parts
        if own.message.breaking and not _has_bang(own.message) and any(part.message.breaking for part in parts):
            quiet = own.message._replace(breaking=False, breaking_description=None)  # the footer stands below one of the others
            own = own._replace(message=quiet, verdict=self._classify(change.sha, quiet))
        return [own, *parts]

    def _classify(self, sha: str, message: CommitMessage) -> Verdict:
        if message.type is not None:
            return self._classifier.classify(message)
        return self._classifier.classify(message, labels=self.known.labels.get(sha, ()), paths=self.known.paths.get(sha, ()))

    def _name(self, shown: Mapping[int, Sequence[_Item]]) -> None:
        keys = [f"{self._changes[position].sha}:{item.key}" for position, found in shown.items() for item in found]
        ids = _entry_ids(keys)
        for position, found in shown.items():
            if found:
                sha = self._changes[position].sha
                self._ids[position] = tuple([ids[f"{sha}:{item.key}"] for item in found])

    def _entry(self, entry_id: str, position: int, item: _Item, joined: Sequence[int]) -> Entry:
        change, message = self._changes[position], item.message
        others = [self._changes[other] for other in joined]
        breaking = message.breaking or item.verdict.breaking
        references = self._references(change, position, item, others)
        return Entry(
            id=entry_id,
            type=item.verdict.type or (message.type.lower() if message.type else None),
            scope=self._scope(message.scope),
            summary=_summary(message, references if self._tracked else ()),
            breaking=breaking,
            breaking_text=message.breaking_description if message.breaking_description != message.description else None,
            security=is_security(message) or item.verdict.type == "security",
            references=references,
            commits=(change.sha, *(other.sha for other in others)),
            authors=(change.author,) if not others and not change.relations else _unique(_authors([change, *others])),
        )

    def _references(self, change: Change, position: int, item: _Item, others: Sequence[Change]) -> tuple[str, ...]:
        number = self.known.numbers.get(change.sha) or self._folds.requests.get(position)
        references = item.message.references
        if self._tracked:
            own = find_tracked(change.message, self._tracked) if item.key == "0" else ()  # a pull request's title may stand in its place
            references = _unique((*references, *own, *find_tracked(item.message, self._tracked)))
        if number is not None and f"#{number}" not in references:
            references = (*references, f"#{number}")
        if not others:
            return references
        further = [one for other in others for one in (*other.message.references, *find_tracked(other.message, self._tracked))]
        return _unique((*references, *further))

    def _scope(self, scope: str | None) -> str | None:
        return self._scopes.get(scope.lower(), scope) or None if scope and self._scopes else scope

    def _line(self, position: int, items: Mapping[int, Sequence[_Item]]) -> LedgerLine:
        change = self._changes[position]
        remark = self._folds.remarks.get(position)
        note = f"; {remark}" if remark else ""
        fold = self._folds.folded.get(position)
        if fold:
            standing = map(self._folds.standing, fold.into)
            entries = _unique(entry for other in standing for entry in self._ids.get(other, ()))
            return LedgerLine(change.sha, change.message.header, "folded", entries, fold.rule + note)
        verdict = max((item.verdict for item in items[position]), key=lambda verdict: verdict.outcome == "shown")
        return LedgerLine(change.sha, change.message.header, verdict.outcome, self._ids.get(position, ()), verdict.rule + note)


def _summary(message: CommitMessage, references: Sequence[str]) -> str:
    """Return what a change is called. `references` are those of trackers, among others: shown beside it, they need not stand in it."""
    subject = message.subject
    text = _without_references(subject, references) if subject.endswith((")", " ", "\t")) else subject
    if text.isascii() and text.isprintable() and text.strip():
        return text
    return next(text for text in (text, message.header, _NO_MESSAGE) if visible(text))


def _has_bang(message: CommitMessage) -> bool:
    return message.header.partition(":")[0].endswith("!")


def _words(message: CommitMessage) -> str:
    """What a change is called, for finding it listed twice."""
    return " ".join(_without_references(message.subject).casefold().split())


def _without_references(subject: str, references: Sequence[str] = ()) -> str:
    """Cut references in parentheses off the end, where they are shown anyway. By position: a pattern that ends in "$" would
    try each place of a hostile subject."""
    end = _end_of_words(subject, len(subject))
    while (start := subject.rfind("(", 0, end)) >= 0 and (
        _REFERENCE.fullmatch(subject, start, end) or (references and are_shown(subject[start:end], references))
    ):
        end = _end_of_words(subject, start)
    return subject[:end].strip()


def _end_of_words(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


def _entry_ids(keys: Sequence[str], digits: int = _ID_DIGITS) -> dict[str, str]:
    """Name each entry by a digest of its anchor commit and what it is there, with more digits for those that would collide."""
    ids = {key: f"c-{hashlib.sha256(key.encode()).hexdigest()[:digits]}" for key in keys}
    if len(set(ids.values())) == len(ids):
        return ids
    often = Counter(ids.values())
    return ids | _entry_ids([key for key, entry_id in ids.items() if often[entry_id] > 1], digits * 2)


def _people(changes: Sequence[Change], places: Iterable[int]) -> Iterator[str]:
    """Yield who made each commit, co-authors too; what we committed ourselves is nobody's work."""
    for position in places:
        change = changes[position]
        if not change.released:
            yield from _authors([change]) if change.relations else (change.author,)


def _authors(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        yield from _unique((change.author, *(change.relations.people if change.relations else ())))


def _contributors(authors: Iterable[str], metadata: Metadata | None) -> tuple[Contributor, ...]:
    newcomers = metadata.newcomers if metadata else frozenset()
    count = Counter(authors)
    return tuple(Contributor(name, count[name], name in newcomers) for name in sorted(count, key=lambda name: (-count[name], name)))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
