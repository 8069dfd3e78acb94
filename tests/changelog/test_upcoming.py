"""The next version follows from the changes, and names the commit that decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.rules import Rules
from notewright.changelog.upcoming import given_version, next_version
from notewright.history.changes import Change, read_change
from notewright.history.commits import Commit
from notewright.history.versions import parse_version

RULES = Rules()


def changes(*messages: str) -> list[Change]:
    """Changes, newest first, named 1, 2, 3 …"""
    return [read_change(Commit(f"{number:040x}", ("p",), "Ada", "", 0, message)) for number, message in enumerate(messages, start=1)]


@pytest.mark.parametrize(
    ("previous", "messages", "version", "decider"),
    [
        pytest.param("1.2.3", ["fix: a"], "1.2.4", 1, id="a fix"),
        pytest.param("1.2.3", ["docs: a"], "1.2.4", 1, id="anything shown"),
        pytest.param("1.2.3", ["Words"], "1.2.4", 1, id="words"),
        pytest.param("1.2.3", ["fix: a", "feat: b", "fix: c"], "1.3.0", 2, id="a feature among fixes"),
        pytest.param("1.2.3", ["feat: a", "chore!: b"], "2.0.0", 2, id="a break of any type"),
        pytest.param("1.2.3", ["feat: a", "fix: b\n\nBREAKING CHANGE: c"], "2.0.0", 2, id="a break in a footer"),
        pytest.param("1.2.3", ["feat: new", "FEAT: old"], "1.3.0", 2, id="the oldest of equal ones decides"),
        pytest.param("0.2.3", ["feat!: a"], "0.3.0", 1, id="a break before 1.0"),
        pytest.param("0.2.3", ["feat: a"], "0.3.0", 1, id="a feature before 1.0"),
        pytest.param("0.2.3", ["fix: a"], "0.2.4", 1, id="a fix before 1.0"),
        pytest.param("2.0.0-rc.1", ["fix: a"], "2.0.0", 1, id="after a pre-release"),
        pytest.param("1.2", ["feat: a"], "1.3.0", 1, id="after a short version"),
        pytest.param("1.2.3", ["chore: a", "feat: b"], "1.3.0", 2, id="hidden ones do not decide"),
    ],
)
def test_the_strongest_change_decides(previous: str, messages: list[str], version: str, decider: int) -> None:
    following = next_version(parse_version(previous), changes(*messages), RULES)
    assert following
    assert (following.version, following.tag, following.sha) == (version, f"v{version}", f"{decider:040x}")
    assert following.reason == f"{following.level}: {changes(*messages)[decider - 1].message.header} (0000000)"


@pytest.mark.parametrize("messages", [[], ["chore: a"], ["chore(release): 1.0.0\n\nNotewright-Release: 1.0.0"]])
@pytest.mark.parametrize("previous", [None, "1.2.3"])
def test_where_nothing_shows_nothing_is_released(previous: str | None, messages: list[str]) -> None:
    assert next_version(parse_version(previous) if previous else None, changes(*messages), RULES) is None


def test_the_first_release_has_the_version_that_is_configured() -> None:
    following = next_version(None, changes("feat!: a"), replace(RULES, initial_version="1.0.0-rc.1", tag="core-v{version}"))
    assert following
    assert (following.version, following.tag, following.level, following.reason) == (
        "1.0.0-rc.1",
        "core-v1.0.0-rc.1",
        None,
        "first release",
    )


@pytest.mark.parametrize(("text", "version"), [("1.4.0", "1.4.0"), ("v1.4.0", "1.4.0"), ("2.0.0-rc.1", "2.0.0-rc.1")])
def test_a_person_may_ask_for_a_version(text: str, version: str) -> None:
    assert (given_version(text, RULES).version, given_version(text, RULES).tag) == (version, f"v{version}")


@pytest.mark.parametrize("text", ["", "next", "1.x", "1.0.0 ", "1.0.0\n", "--help", "1.0.0;x", "../1"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        given_version(text, RULES)


@given(
    st.sampled_from(["0.0.0", "0.9.9", "1.2.3", "1.0.0-rc.1", "2024.1", "1.0.post1"]),
    st.lists(st.sampled_from(["feat: a", "fix: b", "feat!: c", "chore: d", "Words", "wip: e"]), max_size=6),
)
def test_the_next_version_is_higher_and_its_order_of_changes_is_only_for_the_decider(previous: str, messages: list[str]) -> None:
    before = parse_version(previous)
    assert before
    following = next_version(before, changes(*messages), RULES)
    backwards = next_version(before, changes(*messages[::-1]), RULES)
    assert (following and following.version) == (backwards and backwards.version)
    if following:
        after = parse_version(following.version)
        assert after
        assert after.key() > before.key()
