"""`notewright dataset`."""

from __future__ import annotations

import click

from notewright.cli.lazy import LazyGroup

COMMANDS = {
    "run": ("notewright.cli.dataset_run", "Do it all: sync, prepare, export, report."),
    "sync": ("notewright.cli.dataset_sync", "Bring the clones of the repositories up to date."),
    "prepare": ("notewright.cli.dataset_prepare", "Cut files into passages, ask about them, and keep the answers."),
    "export": ("notewright.cli.dataset_export", "Write what is kept as a dataset."),
    "report": ("notewright.cli.dataset_report", "Write a page with figures beside a dataset."),
    "check": ("notewright.cli.dataset_check", "Hold every row of a dataset against the commit that it names."),
    "status": ("notewright.cli.dataset_status", "Say how far it is."),
    "retry": ("notewright.cli.dataset_retry", "Let the next run try again what failed."),
}


@click.command(cls=LazyGroup, below=COMMANDS, short_help="Mine repositories into question-answer pairs.")
def command() -> None:
    """Mine repositories into question-answer pairs: `dataset run` does it all, and goes on where it was stopped.

    notewright.yaml lists the repositories and says what is taken of them. Without a model, pairs come from documented
    definitions; with one, each passage is asked about, and answers that say more than it are left out.
    """
