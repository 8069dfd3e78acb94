"""`notewright init`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.adapters.repository import open_repository
from notewright.cli.options import repository_option
from notewright.cli.streams import say
from notewright.config.config import FILE_NAME
from notewright.flows.init import WORKFLOWS, find_workflow, write_files


@click.command(short_help="Write a configuration and workflows; never overwrites.")
@repository_option
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def command(directory: Path, dry_run: bool) -> None:
    """Write a configuration and workflows; never overwrites.

    notewright.yaml lists every key with its default and sets none. In .github/workflows, release.yml keeps a release pull
    request up to date, gate.yml says who approved it, and finish.yml publishes it once it is merged.
    """
    files = write_files(open_repository(directory), dry_run=dry_run)
    for file in files:
        say(f"{'kept' if file.kept else 'would write' if dry_run else 'wrote'} {file.name}")
        if file.kept and file.name in WORKFLOWS:
            say(f"  to compare, or to copy under another name: {find_workflow(file.name)}")
    written = [file.name for file in files if not file.kept]
    if written and not dry_run:
        say(f"next: look at {FILE_NAME}, run `notewright changelog`, then `git add {' '.join(written)}`, commit and push")
        if any(name in WORKFLOWS for name in written):
            say("then require the status `notewright` in the rules of that branch: without it nothing waits for a person")
