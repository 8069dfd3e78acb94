"""A release's section: groups of entries, totals, contributors, and the ledger that accounts for every commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Outcome = Literal["shown", "folded", "hidden"]


class Entry(NamedTuple):
    """One line of a changelog. `id` is a digest of its anchor commit and ordinal; `commits` lists full object names,
    the anchor first; `references` are as written ("#12", "GH-7", "o/r#3"). A tuple, as all that a history has thousands of."""

    id: str
    type: str | None
    scope: str | None
    summary: str
    breaking: bool
    breaking_text: str | None
    security: bool
    references: tuple[str, ...]
    commits: tuple[str, ...]
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one title."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Commits of the range by what became of them: commits = shown + folded + hidden."""

    commits: int
    shown: int
    folded: int
    hidden: int


@dataclass(frozen=True, slots=True)
class Contributor:
    """An author of commits in the range. `new` says that GitHub knows no earlier contribution (metadata only)."""

    name: str
    commits: int
    new: bool


class LedgerLine(NamedTuple):
    """What became of one commit, and the rule that decided. A tuple, as an entry."""

    sha: str
    subject: str
    outcome: Outcome
    entries: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Section:
    """One release. `version` and `date` are None only where nothing decides them (an unreleased range without commits).
    `previous` is the tag that it is compared with."""

    version: str | None
    tag: str | None
    previous: str | None
    date: str | None
    totals: Totals
    contributors: tuple[Contributor, ...]
    groups: tuple[Group, ...]
    ledger: tuple[LedgerLine, ...]

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in the order shown."""
        for group in self.groups:
            yield from group.entries
