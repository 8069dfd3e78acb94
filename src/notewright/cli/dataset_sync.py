"""`notewright dataset sync`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.cli.dataset_job import job_options, opened_job
from notewright.flows.dataset.job import sync


@click.command(short_help="Bring the clones of the repositories up to date.")
@job_options
@click.pass_context
def command(context: click.Context, /, directory: Path, config_file: Path | None, *, quiet: bool) -> None:
    """Bring the clones of the repositories up to date.

    The one command that goes to the network for repositories, and that uses a token: NOTEWRIGHT_TOKEN or GITHUB_TOKEN, for the
    server that GITHUB_SERVER_URL names alone. One that fails is named, and stops no other.
    """
    with opened_job(directory, config_file, quiet=quiet, cancel=context.obj) as job:
        sync(job)
