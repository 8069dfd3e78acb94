"""Assembly: changes of one release become its section, each commit accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from notewright.changelog.classification import Classifier, Verdict, group_titles
from notewright.changelog.entries import Entries, entry_ids, entry_order
from notewright.changelog.folding.folds import Folds
from notewright.changelog.items import Item, Items, Known
from notewright.changelog.people import list_contributors
from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry, Group, LedgerLine, Section, Totals
from notewright.history.changes import Change

_LAST_S = 253_402_300_799  # 9999-12-31T23:59:59Z: git takes later dates, Python does not


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
        contributors=list_contributors(changes, places, known.metadata if known else None),
        groups=assembly.groups(),
        ledger=ledger,
    )


class _Assembly:
    """Reads commits of one release: entries by title, and a line of the ledger for each commit."""

    def __init__(self, changes: Sequence[Change], rules: Rules, folds: Folds, known: Known, classifier: Classifier) -> None:
        self._changes = changes
        self._rules = rules
        self._folds = folds
        self._items = Items(rules, folds, known, classifier)
        self._maker = Entries.by(rules, changes, folds, known)
        self._entries: dict[str, list[Entry]] = {}
        self._ids: dict[int, tuple[str, ...]] = {}

    def read(self, places: Sequence[int]) -> tuple[tuple[LedgerLine, ...], Totals]:
        """Decide about each commit: first those with entries of their own, then those for which others stand."""
        folds, changes = self._folds, self._changes
        shown: list[tuple[int, Item]] = []
        verdicts: dict[int, Verdict] = {}
        for position in places:
            change, verdict = changes[position], folds.verdicts.get(position)
            if verdict and change.relations is None and change.released is None and not folds.concern(position):  # as nearly all are
                verdicts[position] = verdict
                if verdict.outcome == "shown":
                    shown.append((position, Item("0", change.message, verdict)))
            elif position not in folds.folded or position in folds.added:
                items = self._items.read(position, change)
                own = [item for item in items if item.verdict.outcome == "shown"]
                verdicts[position] = (own or items)[0].verdict
                shown += [(position, item) for item in own]
        ids = entry_ids([f"{changes[position].sha}:{item.key}" for position, item in shown])
        joined = self._folds.joined(places)
        for (position, item), entry_id in zip(shown, ids, strict=True):
            self._ids[position] = (*self._ids.get(position, ()), entry_id)
            title = item.verdict.title or self._rules.other
            self._entries.setdefault(title, []).append(self._maker.make(entry_id, position, item, joined.get(position, ())))
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

    def _line(self, position: int, verdicts: Mapping[int, Verdict]) -> LedgerLine:
        change = self._changes[position]
        folds = self._folds
        fold, told, remark = folds.folded.get(position), folds.told.get(position), folds.remarks.get(position)
        note = f"; {remark}" if remark else ""
        if fold and told:
            note = f"; {told.rule}{note}"
        if fold and position not in self._ids:
            standing = map(folds.standing, fold.into)
            entries = tuple(dict.fromkeys(entry for other in standing for entry in self._ids.get(other, ())))
            return LedgerLine(change.sha, change.message.header, "folded", entries, fold.rule + note)
        verdict = verdicts[position]
        rule = fold.rule if fold else verdict.rule
        return LedgerLine(
            change.sha, change.message.header, verdict.outcome, self._ids.get(position, ()), f"{rule}{note}" if note else rule
        )
