"""Overrides: what a person says of a commit, instead of what its message says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Override:
    """One correction of one commit, named in full. None leaves a thing as it is.

    `part` is which of a squashed commit's changes is meant (0: its header). With `add`, `summary` is one more entry of that commit,
    and nothing else changes; with `into`, the commit is folded into another one's entry. `by` and `why` are shown in the ledger;
    `source` says where it is written, for errors.
    """

    commit: str
    by: str
    why: str
    source: str
    part: int = 0
    summary: str | None = None
    type: str | None = None
    scope: str | None = None
    breaking: bool | None = None
    breaking_text: str | None = None
    security: bool | None = None
    hide: bool = False
    into: str | None = None
    add: bool = False
