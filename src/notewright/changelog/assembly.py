"""Assembly: changes of one release become its section, each commit accounted for."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from notewright.changelog.classification import Verdict, classify, group_titles, is_security
from notewright.changelog.rules import Rules
from notewright.changelog.section import Contributor, Entry, Group, LedgerLine, Section, Totals
from notewright.history.changes import Change
from notewright.history.metadata import Metadata
from notewright.rendering.neutral import visible

_REFERENCE = re.compile(r"\((?:(?:[\w.-]+/[\w.-]+)?#\d+|GH-\d+)\)")
_ID_DIGITS = 8
_LAST_S = 253_402_300_799  # 9999-12-31T23:59:59Z: git takes later dates, Python does not
_NO_MESSAGE = "(no message)"


def build_section(
    changes: Sequence[Change],
    rules: Rules,
    *,
    version: str | None = None,
    tag: str | None = None,
    previous: str | None = None,
    released_at: int | None = None,
    metadata: Metadata | None = None,
) -> Section:
    """Build the section of `changes` (newest first). Same input, same section; `released_at` is in seconds UTC, by
    default the date of the newest commit."""
    numbers = metadata.numbers_by_commit() if metadata else {}
    verdicts = [classify(change, rules) for change in changes]
    ids = _entry_ids([change.sha for change, verdict in zip(changes, verdicts, strict=True) if verdict.outcome == "shown"])
    grouped: dict[str | None, list[Entry]] = {}
    for change, verdict in zip(changes, verdicts, strict=True):
        if verdict.outcome == "shown":
            grouped.setdefault(verdict.title, []).append(_entry(change, ids[change.sha], numbers.get(change.sha)))
    groups = tuple(
        Group(title, tuple(sorted(grouped[title], key=entry_order))) for title in group_titles(rules) if title in grouped
    )  # fmt: skip
    ledger = tuple(_ledger_line(change, verdict, ids) for change, verdict in zip(changes, verdicts, strict=True))
    if released_at is None and changes:
        released_at = max(change.committed_at for change in changes)
    return Section(
        version=version,
        tag=tag,
        previous=previous,
        date=datetime.fromtimestamp(min(released_at, _LAST_S), UTC).date().isoformat() if released_at is not None else None,
        totals=_totals(verdicts),
        contributors=_contributors((change.author for change in changes if not change.released), metadata),
        groups=groups,
        ledger=ledger,
    )


def entry_order(entry: Entry) -> tuple[object, ...]:
    """The total order of entries within a group: by scope, then words, then object name."""
    return ((entry.scope or "").casefold(), entry.summary.casefold(), entry.summary, entry.commits)


def _entry(change: Change, entry_id: str, number: int | None) -> Entry:
    message = change.message
    references = message.references
    if number is not None and f"#{number}" not in references:
        references = (*references, f"#{number}")
    text = message.breaking_description if message.breaking_description != message.description else None
    return Entry(
        id=entry_id,
        type=message.type.lower() if message.type else None,
        scope=message.scope,
        summary=next(text for text in (_without_references(message.subject), message.header, _NO_MESSAGE) if visible(text)),
        breaking=message.breaking,
        breaking_text=text,
        security=is_security(change),
        references=references,
        commits=(change.sha,),
        authors=(change.author,),
    )


def _without_references(subject: str) -> str:
    """Cut references in parentheses off the end, where they are shown anyway. By position: a pattern that ends in "$" would
    try each place of a hostile subject."""
    end = _end_of_words(subject, len(subject))
    while (start := subject.rfind("(", 0, end)) >= 0 and _REFERENCE.fullmatch(subject, start, end):
        end = _end_of_words(subject, start)
    return subject[:end].strip()


def _end_of_words(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


def _entry_ids(anchors: Iterable[str], digits: int = _ID_DIGITS) -> dict[str, str]:
    """Name each entry by a digest of its anchor commit and ordinal, with more digits for those that would collide."""
    ids = {anchor: f"c-{hashlib.sha256(f'{anchor}:0'.encode()).hexdigest()[:digits]}" for anchor in anchors}
    if len(set(ids.values())) == len(ids):
        return ids
    often = Counter(ids.values())
    return ids | _entry_ids([anchor for anchor, entry_id in ids.items() if often[entry_id] > 1], digits * 2)


def _ledger_line(change: Change, verdict: Verdict, ids: dict[str, str]) -> LedgerLine:
    entries = (ids[change.sha],) if verdict.outcome == "shown" else ()
    return LedgerLine(change.sha, change.message.header, verdict.outcome, entries, verdict.rule)


def _totals(verdicts: Sequence[Verdict]) -> Totals:
    count = Counter(verdict.outcome for verdict in verdicts)
    return Totals(len(verdicts), count["shown"], count["folded"], count["hidden"])


def _contributors(authors: Iterable[str], metadata: Metadata | None) -> tuple[Contributor, ...]:
    newcomers = metadata.newcomers if metadata else frozenset()
    count = Counter(authors)
    return tuple(Contributor(name, count[name], name in newcomers) for name in sorted(count, key=lambda name: (-count[name], name)))
