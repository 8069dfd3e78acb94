"""A model in memory: loaded when asked, once for all threads, and unloaded when nobody asks any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Generic, Protocol, TypeVar

from notewright.control import Cancel
from notewright.errors import ModelError

_LOOK_EVERY_S = 0.05


class Closable(Protocol):
    """What can be loaded: `close` frees all of it."""

    def close(self) -> None:
        """Free the memory."""
        ...


Model = TypeVar("Model", bound=Closable)
# Entered before a model is loaded and left after it is unloaded: plans the memory, and holds what several jobs share.
Guard = Callable[[Cancel], AbstractContextManager[object]]


def unguarded(cancel: Cancel) -> AbstractContextManager[object]:  # noqa: ARG001  # a Guard's
    """Guard nothing."""
    return nullcontext()


class Resident(Generic[Model]):
    """Loads with `load` at the first use, and again after it was unloaded. Thread-safe.

    A model that nobody used for `unload_after_s` is closed (0: never), but none while somebody uses it, not even by `close`: then
    the last one who leaves closes it. What `guard` raises is raised by `use`, and nothing is loaded then.
    """

    def __init__(self, load: Callable[[Cancel], Model], *, unload_after_s: float, guard: Guard = unguarded) -> None:
        self.loads = 0
        self._load = load
        self._unload_after_s = unload_after_s
        self._guard = guard
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._held = ExitStack()
        self._users = 0
        self._closed = False
        self._timer: threading.Timer | None = None

    @property
    def model(self) -> Model | None:
        """What is loaded now."""
        return self._model

    @contextmanager
    def use(self, cancel: Cancel) -> Iterator[Model]:
        """Give the model, loaded. Raises what loading it raises, and `Cancelled`."""
        model = self._enter(cancel)
        try:
            yield model
        finally:
            self._leave()

    def close(self) -> None:
        """Unload the model, and load none any more. Safe to call twice."""
        with self._lock:
            self._closed = True
            self._stop_timer()
            self._unload_unused()

    def _enter(self, cancel: Cancel) -> Model:
        while not self._lock.acquire(timeout=_LOOK_EVERY_S):  # somebody loads it
            cancel.check()
        try:
            if self._closed:
                raise ModelError("the engine is closed", hint="open it again")
            self._stop_timer()
            if self._model is None:
                self._model = self._load_guarded(cancel)
            self._users += 1
            return self._model
        finally:
            self._lock.release()

    def _load_guarded(self, cancel: Cancel) -> Model:
        with ExitStack() as held:
            held.enter_context(self._guard(cancel))
            model = self._load(cancel)
            self._held = held.pop_all()
        self.loads += 1
        return model

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._closed:
                self._unload_unused()
            elif not self._users and self._unload_after_s:
                self._timer = threading.Timer(self._unload_after_s, self._unload_idle)
                self._timer.daemon = True
                self._timer.start()

    def _unload_idle(self) -> None:
        with self._lock:
            # a timer that was stopped too late is not the one that counts
            if self._timer is threading.current_thread():
                self._unload_unused()

    def _unload_unused(self) -> None:
        if self._users or self._model is None:
            return
        with self._held:
            self._model.close()
            self._model = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
