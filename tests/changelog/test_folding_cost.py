"""Folding costs in proportion, however a history is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from notewright.changelog.assembly import build_section
from notewright.changelog.folding.fold import fold_history
from notewright.changelog.folding.related import find_related
from notewright.changelog.folding.twins import list_candidates
from notewright.changelog.rules import Rules
from notewright.changelog.section import Totals
from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.history import build_history
from tests.parts.cost import assert_in_proportion


def sha(number: int) -> str:
    return f"{number:040x}"


def line(messages: list[str]) -> list[Commit]:
    """Commits on one line, newest first; the oldest is number 1."""
    last = len(messages)
    return [
        Commit(sha(number), (sha(number - 1),) if number > 1 else (), "Ada", "", number, messages[number - 1])
        for number in range(last, 0, -1)
    ]


def nested(size: int) -> list[Commit]:
    """Merges, each within the branch of the next, and a revert of the outermost."""
    commits = [Commit(sha(3 * size), (sha(size),), "Ada", "", 9 * size, f'Revert "x"\n\nThis reverts commit {sha(size)}.')]
    for number in range(size, 0, -1):
        title = f"Merge pull request #{number} from o/x\n\nTitle {number}"
        commits.append(Commit(sha(number), (sha(0), sha(size + number)), "Ada", "", 2 * number + 2, title))
        commits.append(Commit(sha(size + number), (sha(number - 1),), "Ada", "", 2 * number + 1, f"wip {number}"))
    return [*commits, Commit(sha(0), (), "Ada", "", 1, "start")]


def fold(commits: list[Commit]) -> Totals:
    changes = [read_change(commit) for commit in commits]
    history = build_history(changes, [commit.parents for commit in commits], [], commits[0].sha)
    related = find_related(history)
    list_candidates(history, related)
    folds = fold_history(history, related, Rules(), patch_ids={}, titles={})
    return build_section(changes, Rules(), positions=history.releases[-1].commits, folds=folds).totals


HISTORIES: dict[str, Callable[[int], list[Commit]]] = {
    "reverts of reverts": lambda size: line(["feat: a", *(f'Revert "x"\n\nThis reverts commit {sha(at)}.' for at in range(1, size))]),
    "reverts of one change": lambda size: line(["feat: a", *['Revert "feat: a"'] * size]),
    "reverts of one another each": lambda size: line([one for at in range(size // 2) for one in (f"feat: a{at}", f'Revert "feat: a{at}"')]),
    "titles cut by GitHub": lambda size: line(
        [one.format(at) for one in ("feat: words at length {}", 'Revert "feat: words at length {}…"') for at in range(size // 2)]
    ),
    "fixups of one subject": lambda size: line(["fix: a", "fixup! fix: a"] * (size // 2)),
    "one subject": lambda size: line(["fix: typo"] * size),
    "copies of copies": lambda size: line([f"feat: a\n\n(cherry picked from commit {sha(10**9 + at)})" for at in range(size)]),
    "updates of one package": lambda size: line([f"chore(deps): bump a from 1.{at}.0 to 1.{at + 1}.0" for at in range(size)]),
    "updates that go back": lambda size: line([f"chore(deps): bump a from 1.{at}.0 to 1.{at}.1" for at in range(size, 0, -1)]),
    "merges within merges": lambda size: nested(size // 2),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_histories_of_one_kind_of_commit_cost_in_proportion(name: str) -> None:
    made: dict[int, list[Commit]] = {}

    def work(text: str) -> object:
        return fold(made[len(text)])

    def make(size: int) -> str:
        made[size] = HISTORIES[name](size)
        return "x" * size

    assert_in_proportion(work, make, size=600)


def test_headers_nested_beyond_reason_are_read() -> None:
    deep = ["feat: a", "revert: " * 100_000, 'Revert "' * 100_000, 'Reapply "' * 50_000 + '"' * 50_000]
    assert fold(line(deep)).commits == 4
