"""What `auto` takes: the first engine that is there."""

from __future__ import annotations

from dataclasses import replace

from notewright.errors import ModelError
from notewright.llm.engine import Engine
from notewright.llm.opening import EngineName, Opening, open_bare

_PROBE_S = 2.0


def find_engine(opening: Opening) -> tuple[Engine | None, str]:
    """Return a running server, else the first usable model of the folder, else None, and why: for people. Never fails."""
    lacking: list[str] = []
    settings = opening.settings
    url = settings.server_url
    try:
        found = open_bare(EngineName("llama_server", url), replace(opening, patience_s=min(_PROBE_S, opening.patience_s)))
        return found, f"a llama.cpp server runs at {url}"
    except ModelError as error:
        lacking.append(error.message)
    models = sorted(settings.models_dir.glob("*.gguf")) if settings.models_dir else []
    for model in models:
        try:
            return (
                open_bare(EngineName("llama_server", str(model)), opening),
                f"{model.name} is the first usable model in {settings.models_dir}",
            )
        except ModelError as error:
            lacking.append(error.message + (f" ({error.hint})" if error.hint else ""))
    if not models:
        lacking.append(f"no GGUF model in {settings.models_dir}" if settings.models_dir else "no model folder is set")
    return None, "; ".join(lacking)
