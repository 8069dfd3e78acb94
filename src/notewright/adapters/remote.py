"""The git server of a repository: tips, fetch, and a push that overwrites nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from notewright.adapters.access import Access, authorize, is_loopback
from notewright.errors import GitHubError, RepositoryError
from notewright.system.git import Git, GitFailed, settings_environment

_PERMISSIONS = "in a workflow: `permissions: {contents: write, pull-requests: write, statuses: write}`"
_AGAIN = "run the same command again: what was done stays, nothing is done twice"
# What git and GitHub write when they refuse; the first that occurs decides. git runs with LC_ALL=C, so the words are fixed.
_REFUSALS = (
    (("stale info", "fetch first", "non-fast-forward"), "someone moved the branch while this run was going on", _AGAIN),
    (
        ("GH006", "GH013", "protected branch", "hook declined"),
        "the server protects this branch",
        "allow this token to push it, or choose another name with `release.branch`",
    ),
    (("error: 403", "Permission to", "not granted"), "the token may not do this", f"give it write access to contents; {_PERMISSIONS}"),
    (
        ("error: 401", "Authentication failed", "could not read Username", "Invalid username"),
        "the server does not accept the token",
        "set GITHUB_TOKEN to a token that is valid for this repository",
    ),
    (
        ("error: 404", "not found", "does not appear to be a git repository"),
        "there is no such repository, or the token may not see it",
        "check GITHUB_REPOSITORY and GITHUB_SERVER_URL",
    ),
    (
        ("returned error: 3", "redirect"),
        "the server sends us elsewhere, and a token is not sent along",
        "if the repository was renamed, use its new name: `git remote set-url origin …`",
    ),
    (("returned error: 5",), "the server fails", _AGAIN),
    (
        ("Could not resolve", "Failed to connect", "Connection", "timed out", "Timeout", "Empty reply", "RPC failed", "hung up"),
        "the server does not answer",
        f"check the network; {_AGAIN}",
    ),
    (("No space left", "disk quota"), "the server's disk is full", _AGAIN),
)
# Only what is named moves, whatever .git/config says about tags and submodules.
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
_PUSH = ("push", "--quiet", "--no-follow-tags", "--no-recurse-submodules")


class Remote:
    """Speaks to one repository over HTTPS. The token lives in the environment of git alone: never in an argument, in a
    configuration file or in the text of an error (security case 40)."""

    def __init__(self, git: Git, access: Access, *, timeout_s: float = 120.0) -> None:
        """`timeout_s` bounds each call as a whole."""
        self._url = f"{access.url}.git"
        self._timeout_s = timeout_s
        self._git = git.with_environment(_environment(self._url, access.token))

    def read_refs(self, *patterns: str) -> dict[str, str]:
        """Return full reference name → object, tags peeled to what they point at, of every reference that fits."""
        with self._explained("read the branches"):
            output = self._git.run("ls-remote", "--", self._url, *patterns, timeout_s=self._timeout_s)
        # not splitlines(): a name may hold U+2028 and the like
        lines = (line.split("\t") for line in output.decode("utf-8", "replace").split("\n") if line)
        # an annotated tag is listed twice, the object first and `name^{}`, the commit, right after it
        return {name.removesuffix("^{}"): sha for sha, name in lines}

    def read_tag(self, name: str) -> tuple[str, str] | None:
        """Return what a tag on the server is: its object, and the commit that it names; the same twice for a tag without an object."""
        ref = f"refs/tags/{name}"
        with self._explained("read the tags"):
            output = self._git.run("ls-remote", "--", self._url, ref, f"{ref}^{{}}", timeout_s=self._timeout_s).decode("utf-8", "replace")
        lines = (line.split("\t") for line in output.split("\n") if line)
        found = {listed: sha for sha, listed in lines if listed in (ref, f"{ref}^{{}}")}  # a pattern fits the ends of names too
        return (found[ref], found.get(f"{ref}^{{}}", found[ref])) if ref in found else None

    def fetch(self, ref: str) -> None:
        """Bring a reference's objects; no reference, not even FETCH_HEAD, changes here."""
        with self._explained("fetch the release branch"):
            self._git.run(*_FETCH, "--", self._url, ref, timeout_s=self._timeout_s)

    def mirror(self, ref: str, *, here: str | None = None) -> bool:
        """Make a reference here (of the same name, or the one named) what it is on the server, gone where the server has none; return
        whether it is there."""
        here = here or ref
        if ref not in self.read_refs(ref):
            self._git.run("update-ref", "-d", here)
            return False
        with self._explained(f"fetch {ref}"):
            self._git.run(*_FETCH, "--", self._url, f"+{ref}:{here}", timeout_s=self._timeout_s)
        return True

    def push(self, commit: str, ref: str, *, expected: str | None) -> None:
        """Set `ref` to `commit` if it still is at `expected` (None: does not exist). Raises `GitHubError` if it is not."""
        with self._explained(f"push to {ref.removeprefix('refs/heads/')}"):
            lease = f"--force-with-lease={ref}:{expected or ''}"
            self._git.run(*_PUSH, lease, "--", self._url, f"{commit}:{ref}", timeout_s=self._timeout_s)

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except GitFailed as error:
            raise _explain(error, f"cannot {what} at {self._url}") from error
        except RepositoryError as error:  # no end within the time limit
            raise GitHubError(f"cannot {what} at {self._url}: {error.message}", hint=_AGAIN) from error


def _environment(url: str, token: str | None) -> dict[str, str]:
    settings = [
        ("http.followRedirects", "false"),
        ("http.lowSpeedLimit", "1"),
        ("http.lowSpeedTime", "30"),
    ]
    if token is not None:
        settings += authorize(url, token)
    return {**settings_environment(settings), "GIT_ALLOW_PROTOCOL": "http:https" if is_loopback(url) else "https"}


def _explain(error: GitFailed, what: str) -> GitHubError:
    for words, meaning, hint in _REFUSALS:
        if any(word.lower() in error.stderr.lower() for word in words):
            return GitHubError(f"{what}: {meaning}", hint=hint)
    return GitHubError(f"{what}: {error.message}", hint=_AGAIN)
