"""Which models are here, which of the table fit this machine, and why."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.catalog import OTHERS, Candidate, Catalog, MemoryClass
from notewright.config.config import Config
from notewright.errors import ModelError
from notewright.flows.engines import Ollama, Servers, probe_servers
from notewright.flows.models import engine_settings
from notewright.llm.engines.in_process.mlx_folder import read_folder
from notewright.llm.memory.estimate import estimate_memory
from notewright.llm.memory.fit import NOTHING, Budget, Fit, budget_of, fit_model, gigabytes
from notewright.llm.memory.gguf import Header, read_header
from notewright.llm.memory.job_queue import Queue, read_queue
from notewright.llm.settings import EngineSettings
from notewright.system.memory import Limits, memory_limits

_SHARED = 0.85  # of what Metal may hold: the screen and other programs are in the same memory


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A GGUF file or an MLX folder. `fit` is how it would be loaded, None where it cannot be: then `reason` says why."""

    path: Path
    header: Header | None
    fit: Fit | None
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A model of the table: about how much memory it needs, whether that may be taken, and where it is already ("gguf", "ollama")."""

    candidate: Candidate
    needed_bytes: int
    fits: bool
    here: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything about models on this machine. `best` is the largest GGUF file that fits, None without one."""

    limits: Limits
    budget: Budget
    class_name: str
    memory_class: MemoryClass
    folder: Path | None
    files: tuple[LocalModel, ...]
    folders: tuple[LocalModel, ...]
    servers: Servers
    choices: tuple[Choice, ...]
    queue: Queue
    best: Path | None


def survey_models(config: Config, catalog: Catalog) -> Survey:
    """Look at the machine, its model folder and its servers. Loads no model. Raises `ConfigError`."""
    settings = engine_settings(config)
    limits = memory_limits()
    budget = budget_of(limits, settings, taken=NOTHING)
    folder = settings.models_dir
    files = tuple(_look(path, limits, settings) for path in sorted(folder.glob("*.gguf"))) if folder else ()
    folders = tuple(_look(path.parent, limits, settings) for path in sorted(folder.glob("*/config.json"))) if folder else ()
    servers = probe_servers(settings)
    class_name = choose_class(catalog.classes, limits, apple=sys.platform == "darwin" and platform.machine() == "arm64")
    choices = tuple(_choices(catalog, files, servers.ollama, budget, settings.context_window))
    fitting = [one for one in files if one.fit and one.header]
    best = max(fitting, key=lambda one: one.header.size_bytes if one.header else 0, default=None)
    return Survey(
        limits, budget, class_name, catalog.classes[class_name], folder, files, folders, servers, choices,
        read_queue(settings.lock_path) if settings.lock_path else Queue(None, ()), best.path if best else None,
    )  # fmt: skip


def choose_class(classes: Mapping[str, MemoryClass], limits: Limits, *, apple: bool) -> str:
    """Return the name of the class that a machine belongs to: that of a graphics card with most memory of those that its own has, on
    Apple's computers with what Metal may hold; "cpu" where there is none, or it has less than any class."""
    memory = limits.ram if apple else limits.vram
    if memory is None:
        return OTHERS
    suiting = {name: one for name, one in classes.items() if name.isdecimal() or (apple and name == "apple")}
    most_bytes = memory.total_bytes * (_SHARED if apple else 1)
    held = [name for name, one in suiting.items() if one.memory * (1 << 30) <= most_bytes]
    return max(held, key=lambda name: (suiting[name].memory, name), default=OTHERS)


def may_take(budget: Budget) -> int:
    """Return the bytes that a whole model may take: of the graphics card's memory, where there is one with more than the main memory."""
    return max(budget.vram_bytes, budget.ram_bytes)


def _look(path: Path, limits: Limits, settings: EngineSettings) -> LocalModel:
    header = None
    try:
        header = read_folder(path) if path.is_dir() else read_header(path)
        context = min(settings.context_window, header.context_length or settings.context_window)
        return LocalModel(path, header, fit_model(header, limits, settings, context=context, slots=1), "")
    except ModelError as error:
        return LocalModel(path, header, None, error.message)


def _choices(catalog: Catalog, files: tuple[LocalModel, ...], ollama: Ollama | str, budget: Budget, context: int) -> Iterator[Choice]:
    by_name = {one.path.name: one for one in files}
    pulled = set() if isinstance(ollama, str) else {one.name.lower() for one in ollama.models}
    for one in catalog.models:
        file = by_name.get(one.file_name)
        places = {"gguf": file is not None, "ollama": one.ollama is not None and one.ollama.lower() in pulled}
        exact = file.fit.plan.total_bytes if file and file.fit else None
        needed = exact or estimate_memory(one.parameters, one.quantization, context=context)
        yield Choice(one, needed, needed <= may_take(budget), tuple(name for name, here in places.items() if here))


def why_not(choice: Choice, budget: Budget) -> str:
    """Say for people whether a model of the table fits, and why not."""
    needed = f"about {gigabytes(choice.needed_bytes)}"
    return f"fits: {needed}" if choice.fits else f"too large: {needed} of {gigabytes(may_take(budget))}"
