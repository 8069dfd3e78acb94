"""`notewright changelog`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from notewright.adapters.repository import open_repository
from notewright.changelog.codec import MOST_BYTES, SCHEMA, ledger_values, releases_line, section_values
from notewright.changelog.codec import read_releases as read_json
from notewright.changelog.layout.markdown import render_document, render_section
from notewright.changelog.section import Section
from notewright.cli.explain import explain_json, explain_table, terminal_columns, wants_colour
from notewright.cli.options import component_option, config_option, format_option, metadata_option, repository_option
from notewright.cli.streams import Progress, say, write_result
from notewright.config.config import Config
from notewright.config.reading import load_config
from notewright.control import Cancel
from notewright.errors import CheckFailed, ConfigError, RepositoryError, UsageError
from notewright.flows.changelog import Selection, read_releases, read_section
from notewright.flows.template import read_template, shipped_template
from notewright.history.metadata import Metadata, read_metadata
from notewright.rendering.canonical import canonical_line
from notewright.system.files import read_bytes

if TYPE_CHECKING:
    from notewright.changelog.overrides import Override
    from notewright.flows.check import CheckedChangelog, CheckedSection

_STDIN = "-"
_CONFIGURED = ("directory", "config_file", "component", "prints_template")
_RANGE = ("since", "until", "full", "all_lines", "version")


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told: sections, newest first, and the pre-releases whose changes they hold."""

    root: Path
    config: Config
    metadata: Metadata | None
    sections: tuple[Section, ...]
    folded: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(section.totals.commits or section.groups for section in self.sections)

    def rendered(self) -> list[tuple[str | None, str]]:
        url = self.metadata.url if self.metadata else None
        render = _renderer(self.root, self.config)
        return [(section.version, render(section, url)) for section in self.sections]


@click.group(invoke_without_command=True, short_help="Print the changelog of a range, or splice it into a file.")
@repository_option
@config_option
@component_option
@click.option("--from", "since", metavar="REV", help="Start after this revision instead of the last release.")
@click.option("--to", "until", metavar="REV", default="HEAD", show_default=True, help="End here; a release tag shows that release.")
@click.option("--full", is_flag=True, help="Every release that --to reaches, newest first.")
@click.option("--all-lines", is_flag=True, help="With --full: tags on other branches too.")
@click.option("--version", "version", metavar="V", help="Call what is unreleased this version.")
@click.option("--from-json", "source", metavar="FILE", help="Read what --format json printed instead of the history; - is stdin.")
@metadata_option
@format_option("markdown", "json")
@click.option("--explain", is_flag=True, help="Print what became of each commit, and the rule that decided.")
@click.option("--write", "target", metavar="FILE", help="Splice into this file of the repository instead of printing.")
@click.option(
    "--print-template", "prints_template", is_flag=True, help="Print the template of changelog.preset, to make one's own from it."
)
@click.pass_context
def command(
    ctx: click.Context, directory: Path, config_file: Path | None, component: str | None, since: str | None, until: str, full: bool,
    all_lines: bool, version: str | None, source: str | None, metadata_file: Path | None, output_format: str, explain: bool,
    target: str | None, prints_template: bool,
) -> None:  # fmt: skip
    """Print the changelog: what no release has yet, a range, one release (--to TAG), or --full history.

    Built from commits alone, without a model: the same history gives the same bytes on every machine.
    """
    given = [parameter for parameter in ctx.command.params if ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE]
    if ctx.invoked_subcommand:
        if given:
            raise UsageError(f"{given[0].opts[0]} stands before {ctx.invoked_subcommand}", hint=f"write it behind {ctx.invoked_subcommand}")
        return
    if prints_template:
        if other := next((parameter.opts[0] for parameter in given if parameter.name not in _CONFIGURED), None):
            raise UsageError(f"--print-template and {other} exclude each other", hint="it prints a template, and tells of no commit")
        config = load_config(open_repository(directory).root, path=config_file, component=component)
        write_result(shipped_template(config.changelog.preset))
        return
    if full and since:
        raise UsageError("--full and --from exclude each other", hint="leave one out; changelog.since cuts older history off")
    if all_lines and not full:
        raise UsageError("--all-lines goes with --full", hint="add --full")
    if source:
        if ranged := next((parameter.opts[0] for parameter in given if parameter.name in _RANGE), None):
            raise UsageError(f"--from-json and {ranged} exclude each other", hint="the range was chosen when the JSON was written")
        told = _read_source(source, directory, config_file, component, metadata_file)
    else:
        selection = Selection(until=until, since=since, version=version)
        told = _read_history(ctx.obj, directory, config_file, component, metadata_file, selection, full=full, all_lines=all_lines)
        if told.is_empty:
            _say_empty(selection, told.sections)
    _deliver(told, output_format, explain=explain, target=target, document=full or len(told.sections) > 1)


