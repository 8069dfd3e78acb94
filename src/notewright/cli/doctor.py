"""`notewright doctor`."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from notewright.cli.labelled import labelled
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.streams import write_result
from notewright.errors import CheckFailed
from notewright.flows.doctor import Finding, examine
from notewright.rendering.canonical import canonical_json

_INDENT = 22


@click.command(short_help="Look whether everything that is needed is here.")
@repository_option
@config_option
@format_option("text", "json")
def command(directory: Path, config_file: Path | None, output_format: str) -> None:
    """Look at this installation, the repository, the engines and the machine, and say what to do where something is missing.

    Works without a network, loads no model and prints no token. Exits with 1 when there is a problem; a note is none.
    """
    findings = []
    for finding in examine(directory, config_file=config_file, environ=os.environ):
        findings.append(finding)
        if output_format == "text":
            write_result(_told(finding))
    if output_format == "json":
        write_result(canonical_json({"schema": 1, "findings": [asdict(one) for one in findings]}))
    if problems := [one.name for one in findings if one.state == "problem"]:
        raise CheckFailed(f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}: {', '.join(problems)}")


def _told(finding: Finding) -> str:
    rows = [(f"{finding.name:<13}{finding.state}", finding.detail)]
    return labelled([*rows, *([("", f"→ {finding.hint}")] if finding.hint else [])], indent=_INDENT)
