"""What stands between wanting a model and loading it: the machine's lock, and a plan that fits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from notewright.control import Cancel, Report, Warned
from notewright.llm.memory.fit import Budget, Fit, fit_model
from notewright.llm.memory.gguf import Header
from notewright.llm.memory.lock import MachineLock
from notewright.llm.settings import EngineSettings
from notewright.system.memory import Limits, memory_limits


class Loading:
    """Called before a model is loaded, as `with loading(cancel) as fit:`, and left when it is unloaded. What it gives is how to load it."""

    def __init__(
        self,
        header: Header,
        settings: EngineSettings,
        *,
        context: int,
        slots: int = 1,
        gpu_layers: int = 0,
        report: Report,
        limits: Callable[[], Limits] = memory_limits,
    ) -> None:
        """`context`, `slots` and `gpu_layers` are asked for, and may be less in the end."""
        self._plan = lambda taken: fit_model(header, limits(), settings, context=context, slots=slots, gpu_layers=gpu_layers, taken=taken)
        self._name = header.name
        self._lock = MachineLock(settings.lock_path, wait_s=settings.lock_wait_s, report=report)
        self._report = report

    @contextmanager
    def __call__(self, cancel: Cancel) -> Iterator[Fit]:
        """Wait for the machine's memory and fit the model into it. Raises `EngineFailed` where it cannot be, and `Cancelled`."""
        self._lock.take(self._name, cancel)
        try:
            with _TAKEN.taking(self._plan) as fit:
                for step in fit.steps:
                    self._report(Warned(f"{self._name} is loaded with {step}", "there is not enough memory for more"))
                yield fit
        finally:
            self._lock.release()


class _Taken:
    """What the models that this process has loaded were planned to take."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fits: list[Fit] = []

    @contextmanager
    def taking(self, plan: Callable[[Budget], Fit]) -> Iterator[Fit]:
        """Plan one model more, and count it while it is loaded."""
        with self._lock:
            fit = plan(Budget(sum(fit.plan.ram_bytes for fit in self._fits), sum(fit.plan.vram_bytes for fit in self._fits)))
            self._fits.append(fit)
        try:
            yield fit
        finally:
            with self._lock:
                self._fits.remove(fit)


_TAKEN = _Taken()
