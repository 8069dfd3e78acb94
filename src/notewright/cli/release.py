"""`notewright release`."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notewright.adapters.access import Access, read_access
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import Repository, open_repository
from notewright.cli.options import component_option, config_option, format_option, repository_option
from notewright.cli.streams import Progress, say, write_result
from notewright.config.config import Config
from notewright.config.reading import load_config
from notewright.control import Cancel
from notewright.errors import CheckFailed, RepositoryError, UsageError
from notewright.notes.numbers import amount
from notewright.rendering.canonical import canonical_line
from notewright.rendering.neutral import visible
from notewright.system.files import read_bytes, write_atomic
from notewright.system.git import GitFailed

if TYPE_CHECKING:  # the steps with a token load no engine, and the one with an engine no PyGithub
    from notewright.flows.prepare import Prepared
    from notewright.flows.propose import Outcome

_OUTPUT = click.Path(path_type=Path, file_okay=False)
_version = click.option("--version", "version", metavar="V", help="Release this version instead of the next one.")
_engine = click.option("--engine", metavar="E", help="none, auto, llama_server:URL, llama_server:PATH.gguf or scripted:FILE.")
_audience = click.option(
    "--audience", "names", multiple=True, metavar="NAME", help="For whom; may be given again. Default: notes.audiences."
)
_regenerate = click.option(
    "--regenerate", "regenerate", multiple=True, metavar="AUDIENCE", help="Write anew what people edited; may be given again."
)
_dry_run = click.option("--dry-run", is_flag=True, help="Check and show everything; ask GitHub for nothing and write nothing there.")


@click.group(short_help="Collect, prepare, propose, approve and finish a release.")
def command() -> None:
    """Turn what is unreleased into a pull request that a person approves.

    `collect` reads from GitHub with a read token, `prepare` writes the proposal without any token, `propose` trusts none of
    it, works everything out anew and opens or updates the pull request with a write token. `run` does all three. `gate` says
    whether people approved it, `finish` tags and publishes what was merged, `verify` holds that against a clone.
    """


@command.command(short_help="Write what GitHub knows about the commits to DIR/metadata.json.")
@repository_option
@config_option
@component_option
@click.option("--output", type=_OUTPUT, required=True, metavar="DIR", help="Where to write metadata.json.")
@click.pass_obj
def collect(cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, output: Path) -> None:
    """Read titles, labels and authors of the pull requests that brought the commits. Needs GITHUB_TOKEN, for reading only."""
    place = _open(directory, config_file, component)
    write_atomic(output / "metadata.json", _collect(place, cancel))
    say(f"written to {output / 'metadata.json'}")


@command.command(short_help="Write the whole proposal to DIR, without a token.")
@repository_option
@config_option
@component_option
@click.option("--output", type=_OUTPUT, required=True, metavar="DIR", help="The proposal folder; an older proposal there is replaced.")
@click.option("--metadata", "metadata_file", type=click.Path(path_type=Path), metavar="FILE", help="What `release collect` wrote.")
@_engine
@_audience
@_version
@_regenerate
@click.pass_obj
def prepare(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, output: Path, metadata_file: Path | None,
    engine: str | None, names: tuple[str, ...], version: str | None, regenerate: tuple[str, ...],
) -> None:  # fmt: skip
    """Write section, notes, evidence and the pull request's text for what is checked out. No token, no network but the
    engine's; only committed files count. The section is printed, the rest is in DIR."""
    place = _open(directory, config_file, component)
    metadata = None
    if metadata_file and (metadata := read_bytes(metadata_file)) is None:
        raise UsageError(f"there is no metadata at {metadata_file}", hint="write it with `notewright release collect`")
    prepared = _prepare(place, cancel, output=output, metadata=metadata, engine=engine, names=names, version=version, regenerate=regenerate)
    if prepared.proposal.version:
        say(f"\nOpen {output / 'audit.html'} to review, or run `notewright release propose {output}`")
        say("to open the pull request (needs GITHUB_TOKEN).")
    else:
        say("nothing to release")


@command.command(short_help="Verify the proposal in DIR, then open or update the pull request.")
@repository_option
@config_option
@component_option
@click.argument("proposal", type=_OUTPUT, metavar="DIR")
@_dry_run
@format_option("text", "json")
@click.pass_obj
def propose(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, proposal: Path, dry_run: bool, output_format: str
) -> None:
    """Work out everything in DIR anew and compare it byte for byte; then push the release branch and open or update its
    pull request. Needs GITHUB_TOKEN, for writing contents and pull requests. Running it again changes nothing."""
    _deliver(_propose(_open(directory, config_file, component), cancel, proposal, dry_run=dry_run), output_format)


