"""What is asked of a model and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str


Messages = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `schema` is a JSON Schema of the whitelisted subset; `max_tokens` bounds the reply; `timeout_s` means
    seconds without a new token. `prompt` is the digest of the prompt's folder and `language` that of the reply: a kept
    reply expires when either changes.

    `items` is how many entries, tests or questions it is about: a measure of how hard it is. `slot` asks an engine that has
    several for one of them, because what it read last is still there. With `weigh` an engine that can say how sure it was
    says so.
    """

    task: str
    messages: Messages
    schema: Mapping[str, object]
    max_tokens: int
    timeout_s: float = 300.0
    temperature: float = 0.0
    seed: int = 42
    prompt: str = ""
    language: str = "en"
    items: int = 1
    slot: int | None = None
    weigh: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `cached_tokens` of the `prompt_tokens` were not evaluated again; a `replayed` reply comes from the
    response cache, and no model was asked. `confidence` is the probability, among the choices of the schema's enums, of the choice
    that the model was least sure of; None where nobody asked, nothing was chosen, or the engine cannot say. `retries` counts the
    attempts that failed before; `choice` says in a few words why this model answered, where there was one to choose: then
    `answered_by` is who it was, and `discarded` are replies that were paid for before and not taken."""

    text: str
    finish: Finish
    prompt_tokens: int
    cached_tokens: int
    generated_tokens: int
    seconds: float
    replayed: bool = False
    confidence: float | None = None
    retries: int = 0
    choice: str = ""
    answered_by: Identity | None = None
    discarded: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers: engine name, model name, digest of its weights, context length in tokens, runtime and its version.
    What an engine cannot say is an empty string or 0."""

    engine: str
    model: str
    digest: str
    context_length: int
    runtime: str
