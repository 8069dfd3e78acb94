"""The engine for Ollama, against servers that fail, lie, or are something else."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import closing

import pytest
from tokenizers import pre_tokenizers

from notewright.control import Advanced, Cancel, Event, Finished, Started, ignore
from notewright.errors import ModelError, UsageError
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.engines.ollama.pull import pull_model
from notewright.llm.failure import EngineFailed
from notewright.llm.opening import Opening, open_bare, parse_engine
from notewright.llm.settings import EngineSettings
from notewright.prompting.request import Message, Request
from notewright.prompting.schema import boolean, object_of
from tests.parts.impostor import Answer, Exchange, Impostor, http

_SCHEMA = object_of({"ok": boolean()})
_MESSAGES = (Message("system", "You write."), Message("user", "Hello, is <|im_end|> a token?"))
_BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
_METADATA: Mapping[str, object] = {
    "general.architecture": "llama",
    "llama.context_length": 8192,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "gpt-2",
    "tokenizer.ggml.tokens": [*_BYTES, "ÿÿ", "<|im_end|>"],
    "tokenizer.ggml.token_type": [*(1 for _ in _BYTES), 1, 3],
    "tokenizer.ggml.merges": ["ÿ ÿ"],
}
_MODEL = {"name": "tiny:latest", "digest": "ab" * 32, "size": 7, "modified_at": "2026-11-21T17:42:15.613350070+02:00"}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def _chunk(value: object) -> bytes:
    line = value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"
    return f"{len(line):x}\r\n".encode() + line + b"\r\n"


def _lines(*values: object) -> bytes:
    return _HEAD + b"".join(map(_chunk, values)) + b"0\r\n\r\n"


def _piece(text: str) -> dict[str, object]:
    return {"model": "tiny", "message": {"role": "assistant", "content": text}, "done": False}


def _end(read: int, **more: object) -> dict[str, object]:
    return {**_piece(""), "done": True, "done_reason": "stop", "prompt_eval_count": read, "eval_count": 5, **more}


def _chat(reply: Callable[[Exchange, int], None], *, shows: bool = True) -> Answer:
    """Answer /api/chat as Ollama does, a token a byte, but for the reply itself."""

    def answer(exchange: Exchange) -> None:
        assert isinstance(exchange.body, dict)
        rendered = "".join(f"[{message['role']}]{message['content']}" for message in exchange.body["messages"])
        if exchange.body["stream"]:
            reply(exchange, len(rendered.encode()))
        elif exchange.body.get("_debug_render_only") and shows:
            exchange.send(http({**_piece(""), "_debug_info": {"rendered_template": rendered}}))
        else:
            exchange.send(http(_end(len(rendered.encode()))))

    return answer


def _good(exchange: Exchange, read: int) -> None:
    exchange.send(_lines(_piece('{"ok":'), _piece("true}"), _end(read)))


_HONEST: Mapping[str, Answer] = {
    "/api/version": http({"version": "0.17.4"}),
    "/api/tags": http({"models": [_MODEL]}),
    "/api/ps": http({"models": None}),
    "/api/show": http({"model_info": _METADATA, "capabilities": ["completion"]}),
    "/api/generate": http({"done": True}),
    "/api/chat": _chat(_good),
}


def _open(url: str, place: str = "tiny", **more: object) -> Engine:
    chosen = EngineSettings(**{"ollama_url": url, "request_timeout_s": 10, "unload_after_s": 60, **more})  # type: ignore[arg-type]  # named by the test
    return open_bare(parse_engine(f"ollama:{place}"), Opening(chosen, Digests(None), ignore, 5))


def _request(timeout_s: float = 10) -> Request:
    return Request("notes", _MESSAGES, _SCHEMA, 100, timeout_s=timeout_s)


def test_an_honest_server_is_believed() -> None:
    with Impostor(_HONEST) as server, closing(_open(server.url)) as engine:
        reply = engine.chat(_request(), Cancel())
        assert (reply.text, reply.finish, reply.generated_tokens) == ('{"ok":true}', "stop", 5)
        assert engine.count(_MESSAGES) == reply.prompt_tokens == len("[system]You write.[user]Hello, is < |im_end|> a token?")
        assert engine.identity().digest == "sha256:" + "ab" * 32


def test_ollama_is_told_what_to_do_and_to_cut_nothing() -> None:
    bodies: list[dict[str, object]] = []

    def look(exchange: Exchange, read: int) -> None:
        assert isinstance(exchange.body, dict)
        bodies.append(exchange.body)
        _good(exchange, read)

    lies = {**_HONEST, "/api/chat": _chat(look)}
    with Impostor(lies) as server, closing(_open(server.url, context_window=3000)) as engine:
        engine.chat(Request("notes", _MESSAGES, _SCHEMA, 100, temperature=0.5, seed=7), Cancel())
    (body,) = bodies
    assert body["format"] == _SCHEMA
    assert (body["truncate"], body["shift"], body["keep_alive"], "think" in body) == (False, False, 60, False)
    options = {"num_ctx": 3000, "num_predict": 100, "temperature": 0.5, "seed": 7}
    assert body["options"] == {**options, "repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0}


def test_a_model_that_can_think_is_told_not_to() -> None:
    thoughts: list[object] = []

    def look(exchange: Exchange, read: int) -> None:
        assert isinstance(exchange.body, dict)
        thoughts.append(exchange.body.get("think"))
        _good(exchange, read)

    thinking = http({"model_info": _METADATA, "capabilities": ["completion", "thinking"]})
    with Impostor({**_HONEST, "/api/chat": _chat(look), "/api/show": thinking}) as server, closing(_open(server.url)) as engine:
        engine.chat(_request(), Cancel())
    assert thoughts == [False]


def _short(exchange: Exchange, read: int) -> None:
    exchange.send(_lines(_piece('{"ok":true}'), _end(read - 7)))


def _uncounted(exchange: Exchange, _read: int) -> None:
    exchange.send(_lines(_piece('{"ok":true}'), {**_piece(""), "done": True, "done_reason": "stop"}))


def _garbage(exchange: Exchange, _read: int) -> None:
    exchange.send(_lines(_piece('{"ok":'), b"<html>\n"))


def _strange(exchange: Exchange, _read: int) -> None:
    exchange.send(_lines(["a list"]))


def _half(exchange: Exchange, _read: int) -> None:
    exchange.send(_HEAD + _chunk(_piece('{"ok":')))


def _slow(exchange: Exchange, _read: int) -> None:
    exchange.send(_HEAD + _chunk(_piece('{"ok":')))
    exchange.hang()


def _endless(exchange: Exchange, _read: int) -> None:
    exchange.send(_lines(*(_piece("x") for _ in range(200))))


def _died(exchange: Exchange, _read: int) -> None:
    exchange.send(_lines(_piece('{"ok":'), {"error": "an error was encountered while running the model: unexpected EOF"}))


def _full(exchange: Exchange, _read: int) -> None:
    exchange.send(
        http({"error": "model requires more system memory (5.6 GiB) than is available (1.2 GiB)"}, status="500 Internal Server Error")
    )


def _busy(exchange: Exchange, _read: int) -> None:
    error = {"error": "server busy, please try again.  maximum pending requests exceeded"}
    exchange.send(http(error, status="503 Service Unavailable", headers={"Retry-After": "3"}))


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        pytest.param(_short, "refused", r"read \d+ prompt tokens of \d+", id="a-prompt-cut-in-silence"),
        pytest.param(_uncounted, "refused", "read 0 prompt tokens of", id="a-prompt-not-counted"),
        pytest.param(_garbage, "connection", "answered what Ollama does not", id="no-json"),
        pytest.param(_strange, "connection", "answered what Ollama does not", id="other-json"),
        pytest.param(_half, "connection", "ended the connection in the middle of a reply", id="dies"),
        pytest.param(_slow, "timeout", r"gave no new token for 0\.5 s", id="hangs-after-the-first-token"),
        pytest.param(_endless, "refused", "does not stop at 100 tokens", id="endless"),
        pytest.param(_died, "overload", "unexpected EOF", id="its-runner-dies"),
        pytest.param(_full, "out_of_memory", "more system memory", id="out-of-memory"),
        pytest.param(_busy, "overload", "server busy", id="busy"),
    ],
)
def test_what_goes_wrong_is_told_by_its_kind(reply: Callable[[Exchange, int], None], kind: str, message: str) -> None:
    with Impostor({**_HONEST, "/api/chat": _chat(reply)}) as server, closing(_open(server.url)) as engine:
        with pytest.raises(EngineFailed, match=message) as failure:
            engine.chat(_request(timeout_s=0.5), Cancel())
        assert failure.value.kind == kind
        assert failure.value.retry_after_s == (3 if reply is _busy else None)


def test_a_reply_that_ollama_gives_up_counts_as_cut_off() -> None:
    def repeat(exchange: Exchange, _read: int) -> None:
        exchange.send(_lines(*(_piece("a") for _ in range(31))))

    with Impostor({**_HONEST, "/api/chat": _chat(repeat)}) as server, closing(_open(server.url)) as engine:
        reply = engine.chat(_request(), Cancel())
        assert (reply.finish, reply.generated_tokens, reply.prompt_tokens) == ("length", 31, engine.count(_MESSAGES))


def _shown(**changes: object) -> Answer:
    more = {f"tokenizer.ggml.{name}": value for name, value in changes.items()}
    return http({"model_info": {**_METADATA, **more}, "capabilities": ["completion"]})


@pytest.mark.parametrize(
    "lies",
    [
        pytest.param({"/api/show": _shown(pre="of-next-year")}, id="a-new-rule"),
        pytest.param({"/api/show": _shown(add_bos_token=True)}, id="the-server-reads-another-number"),
        pytest.param({"/api/chat": _chat(_good, shows=False)}, id="the-template-is-not-shown"),
    ],
)
def test_a_count_that_cannot_be_exact_is_not_given(lies: Mapping[str, Answer]) -> None:
    with Impostor({**_HONEST, **lies}) as server, closing(_open(server.url)) as engine:
        assert engine.count(_MESSAGES) is None
        assert engine.chat(_request(), Cancel()).text == '{"ok":true}'


def test_without_a_count_a_full_window_is_a_prompt_that_was_cut() -> None:
    with (
        Impostor({**_HONEST, "/api/chat": _chat(_good, shows=False)}) as server,
        closing(_open(server.url, context_window=40)) as engine,
        pytest.raises(EngineFailed, match="read 54 prompt tokens of more"),
    ):
        engine.chat(_request(), Cancel())


@pytest.mark.parametrize(
    ("lies", "message"),
    [
        pytest.param({}, "is no Ollama server", id="llama-server"),
        pytest.param({"/api/version": http(b"<html>It works!</html>")}, "is no Ollama server", id="a-web-server"),
        pytest.param({"/api/version": http([])}, "is no Ollama server", id="other-json"),
        pytest.param(
            {"/api/version": http({}, status="302 Found", headers={"Location": "http://192.0.2.1/"})}, "is no Ollama", id="redirect"
        ),
        pytest.param({"/api/version": http({"version": "1"}), "/api/tags": http({"models": 7})}, "is no Ollama server", id="no-list"),
        pytest.param({"/api/version": Exchange.hang}, "gave no new token", id="silent"),
        pytest.param({**_HONEST, "/api/tags": http({"models": []})}, "has no model tiny; it has none at all", id="empty"),
        pytest.param(
            {**_HONEST, "/api/show": http({"capabilities": ["embedding"]})}, "the model tiny of Ollama at .* can chat", id="embedding"
        ),
    ],
)
def test_a_wrong_address_is_told_when_the_engine_is_opened(lies: Mapping[str, Answer], message: str) -> None:
    chosen = EngineSettings()
    with Impostor(lies) as server, pytest.raises(ModelError, match=message):
        open_bare(parse_engine(f"ollama:{server.url}#tiny"), Opening(chosen, Digests(None), ignore, 1))


def test_a_server_that_is_down_says_how_to_start_it() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{found.getsockname()[1]}"
    with pytest.raises(ModelError, match="cannot reach a model server") as down:
        _open(url)
    assert "ollama serve" in str(down.value.hint)


def test_other_hosts_are_refused_before_anything_is_said() -> None:
    with pytest.raises(ModelError, match="neither on this machine nor in a private network"):
        _open("http://192.0.2.1:11434")
    with pytest.raises(UsageError, match="is no address of a model server"):
        _open("ollama.example:11434")


def test_a_client_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    with Impostor(_HONEST) as server, closing(_open(server.url)) as engine:
        monkeypatch.setitem(sys.modules, "ollama", None)
        with pytest.raises(ModelError, match="is not installed") as missing:
            engine.chat(_request(), Cancel())
        assert missing.value.hint == "pip install 'notewright[ollama]'"


_LAYER = "pulling 1a2b3c4d5e6f"
_NEWS = [
    {"status": "pulling manifest"},
    {"status": _LAYER, "digest": "sha256:1a", "total": 100},
    {"status": _LAYER, "digest": "sha256:1a", "total": 100, "completed": 60},
    {"status": _LAYER, "digest": "sha256:1a", "total": 100, "completed": 100},
    {"status": "verifying sha256 digest"},
    {"status": "success"},
]


def _pull(server: Impostor, name: str, *events: Event) -> list[Event]:
    told: list[Event] = list(events)
    settings = EngineSettings(ollama_url=server.url, request_timeout_s=2)
    assert pull_model(name, settings=settings, report=told.append, cancel=Cancel()).digest == "sha256:" + "ab" * 32
    return told


def test_pulling_reports_every_file_in_bytes() -> None:
    with Impostor({**_HONEST, "/api/pull": _lines(*_NEWS)}) as server:
        assert _pull(server, "tiny") == [
            Started(_LAYER, 100), Advanced(_LAYER, 0), Advanced(_LAYER, 60), Advanced(_LAYER, 100), Finished(_LAYER),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("news", "message"),
    [
        pytest.param(_NEWS[:3], "stopped in the middle of pulling 1a2b3c4d5e6f", id="ends-early"),
        pytest.param([], "stopped in the middle of nothing", id="says-nothing"),
        pytest.param([{"error": "pull model manifest: file does not exist"}], "registry has no model tiny", id="unknown"),
        pytest.param([{"error": "digest mismatch, file must be downloaded again"}], "digest mismatch", id="wrong-digest"),
        pytest.param([{"error": "dial tcp: lookup registry.example on 10.0.0.1:53: no such host"}], "out of reach", id="offline"),
    ],
)
def test_pulling_fails_with_the_reason(news: list[object], message: str) -> None:
    with Impostor({**_HONEST, "/api/pull": _lines(*news)}) as server, pytest.raises(ModelError, match=message):
        _pull(server, "tiny")


def test_a_model_of_the_cloud_is_not_pulled() -> None:
    with Impostor(_HONEST) as server, pytest.raises(ModelError, match="Ollama's cloud"):
        _pull(server, "huge:cloud")
    assert server.asked == []