@command.command(short_help="Compare the changelog file with what history gives now.")
@repository_option
@config_option
@component_option
@metadata_option
@format_option("text", "json")
@click.pass_obj
def check(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, metadata_file: Path | None, output_format: str
) -> None:
    """Work out every section of the changelog file anew and compare its bytes.

    Exits with 1 where one differs, and says why: a person edited it (with the override that would say the same), or commits,
    tags, metadata, overrides or the configuration changed since. Sections that notewright did not write are left alone.
    """
    from notewright.flows.check import check_changelog

    repository = open_repository(directory)
    config = load_config(repository.root, path=config_file, component=component)
    metadata = _metadata(metadata_file)
    checked = check_changelog(
        repository, config, config.rules(), metadata=metadata, render=_renderer(repository.root, config), report=Progress(), cancel=cancel
    )
    if output_format == "json":
        write_result(
            canonical_line({"schema": SCHEMA, "file": checked.file, "sections": [_checked_values(one) for one in checked.sections]})
        )
    else:
        _write_checked(checked, repository.root)
    if wrong := checked.wrong:
        names = ", ".join(one.compared.name for one in wrong)
        raise CheckFailed(
            f"{checked.file}: {names} {'is' if len(wrong) == 1 else 'are'} not what history gives",
            hint=f"`notewright changelog --full --write {checked.file}` writes anew what nobody edited",
        )


@command.command(short_help="Print every component's changelog, or splice each into its file, from one log.")
@repository_option
@config_option
@metadata_option
@format_option("markdown", "json")
@click.option("--write", "writes", is_flag=True, help="Splice each into its own file instead of printing.")
@click.pass_obj
def components(
    cancel: Cancel, directory: Path, config_file: Path | None, metadata_file: Path | None, output_format: str, writes: bool
) -> None:
    """Tell the whole history of each of changelog.components, reading the repository once."""
    from notewright.flows.changelog import read_components
    from notewright.flows.splice import find_folded

    repository = open_repository(directory)
    config, metadata = load_config(repository.root, path=config_file), _metadata(metadata_file)
    parts = {one.name: config.for_component(one.name) for one in config.changelog.components}
    if not parts:
        raise UsageError("there are no components", hint="list them in changelog.components of notewright.yaml")
    rules = {name: part.rules() for name, part in parts.items()}
    selection = Selection(origin=config.changelog.since)
    read = read_components(repository, rules, selection, metadata=metadata, report=Progress(), cancel=cancel)
    told = {name: _Told(repository.root, parts[name], metadata, found, find_folded(repository, rules[name], found)) for name, found in read}
    if writes:
        _splice_all(told)
    elif output_format == "json":
        listed = [{"name": name, "releases": [_ledgered(section) for section in one.sections]} for name, one in told.items()]
        write_result(canonical_line({"schema": SCHEMA, "components": listed}))
    else:
        for name, one in told.items():
            write_result("\n".join((f"# {name}\n", *(markdown for _, markdown in one.rendered()), "")))


def _splice_all(told: Mapping[str, _Told]) -> None:
    """Splice each into its file, and say at the end which hold sections that a person edited."""
    stopped = []
    for one in told.values():
        try:
            _splice(one, one.config.changelog.file)
        except CheckFailed as error:
            stopped.append(error)
    if stopped:
        raise CheckFailed("; ".join(error.message for error in stopped), hint=stopped[0].hint)


def _ledgered(section: Section) -> dict[str, object]:
    return {**section_values(section), "ledger": ledger_values(section)}


def _read_history(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, metadata_file: Path | None, selection: Selection, *,
    full: bool, all_lines: bool,
) -> _Told:  # fmt: skip
    from notewright.flows.splice import find_folded

    repository = open_repository(directory)
    config = load_config(repository.root, path=config_file, component=component)
    metadata, rules = _metadata(metadata_file), config.rules()
    selection = Selection(until=selection.until, since=selection.since, origin=config.changelog.since, version=selection.version)
    read = partial(read_releases, all_lines=all_lines) if full else read_section
    sections = read(repository, rules, selection, metadata=metadata, report=Progress(), cancel=cancel)
    return _Told(repository.root, config, metadata, sections, find_folded(repository, rules, sections))


def _read_source(source: str, directory: Path, config_file: Path | None, component: str | None, metadata_file: Path | None) -> _Told:
    """Read sections from JSON. Where there is no whole history, as in a shallow clone, the folder named has the configuration."""
    try:
        root = open_repository(directory).root
    except RepositoryError:
        root = directory
    config = load_config(root, path=config_file, component=component)
    if source == _STDIN:
        content: bytes | None = sys.stdin.buffer.read(MOST_BYTES + 1) if sys.stdin else b""
    else:
        content = read_bytes(Path(source))
    if content is None:
        raise UsageError(f"there is no {source}", hint="write it with `notewright changelog --format json`")
    return _Told(root, config, _metadata(metadata_file), read_json(content))


