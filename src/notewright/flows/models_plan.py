"""What a model would take of this machine's memory, and what would be less than was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.catalog import Candidate, Catalog
from notewright.config.config import Config
from notewright.control import ignore
from notewright.errors import ModelError, UsageError
from notewright.flows.models import engine_settings
from notewright.flows.models_list import may_take
from notewright.llm.digest import Digests
from notewright.llm.engines.in_process.engine import check_installed
from notewright.llm.engines.in_process.mlx_folder import read_folder
from notewright.llm.failure import EngineFailed
from notewright.llm.finding import rank_models
from notewright.llm.memory.estimate import estimate_memory, estimate_weights
from notewright.llm.memory.fit import NOTHING, Budget, Fit, budget_of, fit_model, gigabytes
from notewright.llm.memory.gguf import Header, read_header
from notewright.llm.opening import EngineName, Opening, parse_engine
from notewright.llm.settings import EngineSettings
from notewright.system.memory import Limits, memory_limits

_FILES = ("llama_server", "llama_cpp")
_HINT = "name --engine llama_server:PATH.gguf, or a model of `notewright models list`"


@dataclass(frozen=True, slots=True)
class Planned:
    """A model's memory. `header` and `fit` are exact; None for a model whose file is not here, of which `total_bytes` and `weights_bytes`
    are estimates. `asked_context` is what was asked for, in tokens."""

    name: str
    engine: str
    header: Header | None
    fit: Fit | None
    asked_context: int
    weights_bytes: int
    total_bytes: int
    budget: Budget
    limits: Limits


def plan_model(config: Config, catalog: Catalog, *, name: str | None, flag: str | None, context: int | None) -> Planned:
    """Plan the model of the table of this name, else that of `--engine`, else the one configured, else the best that is here. Loads no
    model. Raises `ModelError` where it does not fit, or is none, `UsageError` for an engine that plans for itself."""
    settings = engine_settings(config)
    limits = memory_limits()
    budget = budget_of(limits, settings, taken=NOTHING)
    if name is not None:
        candidate = catalog.find(name)
        path = settings.models_dir / candidate.file_name if settings.models_dir else None
        if path is None or not path.is_file():
            return _estimate(candidate, context or settings.context_window, budget, limits)
        engine = EngineName("llama_server", str(path))
    else:
        engine = _choose_engine(config.engine_spec(flag), settings)
    header = _read(engine)
    asked = context or settings.context_window
    tokens = min(asked, header.context_length or asked)
    fit = fit_model(header, limits, settings, context=tokens, slots=1, gpu_layers=_gpu_layers(engine, header))
    return Planned(header.name, str(engine), header, fit, asked, fit.plan.weights_bytes, fit.plan.total_bytes, budget, limits)


def _choose_engine(spec: str, settings: EngineSettings) -> EngineName:
    engine = parse_engine(spec)
    if engine.name == "auto":
        fitting, lacking = rank_models(Opening(settings, Digests(None), ignore, settings.request_timeout_s))
        if not fitting:
            raise ModelError("; ".join(lacking) or f"there is no model file in {settings.models_dir}", hint=_HINT)
        return EngineName("llama_server", str(fitting[0]))
    if engine.name == "mlx" and engine.place:
        return engine
    if engine.name in _FILES and engine.place and not engine.place.startswith(("http://", "https://")):
        return engine
    raise UsageError(f"{spec} plans its memory by itself" if engine.name != "none" else "none needs no memory", hint=_HINT)


def _read(engine: EngineName) -> Header:
    path = Path(engine.place)
    return read_folder(path) if engine.name == "mlx" else read_header(path)


def _gpu_layers(engine: EngineName, header: Header) -> int:
    """Return the layers that the engine would put on a graphics card: llama-cpp-python alone is built for one."""
    if engine.name != "llama_cpp":
        return 0
    from notewright.llm.engines.in_process.llama_cpp import INSTALL_HINT
    from notewright.llm.engines.in_process.llama_library import load_library

    check_installed("llama_cpp", hint=INSTALL_HINT)
    return len(header.shape.layers) + 1 if load_library().c.llama_supports_gpu_offload() else 0


def _estimate(candidate: Candidate, context: int, budget: Budget, limits: Limits) -> Planned:
    total = estimate_memory(candidate.parameters, candidate.quantization, context=context)
    if total > may_take(budget):
        raise EngineFailed(
            f"{candidate.name} needs about {gigabytes(total)} of memory, and {gigabytes(may_take(budget))} may be taken"
            f" ({gigabytes(limits.ram.free_bytes)} are free of {gigabytes(limits.ram.total_bytes)}: {limits.ram.source})",
            kind="out_of_memory",
            hint="`notewright models list` shows which models fit",
        )
    weights = estimate_weights(candidate.parameters, candidate.quantization)
    return Planned(candidate.name, candidate.file, None, None, context, weights, total, budget, limits)
