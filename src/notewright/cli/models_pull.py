"""`notewright models pull`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from notewright.adapters.catalog import read_catalog
from notewright.adapters.prompts.places import prompt_places
from notewright.cli.labelled import labelled
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import write_result
from notewright.cli.transfer import Transfer
from notewright.config.reading import load_config
from notewright.flows.models_pull import pull_model
from notewright.llm.memory.fit import gigabytes
from notewright.rendering.canonical import canonical_json


@click.command(short_help="Fetch a model, and compare its digest.")
@click.argument("name", required=False)
@repository_option
@config_option
@click.option("--sha256", metavar="DIGEST", help="What the file must be; by default the table's, or what the hub announces.")
@click.option("--from", "source", type=click.Path(path_type=Path), metavar="FILE", help="Take this file; needs no network.")
@format_option("text", "json")
@click.pass_context
def command(
    context: click.Context,
    name: str | None,
    directory: Path,
    config_file: Path | None,
    sha256: str | None,
    source: Path | None,
    output_format: str,
) -> None:
    """Fetch a model into llm.models_dir, or with Ollama. NAME is one of `notewright models list`, ollama:NAME, or
    OWNER/REPOSITORY/FILE.gguf of the hub.

    A transfer that was cut goes on where it stopped. A file with another digest, or that is no whole GGUF file, is not let in. Without a
    network, bring the file yourself: --from FILE --sha256 DIGEST.
    """
    root = find_root(directory)
    config, catalog = load_config(root, path=config_file), read_catalog(prompt_places(root))
    with Transfer() as report:
        pulled = pull_model(config, catalog, name=name, sha256=sha256, source=source, report=report, cancel=context.obj)
    if output_format == "json":
        write_result(canonical_json({"schema": 1, **asdict(pulled)}))
        return
    size = f"{gigabytes(pulled.size_bytes)}{'' if pulled.fresh else ', was here already'}"
    digest = f"{pulled.digest}{'' if pulled.compared else ', with which nothing was compared'}"
    write_result(labelled([("engine", pulled.engine), ("digest", digest), ("size", size)]))
