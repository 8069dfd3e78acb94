"""`notewright models eval`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from notewright.adapters.evaluation import read_evaluation
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.cli.labelled import labelled
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import Progress, say, write_result
from notewright.config.reading import load_config
from notewright.errors import CheckFailed
from notewright.flows.models_baseline import compare, evaluation_json, figures_of, read_baseline
from notewright.flows.models_eval import Evaluation, Scores, evaluate_model
from notewright.llm.memory.fit import gigabytes
from notewright.llm.opening import FORMS
from notewright.rendering.neutral import visible
from notewright.system.files import write_atomic

_INDENT = 18


@click.command(short_help="Measure a model on this machine: quality, speed and memory.")
@repository_option
@config_option
@click.option("--engine", metavar="E", help=f"{FORMS}.")
@click.option("--audience", default="developer", show_default=True, metavar="NAME", help="Whose notes are written of the sections.")
@click.option("--baseline", "baseline_file", type=click.Path(path_type=Path), metavar="FILE", help="Compare with an earlier --output.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the figures here, as JSON.")
@format_option("text", "json")
@click.pass_context
def command(
    context: click.Context,
    directory: Path,
    config_file: Path | None,
    engine: str | None,
    audience: str,
    baseline_file: Path | None,
    output: Path | None,
    output_format: str,
) -> None:
    """Have a model write notes of 12 sections and answer questions about 6 passages, and measure it: valid replies, sentences that pass
    every check, entries told, tokens a second, memory.

    With --baseline, exits with 1 where a figure is worse than it was: shares by more than 0.02 to 0.10, speeds by 30 %, memory by 15 %,
    both on the same machine only.
    """
    root = find_root(directory)
    places = prompt_places(root)
    baseline = read_baseline(baseline_file) if baseline_file else None  # before the hour that a large model may take
    readers, chosen = Prompts(places).audience(audience), read_evaluation(places)
    config = load_config(root, path=config_file)
    measured = evaluate_model(config, chosen, readers, flag=engine, report=Progress(), cancel=context.obj)
    if output:
        write_atomic(output, evaluation_json(measured))
        say(f"written to {output}")
    write_result(evaluation_json(measured) if output_format == "json" else _text(measured))
    if baseline and (worse := compare(measured, baseline)):
        for one in worse:
            say(f"  {one.figure}: {one.now:g}, it was {one.before:g} (tolerated: {one.tolerated})")
        raise CheckFailed(f"worse than {baseline_file}: {', '.join(one.figure for one in worse)}")


def _text(measured: Evaluation) -> str:
    who = measured.engine
    titles = f"{'':<34}{'valid':>9}{'grounded':>10}{'told':>9}{'required':>10}{'right':>7}\n"
    rows = "".join(_row(name, scores) for name, scores in (*measured.projects, ("all", measured.scores)))
    head = labelled([("model", f"{who.engine}:{who.model}, {who.digest[:19]}"), ("machine", measured.machine)], indent=_INDENT)
    return f"{head}\n{titles}{rows}\n{labelled(_figures(measured), indent=_INDENT)}"


def _row(name: str, scores: Scores) -> str:
    cells = (
        (scores.valid, scores.calls, 9),
        (scores.grounded, scores.sentences, 10),
        (scores.covered, scores.entries, 9),
        (scores.required_covered, scores.required, 10),
        (scores.right, scores.passages, 7),
    )
    return f"{visible(name)[:33]:<34}" + "".join(f"{f'{part}/{whole}' if whole else '-':>{width}}" for part, whole, width in cells) + "\n"


def _figures(measured: Evaluation) -> Iterator[tuple[str, str]]:
    words = {"valid": "valid replies", "grounded": "grounded", "covered": "entries told", "required": "required told",
             "answered": "answers grounded", "right": "answers right"}  # fmt: skip
    values = asdict(figures_of(measured))
    for name, word in words.items():
        yield word, "-" if values[name] is None else f"{values[name]:.1%}"
    read, written = measured.read_per_second, measured.written_per_second
    yield "reads", f"{read:,.0f} tokens a second" if read else "the engine tells no tokens"
    yield "writes", f"{written:,.0f} tokens a second" if written else "the engine tells no tokens"
    yield "memory", gigabytes(measured.memory_bytes) if measured.memory_bytes else "the engine does not tell"
    yield "time", f"{measured.seconds:,.1f} s"
