"""What the commands of `notewright dataset` share: their options, and the job that they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.cli.bars import Bars
from notewright.cli.options import config_option, repository_option
from notewright.cli.place import find_root
from notewright.config.reading import load_config
from notewright.control import Cancel
from notewright.dataset.export.filters import Filters
from notewright.flows.dataset.job import Job, find_places
from notewright.llm.opening import FORMS
from notewright.system.logs import RunLog

F = TypeVar("F", bound=Callable[..., Any])
OUTPUT = Path("dataset")


def job_options(function: F) -> F:
    """`--repo`, `--config` and `--quiet`."""
    quiet = click.option("--quiet", is_flag=True, help="Say nothing but warnings and errors.")
    return repository_option(config_option(quiet(function)))


def engine_option(function: F) -> F:
    """`--engine E`."""
    return click.option("--engine", metavar="E", help=f"{FORMS}.")(function)


def output_option(function: F) -> F:
    """`--output DIR`, the artifact."""
    return click.option(
        "--output", type=click.Path(path_type=Path), default=OUTPUT, show_default=True, metavar="DIR", help="The dataset's folder."
    )(function)


def filter_options(function: F) -> F:
    """What of the pairs is taken, and of which generation."""
    for name, about in (
        ("kind", "Only questions of this type, or `extracted`."),
        ("verdict", "Only what the judge said this of."),
        ("license", "Only files under this license."),
        ("language", "Only this language, such as python."),
        ("repository", "Only this repository, as rows name it."),
    ):
        function = click.option(f"--{name}", f"{name}_names", multiple=True, metavar="X", help=f"{about} May be given again.")(function)
    return function


def read_filters(names: dict[str, tuple[str, ...]]) -> Filters:
    """Return what `filter_options` took."""
    return Filters(
        repositories=frozenset(names["repository_names"]),
        languages=frozenset(names["language_names"]),
        licenses=frozenset(names["license_names"]),
        verdicts=frozenset(names["verdict_names"]),
        kinds=frozenset(names["kind_names"]),
    )


@contextmanager
def opened_job(directory: Path, config_file: Path | None, *, quiet: bool, cancel: Cancel, engine: str | None = None) -> Iterator[Job]:
    """Give the job of a command, shown with bars and kept in the log."""
    root = find_root(directory)
    config = load_config(root, path=config_file)
    places = find_places(config, root)
    with Bars(quiet=quiet) as bars, closing(RunLog(places.log, bars)) as log:
        yield Job(config, Prompts(prompt_places(root)), places, engine, log, cancel, log.write)
