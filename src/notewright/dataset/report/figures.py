"""The figures that a report tells: what a dataset holds, what was left out and why, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from notewright.dataset.tasks import Variant

# Names and how many of each, in any order: the report ranks them
Tally = tuple[tuple[str, int], ...]
# What can be dropped: a file of a repository, a passage of a file, a pair that a gate saw, a kept pair that the export left out
Unit = Literal["files", "passages", "pairs", "rows"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there were on the way from files to rows; each step holds what the one before let through."""

    files: int = 0
    files_selected: int = 0
    passages: int = 0
    passages_used: int = 0
    pairs: int = 0
    pairs_kept: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """How many were dropped for a reason, which is one word, and what the word means, in one sentence."""

    unit: Unit
    reason: str
    count: int
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A repository at the commit that was read, and its rows. `failure` says why nothing new could be read."""

    repository: str
    commit: str = ""
    rows: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a stage cost. `cached_tokens` of the `prompt_tokens` were not evaluated again. `seconds` are of all calls together."""

    stage: str
    calls: int
    prompt_tokens: int
    cached_tokens: int
    generated_tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of work, and what was finished in it. Stretches do not overlap; between them nothing was done."""

    started_at: datetime
    seconds: float
    pairs: int
    generated_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """How many tasks failed in a class, and what to do about it."""

    kind: str
    count: int
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Generation:
    """The choice of prompts and models that the rows come from, known by the digest `name`, and the digest of what cut the passages."""

    name: str = ""
    cutter: str = ""
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """Everything that the report tells. The order of tuples has no meaning.

    `languages`, `types`, `verdicts`, `licenses` and `splits` count rows, an empty name those that have none. `engine` is how the model was
    reached, "none" where no model was asked. `made_at` is when the last work on it ended, `unfinished` how many tasks still wait.
    """

    title: str
    tool: str
    engine: str
    made_at: datetime | None = None
    counts: Counts = Counts()
    generation: Generation = Generation()
    sources: tuple[Source, ...] = ()
    languages: Tally = ()
    types: Tally = ()
    verdicts: Tally = ()
    licenses: Tally = ()
    splits: Tally = ()
    drops: tuple[Drop, ...] = ()
    spendings: tuple[Spending, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    failures: tuple[Failure, ...] = ()
    unfinished: int = 0

    @property
    def evaluated_per_pair(self) -> float | None:
        """Prompt tokens that a model evaluated for each pair kept; None where none is kept or no model was asked."""
        evaluated = sum(each.prompt_tokens - each.cached_tokens for each in self.spendings)
        return evaluated / self.counts.pairs_kept if evaluated and self.counts.pairs_kept else None

    def dropped(self, unit: Unit) -> tuple[Drop, ...]:
        """Return what was dropped of a unit, the most frequent reason first."""
        found = (drop for drop in self.drops if drop.unit == unit and drop.count)
        return tuple(sorted(found, key=lambda drop: (-drop.count, drop.reason, drop.meaning)))
