"""Small servers that speak OpenAI's API as vLLM, LM Studio and stricter ones do, over real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tokenizers import Tokenizer

from tests.parts.impostor import Answer, Exchange, chunk, http, stream
from tests.parts.tiny_model import _train_tokenizer

Body = dict[str, Any]
DONE = b"data: [DONE]\n\n"
CONTEXT = 2048
MODEL = "acme/tiny"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call that a server got."""

    path: str
    body: Body
    key: str


@dataclass(slots=True)
class Dialect:
    """How a server answers: what it gives at a path, and how it takes a chat. `lies` come first."""

    gives: Mapping[str, bytes]
    chat: Callable[[Body], bytes]
    count: Callable[[Body], bytes] | None = None
    missing: bytes = b""
    key: str = ""
    lies: dict[str, Answer] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Answer:
        """Return the bytes of a whole answer, or what writes them."""
        if self.key and asked.key != f"Bearer {self.key}":
            return http({"error": "Unauthorized"}, status="401 Unauthorized")
        if asked.path in self.lies:
            return self.lies[asked.path]
        if asked.path == "/v1/chat/completions":
            return self.chat(asked.body)
        if asked.path == "/tokenize" and self.count:
            return self.count(asked.body)
        return self.gives.get(asked.path, self.missing)


