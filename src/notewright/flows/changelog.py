"""Changelog: history of a range becomes sections, every commit in one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from notewright.adapters.repository import Repository
from notewright.changelog.assembly import build_section
from notewright.changelog.classification import classify
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.changelog.upcoming import Decider, NextVersion, given_version, next_version
from notewright.control import Advanced, Cancel, Finished, Report, Started
from notewright.errors import UsageError
from notewright.history.changes import Change, read_change
from notewright.history.commits import Commit
from notewright.history.graph import index_parents
from notewright.history.metadata import Metadata
from notewright.history.releases import Release, Tag, assign_releases

_REPORT_EVERY = 5000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of history: from after `since` up to `until`; without `since`, what no release has yet, or, where
    `until` is a release tag, what that release added. `origin` (changelog.since) leaves older history out."""

    until: str = "HEAD"
    since: str | None = None
    origin: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What would be released from `head`. `tags` are the releases it reaches; `next` is None where nothing shows."""

    head: str
    tags: tuple[Tag, ...]
    previous: Tag | None
    next: NextVersion | None
    section: Section


def read_upcoming(
    repository: Repository,
    rules: Rules,
    selection: Selection,
    *,
    metadata: Metadata | None = None,
    report: Report,
    cancel: Cancel,
) -> Upcoming:
    """Read what lies after the last release and decide the next version. The section has that version, tag and date."""
    head = repository.resolve(selection.until)
    tags = repository.tags(rules.tag, merged=head)
    boundaries = _boundaries(repository, selection, tags)
    changes = _read_changes(repository.commits([head], without=boundaries), report, cancel)
    previous = _highest(tags)
    asked = _asked(selection.version, rules, tags) if selection.version else None
    upcoming = asked or next_version([tag.version for tag in tags], _deciders(changes, rules), rules)
    section = build_section(
        changes,
        rules,
        version=upcoming.version if upcoming else None,
        tag=upcoming.tag if upcoming else None,
        previous=selection.since or (previous.name if previous else None),
        metadata=metadata,
    )
    return Upcoming(head, tags, previous, upcoming, section)


def read_section(
    repository: Repository, rules: Rules, selection: Selection, *, metadata: Metadata | None = None, report: Report, cancel: Cancel
) -> tuple[Section]:
    """Read one section: the range selected, unreleased unless `until` is a release tag or a version is given."""
    head = repository.resolve(selection.until)
    tags = repository.tags(rules.tag, merged=head)
    tag = next((tag for tag in tags if tag.name == selection.until), None) if not selection.since else None
    others = tuple(other for other in tags if tag is None or _before(other, tag))
    changes = _read_changes(repository.commits([head], without=_boundaries(repository, selection, others)), report, cancel)
    previous = _highest(others)
    asked = _asked(selection.version, rules, others) if selection.version else None
    section = build_section(
        changes,
        rules,
        version=asked.version if asked else tag.version.text if tag else None,
        tag=asked.tag if asked else tag.name if tag else None,
        previous=selection.since or (previous.name if previous else None),
        released_at=tag.committed_at if tag else None,
        metadata=metadata,
    )
    return (section,)


def read_releases(
    repository: Repository,
    rules: Rules,
    selection: Selection,
    *,
    all_lines: bool = False,
    metadata: Metadata | None = None,
    report: Report,
    cancel: Cancel,
) -> tuple[Section, ...]:
    """Read every release that HEAD (`selection.until`) reaches, newest first, the unreleased rest at the head if it
    holds commits; with `all_lines`, the tags on other branches too. Each commit is in exactly one section."""
    head = repository.resolve(selection.until)
    tags = repository.tags(rules.tag)
    tips = [head, *(tag.target for tag in tags)] if all_lines else [head]
    parents: list[tuple[str, ...]] = []
    changes = _read_changes(repository.commits(tips, without=_origin(repository, selection)), report, cancel, parents=parents)
    shas = [change.sha for change in changes]
    sections = []
    for release in reversed(assign_releases(shas, index_parents(shas, parents), tags, head)):
        if release.tag is None and not release.commits:
            continue
        cancel.check()
        sections.append(_section_of(release, changes, rules, metadata))
    if selection.version and sections and sections[0].version is None:
        asked = _asked(selection.version, rules, tags)
        sections[0] = replace(sections[0], version=asked.version, tag=asked.tag)
    return tuple(sections)


def _section_of(release: Release, changes: Sequence[Change], rules: Rules, metadata: Metadata | None) -> Section:
    tag, previous = release.tag, release.previous
    return build_section(
        [changes[position] for position in release.commits],
        rules,
        version=tag.version.text if tag else None,
        tag=tag.name if tag else None,
        previous=previous.name if previous else None,
        released_at=tag.committed_at if tag else None,
        metadata=metadata,
    )


def _read_changes(
    commits: Iterable[Commit], report: Report, cancel: Cancel, *, parents: list[tuple[str, ...]] | None = None
) -> list[Change]:
    """Read commits to changes, as they come; each commit's parents are added to `parents` where the graph is wanted."""
    report(Started("history"))
    changes = []
    for commit in commits:
        changes.append(read_change(commit))
        if parents is not None:
            parents.append(commit.parents)
        if len(changes) % _REPORT_EVERY == 0:
            cancel.check()
            report(Advanced("history", len(changes)))
    report(Finished("history", f"{len(changes)} commits"))
    return changes


def _deciders(changes: Sequence[Change], rules: Rules) -> list[Decider]:
    """The changes that show and so decide the next version, newest first."""
    shown = (change for change in changes if classify(change, rules).outcome == "shown")
    return [Decider(change.sha, change.message.header, change.message.breaking, change.message.type) for change in shown]


def _boundaries(repository: Repository, selection: Selection, tags: Sequence[Tag]) -> list[str]:
    """What a range leaves out: the revision asked for, else every release before; and older history, if configured."""
    if selection.since:
        return [repository.resolve(selection.since)]
    return [*(tag.target for tag in tags), *_origin(repository, selection)]


def _origin(repository: Repository, selection: Selection) -> list[str]:
    return [repository.resolve(selection.origin)] if selection.origin else []


def _before(other: Tag, tag: Tag) -> bool:
    """Whether a tag that `tag` reaches is an earlier release: by ancestry, or by version on the same commit."""
    return other.target != tag.target or (other.version.key(), other.name) < (tag.version.key(), tag.name)


def _highest(tags: Sequence[Tag]) -> Tag | None:
    return max(tags, key=lambda tag: (tag.version.key(), tag.name), default=None)


def _asked(version: str, rules: Rules, released: Sequence[Tag]) -> NextVersion:
    try:
        asked = given_version(version, rules)
    except ValueError as error:
        raise UsageError(str(error), hint="give one like 1.4.0 or 2.0.0-rc.1") from error
    if there := next((tag for tag in released if tag.version.text == asked.version), None):
        raise UsageError(f"{asked.version} is released already, by the tag {there.name}", hint="ask for a version that has no tag yet")
    return asked
