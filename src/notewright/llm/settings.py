"""What the user decides about models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of every engine. `context_window` counts prompt and reply together; `request_timeout_s` means seconds
    without a new token; None for `temperature` and `seed` leaves them to the request; `cache_mb` of 0, or no `cache_path`,
    switches the response cache off; `auto` looks at `server_url` and in `models_dir`."""

    context_window: int = 8192
    default_max_tokens: int = 4096
    request_timeout_s: float = 300.0
    temperature: float | None = None
    seed: int | None = None
    allow_remote: bool = False
    cache_mb: int = 256
    cache_path: Path | None = None
    models_dir: Path | None = None
    server_url: str = "http://127.0.0.1:8080"
