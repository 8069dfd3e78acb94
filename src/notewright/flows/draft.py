"""Draft of a release: all that follows from git, the configuration and metadata, the same for whoever works it out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from notewright import __version__
from notewright.adapters.overrides import read_overrides
from notewright.adapters.repository import Repository
from notewright.adapters.tree import inside, list_names, read_file, read_files
from notewright.changelog.document.edit_report import EditReport, by_name, report_edit
from notewright.changelog.document.places import folded_prereleases
from notewright.changelog.document.splice import RenderedSection, Spliced, refuse_foreign, splice_sections
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.override_file import overrides_text
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.changelog.upcoming import tag_form, tag_name
from notewright.config.config import Config
from notewright.control import Cancel, Report
from notewright.errors import CheckFailed, ConfigError
from notewright.flows.changelog import Selection, Upcoming, read_upcoming
from notewright.flows.edits import Edits, read_mirrored
from notewright.flows.template import given_template
from notewright.history.metadata import read_metadata
from notewright.history.versions import parse_version
from notewright.notes.document import Notes
from notewright.notes.policy import AudiencePolicy
from notewright.rendering.canonical import digest
from notewright.review.changes import Previous
from notewright.review.edited import EditedFile, hold_notes
from notewright.review.folder import Sources, Told, digest_of, name_bumped, proposal_links
from notewright.review.proposal import RELEASES, Proposal, Ref, releases_home
from notewright.review.version_files import VersionFile, bump_files

_LONGEST_PATH = 500


@dataclass(frozen=True, slots=True)
class Pending:
    """A release that was merged and has no tag yet."""

    version: str
    tag: str
    commit: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Stage 2 of a release. `proposal` says what it rests on, without prompts, model and files; its version is None where nothing is to be
    released. `edits` tell of sections of the changelog that a person changed, and that stay as they are.
    `bumped` are the files that hold the version, in the order of `proposal.version_files`; `files` are the notes on the release branch that
    belong to people, `previous` is the proposal that it holds."""

    proposal: Proposal
    section: Section
    section_markdown: str
    changelog: bytes
    bumped: tuple[bytes, ...]
    reason: str
    decider: str | None
    metadata: bytes | None
    edits: tuple[EditReport, ...]
    pending: Pending | None
    files: tuple[EditedFile, ...]
    previous: Previous | None

    @property
    def edited(self) -> tuple[str, ...]:
        """The names of the sections that a person changed."""
        return tuple(edit.name for edit in self.edits)

    def hold(self, file: EditedFile, policy: AudiencePolicy) -> Notes:
        """Return the notes that a person's file amounts to."""
        return hold_notes(file, self.section, policy, links=proposal_links(self.proposal))

    def sources(self, proposal: Proposal, *, told: tuple[Told, ...], usage: bytes) -> Sources:
        """Put the draft together with its notes, as `proposal` records them, and what they cost."""
        return Sources(
            proposal=proposal,
            section=self.section,
            section_markdown=self.section_markdown,
            changelog=self.changelog,
            bumped=self.bumped,
            reason=self.reason,
            decider=self.decider,
            metadata=self.metadata,
            edits=self.edits,
            told=told,
            usage=usage,
            previous=self.previous,
        )


