"""A model server that answers nonsense, hangs or dies: one clear error each, in time."""

from __future__ import annotations

import gzip
import json
import shutil
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from notewright.control import Cancel, ignore
from notewright.errors import Cancelled, ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.server import LlamaServer, open_engine
from notewright.llm.failure import EngineFailed, Kind
from notewright.llm.opening import Opening
from notewright.llm.settings import EngineSettings
from notewright.llm.wire import address
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, read_reply
from notewright.prompting.request import Message, Reply, Request
from notewright.prompting.schema import boolean, object_of
from tests.parts.certificate import make_certificate
from tests.parts.impostor import GOOD_TEXT, STREAM_HEAD, Answer, Exchange, Impostor, chunk, end, http, prompt_length, stream, token

_SCHEMA = object_of({"ok": boolean()})
_IDLE_S = 0.4  # where a test waits for it to pass
_PATIENT_S = 10.0  # where it must not pass, on a busy machine either
_MOST_S = 9.0


@contextmanager
def _engine(url: str, idle_s: float = _PATIENT_S) -> Iterator[LlamaServer]:
    with closing(LlamaServer(url, settings=EngineSettings(request_timeout_s=idle_s), digests=Digests(None))) as engine:
        yield engine


def _ask(url: str, cancel: Cancel | None = None, *, idle_s: float = _PATIENT_S) -> Reply:
    request = Request("notes", (Message("user", "hello"),), _SCHEMA, max_tokens=50, timeout_s=idle_s)
    with _engine(url, idle_s) as engine:
        engine.identity()
        return engine.chat(request, cancel or Cancel())


def _events(*events: object, closing_bytes: bytes = b"") -> Answer:
    """Answer with these events, and then break the connection without an end unless told otherwise."""
    return lambda exchange: exchange.send(STREAM_HEAD, *map(chunk, events), closing_bytes)


def _then_hang(*pieces: bytes) -> Answer:
    def answer(exchange: Exchange) -> None:
        exchange.send(*pieces)
        exchange.hang()

    return answer


def _ping_for_ever(exchange: Exchange) -> None:
    exchange.send(STREAM_HEAD)
    while not exchange.closing.wait(0.1):
        exchange.send(chunk(b": ping\n\n"))


