"""The journal of a step: what the job's log shows, annotations, and how long each part took."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from typing import Literal

from notewright.control import Advanced, Event, Finished, Reached, Started, Warned
from notewright.rendering.neutral import neutral_log

Level = Literal["notice", "warning", "error"]
_ANNOTATION = re.compile(r"::(?:notice|warning|error) title=notewright::")
_MARKS = {"notice": "", "warning": "warning: ", "error": "error: "}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the work, as the step summary lists it."""

    name: str
    seconds: float
    what: str


class Journal:
    """Writes to the job's log, where nothing but our own annotations is a command to the runner (security case 6)."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._since: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        """Take one event; usable as `Report`."""
        match event:
            case Started(step):
                self._since[step] = time.monotonic()
            case Finished(step, summary):
                now = time.monotonic()
                seconds = now - self._since.pop(step, now)
                self.parts.append(Part(step, seconds, summary))
                self.say(f"{step:<10} {seconds:6.1f} s  {summary}")
            case Warned(message, hint):
                self.annotate("warning", message, hint)
            case Advanced() | Reached():
                pass  # a log that nobody watches live needs no counter

    def say(self, text: str) -> None:
        """Print text of whatever origin."""
        print(neutral_log(text), flush=True)

    def relay(self, line: str) -> None:
        """Show a line of another journal, whose annotations stay such; nothing else in it is a command to the runner."""
        mark = _ANNOTATION.match(line)
        start = mark.end() if mark else 0
        print(line[:start] + neutral_log(line[start:]), flush=True)

    def annotate(self, level: Level, message: str, hint: str | None = None) -> None:
        """Show a message beside the run, and in the log too, which shows an annotation's first line only."""
        text = f"{message}\n{hint}" if hint else message
        print(f"::{level} title=notewright::{_escape(text)}", flush=True)
        if hint:
            self.say(f"{_MARKS[level]}{text}")


def use_utf8() -> None:
    """Let nothing that is printed fail, whatever the runner's locale says."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # both are TextIOWrapper in a process of ours


def _escape(text: str) -> str:
    """Escape the data of a workflow command as the runner reads it back."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
