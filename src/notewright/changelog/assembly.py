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
from notewright.changelog.related import request_number
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
    classifier: Classifier | None = None,
    version: str | None = None,
    tag: str | None = None,
    previous: str | None = None,
    released_at: int | None = None,
) -> Section:
    """Build the section of the changes at `positions` (default: all), newest first, as `folds` decided about them. Same input, same
    section. `classifier` is that of `rules`, for callers that build many; `released_at` is in seconds UTC, by default the date of the
    newest commit."""
    places = range(len(changes)) if positions is None else positions
    assembly = _Assembly(changes, rules, folds or Folds(), known or Known(), classifier or Classifier(rules))
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

    def __init__(self, changes: Sequence[Change], rules: Rules, folds: Folds, known: Known, classifier: Classifier) -> None:
        self.known = known
        self._changes = changes
        self._rules = rules
        self._folds = folds
        self._classifier = classifier
        self._scopes = {name.lower(): shown for name, shown in rules.scopes}
        self._tracked = tracked_patterns(rules)
        self._entries: dict[str, list[Entry]] = {}
        self._ids: dict[int, tuple[str, ...]] = {}

    def read(self, places: Sequence[int]) -> tuple[tuple[LedgerLine, ...], Totals]:
        """Decide about each commit: first those with entries of their own, then those for which others stand."""
        folds, changes = self._folds, self._changes
        shown: list[tuple[int, _Item]] = []
        verdicts: dict[int, Verdict] = {}
        for position in places:
            change, verdict = changes[position], folds.verdicts.get(position)
            if verdict and change.relations is None and change.released is None and not folds.concern(position):  # as nearly all are
                verdicts[position] = verdict
                if verdict.outcome == "shown":
                    shown.append((position, _Item("0", change.message, verdict)))
            elif position not in folds.folded or position in folds.added:
                items = self._items(position)
                own = [item for item in items if item.verdict.outcome == "shown"]
                verdicts[position] = (own or items)[0].verdict
                shown += [(position, item) for item in own]
        ids = _entry_ids([f"{changes[position].sha}:{item.key}" for position, item in shown])
        joined = self._folds.joined(places)
        for (position, item), entry_id in zip(shown, ids, strict=True):
            self._ids[position] = (*self._ids.get(position, ()), entry_id)
            title = item.verdict.title or self._rules.other
            self._entries.setdefault(title, []).append(self._entry(entry_id, position, item, joined.get(position, ())))
        lines = tuple([self._line(position, verdicts) for position in places])
        count = Counter([line.outcome for line in lines])
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
        change, folds = self._changes[position], self._folds
        told = folds.told.get(position)
        message = told.message if told else change.message
        if change.released:
            return [_Item("0", message, Verdict("hidden", None, f"own release commit of {change.released}"))]
        added = folds.added.get(position, ())
        extra = [_Item(f"add:{number}", one, self._classify(change.sha, one)) for number, one in enumerate(added)]
        if position in folds.folded:
            return extra
        if position in folds.hidden:
            return [_Item("0", message, Verdict("hidden", None, folds.hidden[position])), *extra]
        verdict = self._classify(change.sha, message)
        items = [_Item("0", message, verdict._replace(rule=told.rule) if told else verdict)]
        if change.relations and change.relations.parts and self._rules.squash == "entries" and (not told or told.corrected):
            items = self._with_parts(items[0], change, position)
        return [*items, *extra] if extra else items

    def _with_parts(self, own: _Item, change: Change, position: int) -> list[_Item]:
        """Add the changes of a squashed commit that its header does not tell already. A header without a type only names them."""
        assert change.relations
        told = {_words(change.message)}
        parts: list[_Item] = []
        undone = _undone(change.relations.parts)
        for number, listed in enumerate(change.relations.parts, start=1):
            part = self._folds.parts.get((position, number), None if number in undone else listed)
            if part and self._classifier.knows(part.type or "") and _words(part) not in told:
                told.add(_words(part))
                parts.append(_Item(str(number), part, self._classify(change.sha, part)))
        if not parts:
            return [own]
        if own.message.type is None and own.verdict.type is None and position not in self._folds.told:
            return parts
        if own.message.breaking and not _has_bang(own.message) and any(part.message.breaking for part in parts):
            quiet = own.message._replace(breaking=False, breaking_description=None)  # the footer stands below one of the others
            own = own._replace(message=quiet, verdict=self._classify(change.sha, quiet))
        return [own, *parts]

    def _classify(self, sha: str, message: CommitMessage) -> Verdict:
        if message.type is not None:
            return self._classifier.classify(message)
        return self._classifier.classify(message, labels=self.known.labels.get(sha, ()), paths=self.known.paths.get(sha, ()))

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
            security=item.verdict.security or (breaking and is_security(message)),
            references=references,
            commits=(change.sha, *(other.sha for other in others)),
            authors=(change.author,) if not others and not change.relations else _made_by(change, others),
        )

    def _references(self, change: Change, position: int, item: _Item, others: Sequence[Change]) -> tuple[str, ...]:
        number = self.known.numbers.get(change.sha) or self._folds.requests.get(position)
        if number is None and item.message is not change.message:
            number = request_number(change)  # what stands in its header is nowhere in these other words
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

    def _line(self, position: int, verdicts: Mapping[int, Verdict]) -> LedgerLine:
        change = self._changes[position]
        folds = self._folds
        fold, told, remark = folds.folded.get(position), folds.told.get(position), folds.remarks.get(position)
        note = f"; {remark}" if remark else ""
        if fold and told:
            note = f"; {told.rule}{note}"
        if fold and position not in self._ids:
            standing = map(folds.standing, fold.into)
            entries = _unique(entry for other in standing for entry in self._ids.get(other, ()))
            return LedgerLine(change.sha, change.message.header, "folded", entries, fold.rule + note)
        verdict = verdicts[position]
        rule = fold.rule if fold else verdict.rule
        return LedgerLine(
            change.sha, change.message.header, verdict.outcome, self._ids.get(position, ()), f"{rule}{note}" if note else rule
        )


