"""Folds: commits that another one stands for, and commits that are told in other words than their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from notewright.changelog.classification import Verdict
from notewright.history.conventional import CommitMessage


class Fold(NamedTuple):
    """Why a commit has no entry of its own, and the commits (positions) whose entries stand for it. `joins` says that it is a part of their
    change, so that those entries name it too."""

    rule: str
    into: tuple[int, ...] = ()
    joins: bool = False


class Told(NamedTuple):
    """What a commit is told as, and why. `corrected` says that it is still its own change, in a person's words."""

    message: CommitMessage
    rule: str
    corrected: bool = False


@dataclass(slots=True)
class Folds:
    """What became of a history's commits so far, by position. Each step adds to it and leaves alone what an earlier step decided.

    `hidden` holds rules, `parts` what a squashed commit's listed changes (by number, from 1) are told as (None: not at all), `added`
    what a person wants told beside a commit's own change, `requests` the number of the pull request by which a commit came, `remarks`
    what is to be added to the rule of a commit, `verdicts` what the rules say of those that have a type.
    """

    folded: dict[int, Fold] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    hidden: dict[int, str] = field(default_factory=dict)
    parts: dict[tuple[int, int], CommitMessage | None] = field(default_factory=dict)
    added: dict[int, list[CommitMessage]] = field(default_factory=dict)
    requests: dict[int, int] = field(default_factory=dict)
    remarks: dict[int, str] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    def decided(self, position: int) -> bool:
        """Whether a step has decided about a commit."""
        return position in self.folded or position in self.told or position in self.hidden

    def concern(self, position: int) -> bool:
        """Whether a commit is told otherwise than by its own message."""
        return position in self.folded or position in self.told or position in self.hidden or position in self.added

    def remark(self, position: int, text: str) -> None:
        """Add to the rule of a commit."""
        above = self.remarks.get(position)
        self.remarks[position] = f"{above}; {text}" if above else text

    def joined(self, positions: Iterable[int]) -> dict[int, list[int]]:
        """Return, for commits with entries, those of `positions` that are a part of their change, the newest first."""
        found: dict[int, list[int]] = {}
        for position in positions:
            if position in self.folded and (fold := self.folded[position]).joins:
                for other in fold.into:
                    found.setdefault(self.standing(other), []).append(position)
        return found

    def standing(self, position: int) -> int:
        """Return the commit that stands for this one, through whatever it is folded into."""
        seen = {position}
        while (fold := self.folded.get(position)) and len(fold.into) == 1 and fold.into[0] not in seen:
            position = fold.into[0]
            seen.add(position)
        return position
