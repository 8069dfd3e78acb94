"""Live bars: what rich draws of a run while it goes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from notewright.cli.speed import Speed
from notewright.cli.streams import abandon
from notewright.control import Advanced, Event, Finished, Reached, Started
from notewright.rendering.neutral import neutral_log, visible

_REPOSITORIES, _FILES = 3, 4  # at once: the bars of all would push everything else off the screen
_NAME = 30  # columns; with the bar, the numbers and the times a line has at most 80
_A_SECOND = 8  # pictures


@dataclass(slots=True)
class _Bar:
    """How far a step or a part of it is."""

    total: int | None
    done: int = 0
    units: Speed = field(default_factory=Speed)
    tokens: Speed = field(default_factory=Speed)


class LiveBars:
    """A bar for each step, and below it those of its parts that there is room for. An event only notes where things stand: what is drawn,
    and how often, does not hang on how many there are."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._bars: dict[tuple[str, ...], _Bar] = {}
        self._lock = threading.Lock()  # never held while something is written, which waits for the picture being drawn
        console = Console(stderr=True, markup=False, emoji=False, highlight=False)
        # stdout carries results: it is none of rich's business
        self._live = Live(
            console=console, get_renderable=self._draw, refresh_per_second=_A_SECOND, transient=True, redirect_stdout=False
        )  # fmt: skip
        try:
            self._live.start()
        except BaseException:  # a signal in this very moment
            self.stop()
            raise

    def __call__(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            match event:
                case Started(step, total):
                    self._end(step)
                    self._bars[step,] = _Bar(total)
                case Advanced(step, done, tokens):
                    self._advance((step,), done, None, tokens)
                case Reached(step, place, done, total):
                    self._advance((step, *place), done, total, 0)
                case Finished(step):
                    self._end(step)
                case _:
                    pass  # words are for others

    def stop(self) -> None:
        """Remove the bars, and leave the terminal as it was."""
        try:
            self._live.stop()
        except OSError:  # the terminal is gone, which is no reason to lose a result
            abandon(sys.stderr)
        finally:  # a second signal may cut that short
            self._live.console.show_cursor()

    def _advance(self, place: tuple[str, ...], done: int, total: int | None, tokens: int) -> None:
        if total is not None and done >= total:
            self._bars.pop(place, None)
            return
        bar = self._bars.setdefault(place, _Bar(total))
        bar.done, now = done, self._clock()
        bar.units.add(now, done)
        bar.tokens.add(now, tokens)

    def _end(self, step: str) -> None:
        for place in [place for place in self._bars if place[0] == step]:
            del self._bars[place]

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        for _ in range(3):
            table.add_column(no_wrap=True, justify="right")
        with self._lock:
            for place, bar in self._shown():
                table.add_row(*_cells(place, bar))
        return table

    def _shown(self) -> list[tuple[tuple[str, ...], _Bar]]:
        """Return the bars that there is room for, those first that came first; what belongs together under each other."""
        steps = [place for place in self._bars if len(place) == 1]
        repositories = [place for place in self._bars if len(place) == 2]
        files = [place for place in self._bars if len(place) > 2]
        return [(place, self._bars[place]) for place in sorted([*steps, *repositories[:_REPOSITORIES], *files[:_FILES]])]


def _cells(place: tuple[str, ...], bar: _Bar) -> tuple[Text, ProgressBar, Text, Text, Text]:
    left = (bar.total - bar.done) / bar.units.per_s if bar.total is not None and bar.units.per_s else None
    return (
        Text(_name(place)),
        ProgressBar(total=bar.total, completed=bar.done, pulse=bar.total is None),
        Text(f"{bar.done:,}/{bar.total:,}" if bar.total is not None else f"{bar.done:,}", "green"),
        Text(f"{bar.tokens.per_s:,.0f} tok/s" if bar.tokens.per_s else "", "red"),
        Text("-:--" if left is None else _clock(left), "cyan"),
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _name(place: tuple[str, ...]) -> str:
    """Return the last of the names so that it fits: the end of a path says more than its beginning."""
    level, text = len(place) - 1, neutral_log(visible(place[-1][-200:]))
    most = _NAME - 2 * level
    while cell_len(text) > most:
        text = f"…{text[2:] if text.startswith('…') else text[1:]}"
    return "  " * level + text
