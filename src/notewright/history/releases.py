"""Releases: every commit belongs to the first one that reaches it."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from notewright.history.graph import Parents, claim_reachable, reached_marks
from notewright.history.versions import Version


@dataclass(frozen=True, slots=True)
class Tag:
    """A release tag. `target` is the object name of the tagged commit, `committed_at` its date in seconds UTC."""

    name: str
    version: Version
    target: str
    committed_at: int


@dataclass(frozen=True, slots=True)
class Release:
    """What one tag adds; `tag` None is what no tag reaches yet. `commits` are positions in the log, in its order.
    `previous` is the highest earlier release that is an ancestor."""

    tag: Tag | None
    previous: Tag | None
    commits: tuple[int, ...]


def assign_releases(shas: Sequence[str], parents: Parents, tags: Sequence[Tag], head: str) -> tuple[Release, ...]:
    """Give each commit to one release, oldest release first, the unreleased rest last (always there, perhaps empty).

    Exactly `git rev-list TAG --not <the releases before it>`, releases in the order of `_ordered`. Tags whose commit
    is not among `shas` are left out. The rest is compared with the highest release that `head` reaches.
    """
    positions = {sha: position for position, sha in enumerate(shas)}
    # bits in the order of versions: the highest release of a set is its highest bit
    known = sorted((tag for tag in tags if tag.target in positions), key=lambda tag: (tag.version.key(), tag.name))
    marks: dict[int, int] = {}
    for bit, tag in enumerate(known):
        marks[positions[tag.target]] = marks.get(positions[tag.target], 0) | 1 << bit
    reached = reached_marks(parents, marks)
    ancestors = [reached[positions[tag.target]] & ~marks[positions[tag.target]] for tag in known]
    owners = [-1] * len(shas)
    order = _ordered(known, ancestors)
    for rank, bit in enumerate(order):
        claim_reachable(parents, positions[known[bit].target], owners, rank)
    commits: list[list[int]] = [[] for _ in range(len(order) + 1)]
    for position, owner in enumerate(owners):
        commits[owner].append(position)  # -1, what no tag reaches, is the last
    released = [
        Release(known[bit], _highest(known, ancestors[bit] | _earlier(marks[positions[known[bit].target]], bit)), tuple(commits[rank]))
        for rank, bit in enumerate(order)
    ]
    return (*released, Release(None, _highest(known, reached[positions[head]] if head in positions else 0), tuple(commits[-1])))


def _ordered(tags: Sequence[Tag], ancestors: Sequence[int]) -> list[int]:
    """Order releases, given in the order of versions: ancestors first, then by date of the tagged commit, then version."""
    # a release with n ancestors waits at least for n others: until then it need not be looked at
    waiting = sorted(range(len(tags)), key=lambda bit: ancestors[bit].bit_count(), reverse=True)
    held: list[int] = []
    ready: list[tuple[int, int]] = []
    order: list[int] = []
    done = 0
    while waiting or held or ready:
        while waiting and ancestors[waiting[-1]].bit_count() <= len(order):
            held.append(waiting.pop())
        for bit in [bit for bit in held if not ancestors[bit] & ~done]:
            held.remove(bit)
            heapq.heappush(ready, (tags[bit].committed_at, bit))
        _, newest = heapq.heappop(ready)
        order.append(newest)
        done |= 1 << newest
    return order


def _earlier(same: int, bit: int) -> int:
    """The tags on the same commit that come before `bit`: two tags on a commit are compared with each other."""
    return same & ((1 << bit) - 1)


def _highest(tags: Sequence[Tag], bits: int) -> Tag | None:
    return tags[bits.bit_length() - 1] if bits else None
