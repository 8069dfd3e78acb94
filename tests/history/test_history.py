"""The graph of a history: lines, branches, and what each release holds."""

from __future__ import annotations

import random

import pytest

from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.graph import find_ancestry, find_branches, parents_first, reached_marks
from notewright.history.history import build_history
from notewright.history.releases import Tag
from notewright.history.versions import parse_version


@pytest.mark.parametrize(
    ("parents", "tips", "brought"),
    [
        pytest.param([(1,), (2,), ()], [0], [-1, -1, -1], id="one line"),
        pytest.param([(1, 2), (3,), (3,), ()], [0], [-1, -1, 0, -1], id="a branch"),
        pytest.param([(3, 1, 2), (4,), (4,), (4,), ()], [0], [-1, 0, 0, -1, -1], id="an octopus"),
        pytest.param([(4, 1), (3, 2), (3,), (5,), (5,), ()], [0], [-1, 0, 1, 0, -1, -1], id="a branch within a branch"),
        pytest.param([(1, 2), (3,), (3,), ()], [2, 0], [-1, -1, -1, -1], id="a branch that a release ended"),
        pytest.param([(1, 4), (2, 4), (3,), (5,), (5,), ()], [0], [-1, -1, -1, -1, 1, -1], id="merged twice: the older merge brought it"),
        pytest.param([(), ()], [0], [-1, -1], id="two roots"),
        pytest.param([], [], [], id="nothing"),
    ],
)
def test_each_commit_is_brought_by_the_merge_that_first_had_it(parents: list[tuple[int, ...]], tips: list[int], brought: list[int]) -> None:
    assert list(find_branches(parents, [*tips, *range(len(parents))])) == brought


def graph(seed: int, size: int) -> list[tuple[int, ...]]:
    chance = random.Random(seed)
    above = [
        sorted({min(at + 1 + int(chance.expovariate(0.3)), size - 1) for _ in range(chance.choice((1, 1, 1, 2, 3)))}) for at in range(size)
    ]
    return [tuple(one for one in found if one > at) for at, found in enumerate(above)]


@pytest.mark.parametrize("seed", range(20))
def test_ancestry_is_what_a_walk_finds(seed: int) -> None:
    parents = graph(seed, 60)
    reach: list[set[int]] = [set() for _ in parents]
    for at in range(len(parents) - 1, -1, -1):
        reach[at] = {at}.union(*(reach[parent] for parent in parents[at]))
    ancestry = find_ancestry(parents, range(0, 60, 3))
    assert all(ancestry.reaches(at, other) == (other in reach[at]) for at in range(60) for other in range(0, 60, 3))
    order = parents_first(parents)
    assert sorted(order) == list(range(60))
    assert all(order.index(parent) < order.index(at) for at in range(60) for parent in parents[at])


def test_a_log_whose_dates_run_backwards_is_read_all_the_same() -> None:
    """A parent may stand above its child where clocks were wrong."""
    parents = [(2,), (0,), ()]
    order = parents_first(parents)
    assert order.index(2) < order.index(0) < order.index(1)
    assert reached_marks(parents, {2: 1, 0: 2}) == [3, 3, 1]


def test_merges_nested_deeply_cost_in_proportion() -> None:
    size = 50_000
    parents: list[tuple[int, ...]] = [(at + 2, at + 1) if at % 2 == 0 else (at + 1,) for at in range(2 * size)]
    parents.append(())
    brought = find_branches(parents, [0, *range(len(parents))])
    assert len(brought) == 2 * size + 1
    deep = [(2 * size, at + 1) for at in range(2 * size)] + [()]
    assert list(find_branches(deep, [0, *range(len(deep))]))[:4] == [-1, 0, 1, 2]
    assert len(parents_first(deep)) == 2 * size + 1


def test_releases_and_their_tips_are_where_tags_stand() -> None:
    commits = [Commit(f"{at:040x}", (f"{at + 1:040x}",) if at < 4 else (), "Ada", "", 10 - at, f"feat: {at}") for at in range(5)]
    version = parse_version("1.0.0")
    assert version
    tag = Tag("v1.0.0", version, commits[2].sha, 8)
    history = build_history([read_change(one) for one in commits], [one.parents for one in commits], [tag], commits[0].sha)
    assert [release.commits for release in history.releases] == [(2, 3, 4), (0, 1)]
    assert (list(history.owners), history.tips) == ([1, 1, 0, 0, 0], (2, 0))
