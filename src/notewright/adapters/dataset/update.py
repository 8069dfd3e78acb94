"""Update: one source fetched into one clone, seen to be whole there, and pinned."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from notewright.adapters.access import authorize
from notewright.adapters.dataset import clone_folder
from notewright.adapters.dataset.clone_folder import PINNED
from notewright.adapters.dataset.refusals import explain
from notewright.adapters.dataset.watched import Limits, run_watched
from notewright.control import Cancel
from notewright.dataset.sources import Source
from notewright.errors import ConfigError, NotewrightError, RepositoryError
from notewright.system.git import Git, GitFailed, settings_environment

_FETCHED = "refs/notewright/fetched"
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FETCH = ("fetch", "--progress", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance", "--force")
_MOST_PACKS = 20  # a fetch adds one; then they become one again
_KEPT_UNREACHED = "2.weeks.ago"  # what was published from a history that was rewritten since can be looked up for so long
_PROTOCOLS = ("https", "http", "ssh")
_PORTS = {"https": 443, "http": 80}
# Faults that honest old histories have and that do no harm: psf/requests has a bad time zone of 2011.
_FORGIVEN = ("badTimezone", "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingEmail", "missingNameBeforeEmail", "badEmail",
             "badName", "badDate", "zeroPaddedDate", "badDateOverflow", "zeroPaddedFilemode", "multipleAuthors")  # fmt: skip
_SETTINGS = (
    ("protocol.version", "2"),  # the server lists the wanted refs only, where another one may have a million
    ("fetch.unpackLimit", "1"),  # a pack for each fetch, instead of a file for each object
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "60"),
    ("core.bigFileThreshold", "64m"),  # larger files are never taken into memory as a whole
    ("pack.windowMemory", "256m"),
    ("gc.cruftPacks", "true"),  # since 2.37: what is not reached stays in one file
    *((f"fetch.fsck.{fault}", "ignore") for fault in _FORGIVEN),
)


class UnusableError(Exception):
    """What is here does not fit what is there: a fresh clone may. Caught by `Clones`."""


class Update:
    """One source, to be brought into one folder or another."""

    def __init__(
        self, source: Source, address: str, login: tuple[str, str] | None, limits: Limits, *, cancel: Cancel, percent: Callable[[int], None]
    ) -> None:
        self.what = f"cannot bring {source.name} up to date"
        self._source, self._address, self._limits = source, address, limits
        self._cancel, self._percent = cancel, percent
        self._token = login[1] if login and not source.is_local and _origin(login[0]) == _origin(address) else None

    def bring(self, folder: Path) -> str:
        """Fetch, see that nothing is missing, pin, and tidy up; return the commit."""
        git = Git(folder, environment=self._environment(folder))
        wanted = self._source.ref or "HEAD"
        known = self._commit(git, wanted) if _SHA.fullmatch(wanted) else None  # what has this name never changes
        commit = known or self._fetch(git, wanted)
        self._see_whole(git, commit)
        git.run("update-ref", PINNED, commit)
        if clone_folder.packs(folder) > _MOST_PACKS:
            try:
                self._run(git, "gc", "--quiet", "--force", f"--prune={_KEPT_UNREACHED}", silent=True)
            except GitFailed as error:  # what cannot be packed is damaged
                raise self._unusable(error) from error
        return commit

    def _fetch(self, git: Git, wanted: str) -> str:
        self._forget(git)
        for name in _names(wanted):
            try:
                self._run(git, *_FETCH, "--", self._address, f"+{name}:{_FETCHED}", folder=git.directory / "objects/pack")
            except GitFailed as error:
                if "couldn't find remote ref" in error.stderr:
                    continue
                raise self._unusable(error) from error
            if commit := self._commit(git, _FETCHED):
                return commit
            raise RepositoryError(
                f"{self.what}: {wanted} leads to no commit, or the repository itself is shallow", hint="name a branch with URL@NAME"
            )
        if wanted == "HEAD":
            raise RepositoryError(
                f"{self.what}: it is empty, or its default branch is", hint="commit something there, or name a branch with URL@NAME"
            )
        raise RepositoryError(f"{self.what}: it has no branch or tag {wanted}", hint="correct what stands after the @ of its address")

    def _forget(self, git: Git) -> None:
        """Let go of what the last fetch brought, or it would be taken for the new where git fetches nothing and says so in a warning."""
        try:
            git.run("update-ref", "-d", _FETCHED)
        except GitFailed as error:
            raise self._unusable(error) from error

    def _see_whole(self, git: Git, commit: str) -> None:
        """Raise `UnusableError` where a file of the commit is missing, so that reading needs no network later."""
        try:
            listed = ("rev-list", "--objects", "--no-walk", "--missing=print", "--no-object-names", "--end-of-options", commit)
            with git.stream(*listed) as chunks:
                missing = any(b"?" in chunk for chunk in chunks)  # a missing object's name has it in front
        except GitFailed as error:
            raise UnusableError(error.message) from error
        if missing:
            raise UnusableError("objects are missing")

    def _commit(self, git: Git, name: str) -> str | None:
        try:
            return git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitFailed:
            return None

    def _run(self, git: Git, *args: str, folder: Path | None = None, silent: bool = False) -> None:
        limits = replace(self._limits, silent_s=self._limits.total_s) if silent else self._limits
        run_watched(git, *args, limits=limits, cancel=self._cancel, folder=folder, heard=_listener(self._percent))

    def explained(self, error: GitFailed) -> NotewrightError | None:
        """Return what git's failure means, if it is the server's or the disk's."""
        return explain(error, self.what, with_token=self._token is not None)

    def _unusable(self, error: GitFailed) -> Exception:
        return self.explained(error) or UnusableError(error.message.replace(self._address, self._source.name))

    def _environment(self, folder: Path) -> dict[str, str]:
        scheme = self._address.partition("://")[0]
        protocol = "file" if self._source.is_local else scheme if scheme in _PROTOCOLS else "ssh"
        # Following is right where a server adds `.git`; a token must not go along
        login = (("http.followRedirects", "false"), *authorize(self._address, self._token)) if self._token else ()
        return {
            **settings_environment((*_SETTINGS, *login)),
            "GIT_DIR": str(folder),  # or git would look for a repository in the folders above a broken one, and follow its configuration
            "GIT_ALLOW_PROTOCOL": protocol,
            "GIT_ALLOC_LIMIT": str(self._limits.memory_bytes),
        }


def _names(wanted: str) -> tuple[str, ...]:
    """Return the full names that something wanted may have at a server, a branch before a tag as `git clone --branch` has it."""
    if wanted == "HEAD" or wanted.startswith("refs/") or _SHA.fullmatch(wanted):
        return (wanted,)
    return f"refs/heads/{wanted}", f"refs/tags/{wanted}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _listener(percent: Callable[[int], None]) -> Callable[[str], None]:
    try:
        from notewright.adapters.dataset.progress import Percent
    except ImportError as error:
        raise ConfigError(f"repositories cannot be cloned without {error.name}", hint="pip install 'notewright[dataset]'") from error
    return Percent(percent).hear