def _summary(message: CommitMessage, references: Sequence[str]) -> str:
    """Return what a change is called. `references` are those of trackers, among others: shown beside it, they need not stand in it."""
    subject = message.subject
    text = _without_references(subject, references) if subject.endswith((")", " ", "\t")) else subject
    if text.isascii() and text.isprintable() and text.strip():
        return text
    return next(text for text in (text, message.header, _NO_MESSAGE) if visible(text))


def _undone(parts: Sequence[CommitMessage]) -> frozenset[int]:
    """Return the numbers, from 1, of listed changes that a later one takes back, and of those that do."""
    undone: set[int] = set()
    places: dict[str, list[int]] = {}
    for number, part in enumerate(parts, start=1):
        if part.type is not None and part.type.lower() == "revert" and (found := places.get(_words(part).strip('"'))):
            undone |= {number, found.pop()}
        else:
            for words in {_words(part), " ".join(part.header.casefold().split())}:
                places.setdefault(words, []).append(number)
    return frozenset(undone)


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


def _entry_ids(keys: Sequence[str], digits: int = _ID_DIGITS) -> list[str]:
    """Name each entry by a digest of its anchor commit and what it is there, with more digits for those that would collide."""
    ids = [f"c-{hashlib.sha256(key.encode()).hexdigest()[:digits]}" for key in keys]
    if len(set(ids)) == len(ids):
        return ids
    often = Counter(ids)
    places = [place for place, entry_id in enumerate(ids) if often[entry_id] > 1]
    for place, entry_id in zip(places, _entry_ids([keys[place] for place in places], digits * 2), strict=True):
        ids[place] = entry_id
    return ids


def _people(changes: Sequence[Change], places: Iterable[int]) -> Iterator[str]:
    """Yield who made each commit, co-authors too; what we committed ourselves is nobody's work."""
    for position in places:
        change = changes[position]
        if not change.released:
            yield from _authors([change]) if change.relations else (change.author,)


def _made_by(change: Change, others: Sequence[Change]) -> tuple[str, ...]:
    """Return the authors of a change; of a merge, those of its branch: who pressed the button is none of them."""
    return _unique(_authors(others if change.is_merge and others else [change, *others]))


def _authors(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        yield from _unique((change.author, *(change.relations.people if change.relations else ())))


def _contributors(authors: Iterable[str], metadata: Metadata | None) -> tuple[Contributor, ...]:
    newcomers = metadata.newcomers if metadata else frozenset()
    count = Counter(authors)
    return tuple(Contributor(name, count[name], name in newcomers) for name in sorted(count, key=lambda name: (-count[name], name)))


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
