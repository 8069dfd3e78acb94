"""`notewright dataset retry`."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from notewright.adapters.dataset.store.values import FailureClass
from notewright.cli.options import config_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import say
from notewright.config.reading import load_config
from notewright.errors import UsageError
from notewright.flows.dataset.job import find_places
from notewright.flows.dataset.retry import retry_failed


@click.command(short_help="Let the next run try again what failed.")
@repository_option
@config_option
@click.option("--failed", is_flag=True, help="What failed for good: all there is to try again.")
@click.option(
    "--class", "kind", type=click.Choice(get_args(FailureClass)), metavar="CLASS", help=f"Only {', '.join(get_args(FailureClass))}."
)
def command(directory: Path, config_file: Path | None, kind: FailureClass | None, *, failed: bool) -> None:
    """Let the next run try again what failed. `dataset status` lists it by class."""
    if not failed and kind is None:
        raise UsageError("nothing is said to be tried again", hint="add --failed, or --class timeout")
    root = find_root(directory)
    count = retry_failed(find_places(load_config(root, path=config_file), root).store, kind)
    say(f"{count:,} tasks are ready again: `notewright dataset run` does them" if count else "nothing failed in this way")
