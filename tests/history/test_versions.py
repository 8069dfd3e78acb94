"""Versions are read from tags, ordered, and moved on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.history.versions import Level, Version, parse_tag, parse_version


def version(text: str) -> Version:
    found = parse_version(text)
    assert found, text
    return found


@pytest.mark.parametrize(
    "ascending",
    [
        pytest.param("1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0", id="semver 11.4"),
        pytest.param("1.0.0 2.0.0 2.1.0 2.1.1", id="semver 11.2"),
        pytest.param("1.9.0 1.10.0 1.11.0", id="numbers, not words"),
        pytest.param("1.0.dev1 1.0a1 1.0b1 1.0rc1 1.0 1.0.post1 1.1.dev1", id="PEP 440"),
        pytest.param("1.0.0-rc1 1.0.0-rc2 1.0.0-rc10 1.0.0", id="numbers within a word"),
        pytest.param("0.9 0.9.1 0.10 1.0", id="short ones"),
        pytest.param("1.0.0-next.0 1.0.0-next.9 1.0.0-next.10 1.0.0-rc.0 1.0.0", id="channels"),
        pytest.param("2024.01.05 2024.1.6 2024.02.01 2025.1.1", id="dates"),
        pytest.param("1.0.0-9 1.0.0-a", id="a number before a word"),
    ],
)
def test_versions_order_as_their_schemes_say(ascending: str) -> None:
    ordered = [version(text) for text in ascending.split()]
    assert all(lower.key() < higher.key() for lower, higher in pairwise(ordered))


@pytest.mark.parametrize(
    ("text", "numbers", "suffix", "is_prerelease"),
    [
        pytest.param("1.4.0", (1, 4, 0), "", False, id="plain"),
        pytest.param("1", (1,), "", False, id="one number"),
        pytest.param("1.4.0.2", (1, 4, 0, 2), "", False, id="four numbers"),
        pytest.param("1.4.0-rc.1", (1, 4, 0), "rc.1", True, id="semver pre-release"),
        pytest.param("1.4.0-x.7.z.92", (1, 4, 0), "x.7.z.92", True, id="semver 9's own example"),
        pytest.param("1.4rc1", (1, 4), "rc1", True, id="PEP 440 pre-release"),
        pytest.param("1.4.dev3", (1, 4), "dev3", True, id="PEP 440 development"),
        pytest.param("1.4.post2", (1, 4), "post2", False, id="PEP 440 post-release"),
        pytest.param("1.4.0+build.5", (1, 4, 0), "", False, id="build metadata"),
        pytest.param("1.4.0-rc.1+build", (1, 4, 0), "rc.1", True, id="both"),
        pytest.param("1.4.0-1", (1, 4, 0), "1", True, id="a number as pre-release"),
        pytest.param("0" * 30 + ".1", (0, 1), "", False, id="30 digits"),
    ],
)
def test_a_version_is_read_from_its_text(text: str, numbers: tuple[int, ...], suffix: str, is_prerelease: bool) -> None:
    found = version(text)
    assert (found.text, found.numbers, found.suffix, found.is_prerelease) == (text, numbers, suffix, is_prerelease)


@pytest.mark.parametrize(
    "text",
    [
        *("", "v", "nightly", "x", "release-1", "1.", ".1", "1..2", "1.2.", "1.0_1", "1.0.0-", "1.0.0+", "1.0 0", "1.0\n", "1,0"),
        *("7.x", "7.X", "7.x-dev", "7.1.x", "7.x.x", "7.x-1.0", "١.٢", "1" * 400, "1.0.0-rc." + "1" * 400, "1." * 20 + "1" * 31),
    ],
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        pytest.param("v1.0.0", "v{version}", "1.0.0", id="as configured"),
        pytest.param("1.0.0", "v{version}", "1.0.0", id="without its v"),
        pytest.param("v1.0.0", "{version}", "1.0.0", id="with a v that nobody asked for"),
        pytest.param("vv1.0.0", "v{version}", None, id="two are too many"),
        pytest.param("core-v1.0.0", "core-v{version}", "1.0.0", id="a component"),
        pytest.param("core-1.0.0", "core-v{version}", None, id="a component's v is part of its form"),
        pytest.param("other-v1.0.0", "core-v{version}", None, id="another component"),
        pytest.param("v1.0.0", "core-v{version}", None, id="no component"),
        pytest.param("core/v1.0.0", "v{version}", None, id="a component where none is configured"),
        pytest.param("release/1.0.0/final", "release/{version}/final", "1.0.0", id="words after it"),
        pytest.param("release/1.0.0", "release/{version}/final", None, id="words missing after it"),
        pytest.param("v", "v{version}v", None, id="prefix and suffix may not overlap"),
        pytest.param("7.x", "v{version}", None, id="a line of releases"),
    ],
)
def test_a_tag_is_a_release_by_its_form(name: str, form: str, text: str | None) -> None:
    found = parse_tag(name, form)
    assert (found.text if found else None) == text


@pytest.mark.parametrize(
    ("text", "level", "following"),
    [
        pytest.param("1.2.3", "major", "2.0.0", id="major"),
        pytest.param("1.2.3", "minor", "1.3.0", id="minor"),
        pytest.param("1.2.3", "patch", "1.2.4", id="patch"),
        pytest.param("1.2", "patch", "1.2.1", id="two numbers"),
        pytest.param("1", "minor", "1.1.0", id="one number"),
        pytest.param("1.2.3.4", "patch", "1.2.4", id="four numbers"),
        pytest.param("1.2.3+build", "patch", "1.2.4", id="build metadata goes"),
        pytest.param("2.0.0-rc.1", "patch", "2.0.0", id="a pre-release becomes its release"),
        pytest.param("2.0.0-rc.1", "minor", "2.0.0", id="whatever moves"),
        pytest.param("1.2.post1", "patch", "1.2.1", id="after a post-release"),
    ],
)
def test_the_next_version_moves_one_part(text: str, level: Level, following: str) -> None:
    assert version(text).bumped(level).text == following


@given(st.lists(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}([-.]?(a|b|rc|dev|post|alpha)[0-9.]{0,3})?", fullmatch=True), max_size=8))
def test_versions_have_one_order_whatever_order_they_come_in(texts: list[str]) -> None:
    found = [one for one in map(parse_version, texts) if one]
    backwards = found[::-1]
    assert sorted(found, key=Version.key) == sorted(backwards, key=Version.key)


@given(st.text(max_size=30), st.sampled_from(["v{version}", "{version}", "core-v{version}", "{version}/x"]))
def test_every_name_is_a_release_or_is_not(name: str, form: str) -> None:
    found = parse_tag(name, form)
    assert found is None or (found.text in name and found.bumped("patch").key() > found.key())
