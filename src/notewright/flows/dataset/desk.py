"""The desk: workers write one after the other, together what has come together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from notewright.adapters.dataset.store.store import Store

T = TypeVar("T")
_Wish = tuple[Callable[[], Any], Future[Any]]


class Desk:
    """Thread-safe. Who comes first writes for all that wait: no thread is woken where nobody does, which costs more than what is written.
    No signal ends a transaction half-way as long as only workers write: its exception is raised in the main thread."""

    def __init__(self, store: Store, *, batch_size: int) -> None:
        self._store = store
        self._batch_size = batch_size
        self._wishes: deque[_Wish] = deque()
        self._writing = threading.Lock()

    def ask(self, wish: Callable[[], T]) -> T:
        """Return what `wish` returns, done in a transaction that others may share, when that is committed. Raises what it raises, or what
        one beside it does: nothing of it is written then."""
        answer: Future[T] = Future()
        self._wishes.append((wish, answer))
        with self._writing:
            while not answer.done():
                self._write([self._wishes.popleft() for _ in range(min(len(self._wishes), self._batch_size))])
        return answer.result()

    def _write(self, batch: list[_Wish]) -> None:
        try:
            with self._store.grouped():
                answers = [wish() for wish, _ in batch]
        except BaseException as error:  # noqa: BLE001  # every one of them is raised where it was asked
            for _, answer in batch:
                answer.set_exception(error)
        else:
            for (_, answer), value in zip(batch, answers, strict=True):
                answer.set_result(value)