def draft_release(
    repository: Repository, config: Config, *, base: str, url: str | None, metadata: bytes | None, version: str | None,
    report: Report, cancel: Cancel, regenerate: Collection[str] = (),
) -> Draft:  # fmt: skip
    """Draft the release of what is checked out, as a branch `base` of the repository whose page is `url`. `version` is what a person asks
    for instead of the next one, `regenerate` names audiences whose edited notes they give back. Nothing is read but git objects, so an
    edited work tree changes nothing."""
    rules = config.rules()
    _check_components(config)
    _check_branch(repository, config.release.branch, base)
    head = repository.resolve("HEAD")
    known = read_metadata(metadata) if metadata is not None else None
    if known and url and known.url != url:
        raise CheckFailed(f"the metadata is about {known.url}, this is {url}", hint="collect it again with `notewright release collect`")
    template = read_file(repository.git, head, config.changelog.template) if config.changelog.template else None
    selection = Selection(until=head, origin=config.changelog.since, version=version, committed=True)
    upcoming = read_upcoming(repository, rules, selection, metadata=known, report=report, cancel=cancel)
    section = upcoming.section
    pending = _find_pending(repository, rules, upcoming)
    releases = pending is None and section.version is not None and any(section.entries())
    markdown = _render(section, config, url, template)
    spliced = _splice(repository, config.changelog.file, upcoming, rules, markdown) if releases else Spliced("")
    bumped = _bump(repository, config, rules, head, section.version or "") if releases else {}
    found = read_mirrored(repository.git, config.release.branch, base=head) if releases else Edits()
    files = found.files
    sections = by_name((section,))
    return Draft(
        proposal=replace(
            _rests_on(upcoming, config, rules, base=base, url=url, releases=releases),
            requested_version=version,
            version_files=name_bumped(tuple(bumped)),
            metadata=digest_of(metadata),
            template=digest_of(template),
            overrides=_digest_of_overrides(repository, head),
            regenerated=tuple(file.audience for file in files if file.audience in regenerate),
        ),
        section=section,
        section_markdown=markdown,
        changelog=spliced.text.encode("utf-8", "surrogateescape"),
        bumped=tuple(bumped.values()),
        reason=_reason(upcoming, asked=version is not None),
        decider=upcoming.next.sha or None if upcoming.next else None,
        metadata=metadata,
        edits=tuple(report_edit(edit, sections, rules, file=config.changelog.file) for edit in spliced.edits),
        pending=pending,
        files=tuple(file for file in files if file.audience not in regenerate),
        previous=found.previous,
    )


def _rests_on(upcoming: Upcoming, config: Config, rules: Rules, *, base: str, url: str | None, releases: bool) -> Proposal:
    """Record what decides about the release, as far as history and configuration say."""
    section = upcoming.section
    return Proposal(
        schema=1,
        kind="release",
        component=rules.component.name if rules.component else None,
        repository=url,
        version=section.version if releases else None,
        requested_version=None,
        tag=section.tag if releases else None,
        base=Ref(base, upcoming.head),
        branch=config.release.branch,
        start=upcoming.previous.target if upcoming.previous else None,
        end=upcoming.head,
        date=section.date,
        tags=tuple(Ref(tag.name, tag.target) for tag in upcoming.tags),
        rules=rules,
        since=config.changelog.since,
        first_release_limit=config.changelog.first_release_limit,
        preset=config.changelog.preset,
        template=None,
        changelog_file=config.changelog.file,
        version_files=(),
        metadata=None,
        overrides=None,
        tool=__version__,
        prompts=(),
        model=None,
        files=(),
    )


def _render(section: Section, config: Config, url: str | None, template: bytes | None) -> str:
    """Render by the template that the commit holds, whatever the work tree says. Raises `ConfigError` where it is missing."""
    changelog = config.changelog
    return render_section(
        section,
        links=config.links(url),
        first_release_limit=changelog.first_release_limit,
        preset=changelog.preset,
        template=given_template(changelog.template, template) if changelog.template else None,
    )


def _digest_of_overrides(repository: Repository, head: str) -> str | None:
    """Return what the manifest says about overrides, in the file and in notes; None without any."""
    overrides = read_overrides(repository, head)
    return digest(overrides_text(overrides)) if overrides else None


def _reason(upcoming: Upcoming, *, asked: bool) -> str:
    if asked:
        return "as asked for, whatever the commits say"
    decided = upcoming.next is not None and upcoming.next.sha
    return f"{upcoming.next.level}, because of {upcoming.next.subject}" if upcoming.next and decided else ""


