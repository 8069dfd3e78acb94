"""A model in memory: loaded when asked, once, and unloaded when nobody asks any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.engines.resident import Resident
from notewright.llm.failure import EngineFailed

_PATIENCE_S = 20


class _Model:
    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


class _Guard:
    """Writes down when it is entered and left."""

    def __init__(self) -> None:
        self.holding = 0

    @contextmanager
    def __call__(self, _cancel: Cancel) -> Iterator[None]:
        self.holding += 1
        try:
            yield
        finally:
            self.holding -= 1


def _unguarded(_cancel: Cancel) -> AbstractContextManager[None]:
    return nullcontext()


def _resident(*, unload_after_s: float = 0) -> Resident[_Model, None]:
    return Resident(lambda _held, _cancel: _Model(), _unguarded, unload_after_s=unload_after_s)


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    with closing(_resident()) as resident:
        assert resident.model is None
        with resident.use(Cancel()) as model:
            assert resident.model is model


def test_many_threads_share_one_load() -> None:
    def load(_held: None, cancel: Cancel) -> _Model:
        cancel.wait(0.05)
        return _Model()

    def ask(_number: int) -> _Model:
        with resident.use(Cancel()) as model:
            return model

    with closing(Resident(load, _unguarded, unload_after_s=0)) as resident, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
        assert resident.loads == 1


def test_a_model_that_nobody_asks_is_unloaded_and_loaded_again_when_asked() -> None:
    with closing(_resident(unload_after_s=0.01)) as resident:
        with resident.use(Cancel()) as first:
            pass
        assert first.closed.wait(_PATIENCE_S)
        with resident.use(Cancel()) as second:
            assert second is not first
            assert not second.closed.is_set()


def test_no_model_is_unloaded_while_somebody_uses_it() -> None:
    with closing(_resident(unload_after_s=0.01)) as resident, resident.use(Cancel()) as model:
        with resident.use(Cancel()):
            pass
        assert not model.closed.wait(0.1)
        resident.close()
        assert not model.closed.is_set(), "whoever closes it waits for the last user"
    assert model.closed.is_set()


def test_closing_unloads_may_be_done_twice_and_loads_nothing_any_more() -> None:
    resident = _resident()
    with resident.use(Cancel()) as model:
        pass
    resident.close()
    resident.close()
    assert model.closed.is_set()
    with pytest.raises(ModelError, match="closed"), resident.use(Cancel()):
        pass


def test_a_model_that_is_to_be_unloaded_goes_when_its_last_user_does_and_comes_back_when_asked() -> None:
    with closing(_resident()) as resident:
        with resident.use(Cancel()) as first:
            resident.unload()
            assert not first.closed.is_set()
        assert first.closed.is_set()
        with resident.use(Cancel()) as second:
            pass
        assert not second.closed.is_set()
        resident.unload()
        assert second.closed.is_set()


def test_what_guards_a_model_is_held_from_before_its_load_to_after_its_end() -> None:
    guard = _Guard()

    def load(_held: None, _cancel: Cancel) -> _Model:
        assert guard.holding
        return _Model()

    with closing(Resident(load, guard, unload_after_s=0)) as resident:
        for _ in range(2):
            with resident.use(Cancel()):
                assert guard.holding == 1
        assert guard.holding == 1
    assert not guard.holding


def test_a_refusal_of_the_guard_is_raised_and_nothing_is_loaded() -> None:
    def refuse(_cancel: Cancel) -> AbstractContextManager[None]:
        raise EngineFailed("it needs 40 GB of 8", kind="out_of_memory")

    with closing(Resident(lambda _held, _cancel: _Model(), refuse, unload_after_s=0)) as resident:
        with pytest.raises(EngineFailed, match="40 GB"), resident.use(Cancel()):
            pass
        assert resident.loads == 0


def test_a_load_that_fails_leaves_the_guard_and_is_tried_again_when_asked() -> None:
    guard = _Guard()
    attempts: list[str] = []

    def load(_held: None, _cancel: Cancel) -> _Model:
        attempts.append("load")
        if len(attempts) == 1:
            raise ModelError("damaged")
        return _Model()

    with closing(Resident(load, guard, unload_after_s=0)) as resident:
        with pytest.raises(ModelError, match="damaged"), resident.use(Cancel()):
            pass
        assert resident.model is None
        assert not guard.holding
        with resident.use(Cancel()) as model:
            assert not model.closed.is_set()


def test_whoever_waits_for_a_load_can_be_cancelled() -> None:
    started, go_on, cancel = threading.Event(), threading.Event(), Cancel()

    def load(_held: None, _cancel: Cancel) -> _Model:
        started.set()
        go_on.wait(_PATIENCE_S)
        return _Model()

    def ask() -> None:
        with resident.use(Cancel()):
            pass

    with closing(Resident(load, _unguarded, unload_after_s=0)) as resident:
        first = threading.Thread(target=ask)
        first.start()
        started.wait(_PATIENCE_S)
        cancel.request()
        with pytest.raises(Cancelled), resident.use(cancel):
            pass
        go_on.set()
        first.join()
