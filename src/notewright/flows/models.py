"""Models: the engine that the configuration or a flag names."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from notewright.adapters.catalog import read_catalog
from notewright.adapters.prompts.places import prompt_places
from notewright.config.config import Config
from notewright.config.llm import TASKS, TaskConfig
from notewright.control import Report, ignore
from notewright.errors import ConfigError
from notewright.flows.state import state_path
from notewright.llm.door import Opened, open_engine
from notewright.llm.settings import EngineSettings, TaskSettings

_APP = "notewright"


def open_configured(config: Config, *, flag: str | None = None, report: Report = ignore, recorded: bool = True) -> Opened:
    """Open the engine that `--engine` names, else the one configured. Close it after use. Raises `UsageError` for a name that is unknown,
    `ModelError` where the engine named is not there."""
    small, settings = config.small_engine_spec(flag), engine_settings(config)
    return open_engine(config.engine_spec(flag), small=small, settings=settings, report=report, recorded=recorded)


def engine_settings(config: Config) -> EngineSettings:
    """Return what the configuration says about models; replies are kept in `state_dir`, GGUF files looked for in `llm.models_dir`. Raises
    `ConfigError` where the key's variable is not set."""
    llm = config.llm
    return EngineSettings(
        context_window=llm.context_window,
        default_max_tokens=llm.default_max_tokens,
        request_timeout_s=llm.request_timeout,
        call_timeout_s=llm.call_timeout,
        task_timeout_s=llm.task_timeout,
        temperature=llm.temperature,
        seed=llm.seed,
        allow_remote=llm.allow_remote,
        cache_mb=llm.cache_mb,
        cache_ttl_days=llm.cache_ttl_days,
        cache_path=replies_path(config),
        model_name=llm.model_name,
        models_dir=models_path(config),
        server_url=llm.server_url,
        ollama_url=llm.ollama_url,
        api_key=_api_key(llm.api_key_env),
        tokenizer=Path(llm.tokenizer) if llm.tokenizer else None,
        max_retries=llm.max_retries,
        breaker_failures=llm.breaker_failures,
        breaker_pause_s=llm.breaker_pause,
        requests_per_minute=llm.requests_per_minute,
        small_items=llm.small_items,
        small_tokens=llm.small_tokens,
        small_confidence=llm.small_confidence,
        unload_after_s=llm.unload_after,
        max_ram_gb=config.resources.max_ram_gb,
        max_vram_gb=config.resources.max_vram_gb,
        # every job of this machine waits at the same place, whatever its state_dir is
        lock_path=user_cache_path(_APP, appauthor=False) / "models.lock",
        lock_wait_s=llm.lock_wait,
        # the user's own table or ours, never the repository's: who may change a commit cannot say what a model is
        known_models={one.file_name: f"sha256:{one.sha256}" for one in read_catalog(prompt_places(None)).models},
        tasks={name: _task(config.task(name)) for name in TASKS},
    )


def replies_path(config: Config) -> Path:
    """Return the file of the response cache."""
    return state_path(config) / "replies.sqlite"


def models_path(config: Config) -> Path:
    """Return the folder of GGUF files."""
    return Path(config.llm.models_dir) if config.llm.models_dir else user_data_path(_APP, appauthor=False) / "models"


def _api_key(variable: str | None) -> str:
    if variable is None:
        return ""
    if not (key := os.environ.get(variable)):
        raise ConfigError(f"the environment variable {variable} of llm.api_key_env is not set", hint="set it, or remove llm.api_key_env")
    return key


def _task(said: TaskConfig) -> TaskSettings:
    values = asdict(said)
    return TaskSettings(
        **{name: value for name, value in values.items() if not name.endswith("_timeout")},
        **{f"{name}_s": value for name, value in values.items() if name.endswith("_timeout")},
    )
