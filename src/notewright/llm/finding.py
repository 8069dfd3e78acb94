"""What `auto` takes: the first engine that is there."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from notewright.errors import ModelError, NotewrightError, UsageError
from notewright.llm.engine import Engine
from notewright.llm.memory.fit import fit_model
from notewright.llm.memory.gguf import read_header
from notewright.llm.opening import EngineName, Opening, open_bare
from notewright.llm.settings import EngineSettings
from notewright.system.memory import memory_limits

_PROBE_S = 2.0
# Who reads a GGUF file in this machine's memory, the safer one first: a crash of the child is an error here, not our end.
_READERS = ("llama_server", "llama_cpp")


def find_engine(opening: Opening) -> tuple[Engine | None, str]:
    """Return the first engine that is there, else None, and why: for people. Never fails.

    In their order: the model that the user named, a running llama.cpp server, a running Ollama with a model, on Apple's computers the
    first MLX folder in the model folder, and of its GGUF files the largest that fits the memory.
    """
    folder = opening.settings.models_dir
    models, lacking = rank_models(opening)
    probing = replace(opening, patience_s=min(_PROBE_S, opening.patience_s))
    told: list[str] = []
    for engine, reason in (*_named(opening.settings.model_name), *_servers(opening.settings), *_folders(folder), *_files(folder, models)):
        try:
            return open_bare(engine, probing), reason
        except (ModelError, UsageError) as error:
            told.append(_explain(error))
    if folder is None:
        lacking = ["no model folder is set"]
    elif not models and not lacking:
        lacking = [f"no GGUF model in {folder}"]
    return None, "; ".join((*told, *lacking))


def rank_models(opening: Opening) -> tuple[list[Path], list[str]]:
    """Return the GGUF files of the model folder that fit the memory, the largest first, and for the others why not."""
    settings = opening.settings
    fitting: list[tuple[int, Path]] = []
    lacking: list[str] = []
    for path in sorted(settings.models_dir.glob("*.gguf")) if settings.models_dir else ():
        try:
            header = read_header(path)
            fit_model(
                header, memory_limits(), settings, context=min(settings.context_window, header.context_length or sys.maxsize), slots=1
            )
        except ModelError as error:
            lacking.append(_explain(error))
        else:
            fitting.append((-header.size_bytes, path))
    return [path for _, path in sorted(fitting)], lacking


def _named(model: str | None) -> Iterator[tuple[EngineName, str]]:
    """Give the engine for a model by the form of its name: a URL, a file, a folder, else a name of Ollama's."""
    if model is None:
        return
    path = Path(model)
    kinds = {"openai": "://" in model, "llama_server": path.suffix == ".gguf", "mlx": path.is_dir()}
    name = next((name for name, fits in kinds.items() if fits), "ollama")
    yield EngineName(name, model), f"llm.model_name is {model}"


def _servers(settings: EngineSettings) -> Iterator[tuple[EngineName, str]]:
    yield EngineName("llama_server", settings.server_url), f"a llama.cpp server runs at {settings.server_url}"
    yield EngineName("ollama", settings.ollama_url), f"Ollama runs at {settings.ollama_url}"


def _folders(folder: Path | None) -> Iterator[tuple[EngineName, str]]:
    if folder is not None and platform.system() == "Darwin":
        for model in sorted(path.parent for path in folder.glob("*/config.json")):
            yield EngineName("mlx", str(model)), f"{model.name} is the first MLX model in {folder}"


def _files(folder: Path | None, models: list[Path]) -> Iterator[tuple[EngineName, str]]:
    for model in models:
        for reader in _READERS:
            yield EngineName(reader, str(model)), f"{model.name} is the largest model in {folder} that fits"


def _explain(error: NotewrightError) -> str:
    return error.message + (f" ({error.hint})" if error.hint else "")
