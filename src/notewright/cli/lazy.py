"""Groups of commands that are imported only when called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

# name → (module with `command`, summary). The summaries stand apart so that --help imports no command; a test holds them
# against the commands' own.
Commands = Mapping[str, tuple[str, str]]


class LazyGroup(click.Group):
    """Imports a command when it is called: start-up stays cheap (bench/startup.py)."""

    def __init__(self, *args: Any, below: Commands, **kwargs: Any) -> None:  # noqa: ANN401  # what click.Group takes
        super().__init__(*args, **kwargs)
        self._below = below

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click calls it so
        """Name the commands in the order of the table."""
        return list(self._below)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click calls it so
        """Import one command."""
        if cmd_name not in self._below:
            return None
        command = importlib.import_module(self._below[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click calls it so
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self._below.items()])
