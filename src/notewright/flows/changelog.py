"""Changelog: history of a range becomes sections, every commit in one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from notewright.adapters.repository import Repository
from notewright.changelog.folding.alone import stands_alone
from notewright.changelog.folding.related import find_related
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.changelog.tracked import has_tracked
from notewright.changelog.upcoming import Decider, NextVersion, given_version, next_version, tag_form
from notewright.control import Cancel, Report
from notewright.errors import UsageError
from notewright.flows.history import Log, Reading, decide_history, read_history, read_log
from notewright.history.history import build_history
from notewright.history.metadata import Metadata
from notewright.history.releases import Release, Tag
from notewright.history.versions import parse_version


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of history: from after `since` up to `until`; without `since`, what no release has yet, or, where
    `until` is a release tag, what that release added. `origin` (changelog.since) leaves older history out. `committed` takes
    overrides from the commit that is told up to, whatever the work tree says."""

    until: str = "HEAD"
    since: str | None = None
    origin: str | None = None
    version: str | None = None
    committed: bool = False


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
    tags = repository.tags(tag_form(rules), merged=head)
    job = _Job(repository, rules, selection, metadata, report, cancel)
    reading, rest = job.read_range(head, selection.since) if selection.since else job.read_unreleased(head, _boundaries(tags, rules))
    section = reading.with_paths([rest]).section(rest)
    asked = _asked(selection.version, rules, tags) if selection.version else None
    deciding = list(_deciders(section)) if selection.since else _deciding(reading, section)
    upcoming = asked or next_version([tag.version for tag in tags], deciding, rules)
    if upcoming:
        section = replace(section, version=upcoming.version, tag=upcoming.tag)
    return Upcoming(head, tags, _highest(tags), upcoming, section)


def read_section(
    repository: Repository, rules: Rules, selection: Selection, *, metadata: Metadata | None = None, report: Report, cancel: Cancel
) -> tuple[Section]:
    """Read one section: the range selected, unreleased unless `until` is a release tag or a version is given."""
    head = repository.resolve(selection.until)
    job = _Job(repository, rules, selection, metadata, report, cancel)
    if selection.since:
        reading, rest = job.read_range(head, selection.since)
        section = reading.with_paths([rest]).section(rest)
        return (job.named(section, repository.tags(tag_form(rules), merged=head)),)
    below = repository.tags(tag_form(rules), merged=head)
    tag = next((tag for tag in below if tag.name == selection.until), None)
    reading, release = job.read_release(head, tag, below) if tag else job.read_rest(head, _boundaries(below, rules))
    section = reading.with_paths([release]).section(release)
    return (job.named(section, tuple(one for one in below if one != tag)),)


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
    tags = repository.tags(tag_form(rules))
    lines = [tag.target for tag in tags] if all_lines else []
    job = _Job(repository, rules, selection, metadata, report, cancel)
    sections = list(_sections(job.read(head, _boundaries(tags, rules), lines=lines), cancel))
    if sections and sections[0].version is None:
        sections[0] = job.named(sections[0], tags)
    return tuple(sections)


def read_components(
    repository: Repository,
    parts: Mapping[str, Rules],
    selection: Selection,
    *,
    metadata: Metadata | None = None,
    report: Report,
    cancel: Cancel,
) -> Iterator[tuple[str, tuple[Section, ...]]]:
    """Yield every component's releases, as `read_releases` gives them by the rules of each: one log for all of them."""
    head = repository.resolve(selection.until)
    log: Log | None = None
    for name, rules in parts.items():
        job = _Job(repository, rules, selection, metadata, report, cancel)
        log = log or job.log([head])
        reading = read_history(
            repository, rules, log, _boundaries(repository.tags(tag_form(rules)), rules), head, committed=False, metadata=metadata
        )
        yield name, tuple(_sections(reading, cancel))


def _sections(reading: Reading, cancel: Cancel) -> Iterator[Section]:
    reading = reading.with_paths(reading.history.releases)
    for release in reversed(reading.history.releases):
        if release.tag is not None or reading.commits(release):
            cancel.check()
            yield reading.section(release)


