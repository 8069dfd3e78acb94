"""`notewright models plan`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.adapters.catalog import read_catalog
from notewright.adapters.prompts.places import prompt_places
from notewright.cli.labelled import labelled
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import write_result
from notewright.config.reading import load_config
from notewright.errors import UsageError
from notewright.flows.models_list import may_take
from notewright.flows.models_plan import Planned, plan_model
from notewright.llm.memory.fit import gigabytes
from notewright.rendering.canonical import canonical_json


@click.command(short_help="Say what memory a model would take, before it is loaded.")
@click.argument("name", required=False)
@repository_option
@config_option
@click.option("--engine", metavar="E", help="llama_server:PATH.gguf, llama_cpp:PATH.gguf or mlx:FOLDER, instead of NAME.")
@click.option("--context", type=click.IntRange(min=512), metavar="N", help="Tokens; by default llm.context_window.")
@format_option("text", "json")
def command(
    name: str | None, directory: Path, config_file: Path | None, engine: str | None, context: int | None, output_format: str
) -> None:  # fmt: skip
    """Say what memory a model would take, and what of it would be less than was asked for. NAME is one of `notewright models list`,
    or the path of a GGUF file; without one it is the engine configured, or the best model file that is here.

    The plan is worked out from the file's header. Of a model of the table that is not here yet it is an estimate. Exits with 5 where
    the model does not fit.
    """
    if name and engine:
        raise UsageError("NAME and --engine exclude each other", hint="leave one out")
    root = find_root(directory)
    if name and name.endswith(".gguf"):
        name, engine = None, f"llama_server:{name}"
    planned = plan_model(load_config(root, path=config_file), read_catalog(prompt_places(root)), name=name, flag=engine, context=context)
    if output_format == "json":
        write_result(canonical_json(_value(planned)))
    else:
        write_result(labelled(_rows(planned)))


def _rows(planned: Planned) -> list[tuple[str, str]]:
    header, fit, limits = planned.header, planned.fit, planned.limits
    about = "" if fit else "about "
    kind = f" ({header.architecture} {header.quantization}".rstrip() + ")" if header else ""
    rows = [("model", f"{planned.name}{kind}"), ("engine" if fit else "file", planned.engine)]
    rows.append(("context", f"{fit.context if fit else planned.asked_context:,} tokens"))
    rows.append(("weights", f"{about}{gigabytes(planned.weights_bytes)}"))
    if fit:
        parts = (("cache", fit.plan.kv_bytes), ("compute", fit.plan.compute_bytes), ("runtime", fit.plan.runtime_bytes))
        rows += [(label, gigabytes(size_bytes)) for label, size_bytes in parts]
    rows.append(("total", f"{about}{gigabytes(planned.total_bytes)} of {gigabytes(may_take(planned.budget))} that may be taken"))
    if fit and fit.gpu_layers:
        rows.append(("card", f"{fit.gpu_layers} layers, {gigabytes(fit.plan.vram_bytes)}"))
    deciding = limits.vram if limits.vram and planned.budget.vram_bytes >= planned.budget.ram_bytes else limits.ram
    free = f"{gigabytes(deciding.free_bytes)} of {gigabytes(deciding.total_bytes)} are free"
    rows.append(("limit", f"{deciding.source}: {free}"))
    rows += [("shrunk", step) for step in (fit.steps if fit else ())]
    return rows


def _value(planned: Planned) -> dict[str, object]:
    fit = planned.fit
    parts = (
        {
            "cache_bytes": fit.plan.kv_bytes,
            "compute_bytes": fit.plan.compute_bytes,
            "runtime_bytes": fit.plan.runtime_bytes,
            "vram_bytes": fit.plan.vram_bytes,
            "gpu_layers": fit.gpu_layers,
        }
        if fit
        else {}
    )
    return {
        "schema": 1,
        "model": planned.name,
        "engine": planned.engine,
        "exact": fit is not None,
        "context": fit.context if fit else planned.asked_context,
        "asked_context": planned.asked_context,
        "weights_bytes": planned.weights_bytes,
        "total_bytes": planned.total_bytes,
        "may_take_bytes": may_take(planned.budget),
        "limit": planned.limits.ram.source,
        "shrunk": list(fit.steps) if fit else [],
        **parts,
    }
