"""Watching memory while models are loaded: levels, and what each asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, Protocol, runtime_checkable

from notewright.control import Cancel, Finished, Report, Warned
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.layer import Layer
from notewright.llm.memory.fit import gigabytes, reserve_of
from notewright.prompting.request import Reply, Request
from notewright.system.cgroup import Memory
from notewright.system.memory import read_ram

# "soft" asks for fewer calls at once and a smaller cache, "hard" for a smaller model.
Level = Literal["normal", "soft", "hard"]
_LEVELS: tuple[Level, ...] = ("normal", "soft", "hard")
# Shares of the reserve that are left: below which a level is reached, and how much more ends it.
_SOFT = 1.0
_HARD = 0.4
_HYSTERESIS = 0.4


@runtime_checkable
class Unloadable(Protocol):
    """An engine whose model lies in this machine's memory."""

    def unload(self) -> None:
        """Free it as soon as nobody uses it; it is loaded again when asked."""
        ...


def next_level(level: Level, left: float) -> Level:
    """Return the level that follows when so much of the reserve is left, 1.0 being all: it rises at once, and falls only well
    above where it rose."""
    if left < _HARD or (level == "hard" and left < _HARD + _HYSTERESIS):
        return "hard"
    if left < _SOFT or (level != "normal" and left < _SOFT + _HYSTERESIS):
        return "soft"
    return "normal"


class MemoryGuard:
    """Looks at main memory when asked, and remembers the level. Thread-safe; each change of level is reported once."""

    def __init__(self, report: Report, read: Callable[[], Memory] = read_ram) -> None:
        self._report = report
        self._read = read
        self._lock = threading.Lock()
        self.level: Level = "normal"
        self.memory = Memory(0, 0, "")

    def look(self) -> tuple[Level, bool]:
        """Return the level now, and whether it rose since the last look."""
        memory = self._read()
        with self._lock:
            before, self.memory = self.level, memory
            self.level = next_level(before, memory.free_bytes / max(reserve_of(memory), 1))
            if self.level != before:
                self._tell()
            return self.level, _LEVELS.index(self.level) > _LEVELS.index(before)

    def _tell(self) -> None:
        memory = self.memory
        left = f"{gigabytes(memory.free_bytes)} of {gigabytes(memory.total_bytes)} are free ({memory.source})"
        if self.level == "normal":
            self._report(Finished("memory", f"there is enough memory again: {left}"))
        else:
            asked = "the model is loaded anew with less" if self.level == "soft" else "the model gives way to a smaller one"
            self._report(Warned(f"memory runs short: {left}; {asked}", "close other programs, or choose a smaller model"))


class Guarded(Layer):
    """Makes an engine whose model lies in this machine's memory give way when it runs short.

    At "soft" one call at a time is asked, and the model is unloaded once: the next call loads it with what fits then, fewer slots and a
    smaller context. At "hard" it is unloaded and refuses, so that a smaller model is asked.
    """

    def __init__(self, inner: Engine, guard: MemoryGuard, unload: Callable[[], None]) -> None:
        """`unload` frees the model as soon as nobody uses it; the engine loads it again when asked."""
        super().__init__(inner)
        self._guard = guard
        self._unload = unload

    @property
    def slots(self) -> int:
        """Requests worth having in flight at once."""
        return self.inner.slots if self._guard.level == "normal" else 1

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Answer, if there is memory for it. Raises `EngineFailed` of the kind "out_of_memory" if not."""
        level, rose = self._guard.look()
        if rose:
            self._unload()
        if level == "hard":
            memory = self._guard.memory
            raise EngineFailed(
                f"only {gigabytes(memory.free_bytes)} of {gigabytes(memory.total_bytes)} memory are free ({memory.source})",
                kind="out_of_memory",
                hint="close other programs, or choose a smaller model",
            )
        return self.inner.chat(request, cancel)
