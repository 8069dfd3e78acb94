"""`notewright version`."""

from __future__ import annotations

from pathlib import Path

import click

from notewright.adapters.repository import open_repository
from notewright.cli.options import component_option, config_option, format_option, repository_option
from notewright.cli.streams import Progress, say, write_result
from notewright.config.reading import load_config
from notewright.control import Cancel
from notewright.flows.changelog import Selection, read_upcoming
from notewright.rendering.canonical import canonical_line


@click.command(short_help="Print the next version and why.")
@repository_option
@config_option
@component_option
@format_option("text", "json")
@click.pass_obj
def command(cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, output_format: str) -> None:
    """Print the version that the changes since the last release call for; the reason, with the deciding commit, goes to
    stderr. Where nothing calls for a release, the version is the last one."""
    repository = open_repository(directory)
    config = load_config(repository.root, path=config_file, component=component)
    selection = Selection(origin=config.changelog.since)
    upcoming = read_upcoming(repository, config.rules(), selection, report=Progress(), cancel=cancel)
    following, previous = upcoming.next, upcoming.previous
    if output_format == "json":
        values = {
            "version": following.version if following else None,
            "tag": following.tag if following else None,
            "previous": previous.name if previous else None,
            "level": following.level if following else None,
            "reason": following.reason if following else "nothing to release",
            "commit": following.sha or None if following else None,
        }
        write_result(canonical_line(values))
    elif following:
        write_result(f"{following.version}\n")
        say(f"after {previous.version.text if previous else 'no release'}, {following.reason}")
    else:
        write_result(f"{previous.version.text}\n" if previous else "")
        say(f"nothing to release since {previous.name}" if previous else "nothing to release yet")
