"""`notewright notes`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click
from click.core import ParameterSource

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import open_repository
from notewright.changelog.codec import read_section
from notewright.changelog.section import Section
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.streams import Progress, say, write_result
from notewright.config.config import Config
from notewright.config.reading import load_config
from notewright.control import Cancel
from notewright.errors import CheckFailed, UsageError
from notewright.flows.changelog import Selection, read_upcoming
from notewright.flows.models import open_configured
from notewright.flows.notes import prepare_notes
from notewright.llm.opening import FORMS
from notewright.llm.usage_table import usage_table
from notewright.notes.audience import Audience
from notewright.notes.document import Notes, notes_json, notes_value, read_notes
from notewright.notes.markdown import notes_markdown
from notewright.notes.report import NotesReport, check_notes, report_json
from notewright.rendering.canonical import canonical_json
from notewright.rendering.neutral import visible
from notewright.system.files import read_bytes, write_atomic


@click.group(invoke_without_command=True, short_help="Write release notes for an audience, or check them.")
@repository_option
@config_option
@click.option("--section", "section_file", type=click.Path(path_type=Path), metavar="FILE", help="A section.json instead of a repository.")
@click.option("--audience", "names", multiple=True, metavar="NAME", help="For whom; may be given again. Default: notes.audiences.")
@click.option("--engine", metavar="E", help=f"{FORMS}.")
@format_option("markdown", "json")
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help="Write AUDIENCE.md, AUDIENCE.json and usage.json here.")
@click.pass_context
def command(
    context: click.Context, directory: Path, config_file: Path | None, section_file: Path | None, names: tuple[str, ...],
    engine: str | None, output_format: str, output: Path | None,
) -> None:  # fmt: skip
    """Write release notes from a changelog section: what would be released next, or a section.json.

    A model sees the section's entries and nothing else. Each of its sentences is checked against the entries that it
    cites; one that says more is replaced by a sentence made by rule, as all are with `--engine none`.
    """
    if context.invoked_subcommand:
        return
    if section_file and context.get_parameter_source("directory") is not ParameterSource.DEFAULT:
        raise UsageError("--repo and --section exclude each other", hint="leave one out")
    root = directory if section_file else open_repository(directory).root
    config = load_config(root, path=config_file)
    prompts = Prompts(prompt_places(root))
    audiences = [prompts.audience(name) for name in dict.fromkeys(names or config.notes.audiences)]
    cancel: Cancel = context.obj
    section = _read_section(section_file) if section_file else _next_section(root, config, cancel)
    with closing(open_configured(config, flag=engine, report=Progress())) as opened:
        say(f"engine: {opened.reason}")
        written = prepare_notes(
            section, audiences, engine=opened.engine, language=config.notes.language, report=Progress(steps=True), cancel=cancel
        )
    for line in usage_table(opened.usage):
        say(line)
    if output and opened.usage.calls:
        write_atomic(output / "usage.json", canonical_json(opened.usage.as_json()))
    _deliver(written, audiences, section, config, output_format=output_format, output=output)


@command.command(short_help="Check notes against the section that they are about.")
@repository_option
@click.option("--section", "section_file", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The section.json.")
@click.option("--notes", "notes_file", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The notes.json.")
@format_option("text", "json")
def check(directory: Path, section_file: Path, notes_file: Path, output_format: str) -> None:
    """Check every sentence against the entries that it cites, and that all entries are covered that the audience requires.

    Exits with 1 when a sentence is blocked or a required entry is missing. The audience's rules are those of the prompt
    folder with its name, in the repository or built in.
    """
    section, notes = _read_section(section_file), read_notes(_content(notes_file))
    policy = Prompts(prompt_places(directory)).audience(notes.audience).policy
    report = check_notes(section, notes, policy)
    if output_format == "json":
        write_result(report_json(report))
    else:
        write_result(_told(report, notes, section))
    if notes.version != section.version:
        about = [version or "what is unreleased" for version in (notes.version, section.version)]
        raise CheckFailed(
            f"the notes are about {about[0]}, the section about {about[1]}", hint="give the section that the notes were written from"
        )
    if report.blocks:
        blocked = report.verdicts.count("block")
        raise CheckFailed(f"{blocked} of {len(notes.sentences)} sentences blocked, {len(report.missing)} required entries missing")


def _read_section(file: Path) -> Section:
    return read_section(_content(file))


def _content(file: Path) -> bytes:
    content = read_bytes(file)
    if content is None:
        raise UsageError(f"there is no file {file}", hint="`notewright release prepare` writes section.json and notes/*.json")
    return content


def _next_section(root: Path, config: Config, cancel: Cancel) -> Section:
    selection = Selection(origin=config.changelog.since)
    return read_upcoming(open_repository(root), config.rules(), selection, report=Progress(), cancel=cancel).section


def _deliver(
    written: Sequence[Notes], audiences: Sequence[Audience], section: Section, config: Config, *, output_format: str, output: Path | None
) -> None:
    links = config.links()
    pages = [notes_markdown(notes, section, audience.policy, links=links) for notes, audience in zip(written, audiences, strict=True)]
    if output:
        for notes, page in zip(written, pages, strict=True):
            write_atomic(output / f"{notes.audience}.md", page.encode())
            write_atomic(output / f"{notes.audience}.json", notes_json(notes))
        say(f"written to {output}")
    elif output_format == "markdown":
        write_result("\n".join(pages))
    else:
        write_result(notes_json(written[0]) if len(written) == 1 else canonical_json([notes_value(notes) for notes in written]))


def _told(report: NotesReport, notes: Notes, section: Section) -> str:
    """Return the report for people: what does not pass, and the counts."""
    lines = []
    for number, (sentence, failures) in enumerate(zip(notes.sentences, report.failures, strict=True), start=1):
        lines += [f"{number}. {visible(sentence.text)}" for _ in failures[:1]]
        marks = ((failure, "blocked" if failure.blocking else "warning") for failure in failures)
        lines += [f"   {mark}: {failure.rule}: {visible(failure.detail)}" for failure, mark in marks]
    summaries = {entry.id: entry.summary for entry in section.entries()}
    lines += [f"missing: {visible(summaries[entry_id])} ({visible(entry_id)})" for entry_id in report.missing]
    lines += [f"warning: not checked, because they read English: {', '.join(report.unchecked)}"] if report.unchecked else []
    passed, warned, blocked = (report.verdicts.count(outcome) for outcome in ("pass", "warn", "block"))
    lines.append(f"{passed} of {len(notes.sentences)} sentences pass, {warned} with a warning, {blocked} blocked")
    return "".join(f"{line}\n" for line in lines)
