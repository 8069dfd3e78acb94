"""Refusals: what it means when git cannot bring a repository, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from notewright.errors import NotewrightError, RepositoryError, StorageError
from notewright.system.git import GitFailed

_AGAIN = "run the same command again: what was done stays"
_FREE = "free some space, or name another folder with `dataset.repos_dir`; what is whole stays"
_WRITABLE = "name a folder that can be written to with `dataset.repos_dir`"


@dataclass(frozen=True, slots=True)
class _Refusal:
    words: str
    meaning: str
    hint: str
    kind: type[NotewrightError] = RepositoryError


# What git, ssh and servers write; the first that occurs decides. git runs with LC_ALL=C, so the words are fixed. A server's own lines
# begin with "remote: " and say nothing about the disk here.
_DISK = (
    _Refusal(r"No space left on device|Disk quota exceeded|File too large", "the disk is full", _FREE, StorageError),
    _Refusal(r"Read-only file system", "the disk is read-only", _WRITABLE, StorageError),
    _Refusal(
        r"(?:unable to|cannot|could not|couldn't) (?:create|write|open|mkdir|lock).*Permission denied|insufficient permission for adding",
        "the folder of clones may not be written to",
        _WRITABLE,
        StorageError,
    ),
)
_TRANSPORT = (
    _Refusal(r"attempting to allocate|out of memory", "it takes more memory than one repository may have", "leave it out"),
    _Refusal(r"fsck error", "git's own check refuses an object of it as malformed", "leave it out, or let its owner mend it"),
    _Refusal(
        r"corruption on the remote side|pack-objects died|bad tree object|possible repository corruption",
        "the repository there is damaged",
        "let its owner run `git fsck`, or leave it out",
    ),
    _Refusal(
        r"dubious ownership", "it belongs to another user, and git refuses to read it", "clone it over https or ssh, or change its owner"
    ),
    _Refusal(
        r"Host key verification failed", "the key of the ssh host is not known", "connect once by hand, or add it to ~/.ssh/known_hosts"
    ),
    _Refusal(
        r"Permission denied \(|Too many authentication failures",
        "the ssh server refuses the key",
        "load a key that may read it into ssh-agent: nobody is asked for a passphrase",
    ),
    _Refusal(r"error: 403|not granted", "the token may not read it", "give it read access to contents"),
    _Refusal(
        r"error: 404|not found|does not appear to be a git repository|does not exist|No such file",
        "there is no such repository any more, or it may not be seen",
        "correct its address, or take it out of the list",
    ),
    _Refusal(r"returned error: 3|redirect", "the server says that it moved, and a token is not sent along", "write its new address"),
    _Refusal(r"returned error: 5|returned error: 429", "the server fails", _AGAIN),
    _Refusal(r"not our ref|unadvertised object", "the server has no such commit, or keeps it", "name a branch or a tag instead"),
    _Refusal(r"transport '.*' not allowed", "the server sends us to an address of another kind", "write the address that it stands for"),
    _Refusal(
        r"Could not resolve|Failed to connect|Connection|timed out|Timeout|Empty reply|RPC failed|hung up|early EOF|Operation too slow"
        r"|unexpected disconnect|No route to host|SSL|certificate",
        "the server does not answer",
        f"check the network; {_AGAIN}",
    ),
)
_LOGIN = re.compile(r"error: 401|could not read Username|Authentication failed|Invalid username", re.IGNORECASE)


def explain(error: GitFailed, what: str, *, with_token: bool) -> NotewrightError | None:
    """Return the error that a person can act on; None where git's words are none of a server's or a disk's."""
    here = "\n".join(line for line in error.stderr.splitlines() if not line.startswith("remote: "))
    for refusal in _DISK:
        if re.search(refusal.words, here, re.IGNORECASE):
            return refusal.kind(f"{what}: {refusal.meaning}", hint=refusal.hint)
    if _LOGIN.search(error.stderr):
        return _refused_login(what, with_token=with_token)
    for refusal in _TRANSPORT:
        if re.search(refusal.words, error.stderr, re.IGNORECASE):
            return refusal.kind(f"{what}: {refusal.meaning}", hint=refusal.hint)
    return None


def _refused_login(what: str, *, with_token: bool) -> RepositoryError:
    if with_token:
        return RepositoryError(f"{what}: the server does not accept the token", hint="set NOTEWRIGHT_TOKEN to one that may read it")
    return RepositoryError(
        f"{what}: it is private, or there is no such repository",
        hint="set NOTEWRIGHT_TOKEN (and GITHUB_SERVER_URL where it is not on github.com), or use its ssh address",
    )
