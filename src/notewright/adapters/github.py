"""GitHub's API, as far as a release needs it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar, get_args

from notewright.adapters import questions
from notewright.adapters.access import Access
from notewright.adapters.github_failures import explaining
from notewright.adapters.github_releases import Releases
from notewright.adapters.graphql import GraphQL, Unserved
from notewright.adapters.limits import HASTE, Patience
from notewright.adapters.questions import KnownCommit
from notewright.control import Warned
from notewright.errors import GitHubError
from notewright.history.merges import MergedPull
from notewright.review.approval import CONTEXT, State, Status

if TYPE_CHECKING:
    from github import Github
    from github.CommitStatus import CommitStatus
    from github.GithubObject import GithubObject
    from github.PaginatedList import PaginatedList
    from github.PullRequest import PullRequest as RemotePull

_PER_PAGE = 100  # the most that GitHub gives
_MOST_STATUSES = 1_000  # what GitHub takes of one context
_MOST_PULLS = 5_000  # fifty calls; a release that names older ones has gone without long enough
_T = TypeVar("_T")
_Item = TypeVar("_Item", bound="GithubObject")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub shows it. `head` is its newest commit; `reviewers` are the people and teams (by slug) asked and still to
    answer."""

    number: int
    url: str
    title: str
    body: str
    author: str
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    head: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged pull request: the last commit of its branch (`head`), and the last that the merge put on the base, at a moment (UTC)."""

    number: int
    author: str
    head: str
    branch: str
    commit: str
    merged_at: str
    merged_by: str


class GitHub:
    """One repository's pull requests. Each call has a time limit; reading is tried three times, writing once.

    Every refusal and every failure is a `GitHubError` that says what could not be done and what to do about it.
    """

    def __init__(self, access: Access, *, timeout_s: int = 15) -> None:
        """`timeout_s` bounds the wait for each answer. Raises `GitHubError` without a token or without the extra."""
        self._access = access
        self._timeout_s = timeout_s
        self._client = _connect(access, timeout_s)
        self._repo = self._client.get_repo(access.repository)

    def read_default_branch(self, *, patience: Patience = HASTE) -> str:
        """Return the name of the branch that pull requests go to by default."""
        with self._explained("read the repository"):
            return patience.ask(lambda: _expect(self._repo.default_branch, str))

    def read_commits(self, shas: Sequence[str], *, patience: Patience, advance: Callable[[int], None]) -> tuple[KnownCommit, ...] | None:
        """Return authors and pull requests of the commits that GitHub knows, a hundred a call, and tell `advance` how many are done.

        None, and a warning, where GraphQL is not to be had on this server or for this token.
        """
        try:
            with self._explained("read the commits"):
                return questions.read_commits(self._graph(patience), shas, advance=advance)
        except Unserved as error:
            patience.report(
                Warned(
                    f"GitHub does not answer GraphQL: {error}",
                    hint="pull requests are found where a commit names one, as squash merges and merge commits do and rebase merges don't",
                )
            )
            return None

    def read_merged(self, numbers: Iterable[int], *, patience: Patience) -> tuple[MergedPull, ...]:
        """Return the merged pull requests with these numbers, a hundred a call; numbers of issues, and of nobody, are left out."""
        asked = sorted(numbers, reverse=True)[:_MOST_PULLS]
        try:
            with self._explained("read the pull requests"):
                return questions.read_pulls(self._graph(patience), asked)
        except Unserved:
            return self.read_pulls(frozenset(asked), patience=patience)

    def find_accounts(self, accounts: Iterable[str], tips: Iterable[str], *, patience: Patience) -> frozenset[str]:
        """Return which accounts, given by node id, wrote a commit that one of the commits `tips` reaches; none without GraphQL."""
        with self._explained("look for earlier commits of the authors"), suppress(Unserved):
            return questions.find_accounts(self._graph(patience), accounts, tips)
        return frozenset()

    def read_pulls(self, numbers: frozenset[int], *, patience: Patience = HASTE) -> tuple[MergedPull, ...]:
        """Return the merged pull requests with these numbers, newest first; numbers of issues, and of nobody, are left out.

        Lists a hundred at a time from the newest, which costs a call or two for a release, and stops at the oldest asked for.
        """
        if not numbers:
            return ()
        found: list[MergedPull] = []
        with self._explained("read the pull requests"):
            pulls = self._repo.get_pulls(state="closed", sort="created", direction="desc")
            for pull in itertools.islice(_pages(pulls, patience), _MOST_PULLS):
                if _expect(pull.number, int) in numbers and pull.merged_at is not None:
                    found.append(_read_merged(pull))
                if pull.number <= min(numbers):
                    break
        return tuple(found)

    def read_logins(self, branch: str, *, most: int, patience: Patience = HASTE) -> dict[str, str]:
        """Return author's name → login for the newest `most` commits of a branch, where GitHub knows the author; the newest commit of
        a name decides."""
        logins: dict[str, str] = {}
        with self._explained("read the authors of commits"):
            for commit in itertools.islice(_pages(self._repo.get_commits(sha=branch), patience), most):
                if login := questions.clean_login(_login(commit.author)):
                    logins.setdefault(questions.clean_text(commit.commit.author.name), login)
        return logins

    def find_open_pull(self, *, branch: str, base: str) -> PullRequest | None:
        """Return the open pull request from `branch` of this repository into `base`, the oldest if there are several."""
        with self._explained("look for the pull request"):
            found = self._repo.get_pulls(state="open", head=f"{self._access.owner}:{branch}", base=base)
            return min((_read_pull(pull) for pull in found), key=lambda pull: pull.number, default=None)

    def open_pull(self, *, branch: str, base: str, title: str, body: str, draft: bool) -> PullRequest:
        """Open a pull request; where another run was faster, return the one that it opened."""
        try:
            with self._explained("open the pull request"):
                return _read_pull(self._repo.create_pull(base, branch, title=title, body=body, draft=draft))
        except GitHubError:
            with suppress(GitHubError):  # the first refusal says more than one of looking again
                if found := self.find_open_pull(branch=branch, base=base):
                    return found
            raise

    def edit_pull(self, number: int, *, title: str, body: str) -> None:
        """Set title and body."""
        with self._explained(f"update pull request {number}"):
            self._repo.get_pull(number).edit(title=title, body=body)

    def close_pull(self, number: int) -> None:
        """Close without merging."""
        with self._explained(f"close pull request {number}"):
            self._repo.get_pull(number).edit(state="closed")

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Add labels to those that are there; GitHub makes the ones it does not know."""
        with self._explained(f"label pull request {number}"):
            self._repo.get_issue(number).add_to_labels(*labels)

    def read_reviewers(self, number: int) -> tuple[str, ...]:
        """Return the people who have reviewed, in the order of their first review."""
        with self._explained(f"read the reviews of pull request {number}"):
            reviews = self._repo.get_pull(number).get_reviews()
            return tuple(dict.fromkeys(_login(review.user) for review in reviews if _expect(review.state, str)))

    def request_reviews(self, number: int, reviewers: tuple[str, ...]) -> None:
        """Ask people, and teams where a name is written `organisation/team`, for a review."""
        people = [name for name in reviewers if "/" not in name]
        teams = [name.partition("/")[2] for name in reviewers if "/" in name]
        with self._explained(f"ask for reviews of pull request {number}"):
            self._repo.get_pull(number).create_review_request(reviewers=people, team_reviewers=teams)

    def comment_once(self, number: int, text: str, *, marker: str) -> bool:
        """Comment unless a comment already holds `marker`, which is sent as an HTML comment; return whether it was written."""
        hidden = f"<!-- {marker} -->"
        with self._explained(f"comment on pull request {number}"):
            issue = self._repo.get_issue(number)
            if any(hidden in (comment.body or "") for comment in issue.get_comments()):
                return False
            issue.create_comment(f"{text}\n\n{hidden}")
            return True

    def read_own_login(self) -> str:
        """Return the account that the token speaks for. GraphQL tells it of every token; REST does not of a workflow's."""
        try:
            with self._explained("read whose token this is"):
                return self._graph(HASTE).ask_login()
        except Unserved as error:
            raise GitHubError(
                f"cannot read whose token this is: GitHub does not answer GraphQL: {error}", hint="give the token of a workflow or an app"
            ) from error

    def read_permission(self, login: str) -> str:
        """Return what an account may do here: admin, write, read or none, as where there is no such account any more."""
        from github import GithubException

        with self._explained(f"read what {login} may do"):
            try:
                return _expect(self._repo.get_collaborator_permission(login), str)
            except GithubException as error:
                if error.status != 404:
                    raise
                return "none"

    def read_statuses(self, commit: str) -> tuple[Status, ...]:
        """Return what was said about a commit below our context, newest first; of a commit with very many statuses the newest."""
        from github.CommitStatus import CommitStatus
        from github.PaginatedList import PaginatedList

        with self._explained(f"read the statuses of {commit[:7]}"):
            requester = self._client.requester  # a Commit of PyGithub would be asked for first
            said = PaginatedList(CommitStatus, requester, f"{self._repo.url}/commits/{commit}/statuses", None)
            return tuple(_read_status(one) for one in itertools.islice(said, _MOST_STATUSES) if one.context.split("/")[0] == CONTEXT)

    def set_status(self, commit: str, context: str, state: State, description: str, *, url: str | None = None) -> None:
        """Say something about a commit; `url` leads to more."""
        said = {"state": state, "context": context, "description": description, **({"target_url": url} if url else {})}
        with self._explained(f"set the status {context} of {commit[:7]}"):
            self._client.requester.requestJsonAndCheck("POST", f"{self._repo.url}/statuses/{commit}", input=said)

    def find_pulls_at(self, commit: str) -> tuple[int, ...]:
        """Return the open pull requests whose newest commit this is, whatever their base, by number."""
        with self._explained(f"look for pull requests at {commit[:7]}"):
            found = self._repo.get_commit(commit).get_pulls()
            return tuple(sorted(pull.number for pull in found if pull.state == "open" and pull.head.sha == commit))

    def find_merges(self, commit: str, *, base: str) -> tuple[Merge, ...]:
        """Return the merged pull requests into `base` that brought a commit, by number."""
        with self._explained(f"look for the pull request that brought {commit[:7]}"):
            found = (pull for pull in self._repo.get_commit(commit).get_pulls() if pull.merged_at is not None and pull.base.ref == base)
            return tuple(sorted((_read_merge(pull) for pull in found), key=lambda merge: merge.number))

    def read_tree(self, commit: str) -> str:
        """Return the tree of a commit, which outlives its branch."""
        with self._explained(f"read the commit {commit[:7]}"):
            return _expect(self._repo.get_commit(commit).commit.tree.sha, str)

    @property
    def releases(self) -> Releases:
        """The releases of the repository."""
        return Releases(self._repo, self._explained)

    def _graph(self, patience: Patience) -> GraphQL:
        return GraphQL(self._client.requester, self._access.repository, patience)

    def _explained(self, what: str) -> AbstractContextManager[None]:
        return explaining(what, self._access.api_url, self._timeout_s)