def _drip(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not exchange.closing.wait(0.1):
        exchange.send(b" ")


def _talk_for_ever(exchange: Exchange) -> None:
    exchange.send(STREAM_HEAD)
    for _ in range(5_000):
        exchange.send(chunk(token("x")))


def _flood(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *[b"x" * (1 << 20)] * 80)


def _lie(**changes: object) -> Answer:
    """End the reply with changed facts."""
    return lambda exchange: exchange.send(stream(token(GOOD_TEXT), end(prompt_length(exchange), **changes)))


def _no_slots(value: object) -> Answer:
    return http({"total_slots": value, "default_generation_settings": {}, "model_path": "", "build_info": "", "chat_template": ""})


def test_an_honest_impostor_is_understood() -> None:
    with Impostor() as server:
        reply = _ask(server.url)
        assert (reply.text, reply.finish, reply.generated_tokens) == (GOOD_TEXT, "stop", 5)
        with _engine(server.url) as engine:
            assert engine.identity().digest.startswith("meta:")


@pytest.mark.parametrize(
    ("path", "answer", "message"),
    [
        pytest.param("/props", _then_hang(), "no new token for 0.4 s", id="hangs-at-once"),
        pytest.param("/props", _drip, "no new token for 0.4 s", id="drips-one-byte-at-a-time"),
        pytest.param("/props", http(b"<html>It works!</html>"), "answered '<html>It works!</html>'", id="html"),
        pytest.param("/props", http({"hello": "world"}), "is no llama.cpp server", id="another-api"),
        pytest.param("/props", http([1, 2]), "is no llama.cpp server", id="an-array"),
        pytest.param("/props", _no_slots("many"), "is no llama.cpp server", id="no-number-of-slots"),
        pytest.param("/props", _no_slots(float("inf")), "is no llama.cpp server", id="infinitely-many-slots"),
        pytest.param("/props", http(b"[" * 100_000), "answered '\\[\\[", id="bottomless-json"),
        pytest.param("/props", http({}, status="302 Found", headers={"Location": "/health"}), "refused with 302", id="redirect"),
        pytest.param("/props", http(b"", status="401 Unauthorized"), "refused with 401", id="wants-a-key"),
        pytest.param(
            "/props", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}", "in the middle of a reply", id="shorter-than-announced"
        ),
        pytest.param("/props", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}", "is no llama.cpp server", id="negative-length"),
        pytest.param("/props", b"SSH-2.0-OpenSSH_9.2\r\n", "middle of a reply", id="no-http"),
        pytest.param("/props", b"", "middle of a reply", id="hangs-up"),
        pytest.param("/props", _flood, "more than 64 MiB", id="flood"),
        pytest.param("/props", http(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}), "answered", id="compressed-unasked"),
        pytest.param("/apply-template", http({"prompt": 7}), "gave no prompt", id="no-prompt"),
        pytest.param("/apply-template", http({"prompt": "I forgot the text"}), "leaves out a message", id="forgetful-template"),
        pytest.param("/tokenize", http({"tokens": ["a"]}), "gave no tokens", id="words-for-tokens"),
        pytest.param("/tokenize", http({}), "gave no tokens", id="no-tokens"),
        pytest.param(
            "/completion",
            http({"error": {"code": 503, "message": "Loading model"}}, status="503 Service Unavailable"),
            "refused with 503: Loading model",
            id="still-loading",
        ),
        pytest.param("/completion", http(b"oops\n\x1b[31m", status="500 Oh"), r"refused with 500: oops \[31m", id="internal-error"),
        pytest.param("/completion", _then_hang(STREAM_HEAD), "no new token for 0.4 s", id="hangs-before-the-first-token"),
        pytest.param("/completion", _then_hang(STREAM_HEAD, chunk(token("{"))), "no new token for 0.4 s", id="hangs-after-the-first-token"),
        pytest.param("/completion", _ping_for_ever, "no new token for 0.4 s", id="pings-for-ever"),
        pytest.param("/completion", _events(token("{")), "middle of a reply", id="dies-in-the-middle"),
        pytest.param("/completion", _events(token("{"), closing_bytes=b"zz\r\n"), "middle of a reply", id="broken-chunk"),
        pytest.param("/completion", stream(token("{")), "half-way", id="ends-without-an-end"),
        pytest.param("/completion", http({"content": GOOD_TEXT, "stop": True}), "half-way", id="no-stream"),
        pytest.param("/completion", stream(b"data: not json\n\n"), "answered 'not json'", id="garbage-event"),
        pytest.param("/completion", stream(b"data: [1]\n\n"), r"answered '\[1\]'", id="array-event"),
        pytest.param("/completion", stream(b"data: " + b"x" * (9 << 20)), "more than 8 MiB", id="endless-event"),
        pytest.param(
            "/completion",
            stream(token("{"), {"error": {"code": 500, "message": "out of memory"}}),
            "refused with 500: out of memory",
            id="error-in-the-stream",
        ),
        pytest.param("/completion", _talk_for_ever, "does not stop at 50 tokens", id="talks-for-ever"),
        pytest.param("/completion", _lie(tokens_evaluated=3), "read 3 of 11 prompt tokens", id="cut-the-prompt-silently"),
        pytest.param("/completion", _lie(timings={}), "does not say prompt_n", id="no-timings"),
        pytest.param("/completion", _lie(timings={"prompt_n": -1, "predicted_n": 1}), "does not say prompt_n", id="negative-count"),
    ],
)
def test_a_server_that_misbehaves_is_one_clear_error_in_time(path: str, answer: Answer, message: str) -> None:
    started = time.monotonic()
    idle_s = _IDLE_S if "no new token" in message else _PATIENT_S
    with Impostor({path: answer}) as server, pytest.raises(ModelError, match=message) as failure:
        _ask(server.url, idle_s=idle_s)
    assert time.monotonic() - started < _MOST_S
    assert isinstance(failure.value, EngineFailed)
    assert failure.value.kind == _kind(message)
    assert failure.value.hint
    assert failure.value.message.isprintable()
    assert len(failure.value.message) < 500


def _kind(message: str) -> Kind:
    if "no new token" in message:
        return "timeout"
    if "503" in message or "refused with 500: oops" in message:
        return "overload"
    if "out of memory" in message:
        return "out_of_memory"
    broken = ("middle of a reply", "half-way", "answered")
    return "connection" if any(words in message for words in broken) else "refused"


def test_a_server_that_wants_to_be_left_alone_says_for_how_long() -> None:
    busy = http({"error": {"code": 429, "message": "slow down"}}, status="429 Too Many Requests", headers={"Retry-After": "7"})
    with Impostor({"/completion": busy}) as server, pytest.raises(EngineFailed, match="429: slow down") as failure:
        _ask(server.url)
    assert (failure.value.kind, failure.value.retry_after_s) == ("overload", 7.0)


def test_a_prompt_that_a_server_has_less_room_for_than_it_said_is_too_long() -> None:
    said = {"code": 400, "message": "request (11 tokens) exceeds the available context size (8 tokens), try increasing it"}
    small = http({"error": said}, status="400 Bad Request")
    with Impostor({"/completion": small}) as server, pytest.raises(PromptTooLong, match="exceeds the available context size") as failure:
        _ask(server.url)
    assert failure.value.hint


def test_a_server_that_wants_a_key_says_where_to_name_it() -> None:
    locked = http({"error": {"code": 401, "message": "Invalid API Key"}}, status="401 Unauthorized")
    with Impostor({"/props": locked}) as server, pytest.raises(EngineFailed, match="401") as failure:
        _ask(server.url)
    assert "llm.api_key_env" in str(failure.value.hint)


