"""The desk: one thread writes for all workers, together what has arrived together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from notewright.adapters.dataset.store.store import Store

T = TypeVar("T")
_Wish = tuple[Callable[[], Any], Future[Any]]


class Desk:
    """Used as `with Desk(...)` around the workers. No signal ends a transaction half-way: its exception is raised in the main thread."""

    def __init__(self, store: Store, *, batch_size: int) -> None:
        self._store = store
        self._batch_size = batch_size
        self._wishes: SimpleQueue[_Wish | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="dataset-desk")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._wishes.put(None)
        self._thread.join()

    def ask(self, wish: Callable[[], T]) -> T:
        """Return what `wish` returns, done in a transaction that others may share, when that is committed. Raises what it raises, or what
        one beside it does: nothing of it is written then."""
        answer: Future[T] = Future()
        self._wishes.put((wish, answer))
        return answer.result()

    def _serve(self) -> None:
        while (first := self._wishes.get()) is not None:
            batch = [first]
            closing = self._gather(batch)
            try:
                with self._store.grouped():
                    answers = [wish() for wish, _ in batch]
            except BaseException as error:  # noqa: BLE001  # every one of them is raised where it was asked
                for _, answer in batch:
                    answer.set_exception(error)
            else:
                for (_, answer), value in zip(batch, answers, strict=True):
                    answer.set_result(value)
            if closing:
                return

    def _gather(self, batch: list[_Wish]) -> bool:
        """Add what has arrived already; return whether there is an end to it."""
        while len(batch) < self._batch_size:
            try:
                wish = self._wishes.get_nowait()
            except Empty:
                return False
            if wish is None:
                return True
            batch.append(wish)
        return False
