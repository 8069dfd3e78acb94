"""MLX in this process, by mlx-lm and llguidance."""

from __future__ import annotations

import importlib.metadata
from functools import cache
from pathlib import Path

from notewright.control import Cancel
from notewright.errors import UsageError
from notewright.llm.engine import Engine
from notewright.llm.engines.in_process.engine import InProcess, check_installed
from notewright.llm.engines.in_process.loaded import LoadedModel
from notewright.llm.engines.in_process.mlx_folder import digest_folder, read_folder
from notewright.llm.memory.fit import Fit
from notewright.llm.memory.loading import Loading
from notewright.llm.opening import Opening
from notewright.prompting.request import Identity

INSTALL_HINT = "pip install 'notewright[mlx]'"


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for a model's folder, and load nothing yet. Raises `UsageError` without a folder, `ModelError` for one that holds
    no whole model, or where the libraries are not installed."""
    if not place:
        raise UsageError("mlx needs the folder of a model", hint="write mlx:FOLDER")
    folder = Path(place)
    header = read_folder(folder)
    check_installed("mlx", "mlx_lm", "llguidance", "numpy", hint=INSTALL_HINT)
    context = min(opening.settings.context_window, header.context_length or opening.settings.context_window)

    def load(fit: Fit, cancel: Cancel) -> LoadedModel:
        from notewright.llm.engines.in_process.mlx_memory import MlxMemory

        return MlxMemory(folder, fit, cancel=cancel)

    @cache
    def identify() -> Identity:
        runtime = f"mlx {importlib.metadata.version('mlx')}, mlx-lm {importlib.metadata.version('mlx-lm')}"
        return Identity("mlx", header.name, digest_folder(folder, opening.digests), context, runtime)

    guard = Loading(header, opening.settings, context=context, report=opening.report)
    return InProcess(load, guard, identify, unload_after_s=opening.settings.unload_after_s)
