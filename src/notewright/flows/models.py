"""Models: the engine that the configuration or a flag names."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from notewright.config import Config
from notewright.control import Report, ignore
from notewright.llm.door import Opened, open_engine
from notewright.llm.settings import EngineSettings

_APP = "notewright"


def open_configured(config: Config, *, flag: str | None = None, report: Report = ignore) -> Opened:
    """Open the engine that `--engine` names, else the one configured. Close it after use. Raises `UsageError` for a name that is unknown,
    `ModelError` where the engine named is not there."""
    return open_engine(config.engine_spec(flag), settings=engine_settings(config), report=report)


def engine_settings(config: Config) -> EngineSettings:
    """Return what the configuration says about models; replies are kept in `state_dir`, GGUF files looked for in `llm.models_dir`."""
    llm = config.llm
    state = Path(config.state_dir) if config.state_dir else user_cache_path(_APP, appauthor=False)
    return EngineSettings(
        context_window=llm.context_window,
        default_max_tokens=llm.default_max_tokens,
        request_timeout_s=llm.request_timeout,
        temperature=llm.temperature,
        seed=llm.seed,
        allow_remote=llm.allow_remote,
        cache_mb=llm.cache_mb,
        cache_path=state / "replies.sqlite",
        models_dir=Path(llm.models_dir) if llm.models_dir else user_data_path(_APP, appauthor=False) / "models",
    )
