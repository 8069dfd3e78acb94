"""Keys of `llm`: which model answers, and how it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from notewright.config.keys import STRICT, key

if TYPE_CHECKING:  # `config.validation` brings them: they cost more than all keys together, and defaults need none
    from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class TaskConfig:
    """What one task does differently; null leaves what llm says for all, and the model that the task begins with by default."""

    __pydantic_config__: ClassVar = STRICT
    model: Literal["small", "large"] | None = key(None, "the model to begin with; null: the task's own")
    max_tokens: Annotated[int, Ge(1), Le(100_000)] | None = key(None, "as llm.default_max_tokens")
    max_retries: Annotated[int, Ge(0), Le(20)] | None = key(None, "as llm.max_retries")
    request_timeout: Annotated[float, Ge(1), Le(1_000_000)] | None = key(None, "as llm.request_timeout")
    call_timeout: Annotated[float, Ge(1), Le(1_000_000)] | None = key(None, "as llm.call_timeout")
    task_timeout: Annotated[float, Ge(1), Le(1_000_000)] | None = key(None, "as llm.task_timeout")
    temperature: Annotated[float, Ge(0), Le(2)] | None = key(None, "as llm.temperature")
    seed: Annotated[int, Ge(0), Le(2_147_483_647)] | None = key(None, "as llm.seed")
    small_items: Annotated[int, Ge(0)] | None = key(None, "as llm.small_items")
    small_tokens: Annotated[int, Ge(0)] | None = key(None, "as llm.small_tokens")
    small_confidence: Annotated[float, Ge(0), Le(1)] | None = key(None, "as llm.small_confidence")


Task = Literal["commit", "notes", "questions", "answers", "judge", "classify", "convert", "mapping"]
TASKS: Mapping[Task, Literal["small", "large"]] = {
    "commit": "small",
    "notes": "large",
    "questions": "large",
    "answers": "large",
    "judge": "large",
    "classify": "large",
    "convert": "small",
    "mapping": "large",
}


@dataclass(frozen=True, slots=True)
class LlmConfig:
    """Which model answers, and how it is asked."""

    __pydantic_config__: ClassVar = STRICT
    backend: Literal["auto", "none", "llama_server", "llama_cpp", "ollama", "mlx", "openai", "scripted"] = key(
        "auto", "auto takes the first engine that answers"
    )
    model_name: str | None = key(None, "a name, a path, or a URL#name; null: what the backend finds")
    small_model_name: str | None = key(None, "the same backend's model for short and simple requests; null: none")
    server_url: str = key("http://127.0.0.1:8080", "where auto and llama_server look for a llama.cpp server")
    ollama_url: str = key("http://127.0.0.1:11434", "where auto and ollama look for Ollama")
    api_key_env: str | None = key(None, "environment variable that holds the server's key; the key itself never stands in a file")
    tokenizer: str | None = key(None, "a tokenizer.json, for servers that count no tokens themselves")
    models_dir: str | None = key(None, "folder with GGUF files that auto looks into; null: under the user's data directory")
    context_window: Annotated[int, Ge(512), Le(16_777_216)] = key(8192, "tokens, prompt and reply together")
    default_max_tokens: Annotated[int, Ge(1), Le(100_000)] = key(4096, "ceiling for a reply, clipped to the task and the room left")
    request_timeout: Annotated[float, Ge(1), Le(1_000_000)] = key(300.0, "seconds without a new token")
    temperature: Annotated[float, Ge(0), Le(2)] = key(0.0, "0 gives the same reply each time")
    seed: Annotated[int, Ge(0), Le(2_147_483_647)] = key(42, "seed of the sampler; the same one gives the same reply")
    max_retries: Annotated[int, Ge(0), Le(20)] = key(3, "how often a call is made again that failed in a way that can heal")
    call_timeout: Annotated[float, Ge(1), Le(1_000_000)] | None = key(None, "seconds of one call with its retries; null: no limit")
    task_timeout: Annotated[float, Ge(1), Le(1_000_000)] | None = key(None, "seconds of all calls of a task in a run; null: no limit")
    requests_per_minute: Annotated[float, Ge(0.01)] | None = key(None, "at most so many requests a minute; null: no limit")
    breaker_failures: Annotated[int, Ge(1), Le(1_000)] = key(5, "failures in a row after which an engine is left alone")
    breaker_pause: Annotated[float, Ge(0), Le(1_000_000)] = key(30.0, "seconds until one call tries it again")
    small_items: Annotated[int, Ge(0)] = key(4, "the small model is asked about at most so many items at once")
    small_tokens: Annotated[int, Ge(0)] = key(1500, "and with at most so many tokens of prompt")
    small_confidence: Annotated[float, Ge(0), Le(1)] = key(0.0, "below it the large model is asked after the small one; 0: never")
    tasks: Mapping[Task, Literal["small", "large"] | TaskConfig] = key(
        TASKS, "task → small, large, or a mapping with model and what else it does differently; a task that is not named stays as it is"
    )
    unload_after: Annotated[float, Ge(0), Le(1_000_000)] = key(300.0, "seconds after which a model that nobody asks is unloaded; 0: never")
    lock_wait: Annotated[float, Ge(0), Le(1_000_000)] = key(600.0, "seconds to wait for another job that holds the machine's model lock")
    cache_mb: Annotated[int, Ge(0), Le(1_000_000)] = key(256, "size of the response cache; 0 switches it off")
    cache_ttl_days: Annotated[float, Ge(0), Le(100_000)] | None = key(None, "replies older than this are asked for again; null: no limit")
    allow_remote: bool = key(default=False, description="true: hosts beyond this machine and its private network")

    def __post_init__(self) -> None:
        """Complete `tasks`: who names one changes no other."""
        object.__setattr__(self, "tasks", {name: self.tasks.get(name, model) for name, model in TASKS.items()})
