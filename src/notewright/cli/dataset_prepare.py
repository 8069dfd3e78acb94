"""`notewright dataset prepare`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.cli.dataset_job import engine_option, job_options, opened_job
from notewright.flows.dataset.generate import generate


@click.command(short_help="Cut files into passages, ask about them, and keep the answers.")
@job_options
@engine_option
@click.pass_context
def command(context: click.Context, /, directory: Path, config_file: Path | None, engine: str | None, *, quiet: bool) -> None:
    """Cut files into passages, ask about them, and keep the answers.

    Works on the clones that `dataset sync` left and needs no network but the engine's. Nothing is asked twice: an answer is
    kept by what it depends on, so a renamed file or a fork costs nothing, and a prompt that changed only what follows from it.
    """
    with opened_job(directory, config_file, quiet=quiet, cancel=context.obj, engine=engine) as job:
        generate(job)
