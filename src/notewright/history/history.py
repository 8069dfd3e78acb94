"""History: the changes that some commits reach, their graph, and the releases that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from notewright.history.changes import Change
from notewright.history.graph import Parents, find_branches, index_parents
from notewright.history.releases import Release, Tag, assign_releases


@dataclass(frozen=True, slots=True)
class History:
    """What was read. `changes` and `parents` are in the order of the log, newest first, and everything else counts positions in them.

    `releases` are the oldest first, the unreleased rest last; `owners` names the release of each commit, `tips` the newest commit of each
    release (-1: an unreleased rest without commits). `brought_by` is the merge that brought a commit, -1 for those on a line of releases.
    """

    changes: Sequence[Change]
    parents: Parents
    positions: dict[str, int]
    releases: tuple[Release, ...]
    owners: Sequence[int]
    tips: tuple[int, ...]
    brought_by: Sequence[int]


def build_history(changes: Sequence[Change], names: Sequence[tuple[str, ...]], tags: Sequence[Tag], head: str) -> History:
    """Put together what a log and a list of tags say. `names` are the parents of each change; those outside the log are left out."""
    shas = [change.sha for change in changes]
    positions = {sha: position for position, sha in enumerate(shas)}
    parents = index_parents(shas, names)
    releases = assign_releases(shas, parents, tags, head)
    owners = [0] * len(changes)
    for rank, release in enumerate(releases):
        for position in release.commits:
            owners[position] = rank
    tips = tuple(positions[release.tag.target] if release.tag else positions.get(head, -1) for release in releases)
    # a merge whose first parent was not read has a line all the same: -1 keeps its place
    lines = [
        above if len(above) == len(all_above) else tuple([positions.get(name, -1) for name in all_above])
        for above, all_above in zip(parents, names, strict=True)
    ]
    # commits beyond the tips, where several lines were asked for, are lines of their own
    ends = (tip for tip in tips if tip >= 0)
    return History(changes, parents, positions, releases, owners, tips, find_branches(lines, chain(ends, range(len(changes)))))