def _deliver(told: _Told, output_format: str, *, explain: bool, target: str | None, document: bool) -> None:
    """Print or write what is told, in the form asked for."""
    if explain and output_format == "json":
        write_result(explain_json(told.sections))
    elif explain:
        lines = explain_table(told.sections, columns=terminal_columns(), colour=wants_colour())
        write_result("".join(f"{line}\n" for line in lines))
    elif target:
        _splice(told, target)
    elif output_format == "json":
        for piece in releases_line(told.sections):
            write_result(piece)
    elif document:
        write_result(render_document(markdown for _, markdown in told.rendered()))
    elif not told.is_empty:
        write_result(told.rendered()[0][1])


def _splice(told: _Told, target: str) -> None:
    from notewright.changelog.document.edit_report import by_name, report_edit
    from notewright.cli.edited import edit_lines
    from notewright.flows.splice import splice_file

    outcome = splice_file(told.root, target, () if told.is_empty else told.rendered(), superseded=told.folded)
    say(f"{target}: {'updated' if outcome.changed else 'unchanged'}")
    sections, rules = by_name(told.sections), told.config.rules()
    present = _present_overrides(told.root) if outcome.edits else ()
    for edit in outcome.edits:
        for line in edit_lines(report_edit(edit, sections, rules, file=target), present):
            say(line)
    if outcome.edits and all(edit.by_hand for edit in outcome.edits):
        raise CheckFailed(
            f"{target}: a person wrote Unreleased, so it stays", hint="release it by hand, or delete it to have it written anew"
        )
    if outcome.edited:
        raise CheckFailed(
            f"{target}: a person edited {', '.join(outcome.edited)}, so what is there stays",
            hint="say it in .notewright/overrides.yaml, as shown above; delete the section to have it written anew",
        )


def _present_overrides(root: Path) -> tuple[Override, ...]:
    """Return the overrides as they stand now; none where there is no repository to have any, or nobody understands them."""
    from notewright.adapters.overrides import read_overrides

    with suppress(RepositoryError, ConfigError):
        return read_overrides(open_repository(root), None)
    return ()


def _write_checked(checked: CheckedChangelog, root: Path) -> None:
    """Print what differs and why, then the sum."""
    from notewright.cli.edited import diff_lines, edit_lines
    from notewright.rendering.neutral import neutral_log

    lines = []
    present = _present_overrides(root) if any(one.edit for one in checked.wrong) else ()
    for one in checked.wrong:
        where = f"{checked.file}:{one.compared.line}" if one.compared.line else checked.file
        lines.append(f"{where}: {one.compared.name}: {one.compared.status}: {one.detail}")
        lines += [*(edit_lines(one.edit, present) if one.edit else ()), *diff_lines(one.diff)]
    same, foreign = (sum(one.compared.status == status for one in checked.sections) for status in ("same", "foreign"))
    lines.append(f"{checked.file}: {same:,} as history gives them, {foreign:,} not ours, {len(checked.wrong):,} wrong")
    write_result("".join(f"{neutral_log(line)}\n" for line in lines))


def _checked_values(one: CheckedSection) -> dict[str, object]:
    """Return a section as plain values: what differs, and entries for the override file, where it was edited."""
    values: dict[str, object] = {
        "version": one.compared.name, "status": one.compared.status, "detail": one.detail, "line": one.compared.line or None,
        "diff": list(one.edit.diff if one.edit else one.diff),
    }  # fmt: skip
    if one.edit:
        values["overrides"] = one.edit.overrides
        values["differences"] = [
            {
                "kind": found.kind,
                "entry": found.entry,
                "commit": found.commit,
                "ours": found.ours,
                "theirs": found.theirs,
                "note": found.note,
            }
            for found in one.edit.differences
        ]
    return values


def _metadata(file: Path | None) -> Metadata | None:
    if file is None:
        return None
    content = read_bytes(file)
    if content is None:
        raise RepositoryError(f"there is no metadata at {file}", hint="write it with `notewright release collect`")
    return read_metadata(content)


def _renderer(root: Path, config: Config) -> Callable[[Section, str | None], str]:
    """Return what renders a section as configured, with links below a page, or below the configured one."""
    template = read_template(root, config)
    links = cache(config.links)
    limit, preset = config.changelog.first_release_limit, config.changelog.preset
    return lambda section, url: render_section(section, links=links(url), first_release_limit=limit, preset=preset, template=template)


def _say_empty(selection: Selection, sections: Sequence[Section]) -> None:
    previous = sections[0].previous if sections else None
    say(f"nothing between {previous or 'the start'} and {selection.until}")
    if previous and not selection.since:
        say(f"  hint: `notewright changelog --to {previous}` shows that release")
