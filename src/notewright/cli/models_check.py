"""`notewright models check`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from notewright.cli.labelled import labelled
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.place import find_root
from notewright.cli.streams import Progress, say, write_result
from notewright.config.reading import load_config
from notewright.errors import CheckFailed
from notewright.flows.models_check import Checked, Finding, check_engine
from notewright.llm.opening import FORMS
from notewright.rendering.canonical import canonical_json

_INDENT = 25


@click.command(short_help="Try an engine: does it do what notewright needs?")
@repository_option
@config_option
@click.option("--engine", metavar="E", help=f"{FORMS}.")
@format_option("text", "json")
@click.pass_context
def command(context: click.Context, directory: Path, config_file: Path | None, engine: str | None, output_format: str) -> None:
    """Load a model and try what everything relies on: replies under a schema, the same reply each time, exact token counts, a shared
    beginning that is read once, stopping, and control tokens in a text that stay text.

    Nothing is taken from kept replies. Exits with 1 when a check fails; an engine may have nothing to say about one.
    """
    config = load_config(find_root(directory), path=config_file)
    told = (lambda _: None) if output_format == "json" else _tell
    checked = check_engine(config, flag=engine, report=Progress(), cancel=context.obj, told=told)
    if output_format == "json":
        write_result(canonical_json(_value(checked)))
    say(f"engine: {checked.reason}")
    if checked.failed:
        raise CheckFailed(f"{checked.failed} of {len(checked.findings)} checks failed")


def _tell(finding: Finding) -> None:
    state = "FAIL" if finding.state == "fail" else finding.state
    write_result(labelled([(f"{finding.name:<13}{state}", finding.detail)], indent=_INDENT))


def _value(checked: Checked) -> dict[str, object]:
    findings = [{**asdict(one), "seconds": round(one.seconds, 3)} for one in checked.findings]
    who = asdict(checked.identity) if checked.identity else None
    return {"schema": 1, "engine": who, "reason": checked.reason, "checks": findings, "failed": checked.failed}
