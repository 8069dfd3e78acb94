"""`notewright changelog`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from notewright.adapters.repository import open_repository
from notewright.changelog.codec import SCHEMA, ledger_values, section_values
from notewright.changelog.markdown import render_document, render_section
from notewright.changelog.section import Section
from notewright.cli.options import config_option, format_option, repository_option
from notewright.cli.streams import Progress, say, write_result
from notewright.config import Config, load_config
from notewright.control import Cancel
from notewright.errors import CheckFailed, RepositoryError, UsageError
from notewright.flows.changelog import Selection, read_releases, read_section
from notewright.flows.splice import splice_file
from notewright.history.metadata import Metadata, read_metadata
from notewright.rendering.canonical import canonical_line
from notewright.rendering.neutral import visible
from notewright.system.files import read_bytes

_SUBJECT_COLUMNS = 41


@click.command(short_help="Print the changelog of a range, or splice it into a file.")
@repository_option
@config_option
@click.option("--from", "since", metavar="REV", help="Start after this revision instead of the last release.")
@click.option("--to", "until", metavar="REV", default="HEAD", show_default=True, help="End here; a release tag shows that release.")
@click.option("--full", is_flag=True, help="Every release that --to reaches, newest first.")
@click.option("--all-lines", is_flag=True, help="With --full: tags on other branches too.")
@click.option("--version", "version", metavar="V", help="Call what is unreleased this version.")
@click.option("--metadata", "metadata_file", type=click.Path(path_type=Path), metavar="FILE", help="What `release collect` wrote.")
@format_option("markdown", "json")
@click.option("--explain", is_flag=True, help="Print what became of each commit, and the rule that decided.")
@click.option("--write", "target", metavar="FILE", help="Splice into this file of the repository instead of printing.")
@click.pass_obj
def command(
    cancel: Cancel, directory: Path, config_file: Path | None, since: str | None, until: str, full: bool, all_lines: bool,
    version: str | None, metadata_file: Path | None, output_format: str, explain: bool, target: str | None,
) -> None:  # fmt: skip
    """Print the changelog: what no release has yet, a range, one release (--to TAG), or --full history.

    Built from commits alone, without a model: the same history gives the same bytes on every machine.
    """
    if full and since:
        raise UsageError("--full and --from exclude each other", hint="leave one out; changelog.since cuts older history off")
    if all_lines and not full:
        raise UsageError("--all-lines goes with --full", hint="add --full")
    repository = open_repository(directory)
    config = load_config(repository.root, path=config_file)
    metadata = _metadata(metadata_file)
    selection = Selection(until=until, since=since, origin=config.changelog.since, version=version)
    read = partial(read_releases, all_lines=all_lines) if full else read_section
    sections = read(repository, config.rules(), selection, metadata=metadata, report=Progress(), cancel=cancel)
    empty = not any(section.totals.commits for section in sections)
    if empty:
        _say_empty(selection, sections)
    if explain:
        write_result("".join(_explained(sections)))
    elif target:
        _splice(repository.root, target, () if empty else _rendered(sections, config, metadata))
    elif output_format == "json":
        releases = [{**section_values(section), "ledger": ledger_values(section)} for section in sections]
        write_result(canonical_line({"schema": SCHEMA, "releases": releases}))
    elif full:
        write_result(render_document(markdown for _, markdown in _rendered(sections, config, metadata)))
    elif sections[0].totals.commits:
        write_result(_rendered(sections, config, metadata)[0][1])


def _splice(root: Path, target: str, rendered: Sequence[tuple[str | None, str]]) -> None:
    outcome = splice_file(root, target, rendered)
    say(f"{target}: {'updated' if outcome.changed else 'unchanged'}")
    if outcome.edited:
        raise CheckFailed(
            f"{target}: a person edited {', '.join(outcome.edited)}, so what is there stays",
            hint="compare with `notewright changelog`; delete the section to have it written anew",
        )


def _metadata(file: Path | None) -> Metadata | None:
    if file is None:
        return None
    content = read_bytes(file)
    if content is None:
        raise RepositoryError(f"there is no metadata at {file}", hint="write it with `notewright release collect`")
    return read_metadata(content)


def _rendered(sections: tuple[Section, ...], config: Config, metadata: Metadata | None) -> list[tuple[str | None, str]]:
    links = config.links(metadata.url if metadata else None)
    limit = config.changelog.first_release_limit
    return [(section.version, render_section(section, links=links, first_release_limit=limit)) for section in sections]


def _say_empty(selection: Selection, sections: tuple[Section, ...]) -> None:
    previous = sections[0].previous if sections else None
    say(f"nothing between {previous or 'the start'} and {selection.until}")
    if previous and not selection.since:
        say(f"  hint: `notewright changelog --to {previous}` shows that release")


def _explained(sections: tuple[Section, ...]) -> list[str]:
    lines = [f"{'commit':<8} {'outcome':<8} {'subject':<{_SUBJECT_COLUMNS}} rule\n"]
    for section in sections:
        for line in section.ledger:
            subject = visible(line.subject)
            short = subject if len(subject) <= _SUBJECT_COLUMNS else subject[: _SUBJECT_COLUMNS - 1] + "…"
            lines.append(f"{line.sha[:7]:<8} {line.outcome:<8} {short:<{_SUBJECT_COLUMNS}} {line.rule}\n")
    return lines
