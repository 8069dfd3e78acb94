"""What the user decides about models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Size = Literal["small", "large"]


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """What one task does differently; None leaves what holds for all. `model` is the one to begin with."""

    model: Size = "large"
    max_tokens: int | None = None
    max_retries: int | None = None
    request_timeout_s: float | None = None
    call_timeout_s: float | None = None
    task_timeout_s: float | None = None
    temperature: float | None = None
    seed: int | None = None
    small_items: int | None = None
    small_tokens: int | None = None
    small_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of every engine.

    `context_window` counts prompt and reply together. `request_timeout_s` means seconds without a new token, `call_timeout_s` a call
    with all its retries, `task_timeout_s` all calls of a task in this run; None sets no limit. None for `temperature` and `seed` leaves
    them to the request. `cache_mb` of 0, or no `cache_path`, switches the response cache off. `auto` takes `model_name` if it is there,
    else asks at `server_url` and `ollama_url`, and looks in `models_dir`. A breaker opens after `breaker_failures` in a row and lets one
    call through after `breaker_pause_s`. A small model is asked about at most `small_items` items in at most `small_tokens` of prompt,
    and its answer counts from `small_confidence` on. A model that nobody asked for `unload_after_s` is unloaded (0: never). `tokenizer`
    is a tokenizer.json for servers that count no tokens. `lock_path` is the machine-wide lock of those who load models, waited for
    `lock_wait_s` at most; None takes none. `known_models` holds "sha256:…" by the names of GGUF files: another file of such a name is
    never loaded.
    """

    context_window: int = 8192
    default_max_tokens: int = 4096
    request_timeout_s: float = 300.0
    call_timeout_s: float | None = None
    task_timeout_s: float | None = None
    temperature: float | None = None
    seed: int | None = None
    allow_remote: bool = False
    cache_mb: int = 256
    cache_ttl_days: float | None = None
    cache_path: Path | None = None
    model_name: str | None = None
    models_dir: Path | None = None
    server_url: str = "http://127.0.0.1:8080"
    ollama_url: str = "http://127.0.0.1:11434"
    api_key: str = ""
    tokenizer: Path | None = None
    max_retries: int = 3
    breaker_failures: int = 5
    breaker_pause_s: float = 30.0
    requests_per_minute: float | None = None
    small_items: int = 4
    small_tokens: int = 1500
    small_confidence: float = 0.0
    unload_after_s: float = 300.0
    max_ram_gb: float | None = None
    max_vram_gb: float | None = None
    lock_path: Path | None = None
    lock_wait_s: float = 600.0
    known_models: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, TaskSettings] = field(default_factory=dict)

    def task(self, name: str) -> TaskSettings:
        """Return what holds for a task."""
        return self.tasks.get(name, TaskSettings())
