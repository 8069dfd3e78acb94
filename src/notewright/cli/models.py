"""`notewright models`."""

from __future__ import annotations

import click

from notewright.cli.lazy import LazyGroup

COMMANDS = {
    "list": ("notewright.cli.models_list", "List the models that are here and those that fit this machine."),
    "plan": ("notewright.cli.models_plan", "Say what memory a model would take, before it is loaded."),
    "check": ("notewright.cli.models_check", "Try an engine: does it do what notewright needs?"),
    "pull": ("notewright.cli.models_pull", "Fetch a model, and compare its digest."),
    "eval": ("notewright.cli.models_eval", "Measure a model on this machine: quality, speed and memory."),
    "cache": ("notewright.cli.models_cache", "Look at the kept replies, or remove them."),
}


@click.command(cls=LazyGroup, below=COMMANDS, short_help="Look after models and what is kept of them.")
def command() -> None:
    """Look after models and what is kept of them."""
