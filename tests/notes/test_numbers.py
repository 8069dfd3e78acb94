from __future__ import annotations

import pytest

from notewright.changelog.section import Contributor
from notewright.notes.numbers import amount, count_kinds, enumerate_words, told_kinds, told_people
from tests.parts.sections import entry, invented_release, section


def test_each_entry_is_counted_once_and_the_kinds_add_up() -> None:
    told = invented_release()
    assert dict(count_kinds(told)) == {"breaking": 2, "security": 1, "feat": 3, "fix": 2, "perf": 1, "other": 3}
    assert sum(count for _, count in count_kinds(told)) == len(list(told.entries()))


def test_the_kinds_are_told_in_words() -> None:
    assert told_kinds(section(entry("a"), entry("b"), entry("c", type="fix"))) == "2 features and 1 fix"
    assert told_kinds(section()) == ""


@pytest.mark.parametrize(
    ("commits", "people", "expected"),
    [
        pytest.param(0, [], "", id="unknown"),
        pytest.param(1, [], "1 commit", id="no-names"),
        pytest.param(2, [Contributor("A", 2, new=False)], "2 commits by 1 person", id="one"),
        pytest.param(2, [Contributor("A", 2, new=True)], "2 commits by 1 person, for the first time", id="one-newcomer"),
        pytest.param(
            1204,
            [Contributor("A", 1203, new=False), Contributor("B", 1, new=True)],
            "1,204 commits by 2 people, 1 of them for the first time",
            id="some",
        ),
    ],
)
def test_people_are_counted_as_far_as_they_are_known(commits: int, people: list[Contributor], expected: str) -> None:
    assert told_people(section(commits=commits, contributors=people)) == expected


def test_amounts_and_lists_are_english() -> None:
    assert amount(1, "fix", "fixes") == "1 fix"
    assert amount(1204, "fix", "fixes") == "1,204 fixes"
    assert [enumerate_words(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
