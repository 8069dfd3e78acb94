"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def repository_option(function: F) -> F:
    """`--repo DIR`, the repository to read; by default the one around the current folder."""
    return click.option(
        "--repo",
        "directory",
        type=click.Path(path_type=Path),
        default=Path(),
        metavar="DIR",
        help="The repository; by default the one here.",
    )(function)


def config_option(function: F) -> F:
    """`--config FILE` instead of notewright.yaml in the repository."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        default=None,
        metavar="FILE",
        help="Instead of the repository's notewright.yaml.",
    )(function)


def component_option(function: F) -> F:
    """`--component NAME`, a part of the repository that is released by itself."""
    return click.option("--component", metavar="NAME", help="Of changelog.components; by default the whole repository.")(function)


def metadata_option(function: F) -> F:
    """`--metadata FILE`, what GitHub knows about the commits."""
    return click.option(
        "--metadata", "metadata_file", type=click.Path(path_type=Path), metavar="FILE", help="What `release collect` wrote."
    )(function)


def format_option(*formats: str) -> Callable[[F], F]:
    """`--format`, the first being the default."""
    return click.option(
        "--format", "output_format", type=click.Choice(formats), default=formats[0], show_default=True, help="Form of the result."
    )