def _connect(access: Access, timeout_s: int) -> Github:
    try:
        from github import Auth, Github
    except ImportError as error:
        raise GitHubError("PyGithub is not installed", hint="pip install 'notewright[github]'") from error
    from urllib3 import Retry

    # Reading is tried again here, but for GraphQL, which does it with smaller questions; limits (403, 429) are `limits.Patience`'s.
    retry = Retry(
        total=2, allowed_methods={"GET"}, status_forcelist=(500, 502, 503, 504), backoff_factor=0.3,
        raise_on_status=False, respect_retry_after_header=False,
    )  # fmt: skip
    return Github(
        auth=Auth.Token(access.require_token()), base_url=access.api_url, timeout=timeout_s, retry=retry, lazy=True,
        seconds_between_requests=None, seconds_between_writes=None, per_page=_PER_PAGE,
    )  # fmt: skip


def _read_pull(pull: RemotePull) -> PullRequest:
    return PullRequest(
        number=_expect(pull.number, int),
        url=_expect(pull.html_url, str),
        title=_expect(pull.title, str),
        body=pull.body or "",
        author=_login(pull.user),
        labels=tuple(label.name for label in pull.labels),
        reviewers=tuple(user.login for user in pull.requested_reviewers) + tuple(team.slug for team in pull.requested_teams),
        head=_expect(pull.head.sha, str),
    )


