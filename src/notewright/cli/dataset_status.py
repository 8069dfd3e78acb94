"""`notewright dataset status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click

from notewright.cli.labelled import labelled
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import write_result
from notewright.config.reading import load_config
from notewright.flows.dataset.job import find_places
from notewright.flows.dataset.status import DatasetStatus, read_status
from notewright.rendering.canonical import canonical_json
from notewright.rendering.neutral import visible

N = TypeVar("N", bound=str)


@click.command(short_help="Say how far it is.")
@repository_option
@config_option
@format_option("text", "json")
def command(directory: Path, config_file: Path | None, output_format: str) -> None:
    """Say how far it is: repositories, tasks done and left, pairs kept and dropped, what failed. A run that is under way is not held up."""
    root = find_root(directory)
    status = read_status(find_places(load_config(root, path=config_file), root).store)
    write_result(canonical_json(_value(status)) if output_format == "json" else labelled(_rows(status), indent=15))


def _rows(status: DatasetStatus) -> Iterator[tuple[str, str]]:
    failed = [repository for repository in status.repositories if repository.state == "failed"]
    yield "repositories", f"{len(status.repositories):,}" + (f", {len(failed):,} of them not up to date" if failed else "")
    for repository in failed:
        yield "", visible(f"{repository.url}: {repository.error}")
    if (generation := status.generation) is None:
        yield "generation", "none yet: `notewright dataset prepare` makes one"
        return
    yield "generation", f"{generation.generation}"
    yield "done", _counted(generation.done)
    yield "left", _counted(generation.ready)
    yield "failed", _counted(generation.failures)
    yield "pairs kept", _counted(generation.kept)
    yield "pairs dropped", _counted(generation.dropped)
    for stage, spent in generation.spent.items():
        if spent.calls:
            yield f"{stage}", f"{spent.calls:,} calls, {spent.evaluated_tokens:,} tokens read, {spent.generated_tokens:,} written"
    if status.run:
        ended = status.run.ended or "not ended: under way, or killed"
        yield "last run", f"{status.run.started_at:%Y-%m-%d %H:%M} UTC, {ended}, {status.run.tasks:,} tasks, {status.run.pairs:,} pairs"


def _counted(counts: Mapping[N, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none"


def _value(status: DatasetStatus) -> dict[str, object]:
    run = status.run and {**asdict(status.run), "started_at": status.run.started_at.isoformat()}
    if run:
        run["ended_at"] = status.run.ended_at.isoformat() if status.run and status.run.ended_at else None
    generation = status.generation and {**asdict(status.generation)}
    return {"schema": 1, "repositories": [asdict(one) for one in status.repositories], "generation": generation, "run": run}
