"""One exchange with a server: its end, its limits, and what it leaves behind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from notewright.control import Cancel
from notewright.errors import Cancelled, UsageError
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import Connection
from tests.parts.impostor import STREAM_HEAD, Answer, Exchange, Impostor, chunk, stream

_DONE = b"data: [DONE]\n\n"
_LONG = {"prompt": "x" * (20 << 20)}  # more than a machine keeps for a server that does not read


def _events(server: Impostor, *, idle_s: float = 10.0) -> list[dict[str, object]]:
    return list(Connection(server.url, allow_remote=False).stream("/x", {}, idle_s=idle_s, cancel=Cancel()))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(_DONE, id="as-openai-writes-it"),
        pytest.param(b"data:[DONE]\r\n\r\n", id="without-a-blank"),
        pytest.param(_DONE + b"data: rubbish\n\n", id="with-rubbish-behind"),
    ],
)
def test_done_ends_a_stream_though_the_server_keeps_the_connection(event: bytes) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(STREAM_HEAD, chunk({"n": 1}), chunk(event))
        exchange.hang()

    with Impostor({"/x": answer}) as server:
        assert _events(server) == [{"n": 1}]


def test_done_in_a_reply_is_text() -> None:
    with Impostor({"/x": stream({"content": "[DONE]"}, _DONE)}) as server:
        assert _events(server) == [{"content": "[DONE]"}]


def test_an_error_in_a_stream_has_the_words_of_old_vllm_too() -> None:
    said = {"object": "error", "message": "engine is busy", "type": "x", "code": 503}
    with (
        Impostor({"/x": stream({"n": 1}, said)}) as server,
        pytest.raises(EngineFailed, match="refused with 503: engine is busy") as failure,
    ):
        _events(server)
    assert failure.value.kind == "overload"


def test_a_reader_that_takes_its_time_does_not_count_as_a_server_that_is_silent() -> None:
    with Impostor({"/x": stream({"n": 1}, {"n": 2}, {"n": 3})}) as server:
        waiting = threading.Event()
        seen = []
        for event in Connection(server.url, allow_remote=False).stream("/x", {}, idle_s=0.3, cancel=Cancel()):
            waiting.wait(0.4)
            seen.append(event["n"])
        assert seen == [1, 2, 3]


@contextmanager
def _listening() -> Iterator[tuple[socket.socket, str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_server_that_does_not_read_a_long_prompt_is_given_up() -> None:
    with _listening() as (_, url), pytest.raises(EngineFailed, match="no new token") as failure:
        Connection(url, allow_remote=False).post("/x", _LONG, timeout_s=0.3)
    assert failure.value.kind == "timeout"


def test_cancelling_ends_the_sending_of_a_long_prompt() -> None:
    cancel = Cancel()
    threading.Timer(0.1, cancel.request).start()
    with _listening() as (_, url), pytest.raises(Cancelled):
        Connection(url, allow_remote=False).post("/x", _LONG, timeout_s=30, cancel=cancel)


def test_a_server_that_refuses_a_long_prompt_before_it_is_read_is_understood() -> None:
    refusal = b'HTTP/1.1 413 Too Large\r\nContent-Length: 33\r\n\r\n{"error":"the prompt is too long"}'

    def refuse(listener: socket.socket) -> None:
        wire, _ = listener.accept()
        with wire:
            wire.recv(1000)
            wire.sendall(refusal)

    with _listening() as (listener, url):
        server = threading.Thread(target=refuse, args=(listener,))
        server.start()
        with pytest.raises(EngineFailed, match="refused with 413") as failure:
            Connection(url, allow_remote=False).post("/x", _LONG, timeout_s=30)
        server.join()
    assert failure.value.kind == "refused"


def _many_hints(exchange: Exchange) -> None:
    while not exchange.closing.is_set() and exchange.wire.fileno() >= 0:
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(_many_hints, "no new token", id="hints-for-ever"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000, "headers", id="very-many-headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, "header line", id="a-very-long-header"),
        pytest.param(STREAM_HEAD + b"7fffffffffffffff\r\nshort", "middle of a reply", id="a-piece-announced-of-8-EiB"),
        pytest.param(STREAM_HEAD + b"-5\r\nshort\r\n", "middle of a reply", id="a-piece-of-less-than-nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nrubbish", "another program|'rubbish'", id="a-length-in-words"),
    ],
)
def test_a_head_or_a_body_that_is_none_ends_in_time(answer: Answer, message: str) -> None:
    started = time.monotonic()
    with Impostor({"/x": answer}) as server, pytest.raises(EngineFailed, match=message):
        Connection(server.url, allow_remote=False).post("/x", {}, timeout_s=0.5 if "token" in message else 10)
    assert time.monotonic() - started < 9


def test_asking_starts_no_thread_and_leaves_no_socket_open() -> None:
    known = set(threading.enumerate())
    heard: list[bytes] = []

    def answer(listener: socket.socket) -> None:
        wire, _ = listener.accept()
        with wire, wire.makefile("rb") as reader:
            while reader.readline() != b"\r\n":
                pass
            reader.read(len("{}"))
            wire.sendall(STREAM_HEAD + chunk({"n": 1}))
            heard.append(reader.read())  # ends once the other side has closed it

    with _listening() as (listener, url):
        server = threading.Thread(target=answer, args=(listener,))
        server.start()
        with closing(Connection(url, allow_remote=False).stream("/x", {}, idle_s=10, cancel=Cancel())) as events:
            assert next(events) == {"n": 1}
            assert set(threading.enumerate()) - known == {server}
        server.join(9)
    assert heard == [b""]


@pytest.mark.parametrize("key", ["sesame\n", "séſame", "a\r\nHost: b", "\x00"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(UsageError, match="characters that no key has") as failure:
        Connection("http://127.0.0.1:1", allow_remote=False, api_key=key)
    assert key not in failure.value.message
