"""What a message says of other commits and people."""

from __future__ import annotations

import pytest

from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.relations import Relations
from tests.parts.cost import assert_in_proportion


def relations(message: str, *, parents: int = 1) -> Relations | None:
    return read_change(Commit("a" * 40, ("p",) * parents, "Ada", "", 0, message)).relations


@pytest.mark.parametrize(
    ("header", "undoes", "redoes"),
    [
        pytest.param('Revert "feat: a"', "feat: a", False, id="git's"),
        pytest.param('Revert "Revert "feat: a""', 'Revert "feat: a"', False, id="nested"),
        pytest.param('Revert "feat: a" (#12)', "feat: a", False, id="with a number"),
        pytest.param('Revert "feat: "quoted" a" (#12)', 'feat: "quoted" a', False, id="quotes within"),
        pytest.param("revert: feat: a", "feat: a", False, id="typed"),
        pytest.param("revert(ui)!: a", "a", False, id="typed with a scope"),
        pytest.param('fix(ui): revert "feat: a"', "feat: a", False, id="as a fix"),
        pytest.param("Reverted feat: a", "feat: a", False, id="in the past"),
        pytest.param("Backed out feat: a", "feat: a", False, id="backed out"),
        pytest.param('Reapply "feat: a"', "feat: a", True, id="git's reapply"),
        pytest.param("Re-land feat: a", "feat: a", True, id="reland"),
        pytest.param("unrevert: feat: a", "feat: a", True, id="unrevert"),
    ],
)
def test_headers_that_take_back_or_bring_back(header: str, undoes: str, redoes: bool) -> None:
    found = relations(header)
    assert found
    assert (found.undoes, found.redoes) == (undoes, redoes)


@pytest.mark.parametrize(
    "header",
    [
        "feat: a reverting order",
        "reverts",
        "revert-button: a",
        "undone",
        "feat(revert): a",
        "fixup!a",
        "reapplying styles",
        "",
        "fix: a",
        "Re",
    ],
)
def test_headers_that_only_look_like_it(header: str) -> None:
    found = relations(header)
    assert found is None or found.undoes is None


@pytest.mark.parametrize(
    ("message", "picked"),
    [
        pytest.param("a\n\n(cherry picked from commit 1234567)", ("1234567",), id="git's"),
        pytest.param("a\r\n\r\n(cherry picked from commit 1234567)\r\n", ("1234567",), id="another system's lines"),
        pytest.param("a\n\n(cherry picked from commit 1234567)\n(cherry picked from commit abcdef0)", ("1234567", "abcdef0"), id="twice"),
        pytest.param("a\n\nwe cherry picked from commit 1234567 once", (), id="prose"),
        pytest.param("a\n\n(cherry picked from commit 12345)", (), id="too short"),
    ],
)
def test_what_a_commit_was_copied_from(message: str, picked: tuple[str, ...]) -> None:
    found = relations(message)
    assert (found.picked if found else ()) == picked


@pytest.mark.parametrize(
    ("message", "title"),
    [
        pytest.param("Merge pull request #7 from o/topic\n\nAdd a", "Add a", id="GitHub"),
        pytest.param("Merge branch 'topic' into 'main'\n\nAdd a\n\nSee merge request g/p!7", "Add a", id="GitLab"),
        pytest.param("Merge branch 'topic' into 'main'\n\nAdd a", None, id="git, with words"),
        pytest.param("Merge pull request #7 from o/topic", None, id="no title"),
        pytest.param("Merge pull request #7 from o/topic\n\n" + "\n" * 50 + "Add a", None, id="far below"),
    ],
)
def test_the_title_of_a_merged_request(message: str, title: str | None) -> None:
    found = relations(message, parents=2)
    assert (found.title if found else None) == title


def test_numbers_of_any_length_are_no_trouble() -> None:
    found = relations('Revert "a"\n\nReverts o/r#' + "9" * 100_000)
    assert found
    assert found.undone_number is None
    assert relations('Revert "a"\n\nReverts o/r#12') == Relations(undoes="a", undone_number=12)


@pytest.mark.parametrize(
    "piece",
    [
        'Revert "',
        "revert: ",
        "fixup! ",
        "* feat: a\n",
        "feat: a\n",
        "(cherry picked from commit ",
        "Co-authored-by: a\n",
        "commit \n",
        "    \n",
    ],
)
def test_any_message_costs_in_proportion(piece: str) -> None:
    for begin in ("", "a\n\n", "a\n\nSquashed commit of the following:\n"):
        assert_in_proportion(relations, lambda size, begin=begin: begin + piece * (size // len(piece)), size=16_000)  # type: ignore[misc]
