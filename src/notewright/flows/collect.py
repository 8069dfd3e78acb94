"""Collect: what GitHub knows about the commits to be released, as a file, so that everything after it needs no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.adapters.limits import Patience
from notewright.adapters.questions import KnownCommit
from notewright.adapters.remote import Remote
from notewright.adapters.repository import Repository
from notewright.changelog.folding.components import touches
from notewright.changelog.rules import Rules
from notewright.config.config import Config
from notewright.control import Advanced, Cancel, Finished, Report, Started, Warned
from notewright.flows.edits import mirror_branch
from notewright.history.commits import Commit
from notewright.history.merges import MergedPull, choose_pull, commits_by_pull
from notewright.history.metadata import Metadata, PullRequest
from notewright.history.people import find_newcomers, people_of

_STEP = "collect"
_MOST_COMMITS = 10_000  # a hundred calls, 700 of the 1,000 points that a workflow's token has in an hour
_MOST_LISTED = 3_000  # thirty calls of the REST API; authors further back keep the name that they committed with
_MOST_TIPS = 5


@dataclass(frozen=True, slots=True)
class _Told:
    """What GitHub told: pull requests with their commits, author's name → login, and login → node id."""

    pulls: tuple[PullRequest, ...]
    logins: Mapping[str, str]
    accounts: Mapping[str, str]


def collect_metadata(repository: Repository, config: Config, access: Access, github: GitHub, *, report: Report, cancel: Cancel) -> Metadata:
    """Read titles, labels and authors of the pull requests that brought the commits since the last release, logins of authors and
    co-authors, and who is new. Raises `GitHubError` when GitHub refuses or fails: a part of the answer would be another release's notes."""
    head = repository.resolve("HEAD")
    before = [tag.target for tag in repository.tags(config.changelog.tag, merged=head)]
    before += [repository.resolve(config.changelog.since)] if config.changelog.since else []
    commits = _commits(repository, config.rules(), head, before)
    report(Started(_STEP, len(commits)))
    patience = Patience(report, cancel)
    base = config.release.base or github.read_default_branch(patience=patience)
    told = _ask_by_commit(github, commits, patience)
    if told is None:
        told = _ask_by_name(github, commits, base, patience)
    mirror_branch(Remote(repository.git, access), config.release.branch)  # people edit notes there
    newcomers = _find_newcomers(repository, github, commits, before=before, told=told, patience=patience)
    report(Finished(_STEP, f"titles and labels of {len(told.pulls)} pull requests"))
    return Metadata(
        repository=access.repository,
        url=access.url,
        base=base,
        pull_requests=told.pulls,
        logins=tuple(sorted(told.logins.items())),
        newcomers=newcomers,
    )


def _commits(repository: Repository, rules: Rules, head: str, before: Sequence[str]) -> tuple[Commit, ...]:
    """Return the commits to ask about, newest first: of a component, those that touch it or what it needs."""
    if rules.component is None:
        return tuple(repository.commits([head], without=before))
    told = (rules.component, *rules.needs)
    listed = repository.commits_with_paths([head], without=before)
    return tuple(commit for commit, paths in listed if any(touches(component, paths) for component in told))


def _ask_by_commit(github: GitHub, commits: Sequence[Commit], patience: Patience) -> _Told | None:
    """Ask for each commit, which finds its pull request however it was merged. None where GraphQL is not to be had."""
    if len(commits) > _MOST_COMMITS:
        patience.report(
            Warned(
                f"GitHub is asked about the newest {_MOST_COMMITS:,} of {len(commits):,} commits",
                hint="pull requests of older ones are found where a commit names one",
            )
        )
    shas = [commit.sha for commit in commits[:_MOST_COMMITS]]
    known = github.read_commits(shas, patience=patience, advance=lambda done: patience.report(Advanced(_STEP, done)))
    if known is None:
        return None
    chosen = {one.sha: pull for one in known if (pull := choose_pull(one.pulls, one.sha))}
    owned = commits_by_pull(commits, {sha: pull.number for sha, pull in chosen.items()})
    pulls = {pull.number: pull for pull in chosen.values()}
    missing = owned.keys() - pulls.keys()  # numbers that stand in messages alone
    found = [*pulls.values(), *(github.read_merged(missing, patience=patience) if missing else ())]
    logins, accounts = _read_people(commits, known)
    return _Told(_with_commits(found, owned), logins, accounts)


def _ask_by_name(github: GitHub, commits: Sequence[Commit], base: str, patience: Patience) -> _Told:
    """Ask for the pull requests that messages name, and for the authors of the branch."""
    owned = commits_by_pull(commits, {})
    pulls = github.read_pulls(frozenset(owned), patience=patience)
    names = {commit.author for commit in commits}
    logins = github.read_logins(base, most=min(len(commits), _MOST_LISTED), patience=patience) if commits else {}
    return _Told(_with_commits(pulls, owned), {name: login for name, login in logins.items() if name in names}, {})


def _with_commits(pulls: Iterable[MergedPull], owned: Mapping[int, Sequence[str]]) -> tuple[PullRequest, ...]:
    found = (PullRequest(pull.number, pull.title, pull.author, pull.labels, tuple(owned.get(pull.number, ()))) for pull in pulls)
    return tuple(sorted((pull for pull in found if pull.commits), key=lambda pull: pull.number))


def _read_people(commits: Sequence[Commit], known: Sequence[KnownCommit]) -> tuple[dict[str, str], dict[str, str]]:
    """Return name → login, where a name's newest commit decides, and login → node id. Names are the ones that git has."""
    by_sha = {one.sha: one.authors for one in known}
    logins: dict[str, str] = {}
    accounts: dict[str, str] = {}
    for commit in commits:
        names = [person.name for person in people_of(commit)]
        for place, author in enumerate(by_sha.get(commit.sha, ())):
            name = names[0] if place == 0 else author.name  # the author is always the first
            if author.login and name in names:
                logins.setdefault(name, author.login)
                accounts.setdefault(author.login, author.account)
    return logins, accounts


def _find_newcomers(
    repository: Repository, github: GitHub, commits: Sequence[Commit], *, before: Sequence[str], told: _Told, patience: Patience
) -> frozenset[str]:
    """Return who is here for the first time. In a first release nobody is greeted: everybody would be new."""
    if not before:
        return frozenset()
    tips = set(before)

    def earlier() -> Iterator[Commit]:
        for commit in repository.commits(before):
            tips.difference_update(commit.parents)  # what is left reaches all of them
            yield commit

    def find_known(logins: Sequence[str]) -> frozenset[str]:
        accounts = {told.accounts[login]: login for login in logins if login in told.accounts}
        found = github.find_accounts(sorted(accounts), sorted(tips)[:_MOST_TIPS], patience=patience)
        return frozenset(accounts[account] for account in found)

    return find_newcomers(commits, earlier(), told.logins, find_known=find_known)