def _check_components(config: Config) -> None:
    """A component's releases are kept below its name, where the repository's own have the folders of their versions."""
    for component in config.changelog.components:
        if parse_version(component.name):
            raise ConfigError(
                f"the component {component.name} is named like a version", hint="give it another name in changelog.components"
            )


def _check_branch(repository: Repository, branch: str, base: str) -> None:
    for key, name, like in (("branch", branch, "notewright/release"), ("base", base, "main")):
        if name.startswith("-") or not repository.git.succeeds("check-ref-format", f"refs/heads/{name}"):  # as git-branch(1) refuses it
            raise ConfigError(f"release.{key} {name!r} is no name for a branch", hint=f"use one like {like}")
    if branch == base:
        raise ConfigError(
            f"release.branch is {branch}, which is the branch released from", hint="name a branch of its own in release.branch"
        )


def _find_pending(repository: Repository, rules: Rules, upcoming: Upcoming) -> Pending | None:
    """Find the newest release whose files came with this range and whose tag is missing.

    Its folder says so whatever became of the commit: a squash merge may drop the trailer that the release commit had.
    """
    start = upcoming.previous.target if upcoming.previous else None
    folder = releases_home(rules.component.name if rules.component else None)
    before = set(list_names(repository.git, start, folder)) if start else set()
    tags = {tag.name for tag in repository.tags(tag_form(rules))}
    names = set(list_names(repository.git, upcoming.head, folder)) - before
    versions = [version for name in names if (version := parse_version(name)) and tag_name(name, rules) not in tags]
    newest = max(versions, key=lambda version: version.key(), default=None)
    if newest is None:
        return None
    home = f":(literal){folder}/{newest.text}"
    commit = repository.git.line("log", "-1", "--first-parent", "--format=%H", upcoming.head, "--", home)
    return Pending(newest.text, tag_name(newest.text, rules), commit)


def _splice(repository: Repository, file: str, upcoming: Upcoming, rules: Rules, markdown: str) -> Spliced:
    """Put the section into the changelog that the commit holds. Sections of pre-releases whose changes it tells go with it."""
    document = (read_file(repository.git, upcoming.head, file) or b"").decode("utf-8", "surrogateescape")
    refuse_foreign(file, document)
    version = parse_version(upcoming.section.version or "")
    released = [tag.version for tag in upcoming.tags]
    superseded = folded_prereleases([version], released) if version and rules.prereleases == "fold" else ()
    return splice_sections(document, [RenderedSection(upcoming.section.version, markdown)], superseded=superseded)


def _bump(repository: Repository, config: Config, rules: Rules, head: str, version: str) -> dict[str, bytes]:
    """Return the new bytes of the version files, by path and in its order. Raises before anything is written."""
    files = _version_files(config, rules)
    contents = read_files(repository.git, head, (file.path for file in files))
    return dict(sorted(bump_files(files, contents, version).items()))


def _version_files(config: Config, rules: Rules) -> list[VersionFile]:
    """Return the files that hold the version of what is released: a component's lie in its folder, the repository's in no component's."""
    listed = [(entry, None) if isinstance(entry, str) else (entry.file, entry.pattern) for entry in config.release.version_files]
    files = [VersionFile(str(inside(path)), pattern) for path, pattern in listed]
    for file in files:
        written = PurePosixPath(file.path)
        if written == inside(config.changelog.file) or written.is_relative_to(RELEASES):
            raise ConfigError(f"release.version_files: {file.path} is written by the release itself", hint="take it off the list")
        if len(file.path) > _LONGEST_PATH or not file.path.isprintable():
            raise ConfigError(f"release.version_files: {file.path!r} is no path to show", hint="rename the file, or take it off the list")
    if rules.component:
        return [file for file in files if PurePosixPath(file.path).is_relative_to(rules.component.path)]
    parts = [component.path for component in config.changelog.components]
    return [file for file in files if not any(PurePosixPath(file.path).is_relative_to(part) for part in parts)]
