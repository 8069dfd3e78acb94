"""Collect: what GitHub knows about the commits to be released, as a file, so that everything after it needs no network."""

from __future__ import annotations

import re
from collections.abc import Sequence

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.adapters.repository import Repository
from notewright.config import Config
from notewright.control import Cancel, Finished, Report, Started
from notewright.history.commits import Commit
from notewright.history.graph import claim_reachable, index_parents
from notewright.history.metadata import Metadata, PullRequest

# GitHub's own words: a squash merge ends its header with the number, a merge commit begins with it.
_NAMED = re.compile(r"Merge pull request #(\d{1,12}) from |.*\(#(\d{1,12})\)$")
_MOST_COMMITS = 3_000  # thirty calls; authors further back keep the name that they committed with


def collect_metadata(repository: Repository, config: Config, access: Access, github: GitHub, *, report: Report, cancel: Cancel) -> Metadata:
    """Read titles, labels and authors of the pull requests that the commits since the last release name, and the logins of authors. Raises
    `GitHubError` when GitHub refuses or fails: a part of the answer would be another release's notes."""
    report(Started("collect"))
    head = repository.resolve("HEAD")
    bounds = [tag.target for tag in repository.tags(config.changelog.tag, merged=head)]
    origin = [repository.resolve(config.changelog.since)] if config.changelog.since else []
    commits = tuple(repository.commits([head], without=[*bounds, *origin]))
    cancel.check()
    base = config.release.base or github.read_default_branch()
    owned = commits_by_pull(commits)
    pulls = github.read_pulls(frozenset(owned))
    cancel.check()
    logins = github.read_logins(base, most=min(len(commits), _MOST_COMMITS))
    names = {commit.author for commit in commits}
    report(Finished("collect", f"titles and labels of {len(pulls)} pull requests"))
    return Metadata(
        repository=access.repository,
        url=access.url,
        base=base,
        pull_requests=tuple(PullRequest(pull.number, pull.title, pull.author, pull.labels, tuple(owned[pull.number])) for pull in pulls),
        logins=tuple(sorted((name, login) for name, login in logins.items() if name in names)),
        newcomers=_find_newcomers(repository, commits, [*bounds, *origin]),
    )


def commits_by_pull(commits: Sequence[Commit]) -> dict[int, list[str]]:
    """Return the commits that came by each pull request that one of them names, from those of a log, newest first.

    A squash merge is the commit itself; a merge commit stands for all that its branch brought. Each commit has one pull request at most.
    """
    parents = index_parents([commit.sha for commit in commits], [commit.parents for commit in commits])
    numbers = [_number(commit.message) for commit in commits]
    owners = [-1] * len(commits)
    for position in _mainline(commits):
        number = numbers[position]
        owners[position] = 0 if number is None else number
        for brought in parents[position][1:]:
            claim_reachable(parents, brought, owners, 0 if number is None else number)
    owned: dict[int, list[str]] = {}
    for commit, owner, number in zip(commits, owners, numbers, strict=True):
        if chosen := number if owner <= 0 else owner:
            owned.setdefault(chosen, []).append(commit.sha)
    return owned


def _mainline(commits: Sequence[Commit]) -> list[int]:
    """Return the positions of the first parents from the newest commit on, oldest first."""
    positions = {commit.sha: position for position, commit in enumerate(commits)}
    line: list[int] = []
    position: int | None = 0 if commits else None
    while position is not None:
        line.append(position)
        first = commits[position].parents[:1]
        position = positions.get(first[0]) if first else None
    return line[::-1]


def _number(message: str) -> int | None:
    match = _NAMED.match(message.partition("\n")[0])
    return int(match[1] or match[2]) or None if match else None


def _find_newcomers(repository: Repository, commits: Sequence[Commit], before: Sequence[str]) -> frozenset[str]:
    """Return the authors of whom neither name nor address stands in an earlier commit. In a first release nobody is greeted: everybody
    would be new."""
    if not before:
        return frozenset()
    known = {word for commit in repository.commits(before) for word in (commit.author, commit.email.lower())}
    fresh = (commit for commit in commits if commit.author not in known and commit.email.lower() not in known)
    return frozenset(commit.author for commit in fresh if commit.author and not commit.author.endswith("[bot]"))
