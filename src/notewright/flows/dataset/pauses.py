"""Pauses: when work on a dataset waits for the machine, or for an engine that is left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from notewright.control import Finished, Report, Warned
from notewright.llm.memory.fit import gigabytes, reserve_of
from notewright.llm.memory.guard import Level, next_level
from notewright.system.battery import Battery, read_battery
from notewright.system.cgroup import Memory
from notewright.system.memory import read_ram

_LOOK_EVERY_S: Final = 5.0
# An engine that is down is tried so often, after a pause of its breaker each time.
_MOST_TRIES: Final = 3
_LEAST_WAIT_S: Final = 0.2

Rest = Callable[[float], bool]  # sleeps so many seconds; returns at once, and True, when work is to stop


@dataclass(frozen=True, slots=True)
class Machine:
    """What is looked at while work goes on. Below `battery_percent` without mains power it waits; None looks at no battery. Memory is
    looked at where a model is asked."""

    battery_percent: int | None = None
    battery: Callable[[], Battery | None] = read_battery
    memory: Callable[[], Memory] = read_ram
    look_every_s: float = _LOOK_EVERY_S


class Pauses:
    """Holds workers while the battery or main memory runs low. Thread-safe; each pause is told once, and its end."""

    def __init__(self, machine: Machine, report: Report, rest: Rest, *, asks: bool) -> None:
        self._machine = machine
        self._asks = asks
        self._report = report
        self._rest = rest
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._level: Level = "normal"

    def hold(self) -> None:
        """Return when there is nothing to wait for, or work is to stop. A look is taken every few seconds."""
        with self._lock:  # whoever comes while another one waits here, waits too
            if time.monotonic() < self._looked_at + self._machine.look_every_s:
                return
            if (reason := self._reason()) is not None:
                self._report(Warned(f"the work pauses: {reason}", "it goes on by itself"))
                while not self._rest(self._machine.look_every_s) and self._reason() is not None:
                    pass
                self._report(Finished("pause", "the work goes on"))
            self._looked_at = time.monotonic()

    def _reason(self) -> str | None:
        machine = self._machine
        battery = None if machine.battery_percent is None else machine.battery()
        if battery is not None and not battery.plugged and battery.percent < (machine.battery_percent or 0):
            return f"the battery has {battery.percent:.0f} % left, and there is no mains power"
        if not self._asks:
            return None
        memory = machine.memory()
        self._level = next_level(self._level, memory.free_bytes / max(reserve_of(memory), 1))
        if self._level == "hard":
            return f"only {gigabytes(memory.free_bytes)} of {gigabytes(memory.total_bytes)} memory are free ({memory.source})"
        return None


class Patience:
    """Waits for an engine that its breaker leaves alone, and says when that has been tried often enough. Thread-safe."""

    def __init__(self, report: Report, rest: Rest) -> None:
        self._report = report
        self._rest = rest
        self._lock = threading.Lock()
        self._open = False
        self._tries = 0

    def answered(self) -> None:
        """The engine is there."""
        with self._lock:
            self._open, self._tries = False, 0

    def failed(self) -> None:
        """The engine failed; one that was left alone before was tried in vain."""
        with self._lock:
            self._tries += self._open

    def wait(self, message: str, seconds: float) -> bool:
        """Wait as long as the breaker wants; return False where the engine was tried in vain too often."""
        with self._lock:
            told, self._open = self._open, True
            if self._tries >= _MOST_TRIES:
                return False
        if not told:
            self._report(Warned(message, "the work waits for it"))
        self._rest(max(seconds, _LEAST_WAIT_S))
        return True