@command.command(short_help="Collect, prepare and propose in one go.")
@repository_option
@config_option
@component_option
@click.option("--output", type=_OUTPUT, default=Path("build/proposal"), show_default=True, metavar="DIR", help="The proposal folder.")
@_engine
@_audience
@_version
@_regenerate
@_dry_run
@format_option("text", "json")
@click.pass_obj
def run(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, output: Path, engine: str | None,
    names: tuple[str, ...], version: str | None, regenerate: tuple[str, ...], dry_run: bool, output_format: str,
) -> None:  # fmt: skip
    """Do all three steps. With `--dry-run` no pull request is touched, and without a token GitHub is not asked either."""
    place = _open(directory, config_file, component)
    if not dry_run:
        _access(place).require_token()
    collects = place.access is not None and place.access.token is not None
    if not collects:
        say("no token: GitHub is not asked, and the section has no titles and labels of pull requests")
    metadata = _collect(place, cancel) if collects else None
    _prepare(place, cancel, output=output, metadata=metadata, engine=engine, names=names, version=version, regenerate=regenerate)
    _deliver(_propose(place, cancel, output, dry_run=dry_run), output_format)


@command.command(short_help="Set the status of the pull request by who ticked its audits.")
@repository_option
@config_option
@component_option
@format_option("text", "json")
@click.pass_obj
def gate(cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, output_format: str) -> None:
    """Work out anew what the release branch holds, and set the commit status `notewright`: success only where both audits are ticked by
    people who may, and nothing has changed since. Run it on the branch released from. In a workflow that an edit of the pull request
    started, it takes note of who ticked what; in one on `merge_group`, it sets the status of what the queue is about to merge. At a
    terminal it shows what is true, and sets nothing where the statuses are another account's. Exits with 0 whatever the status is."""
    from notewright.adapters.github import GitHub
    from notewright.flows.gate import judge_release
    from notewright.flows.occasion import read_occasion
    from notewright.flows.standing import Examiner

    place = _open(directory, config_file, component)
    access = _access(place)
    examiner = Examiner(place.repository, place.config, access, GitHub(access), _prompts(place), Progress(), cancel)
    outcome = judge_release(examiner, read_occasion(os.environ, access))
    _deliver_line(outcome.message, outcome.hint)
    if output_format == "json":
        write_result(canonical_line(asdict(outcome)))


@command.command(short_help="Tag and publish the release that was merged.")
@repository_option
@config_option
@component_option
@click.option("--version", "version", metavar="V", help="Of a release that was merged, or its tag; by default the last one.")
@click.option("--without-gate", is_flag=True, help="Publish also what nobody approved; the record of the release says so.")
@format_option("text", "json")
@click.pass_obj
def finish(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, version: str | None, without_gate: bool,
    output_format: str,
) -> None:  # fmt: skip
    """Check that the merge brought what was approved and nothing else; then tag it and publish the release, with its notes as the text and
    the record of its making in audit.json. Needs GITHUB_TOKEN, for writing contents. Running it again changes nothing."""
    from notewright.adapters.github import GitHub
    from notewright.flows.finish import finish_release

    place = _open(directory, config_file, component)
    access = _access(place)
    done = finish_release(
        place.repository, place.config, access=access, github=GitHub(access), prompts=_prompts(place), version=version,
        without_gate=without_gate, report=Progress(), cancel=cancel,
    )  # fmt: skip
    say(done.message)
    if output_format == "json":
        write_result(canonical_line(asdict(done)))
    elif done.url:
        write_result(f"{done.url}\n")


