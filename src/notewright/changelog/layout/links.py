"""Links: addresses of commits, references and comparisons, built by code and never by commits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from notewright.changelog.rules import Tracker

Forge = Literal["github", "gitlab"]

_WEB = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~-]+)+/?")
# "..", as owner or name, would lead to another page of the host
_GITHUB = re.compile(r"(?:((?!\.)[\w.-]+/(?!\.{1,2}\#)[\w.-]+)?\#|GH-)([0-9]+)", re.ASCII)
_GITLAB = re.compile(r"((?!\.)[\w.-]+(?:/(?!\.)[\w.-]+)+)?([#!])([0-9]+)", re.ASCII)
# What may stand between the brackets of a link, and what an address of a tracker is made of: nothing that ends either
_SHOWN = re.compile(r"[\w#!:./+-]{1,200}")
_TRACKER_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?/(?:[A-Za-z0-9._~/?#@!$&',:=%+-]|\{0\})*")


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses below one repository's page ("https://github.com/owner/name"), in the form of its forge, and of issues in trackers. Without
    a page, only trackers have addresses."""

    repository_url: str | None
    forge: Forge = "github"
    trackers: tuple[tuple[re.Pattern[str], str], ...] = ()

    def commit(self, sha: str) -> str | None:
        """The page of a commit."""
        if self.repository_url is None:
            return None
        name = sha if sha.isalnum() and sha.isascii() else _quoted(sha)
        return f"{self.repository_url}/commit/{name}" if self.forge == "github" else f"{self.repository_url}/-/commit/{name}"

    def compare(self, previous: str, tag: str) -> str | None:
        """The page that compares two tags or revisions."""
        return self._page("compare", f"{_quoted(previous)}...{_quoted(tag)}")

    def commits(self, tag: str) -> str | None:
        """The page that lists everything up to a tag."""
        return self._page("commits", _quoted(tag))

    def release(self, tag: str) -> str | None:
        """The page of a release."""
        return self._page("releases/tag" if self.forge == "github" else "releases", _quoted(tag))

    def reference(self, reference: str) -> str | None:
        """The page of "#12", "GH-12", "owner/name#12", GitLab's "!12", or an issue of a tracker, whose pattern comes first; None for
        anything else."""
        if not _SHOWN.fullmatch(reference):
            return None
        for pattern, url in self.trackers:
            if pattern.fullmatch(reference):
                return url.replace("{0}", _quoted(reference)) if reference.strip(".") else None
        if self.repository_url is None:
            return None
        return (_github if self.forge == "github" else _gitlab)(self.repository_url, reference)

    def _page(self, kind: str, rest: str) -> str | None:
        if self.repository_url is None:
            return None
        return f"{self.repository_url}/{kind}/{rest}" if self.forge == "github" else f"{self.repository_url}/-/{kind}/{rest}"


def links_to(
    repository_url: str | None, *, forge: Literal["auto", "github", "gitlab"] = "auto", trackers: Iterable[Tracker] = ()
) -> Links | None:
    """Return links below a repository's page and to the issues of `trackers`; None without either. `auto` takes a host with a label
    "gitlab" in its name for GitLab. Raises `ValueError` for what is not a plain web address, a regular expression, or a tracker's address
    with a place for the issue."""
    known = tuple(compile_tracker(tracker) for tracker in trackers)
    if not repository_url:
        return Links(None, trackers=known) if known else None
    if not _WEB.fullmatch(repository_url):
        raise ValueError(f"{repository_url!r} is not the address of a repository's page")
    return Links(repository_url.removesuffix("/").removesuffix(".git"), forge_of(repository_url) if forge == "auto" else forge, known)


def forge_of(repository_url: str) -> Forge:
    """Tell the forge by its host's name. Raises `ValueError` for what is no address."""
    return "gitlab" if "gitlab" in (urlsplit(repository_url).hostname or "").split(".") else "github"


def is_reference(text: str) -> bool:
    """Whether a forge, GitHub or GitLab, reads `text` as a reference to an issue or a request."""
    return bool(_GITHUB.fullmatch(text) or _GITLAB.fullmatch(text))


def is_shown_in_links(text: str) -> bool:
    """Whether `text` may stand between the brackets of a link as it is."""
    return bool(_SHOWN.fullmatch(text))


def compile_tracker(tracker: Tracker) -> tuple[re.Pattern[str], str]:
    """Return a tracker's pattern, compiled, and its address. Raises `ValueError` that says which of the two is wrong, and how."""
    try:
        pattern = re.compile(tracker.pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"pattern: {tracker.pattern!r} is not a regular expression: {error}") from error
    if pattern.search(""):
        raise ValueError(f"pattern: {tracker.pattern!r} finds a reference in no text at all")
    if not _TRACKER_URL.fullmatch(tracker.url) or "{0}" not in tracker.url:
        raise ValueError(f"url: {tracker.url!r} is not a web address with {{0}} for the issue, after its host")
    return pattern, tracker.url


def _github(page: str, reference: str) -> str | None:
    match = _GITHUB.fullmatch(reference)
    if not match:
        return None
    owner, number = match.groups()
    return f"{page.rsplit('/', 2)[0]}/{owner}/issues/{number}" if owner else f"{page}/issues/{number}"


def _gitlab(page: str, reference: str) -> str | None:
    match = _GITLAB.fullmatch(reference)
    if not match:
        return None
    project, sign, number = match.groups()
    host = urlsplit(page)
    base = f"{host.scheme}://{host.netloc}/{project}" if project else page  # groups nest, so what is above a project is not its owner
    return f"{base}/-/{'issues' if sign == '#' else 'merge_requests'}/{number}"


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="replace")  # a name in JSON from elsewhere may hold half a character
