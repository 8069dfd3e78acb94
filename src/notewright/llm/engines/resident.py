"""A model in memory: loaded when asked, once for all threads, and unloaded when nobody asks any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
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
Held = TypeVar("Held")
# Entered before a model is loaded and left after it is unloaded: waits for what several jobs share, and says how to load it.
Guard = Callable[[Cancel], AbstractContextManager[Held]]


class Resident(Generic[Model, Held]):
    """Loads with `load` at the first use, and again after it was unloaded, as what `guard` holds says. Thread-safe.

    A model that nobody used for `unload_after_s` is closed (0: never), but none while somebody uses it, not even by `close`: then
    the last one who leaves closes it. What `guard` raises is raised by `use`, and nothing is loaded then.
    """

    def __init__(self, load: Callable[[Held, Cancel], Model], guard: Guard[Held], *, unload_after_s: float) -> None:
        self.loads = 0
        self._load = load
        self._unload_after_s = unload_after_s
        self._guard = guard
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._held = ExitStack()
        self._users = 0
        self._unloading = False
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

    def unload(self) -> None:
        """Unload the model as soon as nobody uses it; it is loaded again when asked."""
        with self._lock:
            self._unloading = True
            self._unload_unused()

    def close(self) -> None:
        """Unload the model as soon as nobody uses it, and load none any more. Safe to call twice."""
        with self._lock:
            self._closed = True
        self.unload()

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
        with ExitStack() as stack:
            model = self._load(stack.enter_context(self._guard(cancel)), cancel)
            self._held = stack.pop_all()
        self.loads += 1
        return model

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._unloading:
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
        if self._users:
            return
        self._stop_timer()
        self._unloading = False
        if self._model is not None:
            with self._held:
                self._model.close()
                self._model = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
