"""Progress events and cancellation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from notewright.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Started:
    """A step of a flow begins. `step` is a short noun ("history", "notes"); `total` counts its units, if known."""

    step: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """`done` units of the step are finished, counted from its start, for which models wrote so many `tokens`."""

    step: str
    done: int
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reached:
    """`done` of `total` units of a part of the step are finished; with all of them the part ends. `place` names the part from the
    outside in, such as a repository, or a repository and one of its files. For who watches live: a log need not tell it."""

    step: str
    place: tuple[str, ...]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A step ended; `summary` is one line for people."""

    step: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know that does not stop the run."""

    message: str
    hint: str | None = None


Event = Started | Advanced | Reached | Finished | Warned
Report = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Report to nobody."""


class Cancel:
    """A thread-safe wish to stop, made by a driver and honoured by whoever does long work."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def request(self) -> None:
        """Ask everybody who holds this token to stop at the next safe point."""
        self._event.set()

    @property
    def requested(self) -> bool:
        """Whether someone asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if someone asked to stop."""
        if self._event.is_set():
            raise Cancelled("cancelled", hint="nothing half-written is left; run the same command again")

    def wait(self, timeout_s: float) -> bool:
        """Sleep up to `timeout_s` seconds; return at once, and True, when someone asks to stop."""
        return self._event.wait(timeout_s)
