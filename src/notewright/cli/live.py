"""Live bars: what rich draws of a run while it goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from notewright.cli.speed import Speed
from notewright.cli.streams import abandon
from notewright.control import Advanced, Event, Finished, Reached, Started
from notewright.rendering.neutral import neutral_log, visible

_REPOSITORIES, _FILES = 3, 4  # at once: the bars of all would push everything else off the screen
_NAME = 30  # columns; with the bar, the numbers and the times a line has at most 80


class LiveBars:
    """Bars that rich draws: one for each step, and below them those of its parts that there is room for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._speeds: dict[str, Speed] = {}
        self._bars: dict[tuple[str, ...], TaskID] = {}
        self._waiting: dict[tuple[str, ...], tuple[int, int]] = {}
        self._rich = _make_tree()
        try:
            self._rich.start()
        except BaseException:  # a signal in this very moment
            self.stop()
            raise

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Started(step, total):
                self._end(step)
                self._speeds[step] = Speed()
                self._add((step,), 0, total)
            case Advanced(step, done, tokens):
                self._advance(step, done, tokens)
            case Reached(step, place, done, total):
                self._reach((step, *place), done, total)
            case Finished(step):
                self._end(step)
            case _:
                pass  # words are for others

    def stop(self) -> None:
        """Remove the bars, and leave the terminal as it was."""
        try:
            self._rich.stop()
        except OSError:  # the terminal is gone, which is no reason to lose a result
            abandon(sys.stderr)
        finally:  # a second signal may cut that short
            self._rich.console.show_cursor()

    def _advance(self, step: str, done: int, tokens: int) -> None:
        if (bar := self._bars.get((step,))) is not None:
            speed = self._speeds[step]
            speed.add(self._clock(), tokens)
            self._rich.update(bar, completed=done, tokens=f"{speed.per_s:,.0f} tok/s" if speed.per_s else "")

    def _reach(self, place: tuple[str, ...], done: int, total: int) -> None:
        if done >= total:
            self._remove(place)
        elif (bar := self._bars.get(place)) is not None:
            self._rich.update(bar, completed=done, total=total)
        else:
            self._waiting[place] = (done, total)
        self._fill()

    def _end(self, step: str) -> None:
        for place in [place for place in (*self._bars, *self._waiting) if place[0] == step]:
            self._remove(place)

    def _remove(self, place: tuple[str, ...]) -> None:
        self._waiting.pop(place, None)
        if (bar := self._bars.pop(place, None)) is not None:
            self._rich.remove_task(bar)

    def _fill(self) -> None:
        """Show parts that wait, as far as there is room on their level."""
        for place in list(self._waiting):
            depth = len(place)
            if sum(len(shown) == depth for shown in self._bars) < (_REPOSITORIES if depth == 2 else _FILES):
                done, total = self._waiting.pop(place)
                self._add(place, done, total)

    def _add(self, place: tuple[str, ...], done: int, total: int | None) -> None:
        self._bars[place] = self._rich.add_task(_name(place), total=total, completed=done, tokens="", place=place)


class _Tree(Progress):
    """Puts what belongs together under each other, whatever began first."""

    def get_renderables(self) -> Iterable[RenderableType]:
        yield self.make_tasks_table(sorted(self.tasks, key=lambda task: task.fields["place"]))


def _make_tree() -> _Tree:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[tokens]}", markup=False, style="progress.data.speed"),
        TimeRemainingColumn(compact=True),
    )
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    # stdout carries results: it is none of rich's business
    return _Tree(*columns, console=console, transient=True, redirect_stdout=False, speed_estimate_period=300, expand=True)


def _name(place: tuple[str, ...]) -> str:
    """Return the last of the names so that it fits: the end of a path says more than its beginning."""
    level, text = len(place) - 1, neutral_log(visible(place[-1][-200:]))
    most = _NAME - 2 * level
    while cell_len(text) > most:
        text = f"…{text[2:] if text.startswith('…') else text[1:]}"
    return "  " * level + text
