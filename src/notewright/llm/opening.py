"""Engines by name: how one is written, and which module opens it."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass

from notewright.control import Report
from notewright.errors import UsageError
from notewright.llm.digest import Digests
from notewright.llm.engine import Engine
from notewright.llm.settings import EngineSettings

# name → the module whose `open_engine(place, opening)` returns the bare engine; "" as place means its default. Imported when asked for.
ENGINES = {
    "llama_server": "notewright.llm.engines.llama.server",
    "llama_cpp": "notewright.llm.engines.in_process.llama_cpp",
    "ollama": "notewright.llm.engines.ollama.engine",
    "mlx": "notewright.llm.engines.in_process.mlx",
    "openai": "notewright.llm.engines.openai.engine",
    "scripted": "notewright.llm.engines.scripted",
}
FORMS = "none, auto, ollama:NAME, llama_server:PATH.gguf, llama_server:URL, llama_cpp:PATH.gguf, mlx:FOLDER, openai:URL#NAME, scripted:FILE"


@dataclass(frozen=True, slots=True)
class EngineName:
    """An engine as `--engine` writes it: NAME or NAME:PLACE."""

    name: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.place}" if self.place else self.name


@dataclass(frozen=True, slots=True)
class Opening:
    """What an engine is opened with. `patience_s` is how long a server may take to say that it is there."""

    settings: EngineSettings
    digests: Digests
    report: Report
    patience_s: float


def parse_engine(text: str) -> EngineName:
    """Read NAME or NAME:PLACE. Raises `UsageError` for an unknown name."""
    name, _, place = text.strip().partition(":")
    if name in ENGINES or (name in ("none", "auto") and not place):
        return EngineName(name, place)
    near = difflib.get_close_matches(name, [*ENGINES, "none", "auto"], n=1)
    raise UsageError(f"there is no engine {text!r}" + (f", did you mean {near[0]}?" if near else ""), hint=f"choose one of {FORMS}")


def open_bare(engine: EngineName, opening: Opening) -> Engine:
    """Return the engine without any layer, and load no model. Raises `ModelError` where it is not there, `UsageError` for a place that it
    cannot have."""
    module = importlib.import_module(ENGINES[engine.name])
    opened: Engine = module.open_engine(engine.place, opening)
    return opened
