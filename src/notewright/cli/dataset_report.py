"""`notewright dataset report`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.cli.dataset_job import job_options, opened_job, output_option
from notewright.cli.streams import write_result
from notewright.flows.dataset.run import report_pairs


@click.command(short_help="Write a page with figures beside a dataset.")
@job_options
@output_option
@click.pass_context
def command(context: click.Context, /, directory: Path, config_file: Path | None, output: Path, *, quiet: bool) -> None:
    """Write report.html into the dataset's folder, and print its summary in Markdown: pairs by language, repository and type, tokens, what
    was dropped and why, duplicates, failures. It needs no network, and runs nothing.
    """
    with opened_job(directory, config_file, quiet=quiet, cancel=context.obj) as job:
        reported = report_pairs(job, output)
    write_result(reported.summary)
