"""Prepare: write the whole proposal of a release, without a token and without a network but the engine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from notewright.adapters.access import Access
from notewright.adapters.folder import write_folder
from notewright.adapters.repository import Repository
from notewright.config.config import Config
from notewright.control import Cancel, Finished, Report, Started, Warned
from notewright.errors import ModelError, RepositoryError
from notewright.flows.draft import Draft, draft_release
from notewright.flows.notes import prepare_notes, summarize
from notewright.history.metadata import read_metadata
from notewright.llm.door import Opened
from notewright.notes.audience import Audience
from notewright.notes.document import Notes
from notewright.prompting.request import Identity
from notewright.rendering.canonical import canonical_json
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
    audiences: Sequence[Audience], opened: Opened, report: Report, cancel: Cancel,
) -> Prepared:  # fmt: skip
    """Write the proposal folder `output` for what is checked out, all of it or nothing."""
    base = _name_base(repository, config, metadata)
    url = access.url if access else config.changelog.repository_url
    draft = draft_release(repository, config, base=base, url=url, metadata=metadata, version=version, report=report, cancel=cancel)
    for edited in draft.edited:
        report(Warned(f"the section {edited} of {config.changelog.file} was edited by a person and stays as it is"))
    releases = draft.proposal.version is not None
    notes = prepare_notes(draft.section, audiences, engine=opened.engine, report=report, cancel=cancel) if releases else ()
    proposal = replace(draft.proposal, prompts=_records(audiences), model=_model(opened)) if releases else draft.proposal
    if proposal.model:  # what rules alone make passes every check already
        for written, audience in zip(notes, audiences, strict=False):
            verify_notes(draft.section, written, audience.policy, modelled=True)
    cancel.check()
    report(Started("proposal"))
    told = tuple(Told(written, audience.policy) for written, audience in zip(notes, audiences, strict=False))
    files = build_folder(draft.sources(proposal, told=told, usage=canonical_json(opened.usage.as_json())))
    write_folder(output, files, known=TOP)
    report(Finished("proposal", str(output)))
    return Prepared(output, read_proposal(files["proposal.json"]), draft, notes)


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
