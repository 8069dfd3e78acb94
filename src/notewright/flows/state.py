"""State: the folder of clones, databases and caches."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path

from notewright.config.config import Config


def state_path(config: Config) -> Path:
    """Return the folder of clones, databases and caches."""
    return Path(config.state_dir) if config.state_dir else user_cache_path("notewright", appauthor=False)
