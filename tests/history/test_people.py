from __future__ import annotations

from collections.abc import Sequence

import pytest

from notewright.history.commits import Commit
from notewright.history.people import Person, find_newcomers, people_of


def by(author: str, message: str = "fix: a") -> Commit:
    """A commit by `name <address>`."""
    name, _, email = author.partition(" <")
    return Commit("sha", (), name, email.removesuffix(">"), 0, message)


def newcomers(commits: Sequence[Commit], earlier: Sequence[Commit] = (), logins: dict[str, str] | None = None) -> set[str]:
    """Who is new; `commits` are given oldest first, for reading."""
    return set(find_newcomers(list(reversed(commits)), earlier, logins or {}))


@pytest.mark.parametrize(
    ("message", "people"),
    [
        pytest.param("fix: a\n\nCo-authored-by: Grace Hopper <grace@example.org>", ["Grace Hopper"], id="one"),
        pytest.param("fix: a\n\nCO-AUTHORED-BY:Grace<g@x>\r\nCo-authored-by:  Bo  <b@x> \r\n", ["Grace", "Bo"], id="spelled otherwise"),
        pytest.param("a (#1)\n\n* b\n\nCo-authored-by: Bo <b@x>\n\n---------\n\nCo-authored-by: Cy <c@x>", ["Bo", "Cy"], id="squash"),
        pytest.param("fix: a\n\nCo-authored-by: Grace", [], id="no address"),
        pytest.param("fix: a\n\nCo-authored-by: <>", [], id="empty address"),
        pytest.param("fix: a\n\nsaid Co-authored-by: Grace <g@x>", [], id="within a line"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_message_names_its_co_authors(message: str, people: list[str]) -> None:
    assert [person.name for person in people_of(by("Ada <ada@x>", message))] == ["Ada", *people]


def test_a_hostile_message_is_read_in_linear_time() -> None:
    message = "Co-authored-by:" + " <" * 500_000 + "\n" + "Co-authored-by: " * 60_000 + " " * 500_000
    assert len(list(people_of(by("Ada <ada@x>", message)))) == 1


def test_who_was_there_before_by_name_address_or_login_is_not_new() -> None:
    earlier = [by("Ada <ada@x>"), by("Old Name <77+grace@users.noreply.github.com>"), by("Bo <b@x>", "a\n\nCo-authored-by: Cy <cy@x>")]
    commits = [
        by("Ada <other@x>"), by("Countess <ADA@x>"), by("Grace Hopper <g@new>"), by("Cy <c@new>"), by("Dora <dora@x>"),
        by("Eve <1+Grace@users.noreply.github.com>"),
    ]  # fmt: skip
    assert newcomers(commits, earlier, {"Grace Hopper": "Grace"}) == {"Dora"}


def test_who_is_known_makes_known_who_shares_a_mark_with_them() -> None:
    commits = [by("A <a@x>"), by("B <a@x>"), by("B <b@x>"), by("C <b@x>")]
    assert newcomers(commits, [by("C <old@x>")]) == set()


def test_one_person_of_several_names_is_greeted_once_by_the_first() -> None:
    commits = [by("zoe <z@x>"), by("Zoe Zed <z@y>"), by("Z <z@x>")]
    assert newcomers(commits, [], {"zoe": "zoe", "Zoe Zed": "zoe"}) == {"zoe"}


def test_co_authors_are_people_too() -> None:
    assert newcomers([by("Ada <ada@x>", "fix: a\n\nCo-authored-by: Bo <b@x>")], [by("Ada <ada@x>")]) == {"Bo"}


@pytest.mark.parametrize(
    "author",
    [
        "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "semantic-release-bot <x@x>", "Renovate Bot <bot@x>",
        "Nice Name <1+thing[bot]@users.noreply.github.com>", "renovate_bot <x@x>",
    ],
)  # fmt: skip
def test_a_bot_is_nobody_new(author: str) -> None:
    assert newcomers([by(author)], [by("Ada <ada@x>")]) == set()


@pytest.mark.parametrize("author", ["Abbot <abbot@x>", "Botond <bot@x>", "Talbot <t@x>"])
def test_a_name_that_ends_like_one_is_no_bot(author: str) -> None:
    assert newcomers([by(author)], [by("Ada <ada@x>")]) == {author.split(maxsplit=1)[0]}


def test_a_login_of_a_bot_makes_its_name_one() -> None:
    assert Person("Helper", "h@x", "helper[bot]").is_bot
    assert not Person("Helper", "h@x", "helper").is_bot


def test_only_who_seems_new_is_asked_for_and_once() -> None:
    asked: list[Sequence[str]] = []

    def find_known(logins: Sequence[str]) -> frozenset[str]:
        asked.append(logins)
        return frozenset({"bo"})

    commits = [by("Ada <ada@x>"), by("Bo <b@x>"), by("Cy <c@x>"), by("Nobody <n@x>"), by("Di <d@x>"), by("x[bot] <x@x>")]
    logins = {"Ada": "ada", "Bo": "bo", "Cy": "cy", "x[bot]": "x"}
    assert find_newcomers(commits, [by("Ada <ada@x>")], logins, find_known=find_known) == {"Cy", "Nobody", "Di"}
    assert asked == [["bo", "cy"]]


def test_without_a_name_nobody_is_greeted_and_nothing_breaks() -> None:
    assert newcomers([by(""), by("  <n@x>"), by("Ada <n@x>")]) == {"Ada"}
    assert newcomers([by(""), by("  <n@x>")]) == set()
    assert newcomers([]) == set()
