"""Merges: the pull request that each commit came by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from notewright.history.commits import Commit
from notewright.history.graph import claim_reachable, index_parents

# GitHub's own words: a squash merge ends its header with the number, a merge commit begins with it.
_NAMED = re.compile(r"Merge pull request #(\d{1,9}) from |.*\(#(\d{1,9})\)$", re.ASCII)
_NOBODY = 0  # what came by a merge that names no pull request


@dataclass(frozen=True, slots=True)
class MergedPull:
    """A merged pull request as GitHub tells of it; `merge_commit` is the commit that merged it, the last one of a rebase, "" if unknown."""

    number: int
    title: str
    author: str
    labels: tuple[str, ...] = ()
    merge_commit: str = ""


def choose_pull(pulls: Iterable[MergedPull], sha: str) -> MergedPull | None:
    """Return the pull request that a commit came by: the one that it merged, else the one with the lowest number, which was there before
    a later one carried the commit to another branch."""
    return min(pulls, key=lambda pull: (pull.merge_commit != sha, pull.number), default=None)


def commits_by_pull(commits: Sequence[Commit], known: Mapping[str, int]) -> dict[int, list[str]]:
    """Return the commits that came by each pull request, from those of a log, newest first; each commit has one pull request at most.

    Where `known` doesn't tell a commit's number, a merge commit stands for all that its branch brought, and then the header may name one:
    as GitHub's squash merges do at its end, and its merge commits at its start.
    """
    parents = index_parents([commit.sha for commit in commits], [commit.parents for commit in commits])
    numbers = [known.get(commit.sha) or _read_number(commit.message) for commit in commits]
    owners = [-1] * len(commits)
    for position in _mainline(commits):
        owners[position] = numbers[position] or _NOBODY
        for brought in parents[position][1:]:
            claim_reachable(parents, brought, owners, owners[position])
    owned: dict[int, list[str]] = {}
    for commit, owner, number in zip(commits, owners, numbers, strict=True):
        if chosen := known.get(commit.sha) or (owner if owner > 0 else number):
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


def _read_number(message: str) -> int | None:
    match = _NAMED.match(message.partition("\n")[0])
    return int(match[1] or match[2]) or None if match else None
