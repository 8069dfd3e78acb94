"""Takedown: what its owners want to be left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from notewright.errors import ConfigError

_BLOB = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")
_SHOWN = 20
_FORM = "each line is `repository: URL`, `path: PATTERN`, `path: URL PATTERN` or `blob: ID`"


@dataclass(frozen=True, slots=True)
class Takedown:
    """What to leave out: whole repositories, file contents, and paths as .gitignore writes patterns, in one repository or, where it is
    empty, in all. Repositories are compared without scheme, user, `.git` and case; `owner/name` means it on every host."""

    repositories: frozenset[str] = frozenset()
    blobs: frozenset[str] = frozenset()
    paths: tuple[tuple[str, str], ...] = ()

    def matcher(self) -> Callable[[str, str, str], bool]:
        """Return what tells whether a file is taken down, given its repository, path and blob."""
        from pathspec import GitIgnoreSpec

        scopes = {scope: GitIgnoreSpec.from_lines(pattern for at, pattern in self.paths if at == scope) for scope, _ in self.paths}
        forms_of = lru_cache(maxsize=64)(_forms)

        def is_taken(repository: str, path: str, blob: str) -> bool:
            forms = forms_of(repository)
            within = any(spec.match_file(path) for scope, spec in scopes.items() if not scope or scope in forms)
            return within or blob in self.blobs or not self.repositories.isdisjoint(forms)

        return is_taken


def read_takedown(content: bytes, name: str) -> Takedown:
    """Read a list of takedowns; lines that are empty or begin with `#` are nothing. Raises `ConfigError` that names every wrong line."""
    repositories, blobs, paths, wrong = set[str](), set[str](), list[tuple[str, str]](), list[str]()
    for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), start=1):
        kind, _, value = (part.strip() for part in line.strip().partition(":"))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if kind == "repository" and "/" in value and not re.search(r"\s", value):
            repositories.add(_normal(value))
        elif kind == "blob" and _BLOB.fullmatch(value.lower()):
            blobs.add(value.lower())
        elif kind == "path" and (path := _path(value)):
            paths.append(path)
        else:
            wrong.append(f"line {number}: {line.strip()[: _SHOWN * 4]!r}")
    if wrong:
        more = f", and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ConfigError(f"{name} cannot be read: {', '.join(wrong[:_SHOWN])}{more}", hint=_FORM)
    return Takedown(frozenset(repositories), frozenset(blobs), tuple(paths))


def _path(value: str) -> tuple[str, str] | None:
    """Return the repository, or nothing for all, and the pattern; None for a pattern that matches nothing or takes back another one."""
    scope, blank, pattern = value.partition(" ")
    if not (blank and ("://" in scope or scope.startswith("git@"))):
        scope, pattern = "", value
    pattern = pattern.strip()
    return None if not pattern.strip("/") or pattern.startswith(("!", "#")) else (_normal(scope) if scope else "", pattern)


def _forms(repository: str) -> frozenset[str]:
    """Return every name that a takedown may use: `host/owner/name`, and what is left without its first parts."""
    parts = _normal(repository).split("/")
    return frozenset("/".join(parts[start:]) for start in range(max(1, len(parts) - 1)))


def _normal(url: str) -> str:
    """Return `host/owner/name` of an address in any of git's forms."""
    address = re.sub(r"^[a-z][a-z0-9+.-]*://", "", url.strip().lower())
    address = re.sub(r"^[^/@]*@", "", address)
    address = re.sub(r"^([^/:]+):(?:\d+/)?", r"\1/", address) if "://" in url or "@" in url else address
    return re.sub(r"(?:\.git)?/*$", "", address)
