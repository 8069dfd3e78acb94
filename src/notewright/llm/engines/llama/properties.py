"""What a llama.cpp server says of itself and its model."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import Connection
from notewright.rendering.canonical import canonical_line, digest


@dataclass(frozen=True, slots=True)
class Properties:
    """A server's answer to GET /props. `context_length` is that of one slot."""

    slots: int
    context_length: int
    model_path: str
    runtime: str


def read_properties(connection: Connection, *, timeout_s: float) -> Properties:
    """Ask the server. Raises `ModelError` if it does not answer in time, or is no llama.cpp server."""
    answer = connection.get("/props", timeout_s=timeout_s)
    try:
        assert isinstance(answer, dict)
        # a server may be started with another template than the model's own, which changes every prompt
        template = digest(str(answer["chat_template"]).encode("utf-8", "replace")).removeprefix("sha256:")
        return Properties(
            slots=max(int(answer["total_slots"]), 1),
            context_length=int(answer["default_generation_settings"]["n_ctx"]),
            model_path=str(answer["model_path"]),
            runtime=f"llama.cpp {answer['build_info']}, template {template[:8]}",
        )
    except (AssertionError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise EngineFailed(
            f"the server at {connection.url} is no llama.cpp server", kind="refused", hint="is another program listening there?"
        ) from error


def digest_metadata(connection: Connection, known: Properties, *, timeout_s: float) -> str:
    """Return "meta:…", a digest of what the server says of a model whose file is out of reach: its path, sizes and vocabulary."""
    answer = connection.get("/v1/models", timeout_s=timeout_s)
    models = answer.get("data") if isinstance(answer, dict) else None
    metas = [model.get("meta") for model in models if isinstance(model, dict)] if isinstance(models, list) else []
    facts = [
        sorted((name, repr(value)) for name, value in meta.items() if isinstance(value, int | str))
        for meta in metas
        if isinstance(meta, dict)
    ]
    return "meta:" + digest(canonical_line([known.model_path, facts])).removeprefix("sha256:")
