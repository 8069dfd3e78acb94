"""What is printed: results to stdout as bytes, words for people to stderr."""

from __future__ import annotations

import sys
import time

import click

from notewright.control import Advanced, Event, Finished, Started, Warned
from notewright.errors import NotewrightError, StorageError
from notewright.rendering.neutral import neutral_log

_PATIENCE_S = 0.5


def write_result(content: str | bytes) -> None:
    """Write a result to stdout in UTF-8, whatever the locale says. Raises `StorageError` where it cannot be taken."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write the result: {error.strerror}", hint="free some space, or send the output elsewhere") from error


def say(line: str) -> None:
    """Tell people one line on stderr."""
    click.echo(neutral_log(line), err=True)


def print_error(error: NotewrightError) -> None:
    """Print what failed and what to do."""
    click.echo(f"{click.style('error:', fg='red', bold=True)} {neutral_log(error.message)}", err=True)
    if error.hint:
        click.echo(f"  {click.style('hint:', bold=True)} {neutral_log(error.hint)}", err=True)


class Progress:
    """Shows a flow's events on stderr: warnings always, each finished step if `steps`, and on a terminal a counter
    for a step that takes longer than half a second."""

    def __init__(self, *, steps: bool = False) -> None:
        self._steps = steps
        self._live = sys.stderr.isatty()
        self._since: dict[str, float] = {}
        self._drawn = False

    def __call__(self, event: Event) -> None:
        """Take one event; usable as `Report`."""
        match event:
            case Started(step):
                self._since[step] = time.monotonic()
            case Advanced(step, done):
                self._draw(step, done)
            case Finished(step, summary):
                self._clear()
                if self._steps and summary:
                    say(f"  {step:<10} {summary}")
            case Warned(message, hint):
                self._clear()
                click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {neutral_log(message)}", err=True)
                if hint:
                    click.echo(f"  {click.style('hint:', bold=True)} {neutral_log(hint)}", err=True)

    def _draw(self, step: str, done: int) -> None:
        if self._live and time.monotonic() - self._since.get(step, 0.0) > _PATIENCE_S:
            click.echo(f"\r  {step:<10} {done:,}", err=True, nl=False)
            self._drawn = True

    def _clear(self) -> None:
        if self._drawn:
            click.echo("\r\x1b[K", err=True, nl=False)
            self._drawn = False
