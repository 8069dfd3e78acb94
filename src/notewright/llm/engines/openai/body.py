"""What is asked of a server with OpenAI's API, each in the words that it knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from notewright.llm.engines.in_process.guidance import bound_integers
from notewright.llm.engines.openai.models import Served, Server
from notewright.llm.engines.skeleton import TEMPLATE_WORDS
from notewright.llm.failure import EngineFailed
from notewright.prompting.request import Messages, Request
from notewright.prompting.schema import reply_tokens

# Fields that some servers refuse, and what stands in for them. A schema, a seed and a temperature are never left out.
_STAND_INS: Mapping[str, str] = {
    "stream_options": "",
    "chat_template_kwargs": "",
    "max_tokens": "max_completion_tokens",
    "top_logprobs": "",
    "logprobs": "",
}
_LIKELIEST = 20  # the most that vLLM and OpenAI give
# What only one server knows: no penalties of its own, thinking off, and a sign of life while it reads a long prompt.
_EXTRAS: Mapping[Server, Mapping[str, object]] = {
    "llama.cpp": {"samplers": ["top_k", "top_p", "min_p", "temperature"], "return_progress": True},
    "vllm": {"repetition_penalty": 1.0},
    "ollama": {"reasoning_effort": "none"},
}
# White space and a fence of code, which llama.cpp's /v1 lets a model write around a reply; a token is a byte at least.
_AROUND_TOKENS = 100
# llguidance allows any white space unless told not to, where llama.cpp is built with it
_GUIDANCE = {"x-guidance": {"whitespace_flexible": False}}


def write_turns(messages: Messages) -> list[dict[str, str]]:
    """Return the messages as every such server takes them."""
    # half a surrogate pair is no text that JSON can carry
    return [{"role": message.role, "content": message.content.encode("utf-8", "replace").decode()} for message in messages]


def write_body(request: Request, messages: Messages, served: Served, refused: Collection[str]) -> dict[str, object]:
    """Return the body of a call with these messages, without the fields that the server has refused."""
    llama = served.server == "llama.cpp"
    schema = {**bound_integers(request.schema), **_GUIDANCE} if llama else request.schema
    body: dict[str, object] = {
        "model": served.model,
        "messages": write_turns(messages),
        "response_format": {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}},
        "max_tokens": limit_tokens(request, served),
        "temperature": request.temperature,
        "seed": request.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
        "chat_template_kwargs": TEMPLATE_WORDS,
        **_EXTRAS.get(served.server, {}),
        **({"logprobs": True, "top_logprobs": _LIKELIEST} if request.weigh else {}),
        **({"id_slot": request.slot} if llama and request.slot is not None else {}),
    }
    for name in refused:
        value = body.pop(name, None)
        if stand_in := _STAND_INS[name]:
            body[stand_in] = value
    return body


def limit_tokens(request: Request, served: Served) -> int:
    """Return how many tokens a reply may have at the server: the request's, and what may stand around all that its schema allows."""
    whole = request.max_tokens >= reply_tokens(request.schema)
    return request.max_tokens + (_AROUND_TOKENS if whole and served.server == "llama.cpp" else 0)


def unknown_field(error: EngineFailed, body: Mapping[str, object]) -> str | None:
    """Return the field of the body that a server refuses, if another, or none, can stand in for it."""
    if error.kind != "refused":
        return None
    return next((name for name, stand_in in _STAND_INS.items() if name in body and (stand_in or name) in error.message), None)
