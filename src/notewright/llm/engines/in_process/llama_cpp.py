"""llama.cpp in this process, by llama-cpp-python and llguidance."""

from __future__ import annotations

import importlib.metadata
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

from notewright.control import Cancel
from notewright.errors import UsageError
from notewright.llm.engine import Engine
from notewright.llm.engines.in_process.engine import InProcess, check_installed
from notewright.llm.engines.in_process.loaded import LoadedModel
from notewright.llm.memory.fit import Fit
from notewright.llm.memory.gguf import read_header
from notewright.llm.memory.loading import Loading
from notewright.llm.opening import Opening
from notewright.prompting.request import Identity
from notewright.system.machine import usable_cores

INSTALL_HINT = "pip install 'notewright[llama-cpp]'"


def open_engine(place: str, opening: Opening) -> Engine:
    """Return the engine for the path of a GGUF file, and load nothing yet. Raises `UsageError` without a path, `ModelError` for a file that
    is no whole GGUF model, or where the libraries are not installed."""
    if not place:
        raise UsageError("llama_cpp needs the path of a model", hint="write llama_cpp:PATH.gguf")
    path = Path(place)
    header = read_header(path)
    check_installed("llama_cpp", "llguidance", "numpy", hint=INSTALL_HINT)
    context = min(opening.settings.context_window, header.context_length or opening.settings.context_window)

    def guard(cancel: Cancel) -> AbstractContextManager[Fit]:
        from notewright.llm.engines.in_process.llama_library import load_library

        layers = len(header.shape.layers) + 1 if load_library().c.llama_supports_gpu_offload() else 0
        return Loading(header, opening.settings, context=context, gpu_layers=layers, report=opening.report)(cancel)

    def load(fit: Fit, cancel: Cancel) -> LoadedModel:
        from notewright.llm.engines.in_process.llama_memory import LlamaMemory

        opening.digests.hold(path, began=identify().digest, known=opening.settings.known_models)
        return LlamaMemory(path, fit, threads=max(usable_cores() - 1, 1), cancel=cancel)

    @cache
    def identify() -> Identity:
        runtime = f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"
        return Identity("llama_cpp", path.name, opening.digests.of(path) or "", context, runtime)

    return InProcess(load, guard, identify, unload_after_s=opening.settings.unload_after_s)
