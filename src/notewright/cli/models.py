"""`notewright models`."""

from __future__ import annotations

import click

from notewright.cli.lazy import LazyGroup

COMMANDS = {
    "cache": ("notewright.cli.models_cache", "Look at the kept replies, or remove them."),
}


@click.command(cls=LazyGroup, below=COMMANDS, short_help="Look after models and what is kept of them.")
def command() -> None:
    """Look after models and what is kept of them."""
