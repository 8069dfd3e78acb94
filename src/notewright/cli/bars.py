"""Bars of a long run on a terminal: the whole, the repositories and files under way; elsewhere a plain line now and then."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from notewright.cli.speed import Speed
from notewright.cli.streams import Progress, say
from notewright.control import Advanced, Event, Finished, Started, Warned

if TYPE_CHECKING:
    from notewright.cli.live import LiveBars

_EVERY_S = 30.0  # between two plain lines


class Bars:
    """Shows a flow's events on stderr, inside `with`; usable as `Report` from any thread.

    Bars on a terminal that can show them, and a line at most every half minute elsewhere, as in CI. Warnings stand above the bars, as
    do the summaries of finished steps; when `quiet`, warnings are all there is. At its end, and however it ends, the terminal is as it was.
    """

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown: LiveBars | _Plain | None = None
        self._quiet = quiet
        self._clock = clock
        self._words = Progress()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        if not self._quiet:
            self._shown = _live_bars(self._clock) if _is_live() else _Plain(self._clock)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._shown:
            self._shown.stop()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            if isinstance(event, Warned):
                self._words(event)  # rich takes what is written to stderr meanwhile, and shows it above the bars
            elif self._shown:
                self._shown(event)
                if isinstance(event, Finished) and event.summary:
                    say(f"  {event.step:<10} {event.summary}")


def _live_bars(clock: Callable[[], float]) -> LiveBars:
    from notewright.cli.live import LiveBars

    return LiveBars(clock)


def _is_live() -> bool:
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal and os.environ.get("TERM") not in ("dumb", "unknown") and not os.environ.get("CI")


class _Plain:
    """A line at most every half minute, about the step that moved."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._said_at = clock()
        self._totals: dict[str, int | None] = {}
        self._speeds: dict[str, tuple[Speed, Speed]] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case Started(step, total):
                self._totals[step] = total
                self._speeds[step] = (Speed(), Speed())
            case Advanced(step, done, tokens):
                self._advance(step, done, tokens)
            case _:
                pass  # a line for each file would bury the log

    def stop(self) -> None:
        pass  # every line is whole

    def _advance(self, step: str, done: int, tokens: int) -> None:
        now = self._clock()
        units, written = self._speeds.setdefault(step, (Speed(), Speed()))
        units.add(now, done)
        written.add(now, tokens)
        if now - self._said_at >= _EVERY_S:
            self._said_at = now
            say(f"  {step:<10} {', '.join(self._told(step, done))}")

    def _told(self, step: str, done: int) -> list[str]:
        total = self._totals.get(step)
        units, written = self._speeds[step]
        told = [f"{done:,} of {total:,}" if total is not None else f"{done:,}"]
        if total:
            told.append(f"{100 * done // total} %")
        if written.per_s:
            told.append(f"{written.per_s:,.0f} tokens/s")
        if total and units.per_s and done < total:
            told.append(f"about {duration((total - done) / units.per_s)} left")
        return told


def duration(seconds: float) -> str:
    """Return "45 s", "12 min" or "3 h 20 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
