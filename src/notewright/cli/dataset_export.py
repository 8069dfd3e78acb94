"""`notewright dataset export`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.cli.dataset_job import filter_options, job_options, opened_job, output_option, read_filters
from notewright.flows.dataset.run import export_pairs


@click.command(short_help="Write what is kept as a dataset.")
@job_options
@output_option
@filter_options
@click.option("--since", type=click.Path(path_type=Path), metavar="FILE", help="Only rows that the dataset of this manifest.json has not.")
@click.option("--generation", type=click.IntRange(min=1), metavar="N", help="Of `dataset status`; by default the latest.")
@click.pass_context
def command(
    context: click.Context, /, directory: Path, config_file: Path | None, output: Path, since: Path | None, generation: int | None, *,
    quiet: bool, **names: tuple[str, ...],
) -> None:  # fmt: skip
    """Write what is kept as a dataset: rows in splits, a card, checksums and a manifest.

    The same store and configuration give the same bytes. A folder that is there is replaced as a whole, or left as it is where
    anything fails; one that is no dataset of ours is never touched.
    """
    with opened_job(directory, config_file, quiet=quiet, cancel=context.obj) as job:
        export_pairs(job, output, filters=read_filters(names), since=since, generation=generation)
