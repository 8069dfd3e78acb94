"""`notewright models list`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from notewright.adapters.catalog import read_catalog
from notewright.adapters.prompts.places import prompt_places
from notewright.cli.labelled import labelled, listed
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import write_result
from notewright.config.reading import load_config
from notewright.flows.engines import Ollama
from notewright.flows.models_list import Choice, LocalModel, Survey, survey_models, why_not
from notewright.llm.engines.ollama.models import OllamaModel
from notewright.llm.memory.fit import gigabytes
from notewright.llm.memory.job_queue import Job, describe_queue
from notewright.rendering.canonical import canonical_json
from notewright.rendering.neutral import visible
from notewright.system.cgroup import Memory


@click.command(short_help="List the models that are here and those that fit this machine.")
@repository_option
@config_option
@format_option("text", "json")
def command(directory: Path, config_file: Path | None, output_format: str) -> None:
    """List the models that are here, which models of the table fit this machine and why, which engine `auto` takes, and who holds the
    machine's model lock. Loads no model."""
    root = find_root(directory)
    survey = survey_models(load_config(root, path=config_file), read_catalog(prompt_places(root)))
    write_result(canonical_json(_value(survey)) if output_format == "json" else _text(survey))


def _text(survey: Survey) -> str:
    choices = (
        f"  {one.candidate.name:<22}{one.candidate.quantization:<8}{one.candidate.license:<12}{why_not(one, survey.budget)}"
        + (f", here ({', '.join(one.here)})" if one.here else "")
        for one in survey.choices
    )
    table = "".join(f"{line}\n" for line in choices)
    return f"{labelled(_machine(survey))}\n{_here(survey)}\nto choose from, by `notewright models pull NAME`:\n{table}"


def _machine(survey: Survey) -> Iterator[tuple[str, str]]:
    limits, budget, chosen, auto = survey.limits, survey.budget, survey.memory_class, survey.servers
    yield "memory", f"{gigabytes(budget.ram_bytes)} may be taken; {_free(limits.ram)}"
    if limits.vram:
        yield "card", f"{gigabytes(budget.vram_bytes)} may be taken; {_free(limits.vram)}"
    yield "class", f"{survey.class_name}: {chosen.large} to begin with, {chosen.small} for what is simple"
    yield "best", survey.best.name if survey.best else "no model file is here that fits"
    yield "auto", auto.auto if auto.auto_found else f"takes none: {auto.auto}"
    yield "lock", describe_queue(survey.queue)
    for job in survey.queue.waiters:
        yield "", f"process {job.pid} ({job.label}) waits since {job.since_at:%H:%M:%S} UTC"


def _free(memory: Memory) -> str:
    return f"{gigabytes(memory.free_bytes)} of {gigabytes(memory.total_bytes)} are free ({memory.source})"


def _here(survey: Survey) -> str:
    ollama, llama = survey.servers.ollama, survey.servers.llama
    files = [_told(one) for one in (*survey.files, *survey.folders)] or ["nothing"]
    pulled = [ollama] if isinstance(ollama, str) else [_pulled(one) for one in ollama.models] or ["no model"]
    serving = llama if isinstance(llama, str) else f"{Path(llama.model_path).name}, a context of {llama.context_length:,} tokens"
    parts = ((f"in {survey.folder}", files), ("in Ollama", pulled), ("in a llama.cpp server", [serving]))
    return "".join(f"{visible(title)}:\n{listed(lines)}" for title, lines in parts)


def _told(one: LocalModel) -> str:
    header, fit = one.header, one.fit
    kind = " ".join(filter(None, (header.architecture, header.quantization, gigabytes(header.size_bytes)))) + ", " if header else ""
    steps = f", with {' and '.join(fit.steps)}" if fit and fit.steps else ""
    return f"{one.path.name}: {kind}" + (f"takes {gigabytes(fit.plan.total_bytes)}{steps}" if fit else one.reason)


def _pulled(one: OllamaModel) -> str:
    place = "runs in Ollama's cloud" if one.remote else f"{gigabytes(one.size_bytes)}{', loaded' if one.loaded_bytes else ''}"
    return f"{one.name}: {' '.join(filter(None, (one.parameters, one.quantization)))}, {place}"


def _value(survey: Survey) -> dict[str, object]:
    servers, limits = survey.servers, survey.limits
    return {
        "schema": 1,
        "memory": {
            "ram": _memory(limits.ram, survey.budget.ram_bytes),
            "vram": _memory(limits.vram, survey.budget.vram_bytes) if limits.vram else None,
        },
        "class": {"name": survey.class_name, "large": survey.memory_class.large, "small": survey.memory_class.small},
        "best": survey.best.name if survey.best else None,
        "auto": {"found": servers.auto_found, "reason": servers.auto},
        "lock": {
            "holder": _job(survey.queue.holder) if survey.queue.holder else None,
            "waiting": [_job(job) for job in survey.queue.waiters],
        },
        "folder": str(survey.folder) if survey.folder else None,
        "files": [_local(one) for one in survey.files],
        "folders": [_local(one) for one in survey.folders],
        "ollama": _ollama(servers.ollama),
        "llama_server": {"problem": servers.llama}
        if isinstance(servers.llama, str)
        else {"model": servers.llama.model_path, "context_length": servers.llama.context_length, "slots": servers.llama.slots},
        "models": [_choice(one, survey) for one in survey.choices],
    }


def _memory(memory: Memory, may_take_bytes: int) -> dict[str, object]:
    sizes = {"total_bytes": memory.total_bytes, "free_bytes": memory.free_bytes, "may_take_bytes": may_take_bytes}
    return {**sizes, "source": memory.source}


def _job(job: Job) -> dict[str, object]:
    return {"pid": job.pid, "label": job.label, "since_at": job.since_at.isoformat()}


def _local(one: LocalModel) -> dict[str, object]:
    header, fit = one.header, one.fit
    read = {"name": header.name, "architecture": header.architecture, "quantization": header.quantization, "license": header.license,
            "size_bytes": header.size_bytes, "context_length": header.context_length} if header else {}  # fmt: skip
    planned = {"needed_bytes": fit.plan.total_bytes, "shrunk": list(fit.steps)} if fit else {}
    return {"file": one.path.name, **read, "fits": fit is not None, **planned, **({"problem": one.reason} if one.reason else {})}


def _ollama(found: Ollama | str) -> dict[str, object]:
    if isinstance(found, str):
        return {"problem": found}
    models = [
        {"name": one.name, "digest": one.digest, "size_bytes": one.size_bytes, "parameters": one.parameters,
         "quantization": one.quantization, "loaded_bytes": one.loaded_bytes, "remote": one.remote}
        for one in found.models
    ]  # fmt: skip
    return {"version": found.version, "models": models}


def _choice(one: Choice, survey: Survey) -> dict[str, object]:
    model = one.candidate
    published = {"name": model.name, "parameters": model.parameters, "quantization": model.quantization, "license": model.license,
                 "file": model.file, "sha256": model.sha256, "ollama": model.ollama, "mlx": model.mlx}  # fmt: skip
    fits = {"fits": one.fits, "needed_bytes": one.needed_bytes, "reason": why_not(one, survey.budget), "here": list(one.here)}
    return {**published, **fits}
