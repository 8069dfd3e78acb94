"""Outcome of the gate: the status that it found to be true, and whether it had to set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from notewright.review.approval import State


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What the gate said. `state` is that of the status to require, "none" where nothing is to be said; `changed` says whether anything had
    to be said anew; `commit` is the one that it is said of. `hint` says why nothing was set, where that was not for this run to do."""

    state: State | Literal["none"]
    message: str
    changed: bool = False
    number: int | None = None
    url: str | None = None
    commit: str | None = None
    hint: str | None = None
