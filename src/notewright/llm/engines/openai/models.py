"""Which model a server with OpenAI's API offers, and which server it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from notewright.errors import ModelError
from notewright.llm.digest import Digests
from notewright.llm.engines.llama.properties import digest_metadata, read_properties
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.address import is_loopback
from notewright.llm.wire.connection import Connection

Server = Literal["llama.cpp", "vllm", "lmstudio", "ollama", ""]
Entry = dict[str, Any]  # a model in a server's list, whose fields differ from server to server

# vLLM joins what comes in at the same time into one batch, and keeps shared beginnings by itself
_BATCHED = 8
_SHOWN_NAMES = 5


@dataclass(frozen=True, slots=True)
class Served:
    """A model and its server. What a server does not tell is empty or 0; `slots` are requests worth having in flight at once."""

    model: str
    server: Server = ""
    context_length: int = 0
    digest: str = ""
    runtime: str = ""
    slots: int = 1


def find_model(connection: Connection, name: str, *, digests: Digests, timeout_s: float) -> Served:
    """Return the model of this name, or for "" the first that answers chats, one in memory before all others.

    Raises `ModelError` where the server does not answer, or lacks the model.
    """
    offered = _entries(connection, "/v1/models", timeout_s=timeout_s)
    owner = str(offered[0].get("owned_by")) if offered else ""
    if owner == "llamacpp":
        return _llama(connection, _choose(offered, name, connection.url), digests=digests, timeout_s=timeout_s)
    if owner == "vllm":
        entry = _choose(offered, name, connection.url)
        return Served(
            entry["id"], "vllm", _number(entry, "max_model_len"), "", f"vLLM {_version(connection, '/version', timeout_s)}", _BATCHED
        )
    if studio := _entries_if_any(connection, "/api/v0/models", timeout_s=timeout_s):
        entry = _choose(studio, name, connection.url)
        known = f"LM Studio, {entry.get('arch', '')} {entry.get('quantization', '')}".strip()
        return Served(entry["id"], "lmstudio", _number(entry, "loaded_context_length"), "", known)
    entry = _choose(offered, name, connection.url)
    if version := _version(connection, "/api/version", timeout_s):
        return Served(entry["id"], "ollama", 0, _ollama_digest(connection, entry["id"], timeout_s), f"Ollama {version}")
    return Served(entry["id"], "", _number(entry, "max_model_len"), "", owner)


def _llama(connection: Connection, entry: Entry, *, digests: Digests, timeout_s: float) -> Served:
    """Describe a model as the engine llama_server does, so that both know it by the same digest."""
    try:
        known = read_properties(connection, timeout_s=timeout_s)
    except EngineFailed as error:
        if error.kind != "refused":
            raise
        meta = entry.get("meta")  # behind a proxy that lets nothing through but /v1
        return Served(entry["id"], "llama.cpp", _number(meta, "n_ctx") if isinstance(meta, dict) else 0)
    path = Path(known.model_path)
    local = digests.of(path) if is_loopback(connection.url) else None
    digest = local or digest_metadata(connection, known, timeout_s=timeout_s)
    return Served(entry["id"], "llama.cpp", known.context_length, digest, known.runtime, known.slots)


def _choose(entries: list[Entry], name: str, url: str) -> Entry:
    chats = [entry for entry in entries if entry.get("type") != "embeddings"]
    if name:
        found = next((entry for entry in entries if name in _names(entry)), None)
    else:
        found = min(chats, key=lambda entry: entry.get("state") == "not-loaded", default=None)
    if found is None:
        offered = ", ".join(entry["id"] for entry in chats[:_SHOWN_NAMES]) or "none"
        raise ModelError(f"the model server at {url} has no model {name}".rstrip(), hint=f"it offers: {offered}")
    return found


def _names(entry: Entry) -> Iterable[str]:
    aliases = entry.get("aliases")
    return (entry["id"], entry["id"].removesuffix(":latest"), *(aliases if isinstance(aliases, list) else ()))


def _entries(connection: Connection, path: str, *, timeout_s: float) -> list[Entry]:
    answer = connection.get(path, timeout_s=timeout_s)
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list):
        raise EngineFailed(
            f"the server at {connection.url} does not speak OpenAI's API", kind="refused", hint="is another program listening there?"
        )
    return [entry for entry in data if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _entries_if_any(connection: Connection, path: str, *, timeout_s: float) -> list[Entry]:
    try:
        return _entries(connection, path, timeout_s=timeout_s)
    except EngineFailed:  # another server than the one that has this path
        return []


def _version(connection: Connection, path: str, timeout_s: float) -> str:
    """Return the version that a server gives, "" where it has no such path. LM Studio answers any path with 200 and an error."""
    try:
        answer = connection.get(path, timeout_s=timeout_s)
    except EngineFailed:
        return ""
    return str(answer.get("version", "")) if isinstance(answer, dict) else ""


def _ollama_digest(connection: Connection, model: str, timeout_s: float) -> str:
    """Return the digest of the model's manifest, which covers weights, template and parameters."""
    answer = connection.get("/api/tags", timeout_s=timeout_s)
    models = answer.get("models") if isinstance(answer, dict) else None
    entries = [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
    return next((f"sha256:{entry['digest']}" for entry in entries if entry.get("name") == model and entry.get("digest")), "")


def _number(entry: Entry, name: str) -> int:
    value = entry.get(name)
    return value if type(value) is int and value > 0 else 0
