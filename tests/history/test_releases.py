"""Every commit belongs to the first release that reaches it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notewright.history.graph import index_parents, parents_first
from notewright.history.releases import Release, Tag, assign_releases
from notewright.history.versions import parse_version


@dataclass(frozen=True, slots=True)
class History:
    """Commits by number, oldest first: their parents, and tags as (commit, version, date of the commit)."""

    parents: tuple[tuple[int, ...], ...]
    tags: tuple[Tag, ...]
    head: int
    log: tuple[int, ...]  # the order in which they are printed

    def releases(self) -> tuple[Release, ...]:
        shas = [name(commit) for commit in self.log]
        parents = index_parents(shas, [tuple(map(name, self.parents[commit])) for commit in self.log])
        return assign_releases(shas, parents, self.tags, name(self.head))

    def reaches(self, commit: int) -> set[int]:
        return {commit}.union(*(self.reaches(parent) for parent in self.parents[commit]))


def name(commit: int) -> str:
    return f"{commit:040x}"


@st.composite
def histories(draw: st.DrawFn) -> History:
    size = draw(st.integers(1, 9))
    parents = tuple(tuple(draw(st.lists(st.integers(0, commit - 1), max_size=3, unique=True))) if commit else () for commit in range(size))
    dates = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))  # few, so that they repeat, and in no order
    texts = draw(st.lists(st.sampled_from("0.1 1.0 1.0.0 1.1.0-rc.1 1.1.0 1.2 2.0.0a1 2.0.0 2.0.0.post1".split()), max_size=6, unique=True))
    tags = []
    for text in texts:
        target, version = draw(st.integers(0, size - 1)), parse_version(text)
        assert version
        tags.append(Tag(f"v{text}", version, name(target), dates[target]))
    return History(parents, tuple(tags), draw(st.integers(0, size - 1)), tuple(draw(st.permutations(range(size)))))


def expected(history: History) -> list[tuple[str | None, set[int], str | None]]:
    """Each release as the design says it, slowly: tag, `rev-list TAG --not <releases before>`, and what it is compared with."""
    reach = {tag: history.reaches(int(tag.target, 16)) for tag in history.tags}

    def earlier(tag: Tag) -> set[Tag]:
        """The releases that are ancestors; on one commit, the lower versions."""
        below = {other for other in reach if int(other.target, 16) in reach[tag] and other.target != tag.target}
        return below | {other for other in reach if other.target == tag.target and by_version(other) < by_version(tag)}

    def by_version(tag: Tag) -> tuple[object, ...]:
        return (tag.version.key(), tag.name)

    waiting, order = set(reach), list[Tag]()
    while waiting:
        free = [tag for tag in waiting if not any(other in waiting for other in earlier(tag) if other.target != tag.target)]
        order.append(min(free, key=lambda tag: (tag.committed_at, by_version(tag))))
        waiting.remove(order[-1])
    found: list[tuple[str | None, set[int], str | None]] = []
    taken: set[int] = set()
    for tag in order:
        highest = max(earlier(tag), key=by_version, default=None)
        found.append((tag.name, reach[tag] - taken, highest.name if highest else None))
        taken |= reach[tag]
    of_head = [tag for tag in reach if int(tag.target, 16) in history.reaches(history.head)]
    highest = max(of_head, key=by_version, default=None)
    return [*found, (None, set(range(len(history.parents))) - taken, highest.name if highest else None)]


@given(histories())
def test_releases_are_what_a_slow_reading_of_the_design_gives(history: History) -> None:
    found = [
        (
            release.tag.name if release.tag else None,
            {history.log[position] for position in release.commits},
            release.previous.name if release.previous else None,
        )
        for release in history.releases()
    ]
    assert found == expected(history)


@given(histories())
def test_every_commit_is_in_one_release_in_the_order_of_the_log(history: History) -> None:
    releases = history.releases()
    assert sorted(position for release in releases for position in release.commits) == list(range(len(history.log)))
    assert all(list(release.commits) == sorted(release.commits) for release in releases)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_tags_and_of_the_log_changes_nothing(history: History, random: Random) -> None:
    tags, log = list(history.tags), list(history.log)
    random.shuffle(tags)
    random.shuffle(log)
    shuffled = History(history.parents, tuple(tags), history.head, tuple(log))
    assert summary(shuffled) == summary(history)


def summary(history: History) -> list[tuple[Tag | None, Tag | None, set[int]]]:
    return [(one.tag, one.previous, {history.log[position] for position in one.commits}) for one in history.releases()]


@given(histories())
@example(History(((), (0,), (1,)), (), 2, (2, 1, 0)))
def test_parents_come_before_their_children(history: History) -> None:
    shas = [name(commit) for commit in history.log]
    parents = index_parents(shas, [tuple(map(name, history.parents[commit])) for commit in history.log])
    order = parents_first(parents)
    place = {position: rank for rank, position in enumerate(order)}
    assert sorted(order) == list(range(len(shas)))
    assert all(place[parent] < place[position] for position, above in enumerate(parents) for parent in above)


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_line_of_100_000_commits_is_no_deeper_than_any_other(newest_first: bool) -> None:
    line = [name(commit) for commit in range(100_000)]
    above = [()] + [(sha,) for sha in line[:-1]]
    if newest_first:
        line, above = line[::-1], above[::-1]
    version = parse_version("1.0.0")
    assert version
    tag = Tag("v1.0.0", version, name(40_000), 0)
    released, rest = assign_releases(line, index_parents(line, above), [tag], name(99_999))
    assert (len(released.commits), len(rest.commits), rest.previous) == (40_001, 59_999, tag)


def test_a_tag_outside_the_range_is_no_release_and_parents_outside_are_no_edge() -> None:
    version = parse_version("1.0.0")
    assert version
    parents = index_parents(["b"], [("a",)])
    (rest,) = assign_releases(["b"], parents, [Tag("v1.0.0", version, "a", 0)], "b")
    assert (parents, rest.tag, rest.previous, rest.commits) == ([()], None, None, (0,))


def test_an_empty_history_has_an_empty_rest() -> None:
    assert assign_releases([], [], [], "a") == (Release(None, None, ()),)


def test_30_000_tags_on_one_commit_follow_each_other_at_once() -> None:
    versions = [parse_version(f"0.{number}.0") for number in range(30_000)]
    tags = [Tag(f"v{version.text}", version, name(0), 0) for version in versions if version]
    started_s = time.process_time()
    *released, _ = assign_releases([name(0)], index_parents([name(0)], [()]), tags, name(0))
    assert time.process_time() - started_s < 15  # 1 s; looking at every tag for every tag took minutes
    assert [one.previous for one in released[1:]] == tags[:-1]
