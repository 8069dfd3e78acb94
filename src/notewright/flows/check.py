"""Check: every section of a changelog file, worked out anew and compared byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from notewright.adapters.repository import Repository
from notewright.adapters.tree import read_file
from notewright.changelog.document.comparison import Compared, Status, Written, compare_sections, written_sections
from notewright.changelog.document.edit_report import EditReport, by_name, report_edit, unified_diff
from notewright.changelog.document.splice import Edit, RenderedSection, refuse_foreign
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.changelog.upcoming import tag_form
from notewright.config.config import Config
from notewright.control import Cancel, Report
from notewright.errors import RepositoryError, UsageError
from notewright.flows.changelog import Selection, read_releases, read_section
from notewright.flows.released import find_arrival, merge_metadata, read_kept, with_newcomers
from notewright.flows.splice import find_folded
from notewright.history.metadata import Metadata
from notewright.history.versions import parse_version
from notewright.review.proposal import releases_home
from notewright.system.files import read_bytes, resolve_inside

# Renders a section with links below a repository's page; None: the page that the configuration names.
Render = Callable[[Section, str | None], str]

DETAILS: Mapping[Status, str] = {
    "same": "what history gives",
    "foreign": "not ours",
    "edited": "edited by a person",
    "stale": "no longer what history gives: commits, tags, metadata, overrides, the configuration or notewright changed since",
    "missing": "in history, but not in the file",
    "unknown": "in the file, but history has no such release",
    "misplaced": "above a newer release",
    "damaged": "its mark is damaged, so a later run takes it for a person's",
}


@dataclass(frozen=True, slots=True)
class CheckedSection:
    """A section and why it differs: `edit` tells of a person's changes, `diff` (lines of a unified diff) of any others."""

    compared: Compared
    edit: EditReport | None = None
    diff: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """What its status means, in words."""
        return DETAILS[self.compared.status]


@dataclass(frozen=True, slots=True)
class CheckedChangelog:
    """All sections of a changelog file, in its order, then those that it lacks."""

    file: str
    sections: tuple[CheckedSection, ...]

    @property
    def wrong(self) -> tuple[CheckedSection, ...]:
        """The sections that are not as they should be."""
        return tuple(section for section in self.sections if not section.compared.is_right)


def check_changelog(
    repository: Repository, config: Config, rules: Rules, *, metadata: Metadata | None, render: Render, report: Report, cancel: Cancel
) -> CheckedChangelog:
    """Work out every release in the changelog of `rules` (its component's, or the repository's) and compare it with the file of the work
    tree. A release is told with the metadata that HEAD keeps of it, else with `metadata`. Raises `RepositoryError` if there is no file."""
    file = config.changelog.file
    document = _read_document(repository, file)
    written = written_sections(document)
    home = releases_home(rules.component.name if rules.component else None)
    kept = read_kept(repository, home)
    reader = _Reader(repository, rules, Selection(origin=config.changelog.since), merge_metadata(metadata, kept.values()), report, cancel)
    dated = {one.version: one.dated for one in written if one.dated}
    found = (with_newcomers(section, kept) for section in reader.sections(written, home, kept))
    sections = tuple(_as_written(section, dated.get(section.version)) for section in found)
    urls = {version: one.url for version, one in kept.items()}
    given = metadata.url if metadata else None
    rendered = [RenderedSection(section.version, render(section, urls.get(section.version or "") or given)) for section in sections]
    optional = {section.version for section in sections if section.version and not section.totals.commits}
    names = by_name(sections)
    compared = compare_sections(document, rendered, optional=optional)
    return CheckedChangelog(file, tuple(_checked(one, names, rules, file) for one in compared))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads releases by one set of rules."""

    repository: Repository
    rules: Rules
    selection: Selection
    metadata: Metadata | None
    report: Report
    cancel: Cancel

    def sections(self, written: Sequence[Written], home: str, kept: Collection[str]) -> list[Section]:
        """Read all releases, newest first: what the file has below a version without a tag, then HEAD's, then those of other lines."""
        tags = {tag.version.text: tag.name for tag in self.repository.tags(tag_form(self.rules))}
        found = list(
            read_releases(
                self.repository, self.rules, self.selection, metadata=self.metadata, report=self.report, cancel=self.cancel
            )
        )  # fmt: skip
        there = {section.version for section in found} | set(find_folded(self.repository, self.rules, found))
        found += [self._section(tags[one.version]) for one in written if one.version in tags and one.version not in there]
        if pending := _find_pending(written, tags):
            until = find_arrival(self.repository, home, pending) if pending in kept else "HEAD"
            with suppress(UsageError):  # a version that these rules do not write: the file has it from elsewhere
                found.insert(0, self._section(until, pending))
        return found

    def _section(self, until: str, version: str | None = None) -> Section:
        selection = replace(self.selection, until=until, version=version)
        return read_section(self.repository, self.rules, selection, metadata=self.metadata, report=self.report, cancel=self.cancel)[0]


def _checked(compared: Compared, sections: Mapping[str, Section], rules: Rules, file: str) -> CheckedSection:
    if compared.status == "edited":
        return CheckedSection(compared, report_edit(Edit(compared.name, compared.ours, compared.theirs), sections, rules, file=file))
    if compared.status == "stale":
        return CheckedSection(compared, diff=unified_diff(compared.ours, compared.theirs, name=compared.name, file=file))
    return CheckedSection(compared)


def _read_document(repository: Repository, file: str) -> str:
    if repository.is_bare:
        content = read_file(repository.git, repository.resolve("HEAD"), file)
    else:
        content = read_bytes(resolve_inside(repository.root, file))
    if content is None:
        raise RepositoryError(f"there is no {file}", hint=f"write it with `notewright changelog --full --write {file}`")
    document = content.decode("utf-8", "surrogateescape")
    refuse_foreign(file, document)
    return document


def _find_pending(written: Sequence[Written], tags: Mapping[str, str]) -> str | None:
    """Return the version of the first section of ours if it has no tag yet and is newer than all that have."""
    first = next((one.version for one in written if one.version), None)
    version = parse_version(first) if first else None
    released = [found.key() for text in tags if (found := parse_version(text))]
    return first if version and first not in tags and all(key < version.key() for key in released) else None


def _as_written(section: Section, dated: str | None) -> Section:
    """Return a section with the date that its heading bears, if that is earlier: it was written before its tag, or its last commit."""
    return replace(section, date=dated) if dated and section.date and dated < section.date else section
