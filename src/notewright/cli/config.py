"""`notewright config`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import say, write_result
from notewright.config.config import FILE_NAME, as_values
from notewright.config.reading import load_config
from notewright.config.validation import json_schema


@click.group(short_help="Show, check, describe or import the configuration.")
def command() -> None:
    """Show, check, describe or import the configuration: notewright.yaml, then NOTEWRIGHT_<SECTION>_<KEY> variables."""


@command.command()
@repository_option
@config_option
@format_option("yaml", "json")
def show(directory: Path, config_file: Path | None, output_format: str) -> None:
    """Print every key with the value in force."""
    values = as_values(load_config(find_root(directory), path=config_file))
    if output_format == "json":
        write_result(json.dumps(values, ensure_ascii=False, indent=2) + "\n")
    else:
        import yaml

        write_result(yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120))


@command.command()
@repository_option
@config_option
def check(directory: Path, config_file: Path | None) -> None:
    """Say whether the configuration is understood: unknown keys, wrong values, addresses that are none."""
    root = find_root(directory)
    load_config(root, path=config_file).links()
    say(f"{config_file or root / FILE_NAME}: fine" if config_file or (root / FILE_NAME).exists() else f"no {FILE_NAME}: the defaults hold")


@command.command()
def schema() -> None:
    """Print the JSON Schema of notewright.yaml, for editors."""
    write_result(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")


@command.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--output", type=click.Path(path_type=Path), default=None, metavar="FILE", help="Write it there instead of stdout; never overwrites."
)
def import_(file: Path, output: Path | None) -> None:
    """Turn git-cliff's configuration into a notewright.yaml.

    FILE is cliff.toml, or a pyproject.toml or Cargo.toml that holds it. What does not fit in is listed on stderr, with the
    reason and what comes nearest.
    """
    from notewright.flows.import_config import import_cliff, write_config

    imported = import_cliff(file)
    if output:
        write_config(output, imported.text)
        say(f"wrote {output}")
    else:
        write_result(imported.text)
    for left in imported.left:
        say(f"not carried over: {left.key}: {left.reason}" + (f"; nearest: {left.nearest}" if left.nearest else ""))
    say(f"{imported.count} keys set, {len(imported.left)} things of {file.name} not carried over")
