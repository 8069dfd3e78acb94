"""The proposal folder: every file of a release made from what it rests on, and what of it the branch carries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from notewright.changelog.codec import ledger_json, section_json
from notewright.changelog.document.edit_report import EditReport
from notewright.changelog.layout.links import Links, links_to
from notewright.changelog.section import Section
from notewright.notes.document import Notes, notes_json
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy
from notewright.notes.report import check_notes
from notewright.rendering.canonical import digest
from notewright.review import changes, edited
from notewright.review import proposal as manifest
from notewright.review import usage as costs
from notewright.review.body import render_body
from notewright.review.changes import Previous, read_changes, tell_changes
from notewright.review.edited import Suggested, check_held, suggestions_json
from notewright.review.material import Audience, Material, exhibit
from notewright.review.page import render_page
from notewright.review.proposal import BumpedFile, Proposal, list_digests, proposal_json
from notewright.review.usage import read_usage

METADATA, SECTION, SECTION_TEXT, LEDGER, CHANGELOG = "metadata.json", "section.json", "section.md", "ledger.json", "CHANGELOG.md"
BODY, PAGE, NOTES, VERSIONS = "body.md", "audit.html", "notes", "versions"
# Everything that may stand directly in the folder
_STRANGE = re.compile(r"[^0-9A-Za-z._-]")
TOP = (
    manifest.NAME,
    METADATA,
    SECTION,
    SECTION_TEXT,
    LEDGER,
    CHANGELOG,
    BODY,
    PAGE,
    NOTES,
    VERSIONS,
    costs.NAME,
    edited.NAME,
    changes.NAME,
)


@dataclass(frozen=True, slots=True)
class Told:
    """One audience's notes, and the policy that they follow. `suggested` is there where the file belongs to a person."""

    notes: Notes
    policy: AudiencePolicy
    suggested: Suggested | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What a proposal is made of. `proposal` says what it rests on, still without files and views; `changelog` and `metadata` are whole
    files, and so are `bumped`, those of `proposal.version_files`; `edits` tell of sections that people changed; `usage` is usage.json,
    `previous` the proposal that the release branch holds."""

    proposal: Proposal
    section: Section
    section_markdown: str
    changelog: bytes
    bumped: tuple[bytes, ...]
    reason: str
    decider: str | None
    metadata: bytes | None
    edits: tuple[EditReport, ...]
    told: tuple[Told, ...]
    usage: bytes
    previous: Previous | None = None


def build_folder(sources: Sources) -> dict[str, bytes]:
    """Return every file of the folder by name. The same sources give the same bytes; without a version there is nothing to release, and
    neither notes nor views."""
    bound = {SECTION: section_json(sources.section), LEDGER: ledger_json(sources.section)}
    if sources.metadata is not None:
        bound[METADATA] = sources.metadata
    if sources.proposal.version is None:
        proposal = replace(sources.proposal, files=list_digests(bound))
        return {**bound, manifest.NAME: proposal_json(proposal)}
    bound |= {SECTION_TEXT: sources.section_markdown.encode(), CHANGELOG: sources.changelog}
    bound |= {file.name: content for file, content in zip(sources.proposal.version_files, sources.bumped, strict=True)}
    texts = {told.notes.audience: _markdown(told, sources) for told in sources.told}
    for told in sources.told:
        name = told.notes.audience
        bound |= {f"{NOTES}/{name}.json": notes_json(told.notes), f"{NOTES}/{name}.md": texts[name]}
    if suggested := tuple(told.suggested for told in sources.told if told.suggested):
        bound[edited.NAME] = suggestions_json(suggested)
    proposal = replace(sources.proposal, files=list_digests(bound))
    if changed := tell_changes(sources.previous, proposal, bound):
        bound[changes.NAME] = changed
        proposal = replace(proposal, files=list_digests(bound))
    material = replace(_material(sources, proposal, texts), changes=read_changes(changed))
    views = {costs.NAME: sources.usage, BODY: render_body(material).encode(), PAGE: render_page(material).encode()}
    return {**bound, **views, manifest.NAME: proposal_json(replace(proposal, views=list_digests(views)))}


def name_bumped(paths: Sequence[str]) -> tuple[BumpedFile, ...]:
    """Name files of the repository within the folder, where a path may hold what a name may not."""
    return tuple(
        BumpedFile(path, f"{VERSIONS}/{number}-{_STRANGE.sub('_', path.rpartition('/')[2])[-100:]}")
        for number, path in enumerate(paths, start=1)
    )


def digest_of(content: bytes | None) -> str | None:
    """Return what the manifest says about a file that may be missing."""
    return None if content is None else digest(content)


def branch_files(proposal: Proposal, files: Mapping[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    """Return path and bytes of what the release branch adds to its base: the changelog, the files that hold the version, the notes, and
    the JSON they came from.
    The manifest is there without its views, so that the same proposal is the same commit."""
    home = proposal.home
    kept = [
        METADATA,
        SECTION,
        LEDGER,
        edited.NAME,
        changes.NAME,
        *(file.name for file in proposal.files if file.name.startswith(f"{NOTES}/")),
    ]
    carried = ((branch_path(proposal, name), files[name]) for name in kept if name in files)
    return (
        (proposal.changelog_file, files[CHANGELOG]),
        *((file.path, files[file.name]) for file in proposal.version_files),
        (f"{home}/{manifest.NAME}", proposal_json(proposal.bound)),
        *carried,
    )


def branch_path(proposal: Proposal, name: str) -> str:
    """Return where the release branch carries a file of the folder."""
    if name == CHANGELOG:
        return proposal.changelog_file
    bumped = {file.name: file.path for file in proposal.version_files}
    return bumped.get(name) or f"{proposal.home}/{name.removeprefix(f'{NOTES}/')}"


def commit_message(proposal: Proposal, section: Section, *, editors: Sequence[str] = ()) -> str:
    """Return the message of the release commit. Its header and the first trailer make stage 2 know it as our own; `editors` are the people
    ("Name <address>") whose notes it carries."""
    entries = sum(1 for _ in section.entries())
    people = "".join(f"Co-authored-by: {editor}\n" for editor in dict.fromkeys(editors))
    return (
        f"{title(proposal)}\n\n{entries:,} entries from {section.totals.commits:,} commits.\n\n"
        f"Notewright-Release: {proposal.name}\nNotewright-Proposal: {proposal.digest}\n{people}"
    )


def title(proposal: Proposal) -> str:
    """Return the title of the pull request, which a squash merge makes the header of its commit."""
    return f"chore(release): {proposal.name}"


def proposal_links(proposal: Proposal) -> Links | None:
    """Return the addresses that the notes of a proposal link to."""
    return links_to(proposal.repository, forge=proposal.rules.forge, trackers=proposal.rules.trackers)


def _markdown(told: Told, sources: Sources) -> bytes:
    if told.suggested:
        return told.suggested.file.content
    return notes_markdown(told.notes, sources.section, told.policy, links=proposal_links(sources.proposal)).encode()


def _material(sources: Sources, proposal: Proposal, texts: Mapping[str, bytes]) -> Material:
    return Material(
        proposal=proposal,
        section=sources.section,
        section_markdown=sources.section_markdown,
        reason=sources.reason,
        decider=sources.decider,
        edits=sources.edits,
        audiences=tuple(_audience(told, sources.section, texts[told.notes.audience]) for told in sources.told),
        usage=read_usage(sources.usage),
    )


def _audience(told: Told, section: Section, content: bytes) -> Audience:
    check = check_held if told.suggested else check_notes
    report = check(section, told.notes, told.policy)
    markdown = content.decode("utf-8", "replace")
    return Audience(
        told.notes.audience, markdown, exhibit(section, told.notes, report), told.suggested, report.missing, told.notes.failed_lead
    )
