"""`notewright dataset run`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.cli.dataset_job import engine_option, filter_options, job_options, opened_job, output_option, read_filters
from notewright.cli.streams import say
from notewright.flows.dataset.run import run_all


@click.command(short_help="Do it all: sync, prepare, export, report.")
@job_options
@engine_option
@output_option
@filter_options
@click.option("--offline", is_flag=True, help="Take the clones as they are, and go to no network for others.")
@click.pass_context
def command(
    context: click.Context, /, directory: Path, config_file: Path | None, engine: str | None, output: Path, *, quiet: bool, offline: bool,
    **names: tuple[str, ...],
) -> None:  # fmt: skip
    """Do it all: sync, prepare, export, report.

    What was done stays: stopped at any moment, by a signal or by dataset.max_minutes, the next run goes on there. Where the
    time is up, what is finished is exported. Private repositories need NOTEWRIGHT_TOKEN or GITHUB_TOKEN, or a key of ssh.
    """
    with opened_job(directory, config_file, quiet=quiet, cancel=context.obj, engine=engine) as job:
        made, _ = run_all(job, output, filters=read_filters(names), offline=offline)
    if not quiet:
        shares = ", ".join(f"{made.splits[split]:,} {split}" for split in job.config.dataset.splits if split in made.splits)
        say(f"{made.rows:,} rows in {output}: {shares or 'none yet'}")
