"""500 requests through a proxy that spoils 30 % of what it carries, to a real server with the tiny model."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, ModelError
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.llama.server import LlamaServer
from notewright.llm.failure import EngineFailed
from notewright.llm.layers.breaker import Breaking
from notewright.llm.layers.layer import Layer
from notewright.llm.layers.rate import RateLimited
from notewright.llm.layers.retry import Retrying
from notewright.llm.layers.timing import Timed
from notewright.llm.layers.validation import Validated
from notewright.llm.settings import EngineSettings
from notewright.prompting.reply import InvalidReply, read_reply
from notewright.prompting.request import Message, Reply, Request
from notewright.prompting.schema import boolean, choice_of, object_of, text_of
from tests.parts.answering import Hourglass
from tests.parts.fault_proxy import FAULTS, FaultProxy

_SCHEMA = object_of({"kind": choice_of(["added", "fixed"]), "ok": boolean(), "text": text_of(at_most=12)})
_REQUESTS = 500
_WORKERS = 8
_SETTINGS = EngineSettings(
    request_timeout_s=2.0,  # fifty failures in a row by a busy machine alone would take 12 s of standstill
    call_timeout_s=30,
    task_timeout_s=300,
    max_retries=3,
    requests_per_minute=60_000,
    breaker_failures=50,  # neither chance nor a busy machine opens it; the outage below does
    breaker_pause_s=0.3,
)


class _Counted(Layer):
    """Counts how often the engine itself was asked."""

    def __init__(self, inner: Engine) -> None:
        super().__init__(inner)
        self.asked = 0
        self._lock = threading.Lock()

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        with self._lock:
            self.asked += 1
        return self.inner.chat(request, cancel)


@contextmanager
def _layered(url: str, settings: EngineSettings, clock: Callable[[], float] = time.monotonic) -> Iterator[tuple[Engine, _Counted]]:
    engine = _Counted(LlamaServer(url, settings=settings, digests=Digests(None)))
    inner = Breaking(RateLimited(Validated(engine), settings), settings, clock=clock)
    with closing(Timed(Retrying(inner, settings, first_pause_s=0.01), settings)) as layers:
        yield layers, engine


def _request(number: int) -> Request:
    messages = (Message("system", "You sort changes."), Message("user", f"change {number}"))
    return Request("notes", messages, _SCHEMA, 200, timeout_s=_SETTINGS.request_timeout_s)


def _ask(engine: Engine, number: int) -> Reply | ModelError:
    try:
        return engine.chat(_request(number), Cancel())
    except ModelError as error:
        return error


def _warm_up(url: str) -> None:
    """Let the server load its model: what that takes is no fault of the proxy."""
    with closing(LlamaServer(url, settings=replace(_SETTINGS, request_timeout_s=60), digests=Digests(None))) as server:
        server.chat(replace(_request(0), timeout_s=60), Cancel())


def test_500_requests_with_30_percent_faults_end_valid_or_in_a_documented_failure(llama_url: str) -> None:
    _warm_up(llama_url)
    with FaultProxy(llama_url, share=0.3, seed=20) as proxy, _layered(proxy.url, _SETTINGS) as (engine, counted):
        with ThreadPoolExecutor(_WORKERS) as pool:
            ends = list(pool.map(lambda number: _ask(engine, number), range(_REQUESTS), timeout=120))
        assert proxy.suffered.keys() == FAULTS.keys(), "every fault was met"
    valid = [end for end in ends if isinstance(end, Reply)]
    assert all(read_reply(reply, _SCHEMA) for reply in valid)
    failed = [end for end in ends if isinstance(end, ModelError)]
    assert len(ends) == len(valid) + len(failed) == _REQUESTS, "none lost"
    assert all(isinstance(end, EngineFailed | InvalidReply) and end.hint for end in failed)
    assert sum(isinstance(end, InvalidReply) for end in failed) <= proxy.suffered["ignore the schema"]
    assert len(valid) >= 0.9 * _REQUESTS, Counter(getattr(end, "kind", end.message) for end in failed)
    assert _REQUESTS < counted.asked <= _REQUESTS * (1 + _SETTINGS.max_retries)
    assert counted.asked == sum(1 + _retries(end) for end in ends), "no attempt that nobody counted"
    assert not [thread for thread in threading.enumerate() if thread.name == "model-watch"], "none hung"


def test_replies_that_came_through_faults_are_those_of_the_server_itself(llama_url: str) -> None:
    numbers = range(30)
    with closing(LlamaServer(llama_url, settings=_SETTINGS, digests=Digests(None))) as server:
        true = {number: server.chat(_request(number), Cancel()).text for number in numbers}
    with FaultProxy(llama_url, share=0.3, seed=3) as proxy, _layered(proxy.url, _SETTINGS) as (engine, _):
        ends = {number: _ask(engine, number) for number in numbers}
    got = {number: end.text for number, end in ends.items() if isinstance(end, Reply)}
    assert got == {number: true[number] for number in got}
    assert len(got) > len(numbers) / 2


def test_the_breaker_opens_in_an_outage_and_recovers_after_it(llama_url: str) -> None:
    settings = replace(_SETTINGS, breaker_failures=5, max_retries=2)
    clock = Hourglass()
    with FaultProxy(llama_url, share=1, faults=("reset",)) as proxy, _layered(proxy.url, settings, clock) as (engine, counted):
        outage = [_ask(engine, number) for number in range(50)]
        assert counted.asked == 5, "left alone from then on"
        assert _kinds(outage) == ["connection"] + ["refused"] * 49, "the second call met the open breaker in its retries"
        assert "left alone after 5 failures in a row" in str(outage[-1])
        clock.now += settings.breaker_pause_s
        assert _kinds([_ask(engine, number) for number in range(10)]) == ["refused"] * 10
        assert counted.asked == 6, "one call tried it"
        proxy.share = 0
        clock.now += settings.breaker_pause_s
        after = [_ask(engine, number) for number in range(10)]
    assert all(isinstance(end, Reply) for end in after)
    assert counted.asked == 16


def test_cancelling_ends_every_wait_at_once(llama_url: str) -> None:
    cancel = Cancel()
    settings = replace(_SETTINGS, breaker_failures=1000, max_retries=20)
    faults = ("hang", "hang after the first token", "503")
    with FaultProxy(llama_url, share=1, faults=faults, path="/completion") as proxy, _layered(proxy.url, settings) as (engine, _):
        threading.Timer(0.5, cancel.request).start()
        with ThreadPoolExecutor(_WORKERS) as pool:
            calls = [pool.submit(engine.chat, replace(_request(number), timeout_s=60), cancel) for number in range(_WORKERS)]
            for call in calls:
                with pytest.raises(Cancelled):
                    call.result(timeout=20)


def _retries(end: Reply | ModelError) -> int:
    if isinstance(end, InvalidReply):
        assert end.reply is not None
        return end.reply.retries
    assert isinstance(end, Reply | EngineFailed)
    return end.retries


def _kinds(ends: list[Reply | ModelError]) -> list[str]:
    return [getattr(end, "kind", "ok") for end in ends]
