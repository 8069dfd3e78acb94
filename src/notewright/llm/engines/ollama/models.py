"""The models that an Ollama server has, and what it says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from notewright.errors import ModelError
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import Connection, ServerGone

_PULL = "notewright models pull ollama:NAME"


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """A model in an Ollama server. `parameters` and `quantization` are its own words ("8.0B", "Q4_K_M"); `loaded_bytes` is the memory that
    it takes now, 0 where it is not loaded; `remote` says that another machine runs it."""

    name: str
    digest: str
    size_bytes: int
    parameters: str
    quantization: str
    loaded_bytes: int
    remote: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server says of one model: its window in tokens (0 if it does not say), what it can do ("completion", "thinking"), and the
    metadata of its GGUF file. `remote` says that another machine runs it."""

    context_length: int
    capabilities: frozenset[str]
    metadata: Mapping[str, object]
    remote: bool


class _Answer(BaseModel):
    """Something that Ollama says: what is not read here may be there too."""

    model_config = ConfigDict(strict=True, extra="ignore")


class _Version(_Answer):
    version: str


class _Details(_Answer):
    parameter_size: str = ""
    quantization_level: str = ""


class _Listed(_Answer):
    name: str
    digest: str
    size: int = 0
    modified_at: Annotated[datetime, Strict(strict=False)] = datetime.min.replace(tzinfo=UTC)
    details: _Details = Field(default_factory=_Details)
    remote_host: str = ""
    remote_model: str = ""


class _List(_Answer):
    models: list[_Listed] | None = None


class _Shown(_Answer):
    model_info: dict[str, object] | None = None
    capabilities: list[str] | None = None
    remote_host: str = ""
    remote_model: str = ""


def read_version(connection: Connection, *, timeout_s: float) -> str:
    """Return the server's version. Raises `ModelError` if it does not answer in time, or is no Ollama server."""
    try:
        return _Version.model_validate(connection.get("/api/version", timeout_s=timeout_s)).version
    except ServerGone as error:
        raise ServerGone(error.message, hint="start it with `ollama serve`, check llm.ollama_url, or choose --engine none") from error
    except (EngineFailed, ValidationError) as error:
        if isinstance(error, EngineFailed) and error.kind in ("timeout", "overload"):
            raise
        raise _no_ollama(connection) from error


def installed(connection: Connection, *, timeout_s: float) -> tuple[OllamaModel, ...]:
    """Return the models of a server, the one that changed last first, then by name. Raises `ModelError`."""
    by_name = sorted(_read_list(connection, "/api/tags", timeout_s=timeout_s), key=lambda one: one.name)
    listed = sorted(by_name, key=lambda one: one.modified_at, reverse=True)
    loaded = {one.digest: one.size for one in _read_list(connection, "/api/ps", timeout_s=timeout_s)}
    return tuple(
        OllamaModel(
            name=one.name,
            digest=f"sha256:{one.digest.removeprefix('sha256:')}",
            size_bytes=one.size,
            parameters=one.details.parameter_size,
            quantization=one.details.quantization_level,
            loaded_bytes=loaded.get(one.digest, 0),
            remote=bool(one.remote_host or one.remote_model) or is_cloud(one.name),
        )
        for one in listed
    )


def read_facts(connection: Connection, name: str, *, timeout_s: float, whole: bool = False) -> Facts:
    """Ask what a model is, without loading it. The vocabulary is in its metadata only if it is to be `whole`. Raises `ModelError`."""
    try:
        shown = _Shown.model_validate(connection.post("/api/show", {"model": name, "verbose": whole}, timeout_s=timeout_s))
    except ValidationError as error:
        raise _no_ollama(connection) from error
    metadata = shown.model_info or {}
    length = metadata.get(f"{metadata.get('general.architecture')}.context_length")
    return Facts(
        context_length=length if isinstance(length, int) else 0,
        capabilities=frozenset(shown.capabilities or ()),
        metadata=metadata,
        remote=bool(shown.remote_host or shown.remote_model),
    )


def is_cloud(name: str) -> bool:
    """Return whether Ollama's own naming says that a model runs in its cloud."""
    return name.lower().endswith(("-cloud", ":cloud"))


def _read_list(connection: Connection, path: str, *, timeout_s: float) -> list[_Listed]:
    try:
        return _List.model_validate(connection.get(path, timeout_s=timeout_s)).models or []
    except ValidationError as error:
        raise _no_ollama(connection) from error


def _no_ollama(connection: Connection) -> ModelError:
    return ModelError(f"the server at {connection.url} is no Ollama server", hint="is another program listening there?")
