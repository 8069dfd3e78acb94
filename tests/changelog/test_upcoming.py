"""The next version follows from the changes, and names the commit that decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440

from notewright.changelog.rules import Component, Rules
from notewright.changelog.upcoming import Decider, NextVersion, given_version, next_version
from notewright.errors import ConfigError
from notewright.history.conventional import parse_message
from notewright.history.versions import Version, is_semver, parse_version

Scheme = Literal["semver", "pep440"]
RULES = Rules()


def deciders(*messages: str) -> list[Decider]:
    """Deciders, newest first, named 1, 2, 3 …"""
    return list(_deciders(messages))


def _deciders(messages: tuple[str, ...]) -> Iterator[Decider]:
    for number, message in enumerate(messages, start=1):
        parsed = parse_message(message)
        yield Decider(f"{number:040x}", parsed.header, parsed.breaking, parsed.type)


def versions(*texts: str) -> list[Version]:
    found = [parse_version(text) for text in texts]
    assert all(found)
    return [one for one in found if one]


def after(released: str, messages: str, rules: Rules = RULES) -> NextVersion:
    """The version after those released (by blanks), for changes newest first (by semicolons)."""
    found = next_version(versions(*released.split()), deciders(*(message.strip() for message in messages.split(";"))), rules)
    assert found
    return found


@pytest.mark.parametrize(
    ("released", "messages", "version", "decider"),
    [
        pytest.param("1.2.3", "fix: a", "1.2.4", 1, id="a fix"),
        pytest.param("1.2.3", "docs: a", "1.2.4", 1, id="anything shown"),
        pytest.param("1.2.3", "Words", "1.2.4", 1, id="words"),
        pytest.param("1.2.3", "fix: a; feat: b; fix: c", "1.3.0", 2, id="a feature among fixes"),
        pytest.param("1.2.3", "feat: a; chore!: b", "2.0.0", 2, id="a break of any type"),
        pytest.param("1.2.3", "feat: a; fix: b\n\nBREAKING CHANGE: c", "2.0.0", 2, id="a break in a footer"),
        pytest.param("1.2.3", "feat: new; FEAT: old", "1.3.0", 2, id="the oldest of equal ones decides"),
        pytest.param("1.2.3 1.10.0 1.9.9", "fix: a", "1.10.1", 1, id="after the highest, wherever it stands"),
        pytest.param("0.2.3", "feat!: a", "0.3.0", 1, id="a break before 1.0"),
        pytest.param("0.2.3", "feat: a", "0.3.0", 1, id="a feature before 1.0"),
        pytest.param("0.2.3", "feat: a; fix!: b", "0.3.0", 2, id="a break decides before a feature of the same level"),
        pytest.param("0.2.3", "fix: a", "0.2.4", 1, id="a fix before 1.0"),
        pytest.param("0.0.3", "feat!: a", "0.1.0", 1, id="a break before 0.1"),
        pytest.param("1.2", "feat: a", "1.3.0", 1, id="after a short version"),
        pytest.param("1.2.3.4", "fix: a", "1.2.4", 1, id="after four numbers"),
        pytest.param("1.2.3+build.7", "fix: a", "1.2.4", 1, id="after build metadata"),
        pytest.param("1.2.post1", "fix: a", "1.2.1", 1, id="after a post-release"),
        pytest.param("2026.4.0", "fix: a; feat: b", "2026.5.0", 2, id="a feature in a calendar version"),
        pytest.param("2026.4.0", "feat!: a", "2026.5.0", 1, id="no change moves a year"),
    ],
)
def test_the_strongest_change_decides(released: str, messages: str, version: str, decider: int) -> None:
    following = after(released, messages)
    assert (following.version, following.tag, following.sha) == (version, f"v{version}", f"{decider:040x}")
    assert following.reason == f"{following.level}: {following.subject} (0000000)"
    assert following.subject == messages.split(";")[decider - 1].strip().partition("\n")[0]


@pytest.mark.parametrize(
    ("breaking", "features", "messages", "version"),
    [
        pytest.param("major", "minor", "fix!: a", "1.0.0", id="a break ends 0.x"),
        pytest.param("major", "patch", "feat: a", "0.2.4", id="a feature moves patch"),
        pytest.param("minor", "patch", "feat: a; fix!: b", "0.3.0", id="a break moves minor"),
        pytest.param("minor", "patch", "fix: a", "0.2.4", id="a fix is a fix"),
    ],
)
def test_what_moves_before_1_0_is_configured(
    breaking: Literal["major", "minor"], features: Literal["minor", "patch"], messages: str, version: str
) -> None:
    rules = replace(RULES, breaking_before_1=breaking, features_before_1=features)
    assert after("0.2.3", messages, rules).version == version
    assert after("1.2.3", "feat!: a", rules).version == "2.0.0", "after 1.0 they mean nothing"


@pytest.mark.parametrize(
    ("released", "messages", "version"),
    [
        pytest.param("2.0.0-rc.1", "fix: a", "2.0.0", id="a fix"),
        pytest.param("2.0.0-rc.1", "feat!: a", "2.0.0", id="a break where nothing was ever final"),
        pytest.param("1.2.3 1.3.0-rc.1", "fix: a; feat: b", "1.3.0", id="what the pre-release announced"),
        pytest.param("1.2.3 1.3.0-rc.1", "feat!: a; feat: b", "2.0.0", id="more than it announced"),
        pytest.param("1.2.3 2.0.0-rc.1", "fix: a", "2.0.0", id="less than it announced: no version goes back"),
        pytest.param("1.2.3 1.3.0rc1", "feat: a", "1.3.0", id="written as PEP 440 does"),
        pytest.param("1.2.3 1.3.0-rc.1 1.3.0", "fix: a", "1.3.1", id="its final release is there already"),
        pytest.param("1.2.3 1.2.3.post1.dev1", "fix: a", "1.2.4", id="a development release of a post-release"),
    ],
)
def test_a_pre_release_goes_on_to_its_final_release(released: str, messages: str, version: str) -> None:
    assert after(released, messages).version == version


@pytest.mark.parametrize(
    ("scheme", "channel", "chain"),
    [
        pytest.param(
            "semver", "rc",
            [("feat: a", "1.3.0-rc.1"), ("fix: b; feat: a", "1.3.0-rc.2"), ("fix!: c; fix: b; feat: a", "2.0.0-rc.1")], id="semver",
        ),
        pytest.param("pep440", "rc", [("feat: a", "1.3.0rc1"), ("fix: b; feat: a", "1.3.0rc2"), ("fix!: c", "2.0.0rc1")], id="pep440"),
        pytest.param("pep440", "alpha", [("fix: a", "1.2.4a1"), ("feat: b; fix: a", "1.3.0a1")], id="pep440 alpha"),
        pytest.param("pep440", "dev", [("fix: a", "1.2.4.dev1"), ("fix: b; fix: a", "1.2.4.dev2")], id="pep440 dev"),
        pytest.param("semver", "next", [("fix: a", "1.2.4-next.1"), ("fix: b; fix: a", "1.2.4-next.2")], id="a word of one's own"),
    ],
)  # fmt: skip
def test_a_channel_counts_its_pre_releases_until_the_final_one(scheme: Scheme, channel: str, chain: list[tuple[str, str]]) -> None:
    rules = replace(RULES, scheme=scheme, channel=channel)
    released = "1.2.3"
    for messages, version in chain:
        assert after(released, messages, rules).version == version
        released += f" {version}"
    final = after(released, chain[-1][0], replace(rules, channel=None)).version
    assert chain[-1][1].startswith(final)


@pytest.mark.parametrize(
    ("released", "channel", "version"),
    [
        pytest.param("1.2.3 1.3.0-beta.2", "rc", "1.3.0-rc.1", id="a channel that comes later"),
        pytest.param("1.2.3 1.3.0-rc.2", "beta", "1.4.0-beta.1", id="one that would come before what is released"),
        pytest.param("1.2.3 1.3.0-rc.0", "rc", "1.3.0-rc.1", id="counted from 0"),
        pytest.param("1.2.3 1.3.0-rc", "rc", "1.3.0-rc.1", id="not counted"),
        pytest.param("1.2.3 1.3.0-rc9 1.3.0-rc10", "rc", "1.3.0-rc.11", id="another spelling"),
        pytest.param("1.2.3 1.3.0rc2", "rc", "1.3.0-rc.3", id="PEP 440's before semver"),
        pytest.param("1.2.3 1.3.0-RC.2", "rc", "1.3.0-rc.3", id="another case"),
        pytest.param("1.2.3 1.4.0-rc.5", "rc", "1.4.0-rc.6", id="the channel went further already"),
    ],
)
def test_a_channel_goes_on_from_what_is_released(released: str, channel: str, version: str) -> None:
    assert after(released, "feat: a", replace(RULES, channel=channel)).version == version


@pytest.mark.parametrize(
    ("scheme", "channel"),
    [
        *(("semver", channel) for channel in ("", "1", "r c", "rc1", "post", "rc.", "rc..x", "rc+x", "-rc", "ſ", "rc\n", "../x")),
        *(("pep440", channel) for channel in ("", "next", "rc1", "post", "rc\n", "final")),
    ],
)
@pytest.mark.parametrize("released", [(), ("1.2.3",)])
def test_a_channel_that_is_none_is_a_matter_of_configuration(scheme: Scheme, channel: str, released: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=r"changelog\.channel") as caught:
        next_version(versions(*released), deciders("fix: a"), replace(RULES, scheme=scheme, channel=channel))
    assert "next" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("released", "messages", "version"),
    [
        pytest.param("1.2", "feat: a", "1.3", id="a feature"),
        pytest.param("1.2", "fix: a", "1.2.1", id="a fix"),
        pytest.param("1.2", "fix!: a", "2.0", id="a break"),
        pytest.param("1.2.1", "feat: a", "1.3.0", id="three numbers stay three"),
        pytest.param("1!1.2", "feat: a", "1!1.3", id="an epoch"),
        pytest.param("1.2 1.3a1", "feat: a", "1.3", id="after a pre-release"),
        pytest.param("26.0 26.1", "fix: a", "26.1.1", id="as the packaging library counts"),
    ],
)
def test_pep_440_keeps_as_many_numbers_as_there_were(released: str, messages: str, version: str) -> None:
    assert after(released, messages, replace(RULES, scheme="pep440")).version == version


@pytest.mark.parametrize("released", [(), ("1.2.3",), ("1.0.0-rc.1",)])
def test_where_nothing_shows_nothing_is_released(released: tuple[str, ...]) -> None:
    assert next_version(versions(*released), [], RULES) is None


@pytest.mark.parametrize(
    ("initial", "channel", "scheme", "version"),
    [
        pytest.param("1.0.0-rc.1", None, "semver", "1.0.0-rc.1", id="as configured"),
        pytest.param("1.0.0-rc.1", "beta", "semver", "1.0.0-rc.1", id="a pre-release already"),
        pytest.param("0.1.0", "rc", "semver", "0.1.0-rc.1", id="on a channel"),
        pytest.param("0.1.0", "rc", "pep440", "0.1.0rc1", id="on a channel, as PEP 440 writes it"),
    ],
)
def test_the_first_release_has_the_version_that_is_configured(initial: str, channel: str | None, scheme: Scheme, version: str) -> None:
    rules = replace(RULES, initial_version=initial, channel=channel, scheme=scheme)
    following = next_version([], deciders("feat!: a"), rules)
    assert following == NextVersion(version, f"v{version}", None, "", "")
    assert following.reason == "first release"


def test_a_component_s_release_has_the_component_s_tag() -> None:
    rules = replace(RULES, component=Component("core", "packages/core", "core-v{version}"))
    assert after("1.2.3", "fix: a", rules).tag == "core-v1.2.4"
    assert given_version("2.0.0", rules).tag == "core-v2.0.0"


@pytest.mark.parametrize(("text", "version"), [("1.4.0", "1.4.0"), ("v1.4.0", "1.4.0"), ("2.0.0-rc.1", "2.0.0-rc.1")])
def test_a_person_may_ask_for_a_version(text: str, version: str) -> None:
    assert (given_version(text, RULES).version, given_version(text, RULES).tag) == (version, f"v{version}")


@pytest.mark.parametrize("text", ["", "next", "1.x", "1.0.0 ", "1.0.0\n", "--help", "1.0.0;x", "../1"])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        given_version(text, RULES)


RELEASED = st.sampled_from(
    ["0.0.0", "0.9.9", "1.2.3", "1.0.0-rc.1", "1.3.0-beta.2", "2024.1", "1.0.post1", "1.2rc3", "1.2.3.4", "2.0.0-1", "1.0+x"]
)
MESSAGES = st.sampled_from(["feat: a", "fix: b", "feat!: c", "Words", "perf: e"])


@given(
    st.lists(RELEASED, max_size=4), st.lists(MESSAGES, max_size=6), st.sampled_from(["semver", "pep440"]),
    st.sampled_from([None, "rc", "beta", "dev"]),
)  # fmt: skip
def test_the_next_version_is_higher_than_all_and_one_that_its_scheme_allows(
    released: list[str], messages: list[str], scheme: Scheme, channel: str | None
) -> None:
    rules = replace(RULES, scheme=scheme, channel=channel)
    before = versions(*released)
    following = next_version(before, deciders(*messages), rules)
    backwards = next_version(before[::-1], deciders(*messages[::-1]), rules)
    assert (following and following.version) == (backwards and backwards.version), "order is only for the decider"
    assert (following is None) == (not messages)
    if following:
        (after_all,) = versions(following.version)
        assert all(after_all.key() > one.key() for one in before)
        assert after_all.is_prerelease == (channel is not None)
        assert is_semver(following.version) if scheme == "semver" else str(Pep440(following.version)) == following.version
