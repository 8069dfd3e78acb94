"""Verify: a proposal folder that came from elsewhere, worked out anew and compared byte for byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from notewright.adapters.access import Access
from notewright.adapters.folder import read_folder_file
from notewright.adapters.overrides import OVERRIDES
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import Repository
from notewright.adapters.tree import inside, list_files, read_files
from notewright.config.config import FILE_NAME, Config
from notewright.control import Cancel, Finished, Report, Started
from notewright.errors import CheckFailed, UsageError
from notewright.flows.draft import Draft, draft_release
from notewright.notes.document import Notes, read_notes
from notewright.notes.language import ENGLISH
from notewright.review import changes, edited, folder
from notewright.review import proposal as manifest
from notewright.review import usage as costs
from notewright.review.edited import Suggested, read_suggestions, unseen
from notewright.review.folder import Told, build_folder
from notewright.review.proposal import CHANGED, PromptRecord, Proposal, read_proposal, verify_digests
from notewright.review.verification import verify_notes
from notewright.system.files import read_bytes

PROMPTS = ".notewright/prompts"

_RULES = {
    folder.SECTION: "the section that git, the configuration and the metadata give",
    folder.SECTION_TEXT: "the section that git, the configuration and the metadata give",
    folder.LEDGER: "what became of the commits",
    folder.CHANGELOG: "the changelog of the base with this section in it",
    changes.NAME: "what changed since the proposal that the release branch holds",
    folder.BODY: "the view that this proposal gives",
    folder.PAGE: "the view that this proposal gives",
}
_BUMPED = "the base's file with the version in it"


@dataclass(frozen=True, slots=True)
class Verified:
    """A proposal of which nothing is taken on trust: `files` are its bytes, worked out here."""

    proposal: Proposal
    files: Mapping[str, bytes]
    draft: Draft


def verify_proposal(
    directory: Path, repository: Repository, config: Config, *, access: Access | None, prompts: Prompts, report: Report, cancel: Cancel
) -> Verified:
    """Check that a folder is exactly what prepare writes here, now. Stage 2, fixed sentences and views are made anew; sentences of a model
    are checked anew. Raises `CheckFailed` naming the file and what it should be."""
    content = read_folder_file(directory, manifest.NAME)
    if content is None:
        raise UsageError(f"{directory} is no proposal: it has no {manifest.NAME}", hint="write one with `notewright release prepare`")
    proposal = read_proposal(content)
    files = _read_files(directory, proposal)
    verified = work_out(proposal, files, repository, config, access=access, prompts=prompts, report=report, cancel=cancel)
    _compare({**files, manifest.NAME: content}, verified.files)
    report(Finished("verify", f"{len(verified.files)} files worked out anew"))
    return verified


def work_out(
    proposal: Proposal, files: Mapping[str, bytes], repository: Repository, config: Config, *, access: Access | None, prompts: Prompts,
    report: Report, cancel: Cancel,
) -> Verified:  # fmt: skip
    """Make every file of a proposal anew: from git and the configuration, and from what only `files` tell, metadata and sentences of notes.
    Raises `CheckFailed` where they do not belong here."""
    url = access.url if access else config.changelog.repository_url
    _check_place(proposal, repository, url)
    draft = draft_release(
        repository, config, base=proposal.base.name, url=url, metadata=files.get(folder.METADATA), version=proposal.requested_version,
        report=report, cancel=cancel, regenerate=proposal.regenerated,
    )  # fmt: skip
    report(Started("verify"))
    _check_manifest(proposal, draft)
    suggested = _read_suggestions(proposal, files, draft)
    told = tuple(_read_told(record, proposal, files, draft, prompts, suggested=suggested) for record in proposal.prompts)
    _check_languages(told, config)
    recorded = replace(draft.proposal, prompts=proposal.prompts, model=proposal.model)
    return Verified(proposal, build_folder(draft.sources(recorded, told=told, usage=files.get(costs.NAME, b""))), draft)


def _check_languages(told: Sequence[Told], config: Config) -> None:
    """Another language than the one configured would switch off the checks that read English."""
    for one in told:
        if one.notes.language not in (ENGLISH, config.notes.language):
            raise CheckFailed(f"the notes for {one.notes.audience} are in {one.notes.language}, not in notes.language", hint=CHANGED)


def check_committed(repository: Repository, config: Config) -> None:
    """Check that what decides about a release is what the commit checked out has: an approval of the one says nothing of another. Raises
    `CheckFailed` naming the first file that differs."""
    head, root = repository.resolve("HEAD"), repository.root
    here = (path.relative_to(root).as_posix() for path in (root / PROMPTS).rglob("*") if path.is_file())
    template = [str(inside(config.changelog.template))] if config.changelog.template else []
    committed = read_files(repository.git, head, {FILE_NAME, OVERRIDES, *template, *here, *list_files(repository.git, head, PROMPTS)})
    for name in sorted(committed):
        if _lines(read_bytes(root / name)) != _lines(committed[name]):
            raise CheckFailed(f"{name} here is not the one in commit {head[:7]}", hint="commit it first, or put it back")


def _lines(content: bytes | None) -> bytes | None:
    """Undo the line ends that a checkout may have converted."""
    return content and content.replace(b"\r\n", b"\n")


def _read_files(directory: Path, proposal: Proposal) -> dict[str, bytes]:
    names = [file.name for file in (*proposal.files, *proposal.views)]
    found = {name: read_folder_file(directory, name) for name in names}
    files = {name: content for name, content in found.items() if content is not None}
    verify_digests(proposal, files)
    return files


def _check_place(proposal: Proposal, repository: Repository, url: str | None) -> None:
    """Check that the proposal is about this repository, as it is checked out now."""
    if proposal.repository != url:
        raise CheckFailed(f"the proposal is for {proposal.repository}, this is {url}", hint="propose it from a clone of that repository")
    head = repository.resolve("HEAD")
    if proposal.base.commit != head:
        raise CheckFailed(
            f"the proposal was prepared at {proposal.base.commit[:7]}, {head[:7]} is checked out",
            hint="check that commit out, or run `notewright release prepare` again",
        )


def _check_manifest(proposal: Proposal, draft: Draft) -> None:
    """Compare what the proposal says it rests on with what it rests on here."""
    here = draft.proposal
    for name in (field.name for field in fields(Proposal) if field.name not in ("prompts", "model", "files", "views")):
        if getattr(proposal, name) != getattr(here, name):
            raise CheckFailed(f"{manifest.NAME}: {name} is not what follows from git and the configuration here", hint=CHANGED)
    names = [record.audience for record in proposal.prompts]
    if len(set(names)) != len(names) or (names and here.version is None):
        raise CheckFailed(f"{manifest.NAME}: prompts are not those of one release", hint=CHANGED)


def _read_suggestions(proposal: Proposal, files: Mapping[str, bytes], draft: Draft) -> dict[str, Suggested]:
    """Read what is suggested to people whose notes stay as they are. Whose those are, the release branch says and not the proposal."""
    listed = read_suggestions(files[edited.NAME], {file.audience: file.content for file in draft.files}) if edited.NAME in files else ()
    if tuple(one.file for one in listed) != draft.files:
        raise CheckFailed(
            f"{edited.NAME} is not about the notes that people edited on {proposal.branch}, as far as this clone knows",
            hint="run `notewright release collect` and `notewright release prepare` again",
        )
    return {one.file.audience: one for one in listed}


def _read_told(
    record: PromptRecord, proposal: Proposal, files: Mapping[str, bytes], draft: Draft, prompts: Prompts, *,
    suggested: Mapping[str, Suggested],
) -> Told:  # fmt: skip
    audience = prompts.audience(record.audience)
    if (record.version, record.digest) != (audience.prompt.version, audience.prompt.digest):
        raise CheckFailed(f"the prompt of {record.audience} is not the one here", hint=CHANGED)
    modelled = proposal.model is not None
    if one := suggested.get(record.audience):
        held = draft.hold(one.file, audience.policy)
        new = unseen(one.file, held, draft.section, audience.policy)
        verify_notes(new, one.notes, audience.policy, modelled=modelled)
        return Told(held, audience.policy, one)
    notes = _read_notes(files, f"{folder.NOTES}/{record.audience}.json")
    verify_notes(draft.section, notes, audience.policy, modelled=modelled)
    return Told(notes, audience.policy)


def _read_notes(files: Mapping[str, bytes], name: str) -> Notes:
    if name not in files:
        raise CheckFailed(f"{name} is not among the files of the proposal", hint=CHANGED)
    try:
        return read_notes(files[name])
    except UsageError as error:
        raise CheckFailed(f"{name}: {error.message}", hint=CHANGED) from error


def _compare(found: Mapping[str, bytes], fresh: Mapping[str, bytes]) -> None:
    """Compare the files byte for byte: what the proposal binds, its views, and the manifest last, since it shows every difference."""
    order = {folder.BODY: 1, folder.PAGE: 1, costs.NAME: 1, manifest.NAME: 2}
    for name in sorted({*found, *fresh}, key=lambda name: (order.get(name, 0), name)):
        if found.get(name) != fresh.get(name):
            expected = _RULES.get(name, _BUMPED if name.startswith(f"{folder.VERSIONS}/") else "what this proposal gives")
            raise CheckFailed(f"{name} is not {expected}", hint=CHANGED)