def test_the_key_that_the_user_set_goes_to_the_server_that_was_asked_for() -> None:
    with Impostor() as server:
        settings = EngineSettings(api_key="secret", server_url=server.url)
        with closing(open_engine("", Opening(settings, Digests(None), ignore, 10))) as engine:
            assert engine.chat(Request("notes", (Message("user", "hello"),), _SCHEMA, 50), Cancel()).text == GOOD_TEXT
        assert "Authorization: Bearer secret" in server.headers


def test_a_reply_that_ignores_the_schema_with_200_is_caught_by_reading_it() -> None:
    answer: Answer = lambda exchange: exchange.send(stream(token("Sure! Here is"), end(prompt_length(exchange))))  # noqa: E731
    with Impostor({"/completion": answer}) as server, pytest.raises(InvalidReply, match="no JSON"):
        read_reply(_ask(server.url), _SCHEMA)


@pytest.mark.parametrize("stop_type", ["limit", "none", None])
def test_a_reply_that_the_model_did_not_end_counts_as_cut_off(stop_type: str | None) -> None:
    with Impostor({"/completion": _lie(stop_type=stop_type)}) as server:
        assert _ask(server.url).finish == "length"


def test_a_server_that_is_not_there_says_where_it_was_looked_for() -> None:
    with Impostor() as server:
        url = server.url
    with pytest.raises(ModelError, match=f"cannot reach a model server at {url}") as failure:
        _ask(url)
    assert "start llama-server" in str(failure.value.hint)


@pytest.mark.parametrize("answer", [[], {"data": 7}, {"data": [1]}, {"data": [{"meta": [1]}]}, {"data": [{"meta": {"a": float("nan")}}]}])
def test_a_server_that_says_nothing_sensible_of_its_model_is_known_by_its_path(answer: object) -> None:
    with Impostor({"/v1/models": http(answer)}) as server, _engine(server.url) as engine:
        assert engine.identity().digest.startswith("meta:")


@pytest.mark.case(38)
def test_a_redirect_to_another_host_is_not_followed() -> None:
    with Impostor() as elsewhere:
        lies = {"/props": http({}, status="307 Temporary Redirect", headers={"Location": f"{elsewhere.url}/props"})}
        with Impostor(lies) as server, pytest.raises(ModelError, match="307") as failure:
            _ask(server.url)
        assert elsewhere.asked == []
    assert "redirects are not followed" in str(failure.value.hint)


def test_the_environments_proxy_never_sees_a_request_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor() as proxy, Impostor() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert _ask(server.url).text == GOOD_TEXT
        assert proxy.asked == []


def test_cancelling_closes_the_connection_of_a_server_that_hangs() -> None:
    left = threading.Event()

    def answer(exchange: Exchange) -> None:
        exchange.send(STREAM_HEAD, chunk(token("{")))
        exchange.hang()
        left.set()

    cancel = Cancel()
    with Impostor({"/completion": answer}) as server:
        threading.Timer(0.1, cancel.request).start()
        with pytest.raises(Cancelled):
            _ask(server.url, cancel)
        assert left.wait(1), "the server still believes that somebody listens"


def test_a_name_that_leads_elsewhere_once_we_connect_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor() as server, _engine(server.url) as engine:
        monkeypatch.setattr(address, "_LOOPBACK", ())  # as if the name now resolved to an address outside
        with pytest.raises(ModelError, match="private network"):
            engine.identity()
        assert server.asked == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_an_encrypted_server_is_trusted_by_its_certificate_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with Impostor({"/completion": _then_hang(STREAM_HEAD)}, tls=context) as server:
        with pytest.raises(EngineFailed, match="certificate") as failure:
            _ask(server.url)
        assert failure.value.kind == "refused", "it is no better the next time"
        assert "SSL_CERT_FILE" in str(failure.value.hint)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(ModelError, match=r"no new token for 0\.4 s"):
            _ask(server.url, idle_s=_IDLE_S)


def test_the_prompt_goes_out_as_numbers_under_a_schema_with_bounded_white_space() -> None:
    seen: list[dict[str, object]] = []

    def answer(exchange: Exchange) -> None:
        assert isinstance(exchange.body, dict)
        seen.append(exchange.body)
        exchange.send(stream(token(GOOD_TEXT), end(prompt_length(exchange))))

    with Impostor({"/completion": answer}) as server:
        _ask(server.url)
    (body,) = seen
    assert bytes(body["prompt"]) == b"<user>hello"  # type: ignore[call-overload]  # the impostor's tokens are bytes
    assert body["json_schema"] == {**_SCHEMA, "x-guidance": {"whitespace_flexible": False}}
    facts = {name: body[name] for name in ("n_predict", "temperature", "seed", "cache_prompt", "stream")}
    assert facts == {"n_predict": 50, "temperature": 0.0, "seed": 42, "cache_prompt": True, "stream": True}
    assert "hello" not in json.dumps(body)
