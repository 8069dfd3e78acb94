"""Prepare: write the whole proposal of a release, without a token and without a network but the engine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from notewright.adapters.access import Access
from notewright.adapters.folder import write_folder
from notewright.adapters.repository import Repository
from notewright.changelog.section import Section
from notewright.config.config import Config
from notewright.control import Cancel, Finished, Report, Started, Warned
from notewright.errors import CheckFailed, ModelError, RepositoryError, UsageError
from notewright.flows.draft import Draft, draft_release
from notewright.flows.notes import prepare_notes, summarize
from notewright.history.metadata import read_metadata
from notewright.llm.door import Opened
from notewright.notes.audience import Audience
from notewright.notes.document import Notes
from notewright.prompting.request import Identity
from notewright.rendering.canonical import canonical_json
from notewright.review.edited import EditedFile, Suggested, unseen
from notewright.review.folder import TOP, Told, build_folder
from notewright.review.proposal import PromptRecord, Proposal, read_proposal
from notewright.review.verification import verify_notes


@dataclass(frozen=True, slots=True)
class Prepared:
    """A proposal as it was written. There is nothing to release where `proposal.version` is None; `draft` says why."""

    directory: Path
    proposal: Proposal
    draft: Draft
    notes: tuple[Notes, ...]

    @property
    def summary(self) -> str:
        """The notes in one line for people."""
        return summarize(self.notes)


def prepare_release(
    repository: Repository, config: Config, *, output: Path, access: Access | None, metadata: bytes | None, version: str | None,
    audiences: Sequence[Audience], opened: Opened, report: Report, cancel: Cancel, regenerate: Sequence[str] = (),
) -> Prepared:  # fmt: skip
    """Write the proposal folder `output` for what is checked out, all of it or nothing. Notes that a person edited on the release
    branch, as `release collect` last saw it, stay as they are, but for those of the audiences `regenerate`."""
    base = _name_base(repository, config, metadata)
    url = access.url if access else config.changelog.repository_url
    draft = draft_release(
        repository, config, base=base, url=url, metadata=metadata, version=version, report=report, cancel=cancel, regenerate=regenerate
    )
    for edited in draft.edited:
        report(Warned(f"the section {edited} of {config.changelog.file} was edited by a person and stays as it is"))
    _tell_regenerated(draft.proposal, regenerate, [audience.name for audience in audiences], report)
    releases = draft.proposal.version is not None
    told = _Writer(draft, opened, config.notes.language, report, cancel).tell(audiences) if releases else ()
    proposal = replace(draft.proposal, prompts=_records(audiences), model=_model(opened)) if releases else draft.proposal
    cancel.check()
    report(Started("proposal"))
    files = build_folder(draft.sources(proposal, told=told, usage=canonical_json(opened.usage.as_json())))
    write_folder(output, files, known=TOP)
    report(Finished("proposal", str(output)))
    return Prepared(output, read_proposal(files["proposal.json"]), draft, tuple(one.notes for one in told))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the notes that are the tool's, and holds those that are people's beside the section."""

    draft: Draft
    opened: Opened
    language: str
    report: Report
    cancel: Cancel

    def tell(self, audiences: Sequence[Audience]) -> tuple[Told, ...]:
        theirs = {file.audience: file for file in self.draft.files}
        for name in sorted(theirs.keys() - {audience.name for audience in audiences}):
            raise CheckFailed(
                f"the notes for {name} were edited by {theirs[name].editor}, and no notes for {name} are asked for any more",
                hint=f"ask for them again in notes.audiences, or give the file up with `--regenerate {name}`",
            )
        written = self._write(self.draft.section, [audience for audience in audiences if audience.name not in theirs])
        return tuple(
            self._hold(theirs[audience.name], audience) if audience.name in theirs else Told(written[audience.name], audience.policy)
            for audience in audiences
        )

    def _hold(self, file: EditedFile, audience: Audience) -> Told:
        held = self.draft.hold(file, audience.policy)
        new = self._write(unseen(file, held, self.draft.section, audience.policy), [audience])
        return Told(held, audience.policy, Suggested(file, new[audience.name]))

    def _write(self, section: Section, audiences: Sequence[Audience]) -> dict[str, Notes]:
        if not audiences:
            return {}
        notes = prepare_notes(section, audiences, engine=self.opened.engine, language=self.language, report=self.report, cancel=self.cancel)
        for written, audience in zip(notes, audiences, strict=True):
            if self.opened.engine:  # what rules alone make passes every check already
                verify_notes(section, written, audience.policy, modelled=True)
        return {one.audience: one for one in notes}


def _tell_regenerated(proposal: Proposal, regenerate: Sequence[str], names: Sequence[str], report: Report) -> None:
    """Say what is given back to no effect. Raises `UsageError` for what is no notes of this release at all."""
    for name in regenerate:
        if name in proposal.regenerated:
            continue
        if name not in names:
            raise UsageError(f"there are no notes for {name!r} to give back", hint=f"name one of {', '.join(names) or 'notes.audiences'}")
        report(Warned(f"the notes for {name} are the tool's already: nobody edited them on {proposal.branch}"))


def _name_base(repository: Repository, config: Config, metadata: bytes | None) -> str:
    """Return the branch released from: as configured, as GitHub says, else the one checked out, else the server's first."""
    if config.release.base:
        return config.release.base
    if metadata is not None:
        return read_metadata(metadata).base
    for reference in ("HEAD", "refs/remotes/origin/HEAD"):
        if repository.git.succeeds("symbolic-ref", "--quiet", reference):
            name = repository.git.line("symbolic-ref", "--quiet", reference)
            return name.removeprefix("refs/heads/").removeprefix("refs/remotes/origin/")
    raise RepositoryError("no branch is checked out", hint="name the branch to release from in release.base of notewright.yaml")


def _records(audiences: Sequence[Audience]) -> tuple[PromptRecord, ...]:
    return tuple(PromptRecord(audience.name, audience.prompt.version, audience.prompt.digest) for audience in audiences)


def _model(opened: Opened) -> Identity | None:
    if opened.engine is None:
        return None
    try:
        return opened.engine.identity()
    except ModelError:  # nobody was there: every sentence is by rule, and says so
        return Identity("none", "", "", 0, "")
