"""What is printed: results to stdout as bytes, words for people to stderr."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

import click

from notewright.control import Advanced, Event, Finished, Started, Warned
from notewright.errors import NotewrightError, StorageError
from notewright.rendering.neutral import neutral_log

_PATIENCE_S = 0.5


def write_result(content: str | bytes) -> None:
    """Write a result to stdout in UTF-8, whatever the locale says. Ends the command where the reader left, as `| head`
    does: nobody is there to be told. Raises `StorageError` where it cannot be taken."""
    if sys.stdout is None:
        raise StorageError("cannot write the result: stdout is closed", hint="send the output somewhere")
    rest = memoryview(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    try:
        while rest:  # with PYTHONUNBUFFERED one write may take only a part, on a full disk above all
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except OSError as error:
        abandon(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise click.exceptions.Exit(0) from error
        raise StorageError(f"cannot write the result: {error.strerror}", hint="free some space, or send the output elsewhere") from error


def abandon(stream: TextIO) -> None:
    """Send what a broken stream still holds nowhere, or Python would try again at its end and exit with 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(line: str) -> None:
    """Tell people one line on stderr."""
    _tell(neutral_log(line))


def print_error(error: NotewrightError) -> None:
    """Print what failed and what to do."""
    _tell(f"{click.style('error:', fg='red', bold=True)} {neutral_log(error.message)}")
    if error.hint:
        _tell(f"  {click.style('hint:', bold=True)} {neutral_log(error.hint)}")


def _tell(text: str, *, end: bool = True) -> None:
    """Write to stderr. One that is closed or full is no reason to lose a result."""
    # while rich draws it stands before stderr, to write above its bars; click would find the stream behind and write into them
    proxy = sys.stderr if hasattr(sys.stderr, "rich_proxied_file") else None
    try:
        click.echo(text, proxy, err=True, nl=end)
    except OSError:
        abandon(sys.stderr)


class Progress:
    """Shows a flow's events on stderr: warnings always, each finished step if `steps`, and on a terminal a counter
    for a step that takes longer than half a second."""

    def __init__(self, *, steps: bool = False) -> None:
        self._steps = steps
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._since: dict[str, float] = {}
        self._totals: dict[str, int | None] = {}
        self._drawn = False

    def __call__(self, event: Event) -> None:
        """Take one event; usable as `Report`."""
        match event:
            case Started(step, total):
                self._since[step] = time.monotonic()
                self._totals[step] = total
            case Advanced(step, done):
                self._draw(step, done)
            case Finished(step, summary):
                self._clear()
                if self._steps and summary:
                    say(f"  {step:<10} {summary}")
            case Warned(message, hint):
                self._clear()
                _tell(f"{click.style('warning:', fg='yellow', bold=True)} {neutral_log(message)}")
                if hint:
                    _tell(f"  {click.style('hint:', bold=True)} {neutral_log(hint)}")

    def _draw(self, step: str, done: int) -> None:
        if self._live and time.monotonic() - self._since.get(step, 0.0) > _PATIENCE_S:
            total = self._totals.get(step)
            _tell(f"\r  {step:<10} {done:,}{f' of {total:,}' if total is not None else ''}", end=False)
            self._drawn = True

    def _clear(self) -> None:
        if self._drawn:
            _tell("\r\x1b[K", end=False)
            self._drawn = False