class Speaker:
    """Serves a dialect on a free port of 127.0.0.1, and keeps what it was asked."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.asked: list[Asked] = []
        self._closing = threading.Event()
        speaker = self

        class _Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                speaker._serve(self)

            def do_POST(self) -> None:
                speaker._serve(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def bodies(self, path: str = "/v1/chat/completions") -> Sequence[Body]:
        """Return what was asked at a path, in order."""
        return [asked.body for asked in self.asked if asked.path == path]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        content = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        asked = Asked(handler.path, json.loads(content) if content else {}, handler.headers.get("Authorization", ""))
        self.asked.append(asked)
        handler.close_connection = True
        answer = self.dialect.answer(asked)
        exchange = Exchange(handler.connection, asked.path, asked.body, self._closing)
        if callable(answer):
            answer(exchange)
        else:
            exchange.send(answer)


def vllm() -> Dialect:
    """vLLM 0.11: counts messages at /tokenize, gives the usage in an event of its own, and says what it had cached."""
    tokenizer = _train_tokenizer()
    model = {"id": MODEL, "object": "model", "created": 1, "owned_by": "vllm", "root": MODEL, "parent": None, "max_model_len": CONTEXT}
    error = {"type": "BadRequestError", "param": None, "code": 400}

    def chat(body: Body) -> bytes:
        if body["model"] != MODEL:
            missing = {"message": f"The model `{body['model']}` does not exist.", "type": "NotFoundError", "param": "model", "code": 404}
            return http({"error": missing}, status="404 Not Found")
        read = _count(tokenizer, body)
        if read + body["max_tokens"] > CONTEXT:
            message = (
                f"You passed {read} input tokens and requested {body['max_tokens']} output tokens. However, the model's context length is "
                f"only {CONTEXT} tokens. Please reduce the length of the input prompt."
            )
            return http({"error": {"message": message, **error}}, status="400 Bad Request")
        pieces, finish = _written(tokenizer, body)
        usage = {"prompt_tokens": read, "total_tokens": read + len(pieces), "completion_tokens": len(pieces)}
        events = [_event({"role": "assistant", "content": ""}), *(_event({"content": piece}) for piece in pieces), _event({}, finish)]
        last = {"choices": [], "usage": {**usage, "prompt_tokens_details": {"cached_tokens": 16}}}
        return stream(*events, *([last] if body.get("stream_options", {}).get("include_usage") else []), DONE)

    def count(body: Body) -> bytes:
        read = _count(tokenizer, body)
        return http({"count": read, "max_model_len": CONTEXT, "tokens": [0] * read, "token_strs": None})

    gives = {"/v1/models": http({"object": "list", "data": [model]}), "/version": http({"version": "0.11.0"})}
    return Dialect(gives, chat, count, http({"detail": "Not Found"}, status="404 Not Found"))


def lm_studio() -> Dialect:
    """LM Studio: lists what lies on the disk, answers unknown paths with 200, tells of failures in the stream."""
    tokenizer = _train_tokenizer()
    names = ["text-embedding-small", "other-model", MODEL]
    kinds = ["embeddings", "llm", "llm"]
    states = ["loaded", "not-loaded", "loaded"]
    details = [
        {
            "id": name,
            "object": "model",
            "type": kind,
            "arch": "llama",
            "quantization": "Q4_K_M",
            "state": state,
            "max_context_length": 131_072,
        }
        | ({"loaded_context_length": CONTEXT} if state == "loaded" else {})
        for name, kind, state in zip(names, kinds, states, strict=True)
    ]
    listed = [{"id": name, "object": "model", "owned_by": "organization_owner"} for name in names]

    def chat(body: Body) -> bytes:
        read = _count(tokenizer, body)
        if read > CONTEXT:
            said = {"message": "Context size has been exceeded."}
            return stream(b"event: error\n", {"error": said, "message": said["message"]})
        pieces, finish = _written(tokenizer, body)
        usage = {"prompt_tokens": read, "completion_tokens": len(pieces), "total_tokens": read + len(pieces)}
        events = [_event({"role": "assistant", "content": piece}) for piece in pieces]
        return stream(*events, _event({}, finish), {"choices": [], "usage": usage}, DONE)

    gives = {"/v1/models": http({"data": listed, "object": "list"}), "/api/v0/models": http({"object": "list", "data": details})}
    return Dialect(gives, chat, None, http({"error": "Unexpected endpoint or method."}))


def strict() -> Dialect:
    """A server that refuses fields that it does not know, wants max_completion_tokens, and sends no usage."""
    tokenizer = _train_tokenizer()
    known = {"model", "messages", "response_format", "max_completion_tokens", "temperature", "seed", "stream"}

    def chat(body: Body) -> bytes:
        if "max_tokens" in body:
            message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            error = {"message": message, "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter"}
            return http({"error": error}, status="400 Bad Request")
        if unknown := sorted(body.keys() - known):
            extra = {"type": "extra_forbidden", "loc": ["body", unknown[0]], "msg": "Extra inputs are not permitted"}
            return http({"detail": [extra]}, status="422 Unprocessable Entity")
        pieces, finish = _written(tokenizer, {**body, "max_tokens": body["max_completion_tokens"]})
        return stream(*(_event({"content": piece}) for piece in pieces), _event({}, finish), DONE)

    gives = {"/v1/models": http({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "acme"}]})}
    return Dialect(gives, chat, None, http({"error": {"message": "no such path", "code": None}}, status="404 Not Found"))


def told(*deltas: Mapping[str, object], finish: str | None = "stop", after: Sequence[object] = (DONE,)) -> bytes:
    """Write a stream of these deltas, with an end."""
    return stream(*map(_event, deltas), *([_event({}, finish)] if finish else []), *after)


def slowly(*events: object) -> Callable[[Exchange], None]:
    """Write events, then say nothing any more."""

    def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n", *map(chunk, events))
        exchange.hang()

    return answer


def _event(delta: Mapping[str, object], finish: str | None = None) -> Body:
    choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL, "choices": [choice], "usage": None}


def _count(tokenizer: Tokenizer, body: Body) -> int:
    turns = "".join(f"<|im_start|>{turn['role']}\n{turn['content']}<|im_end|>\n" for turn in body["messages"])
    return len(tokenizer.encode(turns + "<|im_start|>assistant\n", add_special_tokens=False))


def _written(tokenizer: Tokenizer, body: Body) -> tuple[list[str], str]:
    """Write the shortest value that the schema allows, a token a piece, and how it ends."""
    wanted = body["response_format"]
    assert wanted["type"] == "json_schema", wanted
    assert wanted["json_schema"]["strict"] is True
    encoded = tokenizer.encode(json.dumps(_least(wanted["json_schema"]["schema"])), add_special_tokens=False)
    pieces = [tokenizer.decode([token]) for token in encoded.ids]
    return pieces[: body["max_tokens"]], "length" if len(pieces) > body["max_tokens"] else "stop"


def _least(schema: Body) -> object:
    match schema:
        case {"properties": dict(properties)}:
            return {name: _least(part) for name, part in properties.items()}
        case {"items": dict(items), "minItems": int(least)}:
            return [_least(items)] * least
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"anyOf": _}:
            return None
    return {"string": "", "integer": 0, "boolean": False, "null": None}[schema["type"]]
