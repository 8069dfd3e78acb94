"""History: one log and one list of tags, read, related and folded, ready to be told release by release."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from notewright.adapters.overrides import read_overrides
from notewright.adapters.repository import Repository
from notewright.changelog.assembly import build_section
from notewright.changelog.classification import Classifier
from notewright.changelog.folding.components import fold_components, touching
from notewright.changelog.folding.fold import fold_history
from notewright.changelog.folding.folds import Folds
from notewright.changelog.folding.related import Related, find_related
from notewright.changelog.folding.twins import list_candidates
from notewright.changelog.items import Known, know
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.control import Advanced, Cancel, Finished, Report, Started
from notewright.history.changes import Change, read_change
from notewright.history.history import History, build_history
from notewright.history.metadata import Metadata
from notewright.history.releases import Release, Tag

_REPORT_EVERY = 5000
_Paths = dict[str, tuple[str, ...]]


@dataclass(slots=True)
class Log:
    """What one `git log` gave: changes, newest first, the names of their parents and, if asked for, the paths that each touched."""

    changes: list[Change] = field(default_factory=list)
    parents: list[tuple[str, ...]] = field(default_factory=list)
    paths: _Paths | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A history whose every commit is decided about. `own` are the commits of a component, None where the whole repository is told."""

    repository: Repository
    rules: Rules
    history: History
    folds: Folds
    known: Known
    classifier: Classifier
    own: Collection[int] | None = None

    def commits(self, release: Release) -> Sequence[int]:
        """Return the commits of a release that belong here, newest first."""
        return release.commits if self.own is None else [position for position in release.commits if position in self.own]

    def with_paths(self, releases: Iterable[Release]) -> Reading:
        """Look up, in one go, the files of those commits of these releases that nothing else places."""
        if self.known.paths:
            return self
        classifier, labels = self.classifier, self.known.labels
        wanted = []
        for position in (position for release in releases for position in self.commits(release)):
            change = self.history.changes[position]
            if change.message.type is None and position not in self.folds.folded and not change.is_merge:
                told = self.folds.told.get(position)
                if classifier.needs_paths(told.message if told else change.message, labels.get(change.sha, ())):
                    wanted.append(change.sha)
        return replace(self, known=replace(self.known, paths=self.repository.paths(wanted))) if wanted else self

    def section(self, release: Release) -> Section:
        """Tell one release. What is not tagged yet has neither version nor tag."""
        commits = self.commits(release)
        return build_section(
            self.history.changes,
            self.rules,
            positions=commits,
            folds=self.folds,
            known=self.known,
            classifier=self.classifier,
            version=release.tag.version.text if release.tag else None,
            tag=release.tag.name if release.tag else None,
            previous=release.previous.name if release.previous else None,
            released_at=release.tag.committed_at if release.tag else None,
        )


def read_log(
    repository: Repository, tips: Sequence[str], *, without: Sequence[str], paths: bool, trailers: bool = False, report: Report,
    cancel: Cancel,
) -> Log:  # fmt: skip
    """Read what `tips` reach and `without` do not; all `trailers` only where something is looked for in them."""
    report(Started("history"))
    log = Log(paths={} if paths else None)
    count = _counted(report, cancel)
    if log.paths is None:
        for commit in repository.commits(tips, without=without):
            log.changes.append(read_change(commit, trailers=trailers))
            log.parents.append(commit.parents)
            count(len(log.changes))
    else:
        for commit, touched in repository.commits_with_paths(tips, without=without):
            log.changes.append(read_change(commit, trailers=trailers))
            log.parents.append(commit.parents)
            log.paths[commit.sha] = touched
            count(len(log.changes))
    report(Finished("history", f"{len(log.changes)} commits"))
    return log


def read_history(
    repository: Repository, rules: Rules, log: Log, tags: Sequence[Tag], head: str, *, committed: bool, metadata: Metadata | None
) -> Reading:
    """Assign the commits of a log to releases and decide about each, as `decide_history`."""
    history = build_history(log.changes, log.parents, tags, head)
    related = find_related(history)
    return decide_history(repository, rules, log, history, related, committed=head if committed else None, metadata=metadata)


def decide_history(
    repository: Repository,
    rules: Rules,
    log: Log,
    history: History,
    related: Related,
    *,
    committed: str | None,
    metadata: Metadata | None,
) -> Reading:
    """Decide about each commit of a history. `committed` is the commit whose overrides count, None for those in the work tree. Raises
    `ConfigError` for an override that fits nothing."""
    candidates = list_candidates(history, related)
    own = touching(history, log.paths, rules.component) if rules.component and log.paths is not None else None
    folds = fold_history(
        history,
        related,
        rules,
        patch_ids=repository.patch_ids(candidates) if candidates else {},
        titles=metadata.titles_by_commit() if metadata else {},
        overrides=read_overrides(repository, committed),
        within=own,
    )
    known = know(metadata)
    if log.paths is not None:
        known = replace(known, paths=log.paths)
    classifier = Classifier(rules)
    if own is None or log.paths is None:
        return Reading(repository, rules, history, folds, known, classifier)
    released = {needed.name: repository.tags(needed.tag) for needed in rules.needs}
    told = fold_components(history, rules, log.paths, own, released=released, folds=folds)
    return Reading(repository, rules, history, folds, known, classifier, told)


def _counted(report: Report, cancel: Cancel) -> Callable[[int], None]:
    def count(done: int) -> None:
        if done % _REPORT_EVERY == 0:
            cancel.check()
            report(Advanced("history", done))

    return count
