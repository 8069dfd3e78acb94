"""A transfer, shown on stderr: a bar on a terminal, and nothing but its end elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from notewright.cli.streams import Progress, say
from notewright.control import Advanced, Event, Finished, Started

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Transfer:
    """Shows the steps of a transfer, each counted in bytes, and warnings; usable as `Report` inside `with`."""

    def __init__(self) -> None:
        self._words = Progress()
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
            self._bars = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars:
            self._bars.stop()

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Started(step, total):
                if self._bars:
                    self._tasks[step] = self._bars.add_task(step, total=total)
            case Advanced(step, done):
                if self._bars:
                    self._bars.update(self._tasks[step], completed=done)
            case Finished(step, summary):
                if self._bars:
                    self._bars.remove_task(self._tasks.pop(step))
                say(f"  {step:<10} {summary}".rstrip())
            case _:
                self._words(event)