@command.command(short_help="Hold a published release against this clone.")
@repository_option
@config_option
@component_option
@click.argument("published", metavar="TAG|audit.json")
@format_option("text", "json")
@click.pass_obj
def verify(
    cancel: Cancel, directory: Path, config_file: Path | None, component: str | None, published: str, output_format: str
) -> None:  # fmt: skip
    """Work out anew what a release is made of, and say what differs: the tag's commit, the files that it keeps, the section that history
    gives, and, with the audit.json that was published, the chain of its records and the files beside it. No network, no token."""
    from notewright.changelog.upcoming import tag_form
    from notewright.flows.verify_published import verify_published

    repository = open_repository(directory)
    rules = load_config(repository.root, path=config_file, component=component).rules()
    name = rules.component.name if rules.component else None
    found = verify_published(published, repository, form=tag_form(rules), component=name, report=Progress(), cancel=cancel)
    if output_format == "json":
        write_result(canonical_line(asdict(found)))
    for line in found.checked:
        say(f"  checked      {line}")
    for line in found.unchecked:
        say(f"  not checked  {line}")
    for line in found.differences:
        say(f"  differs      {visible(line)}")
    if found.differences:
        raise CheckFailed(f"{found.tag} is not what was published: {amount(len(found.differences), 'difference', 'differences')}")
    say(f"{found.tag} is what was published, as far as it could be checked: commit {(found.commit or '')[:7]}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a command works: the repository, its configuration, and where it lives on GitHub."""

    repository: Repository
    config: Config
    access: Access | None


def _open(directory: Path, config_file: Path | None, component: str | None) -> _Place:
    repository = open_repository(directory)
    config = load_config(repository.root, path=config_file, component=component)
    return _Place(repository, config, read_access(os.environ, origin=_origin(repository)))


def _origin(repository: Repository) -> str | None:
    try:
        return repository.git.line("config", "--get", "remote.origin.url")
    except GitFailed:
        return None


def _access(place: _Place) -> Access:
    if place.access is None:
        raise RepositoryError(
            f"{place.repository.root} has no remote `origin` on a server",
            hint="`git remote add origin URL`, or set GITHUB_REPOSITORY=owner/name",
        )
    return place.access


def _collect(place: _Place, cancel: Cancel) -> bytes:
    from notewright.adapters.github import GitHub
    from notewright.flows.collect import collect_metadata
    from notewright.history.metadata import metadata_json

    access = _access(place)
    found = collect_metadata(place.repository, place.config, access, GitHub(access), report=Progress(), cancel=cancel)
    return metadata_json(found)


def _prepare(
    place: _Place, cancel: Cancel, *, output: Path, metadata: bytes | None, engine: str | None, names: tuple[str, ...],
    version: str | None, regenerate: tuple[str, ...],
) -> Prepared:  # fmt: skip
    from notewright.flows.models import open_configured
    from notewright.flows.prepare import prepare_release

    config, prompts = place.config, _prompts(place)
    audiences = [prompts.audience(name) for name in dict.fromkeys(names or config.notes.audiences)]
    with closing(open_configured(config, flag=engine, report=Progress())) as opened:
        say(f"engine: {opened.reason}")
        prepared = prepare_release(
            place.repository,
            config,
            output=output,
            access=replace(place.access, token=None) if place.access else None,
            metadata=metadata,
            version=version,
            audiences=audiences,
            opened=opened,
            report=Progress(),
            cancel=cancel,
            regenerate=regenerate,
        )
    _describe(prepared)
    return prepared


def _describe(prepared: Prepared) -> None:
    """Print the section, and say in a few lines what was prepared."""
    section, version = prepared.draft.section, prepared.proposal.version
    if version is None:
        say("a release waits for its tag" if prepared.draft.pending else "no commit shows in a changelog")
        return
    write_result(prepared.draft.section_markdown)
    totals = section.totals
    lost = totals.commits - totals.shown - totals.folded - totals.hidden
    count = sum(1 for _ in section.entries())
    entries = f"{count:,} {'entry' if count == 1 else 'entries'}"
    why = ", ".join(filter(None, (f"{version} after {section.previous or 'no release'}", prepared.draft.reason)))
    say(f"\n  version    {why}")
    say(f"  commits    {totals.commits:,}  →  {entries} · {totals.folded:,} folded · {totals.hidden:,} hidden · {lost:,} unaccounted for")
    say(f"  notes      {prepared.summary}")
    say(f"  proposal   {prepared.directory}")


def _propose(place: _Place, cancel: Cancel, proposal: Path, *, dry_run: bool) -> Outcome:
    from notewright.flows.propose import preview_release, propose_release

    prompts, report = _prompts(place), Progress()
    if dry_run:
        return preview_release(proposal, place.repository, place.config, access=place.access, prompts=prompts, report=report, cancel=cancel)
    from notewright.adapters.github import GitHub

    access = _access(place)
    return propose_release(
        proposal, place.repository, place.config, access=access, github=GitHub(access), prompts=prompts, report=report, cancel=cancel
    )


def _prompts(place: _Place) -> Prompts:
    return Prompts(prompt_places(place.repository.root))


def _deliver_line(message: str, hint: str | None) -> None:
    say(message)
    if hint:
        say(f"  hint: {hint}")


def _deliver(outcome: Outcome, output_format: str) -> None:
    _deliver_line(outcome.message, outcome.hint)
    if output_format == "json":
        write_result(canonical_line(asdict(outcome)))
    elif outcome.url:
        write_result(f"{outcome.url}\n")
