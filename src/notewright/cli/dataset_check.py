"""`notewright dataset check`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.cli.dataset_job import job_options, opened_job
from notewright.cli.streams import say
from notewright.errors import CheckFailed
from notewright.flows.dataset.run import check_rows

_SHOWN = 20


@click.command(short_help="Hold every row of a dataset against the commit that it names.")
@click.argument("artifact", type=click.Path(path_type=Path))
@job_options
@click.pass_context
def command(context: click.Context, /, artifact: Path, directory: Path, config_file: Path | None, *, quiet: bool) -> None:
    """Hold every row of the dataset ARTIFACT against `git show commit:path`, its lines included, in the clones that are here, and every
    file against its checksum. Exits with 1 where one does not hold.
    """
    with opened_job(directory, config_file, quiet=quiet, cancel=context.obj) as job:
        resolved = check_rows(job, artifact)
    for problem in resolved.wrong[:_SHOWN]:
        say(problem)
    if resolved.wrong:
        raise CheckFailed(f"{len(resolved.wrong):,} things are wrong, in {resolved.rows:,} rows", hint="export again, or sync the clones")
    if not quiet:
        say(f"{resolved.rows:,} rows hold")
