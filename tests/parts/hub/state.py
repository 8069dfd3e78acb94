"""What the fake GitHub remembers: people, pull requests, comments, statuses, reviews, releases."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.parts.hub.bare import Bare
from tests.parts.hub.rules import not_found

BOT = "github-actions[bot]"
_FIRST_MOMENT = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `permission` on the repository is admin, write, read or none."""

    login: str
    number: int
    email: str
    permission: str
    name: str
    kind: str = "User"


@dataclass(frozen=True, slots=True)
class Token:
    """Whom a token speaks for, and whether it may write. An integration's token, as GITHUB_TOKEN is one, is nobody's own."""

    login: str
    writes: bool
    integration: bool


@dataclass(slots=True)
class Pull:
    """A pull request. While it is open its commits follow the branches."""

    number: int
    title: str
    body: str | None
    author: str
    head_ref: str
    base_ref: str
    head_sha: str
    base_sha: str
    created_at: str
    updated_at: str
    draft: bool = False
    state: str = "open"
    closed_at: str | None = None
    merged_at: str | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    landed: tuple[str, ...] = ()  # the commits that it brought to its base
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Comment:
    """A comment on a pull request."""

    number: int
    pull: int
    author: str
    body: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Status:
    """What somebody says about a commit; the latest of a context counts."""

    number: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Review:
    """A person's verdict on a pull request. `state` is APPROVED, CHANGES_REQUESTED or COMMENTED."""

    number: int
    pull: int
    author: str
    state: str
    body: str
    sha: str
    submitted_at: str


@dataclass(slots=True)
class Release:
    """A release, published or a draft."""

    number: int
    tag: str
    target: str
    name: str | None
    body: str | None
    draft: bool
    prerelease: bool
    author: str
    created_at: str
    published_at: str | None
    latest: str = "true"  # make_latest, as it was last asked for


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a release. An upload that broke off leaves one without content that is not `uploaded`."""

    number: int
    release: int
    name: str
    content_type: str
    content: bytes
    uploader: str
    created_at: str
    uploaded: bool = True


@dataclass(slots=True)
class Hub:
    """One repository with all that GitHub keeps beside its commits."""

    name: str
    bare: Bare
    url: str
    clone_url: str
    default_branch: str = "main"
    private: bool = False
    people: dict[str, Person] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)  # further addresses of people
    tokens: dict[str, Token] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    releases: dict[int, Release] = field(default_factory=dict)
    assets: dict[int, Asset] = field(default_factory=dict)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))
    _now: datetime = _FIRST_MOMENT

    @property
    def owner(self) -> str:
        """Return the first half of the name."""
        return self.name.partition("/")[0]

    @property
    def api(self) -> str:
        """Return the address under which the repository's resources lie."""
        return f"{self.url}/repos/{self.name}"

    def tick(self) -> str:
        """Return a moment later than all before."""
        self._now += timedelta(seconds=1)
        return self._now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def find_pull(self, number: str | int) -> Pull:
        """Return a pull request. Raises `Refused`."""
        pull = self.pulls.get(int(number)) if str(number).isdecimal() else None
        if pull is None:
            raise not_found()
        return pull

    def find_login(self, email: str) -> str | None:
        """Return whose address this is."""
        return self.addresses.get(email) or next((person.login for person in self.people.values() if person.email == email), None)

    def is_protected(self, branch: str) -> bool:
        """Return whether the git server refuses pushes to a branch."""
        marks: Path = self.bare.path / "protected-refs"
        return marks.is_file() and f"refs/heads/{branch}" in marks.read_text().splitlines()

    def follow_branches(self) -> None:
        """Let open pull requests see what was pushed, as GitHub does after each push."""
        waiting = [pull for pull in self.pulls.values() if pull.state == "open"]
        heads = {name: sha for name, sha, _ in self.bare.list_refs("refs/heads")} if waiting else {}
        for pull in waiting:
            _follow(self, pull, heads.get(f"refs/heads/{pull.head_ref}"), heads.get(f"refs/heads/{pull.base_ref}"))


def _follow(hub: Hub, pull: Pull, head: str | None, base: str | None) -> None:
    if (head, base) == (pull.head_sha, pull.base_sha):
        return
    moved = head is not None and head != pull.head_sha
    if head is None or base is None:
        close(hub, pull)
        return
    if moved:
        hub.bare.move_ref(f"refs/pull/{pull.number}/head", head)
        pull.head_sha, pull.updated_at = head, hub.tick()
    if not hub.bare.is_ancestor(head, base):
        pull.base_sha = base
        return
    if not moved:  # somebody pushed these very commits to the base: GitHub calls that merged
        pull.landed = tuple(hub.bare.git("rev-list", f"{pull.base_sha}..{head}").splitlines())
        pull.merged_at, pull.merge_sha = hub.tick(), head
    close(hub, pull)


def close(hub: Hub, pull: Pull) -> None:
    """Close a pull request where it stands."""
    pull.state = "closed"
    pull.closed_at = pull.updated_at = pull.merged_at or hub.tick()
