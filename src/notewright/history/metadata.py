"""Metadata: what GitHub knows about commits, collected once and then an input like any other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notewright.errors import RepositoryError
from notewright.rendering.canonical import UnfitValue, canonical_json, json_fault

_SCHEMA = 1
_HINT = "write it anew with `notewright release collect`"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A merged pull request; `commits` are the object names in the history that belong to it."""

    number: int
    title: str
    author: str
    labels: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """`repository` is "owner/name", `url` its page, `base` the branch released from; `logins` maps an author's name, as
    commits write it, to a login; `newcomers` are such names without an earlier contribution."""

    repository: str
    url: str
    base: str
    pull_requests: tuple[PullRequest, ...] = ()
    logins: tuple[tuple[str, str], ...] = ()
    newcomers: frozenset[str] = field(default_factory=frozenset)

    def numbers_by_commit(self) -> dict[str, int]:
        """Return the pull request number of each commit that came by one."""
        return {sha: pull.number for pull in self.pull_requests for sha in pull.commits}

    def titles_by_commit(self) -> dict[str, str]:
        """Return the pull request title of each commit that came by one."""
        return {sha: pull.title for pull in self.pull_requests for sha in pull.commits}

    def labels_by_commit(self) -> dict[str, tuple[str, ...]]:
        """Return the pull request labels of each commit that came by one, in lower case, each once, in order; () if there are none."""
        labels = ((tuple(sorted({label.lower() for label in pull.labels})), pull.commits) for pull in self.pull_requests)
        return {sha: lowered for lowered, commits in labels for sha in commits}


def metadata_json(metadata: Metadata) -> bytes:
    """Encode as canonical bytes: pull requests by number, names in order."""
    return canonical_json(
        {
            "schema": _SCHEMA,
            "repository": metadata.repository,
            "url": metadata.url,
            "base": metadata.base,
            "pull_requests": [
                {
                    "number": pull.number,
                    "title": pull.title,
                    "author": pull.author,
                    "labels": sorted(pull.labels),
                    "commits": sorted(pull.commits),
                }
                for pull in sorted(metadata.pull_requests, key=lambda pull: pull.number)
            ],
            "logins": dict(sorted(metadata.logins)),
            "newcomers": sorted(metadata.newcomers),
        }
    )


def read_metadata(content: bytes) -> Metadata:
    """Decode what `metadata_json` wrote. Raises `RepositoryError` for anything else."""
    try:
        values = _object(json.loads(content))
        if values["schema"] != _SCHEMA:
            raise RepositoryError(f"metadata of schema {values['schema']!r} is not understood, only {_SCHEMA}", hint=_HINT)
        return Metadata(
            repository=_text(values["repository"]),
            url=_text(values["url"]),
            base=_text(values["base"]),
            pull_requests=tuple(_pull_request(pull) for pull in values["pull_requests"]),
            logins=tuple((_text(name), _text(login)) for name, login in values["logins"].items()),
            newcomers=frozenset(_text(name) for name in values["newcomers"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RepositoryError(f"the metadata cannot be read: {json_fault(error)}", hint=_HINT) from error


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnfitValue("it is no JSON object")
    return value


def _pull_request(values: Mapping[str, Any]) -> PullRequest:
    if not isinstance(values["number"], int) or isinstance(values["number"], bool):
        raise UnfitValue("a pull request's number is no whole number")
    return PullRequest(
        number=values["number"],
        title=_text(values["title"]),
        author=_text(values["author"]),
        labels=tuple(_text(label) for label in values["labels"]),
        commits=tuple(_text(sha) for sha in values["commits"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitValue(f"{value!r} is not text")
    return value