@dataclass(frozen=True, slots=True)
class _Job:
    """What all readings of one call share."""

    repository: Repository
    rules: Rules
    selection: Selection
    metadata: Metadata | None
    report: Report
    cancel: Cancel

    def read(self, head: str, tags: Sequence[Tag], *, lines: Sequence[str] = ()) -> Reading:
        """Read all that `head` and other `lines` reach: what is reverted or copied may be older than any range."""
        log = self.log(list(dict.fromkeys((head, *lines))))
        return read_history(self.repository, self.rules, log, tags, head, committed=self.selection.committed, metadata=self.metadata)

    def log(self, tips: Sequence[str], *, without: Sequence[str] = ()) -> Log:
        """Read a log, above the origin that older history is cut at."""
        origin = [self.repository.resolve(self.selection.origin)] if self.selection.origin else []
        return read_log(
            self.repository,
            tips,
            without=[*without, *origin],
            paths=self.rules.component is not None,
            trailers=has_tracked(self.rules),
            report=self.report,
            cancel=self.cancel,
        )

    def read_unreleased(self, head: str, boundaries: Sequence[Tag]) -> tuple[Reading, Release]:
        """Read what no release has yet, with what pre-releases have if they are the newest: that decides as well."""
        newest = _highest(boundaries)
        return self.read_rest(head, boundaries, whole=newest is not None and newest.version.is_prerelease)

    def read_rest(self, head: str, boundaries: Sequence[Tag], *, whole: bool = False) -> tuple[Reading, Release]:
        """Read what no release has yet, with the `whole` history where that is asked for."""
        reading = (None if whole else self.read_alone(head, boundaries)) or self.read(head, boundaries)
        return reading, replace(reading.history.releases[-1], previous=_highest(boundaries))

    def read_release(self, head: str, tag: Tag, below: Sequence[Tag]) -> tuple[Reading, Release]:
        """Read what a tag added. It is told as the whole history tells it, so what HEAD has besides decides with."""
        tags = self.repository.tags(tag_form(self.rules))
        before = [one for one in _boundaries(below, self.rules) if one != tag and _before(one, tag)]
        if not _other_lines(self.repository, tag, set(tags).difference(below)) and (alone := self.read_alone(head, before)):
            return alone, Release(tag, _highest(before), alone.history.releases[-1].commits)
        boundaries = [one for one in _boundaries(tags, self.rules) if one != tag]
        reading = self.read(_top(self.repository, head), [*boundaries, tag])
        # below the origin that history is cut at, a release has nothing
        return reading, next((one for one in reading.history.releases if one.tag == tag), Release(tag, None, ()))

    def read_alone(self, head: str, boundaries: Sequence[Tag]) -> Reading | None:
        """Read what `head` adds to releases, if that can be told without what lies before: in most histories, and much faster."""
        if self.rules.component or not boundaries:
            return None
        log = self.log([head], without=[tag.target for tag in boundaries])
        history = build_history(log.changes, log.parents, (), head)
        related = find_related(history)
        if not stands_alone(history, related, log.parents):
            return None
        committed = head if self.selection.committed else None
        return decide_history(self.repository, self.rules, log, history, related, committed=committed, metadata=self.metadata)

    def read_range(self, head: str, since: str) -> tuple[Reading, Release]:
        """Read what `head` reaches and `since` does not, as if a release had ended there."""
        start, lowest = self.repository.resolve(since), parse_version("0")
        assert lowest
        earlier = Tag(since, lowest, start, 0)
        reading = self.read(head, [earlier], lines=[start])
        return reading, replace(reading.history.releases[-1], previous=earlier)

    def named(self, section: Section, released: Sequence[Tag]) -> Section:
        """Give a section the version that a person asks for, if any."""
        if not self.selection.version:
            return section
        asked = _asked(self.selection.version, self.rules, released)
        return replace(section, version=asked.version, tag=asked.tag)


def _before(other: Tag, tag: Tag) -> bool:
    """Whether a tag that `tag` reaches is an earlier release: by ancestry, or by version on the same commit."""
    return other.target != tag.target or (other.version.key(), other.name) < (tag.version.key(), tag.name)


def _other_lines(repository: Repository, tag: Tag, beyond: Collection[Tag]) -> bool:
    """Whether a release of those that `tag` does not reach stands on another line, not after it: it may have some of its commits."""
    if not beyond:
        return False
    after = repository.git.line("for-each-ref", "--format=%(refname:strip=2)", f"--contains={tag.target}", "refs/tags").split("\n")
    return any(one.name not in after for one in beyond)


def _top(repository: Repository, tagged: str) -> str:
    """Return HEAD where it holds what is tagged, else the tagged commit itself."""
    if repository.git.succeeds("merge-base", "--is-ancestor", tagged, "HEAD"):
        return repository.resolve("HEAD")
    return tagged


def _boundaries(tags: Sequence[Tag], rules: Rules) -> list[Tag]:
    """Return the tags that end a section. Folded pre-releases end none, but those of a channel that no final release has followed yet."""
    if rules.prereleases == "show":
        return list(tags)
    finals = [tag for tag in tags if not tag.version.is_prerelease]
    newest = max((tag.version.key() for tag in finals), default=None)
    open_ones = (tag for tag in tags if tag.version.is_prerelease and (newest is None or tag.version.key() > newest))
    return [*finals, *(open_ones if rules.channel else ())]


def _deciding(reading: Reading, unreleased: Section) -> list[Decider]:
    """Return what shows since the last final release, newest first."""
    found = list(_deciders(unreleased))
    for release in reversed(reading.history.releases[:-1]):
        if _is_final(release):
            break
        if found or reading.rules.channel is None:  # a channel has nothing to go on to where its last pre-release has everything
            found += _deciders(reading.with_paths([release]).section(release))
    return found


def _is_final(release: Release) -> bool:
    return release.tag is not None and not release.tag.version.is_prerelease


def _deciders(section: Section) -> Iterator[Decider]:
    entries = {entry.id: entry for entry in section.entries()}
    for line in section.ledger:
        for entry in (entries[name] for name in line.entries if line.outcome == "shown"):
            yield Decider(line.sha, line.subject, entry.breaking, entry.type)


def _highest(tags: Iterable[Tag]) -> Tag | None:
    return max(tags, key=lambda tag: (tag.version.key(), tag.name), default=None)


def _asked(version: str, rules: Rules, released: Sequence[Tag]) -> NextVersion:
    try:
        asked = given_version(version, rules)
    except ValueError as error:
        raise UsageError(str(error), hint="give one like 1.4.0 or 2.0.0-rc.1") from error
    if there := next((tag for tag in released if tag.version.text == asked.version), None):
        raise UsageError(f"{asked.version} is released already, by the tag {there.name}", hint="ask for a version that has no tag yet")
    return asked