def _read_status(status: CommitStatus) -> Status:
    state = _expect(status.state, str)
    if state not in get_args(State):
        raise TypeError(f"no state of a status: {state}")
    return Status(_expect(status.context, str), state, status.description or "", _login(status.creator))  # type: ignore[arg-type]  # just checked


def _read_merge(pull: RemotePull) -> Merge:
    return Merge(
        number=_expect(pull.number, int),
        author=_login(pull.user),
        head=_expect(pull.head.sha, str),
        branch=_expect(pull.head.ref, str),
        commit=_expect(pull.merge_commit_sha, str),
        merged_at=_expect(pull.merged_at, datetime).strftime("%Y-%m-%dT%H:%M:%SZ"),
        merged_by=_login(pull.merged_by),
    )


def _read_merged(pull: RemotePull) -> MergedPull:
    return MergedPull(
        number=pull.number,
        title=questions.clean_title(pull.title),
        author=questions.clean_login(_login(pull.user)),
        labels=questions.clean_labels(label.name for label in pull.labels),
        merge_commit=pull.merge_commit_sha or "",
    )


def _pages(listing: PaginatedList[_Item], patience: Patience) -> Iterator[_Item]:
    """Yield what a list holds, a page a call, so that a limit met in the middle costs no page twice."""
    for number in itertools.count():
        page = patience.ask(partial(listing.get_page, number))
        yield from page
        if len(page) < _PER_PAGE:
            return


def _login(user: object) -> str:
    return getattr(user, "login", None) or ""  # GitHub has no user where an account was deleted


def _expect(value: object, kind: type[_T]) -> _T:
    """Return a value that every answer of GitHub has; PyGithub gives None where it is missing."""
    if not isinstance(value, kind):
        raise TypeError(f"not a {kind.__name__}: {value!r}")
    return value
