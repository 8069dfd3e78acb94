"""Versions are read from tags, ordered, and moved on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as Pep440

from notewright.history.versions import Level, Version, is_pep440, is_semver, parse_tag, parse_version

# PEP 440, in its normal form and in the others that it allows, but without "1.0.0-x", which Semantic Versioning reads
PEP440 = st.from_regex(
    r"([1-9]!)?[0-9]{1,3}(\.[0-9]{1,3}){0,3}([._]?(a|b|c|rc|alpha|beta|pre|preview|RC)[-._]?[0-9]{1,2})?"
    r"([._]?(post|rev|r)[-._]?[0-9]{1,2})?([._]?dev[-._]?[0-9]{1,2})?(\+[a-z0-9]{1,3}([-._][a-z0-9]{1,2}){0,2})?",
    fullmatch=True,
)
WORDS = st.sampled_from(["alpha", "beta", "dev", "rc", "next", "x", "a", "nightly", "pre"])
SEMVER_PARTS = st.lists(st.one_of(st.integers(0, 20).map(str), WORDS), min_size=1, max_size=4)


def version(text: str) -> Version:
    found = parse_version(text)
    assert found, text
    return found


@pytest.mark.parametrize(
    "ascending",
    [
        pytest.param("1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0", id="semver 11.4"),
        pytest.param("1.0.0 2.0.0 2.1.0 2.1.1", id="semver 11.2"),
        pytest.param("1.0.0-0 1.0.0-1 1.0.0-0a 1.0.0-a 1.0.0", id="semver 11.4.3: a number before a word"),
        pytest.param("1.0.0-alpha.1 1.0.0-dev.1 1.0.0-pre.1 1.0.0-rc.1 1.0.0", id="semver 11.4.2: words by their letters"),
        pytest.param("1.9.0 1.10.0 1.11.0", id="numbers, not words"),
        pytest.param(
            "1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 "
            "1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1",
            id="PEP 440's own list",
        ),
        pytest.param("2013.10 2014.4 1!1.0 1!1.1 1!2.0 2!0.1", id="PEP 440 epochs"),
        pytest.param("1.0.0-rc1 1.0.0-rc2 1.0.0-rc10 1.0.0", id="numbers within a word"),
        pytest.param("1.0.0-alpha.1 1.0.0-Beta.1 1.0.0-RC.1 1.0.0", id="words without their case"),
        pytest.param("1.0.0a1 1.0.0-alpha.2 1.0.0a3 1.0.0-beta.1 1.0.0b2 1.0.0-rc.1 1.0.0rc2 1.0.0", id="both schemes, one order"),
        pytest.param("1.0.0 1.0.0-post.1 1.0.0.post2 1.0.1", id="post is after"),
        pytest.param("4.1.0.Beta1 4.1.0.CR1 4.1.0.Final 4.1.1.Final", id="words of the Java world"),
        pytest.param("0.9 0.9.1 0.10 1.0", id="short ones"),
        pytest.param("1.0.0-next.0 1.0.0-next.9 1.0.0-next.10 1.0.0-rc.0 1.0.0", id="channels"),
        pytest.param("2024.01.05 2024.1.6 2024.02.01 2025.1.1", id="dates"),
        pytest.param("1.0.0-rc.1+z 1.0.0 1.0.0+2 1.0.0+10 1.0.1", id="build metadata comes after, in one order"),
        pytest.param("1.0 1.0.0 1.0.0.0", id="equal ones by their text"),
    ],
)
def test_versions_order_as_their_schemes_say(ascending: str) -> None:
    ordered = [version(text) for text in ascending.split()]
    assert all(lower.key() < higher.key() for lower, higher in pairwise(ordered))


@given(PEP440, PEP440)
def test_pep_440_is_ordered_as_the_packaging_library_orders_it(one: str, other: str) -> None:
    mine, theirs = (version(one), version(other)), (Pep440(one), Pep440(other))
    assert (mine[0].key()[:-1] < mine[1].key()[:-1], mine[0].key()[:-1] == mine[1].key()[:-1]) == (
        theirs[0] < theirs[1],
        theirs[0] == theirs[1],
    )


@given(PEP440)
def test_pep_440_is_read_as_the_packaging_library_reads_it(text: str) -> None:
    mine, theirs = version(text), Pep440(text)
    assert (mine.epoch, mine.numbers, mine.is_prerelease) == (theirs.epoch, theirs.release, theirs.is_prerelease)
    assert is_pep440(text)
    assert version(str(theirs)).key()[:-1] == mine.key()[:-1], "its normal form is the same version"


@given(SEMVER_PARTS, SEMVER_PARTS)
def test_identifiers_are_ordered_as_semantic_versioning_says(one: list[str], other: list[str]) -> None:
    texts = [f"1.0.0-{'.'.join(parts)}" for parts in (one, other)]
    assert all(map(is_semver, texts))

    def rank(parts: list[str]) -> list[tuple[bool, int, str]]:
        return [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]

    mine = [version(text).key()[:-1] for text in texts]
    assert (mine[0] < mine[1], mine[0] == mine[1]) == (rank(one) < rank(other), rank(one) == rank(other))
    assert all(key < version("1.0.0").key()[:-1] for key in mine)


@pytest.mark.parametrize(
    ("text", "numbers", "label", "count"),
    [
        pytest.param("1.4.0", (1, 4, 0), None, 0, id="plain"),
        pytest.param("1", (1,), None, 0, id="one number"),
        pytest.param("1.4.0.2", (1, 4, 0, 2), None, 0, id="four numbers"),
        pytest.param("1.4.0-rc.1", (1, 4, 0), "rc", 1, id="semver pre-release"),
        pytest.param("1.4.0-x.7.z.92", (1, 4, 0), "x", 7, id="semver 9's own example"),
        pytest.param("1.4.0-x-y-z.--", (1, 4, 0), "x-y-z.--", 0, id="semver 9's strangest"),
        pytest.param("1.4.0-beta-2", (1, 4, 0), "beta", 2, id="a hyphen before the number"),
        pytest.param("1.4rc1", (1, 4), "rc", 1, id="PEP 440 pre-release"),
        pytest.param("1.4-c.2", (1, 4), "rc", 2, id="PEP 440 in another form"),
        pytest.param("1.4.dev3", (1, 4), "dev", 3, id="PEP 440 development"),
        pytest.param("1.4a1.dev3", (1, 4), "alpha", 1, id="PEP 440 development of a pre-release"),
        pytest.param("1.4.post2", (1, 4), None, 0, id="PEP 440 post-release"),
        pytest.param("1.4-2", (1, 4), None, 0, id="PEP 440 post-release in short"),
        pytest.param("1.4.post2.dev1", (1, 4), "dev", 1, id="PEP 440 development of a post-release"),
        pytest.param("1!2.0", (2, 0), None, 0, id="PEP 440 epoch"),
        pytest.param("1.4.0+build.5", (1, 4, 0), None, 0, id="build metadata"),
        pytest.param("1.4.0-rc.1+build", (1, 4, 0), "rc", 1, id="both"),
        pytest.param("1.4.0-1", (1, 4, 0), "", 1, id="a number as pre-release"),
        pytest.param("1.4-next.1", (1, 4), "next", 1, id="in no scheme"),
        pytest.param("4.1.0.Final", (4, 1, 0), None, 0, id="a word for the release itself"),
        pytest.param("0" * 30 + ".1", (0, 1), None, 0, id="30 digits"),
    ],
)
def test_a_version_is_read_from_its_text(text: str, numbers: tuple[int, ...], label: str | None, count: int) -> None:
    found = version(text)
    assert (found.text, found.numbers, found.label, found.count, found.is_prerelease) == (text, numbers, label, count, label is not None)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "v",
            "nightly",
            "x",
            "release-1",
            "1.",
            ".1",
            "1..2",
            "1.2.",
            "1.0_1",
            "1.0.0-",
            "1.0.0+",
            "1.0 0",
            "1.0\n",
            "1,0",
            "1!",
            "!1",
        ),
        *("7.x", "7.X", "7.x-dev", "7.1.x", "7.x.x", "7.x-1.0", "١.٢", "1" * 400, "1.0.0-rc." + "1" * 400, "1." * 20 + "1" * 31),
        *("1.0.0-rc..1", "1.0.0+a..b", "1.0.0-ſ", "1.0" + ".0" * 200, "1.0.0-" + "a" * 300),
    ],
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


@pytest.mark.parametrize(
    ("text", "semver", "pep440"),
    [
        pytest.param("1.2.3", True, True, id="both"),
        pytest.param("1.2.3-rc.1", True, True, id="both, though written as semver"),
        pytest.param("1.2.3rc1", False, True, id="PEP 440"),
        pytest.param("1.2", False, True, id="two numbers"),
        pytest.param("01.2.3", False, True, id="a leading zero"),
        pytest.param("1.2.3-next.1", True, False, id="semver"),
        pytest.param("1.2.3-rc.01", False, True, id="a leading zero in a pre-release"),
        pytest.param("1.2.3 ", False, False, id="neither"),
    ],
)
def test_whether_a_scheme_allows_a_text(text: str, semver: bool, pep440: bool) -> None:
    assert (is_semver(text), is_pep440(text)) == (semver, pep440)


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
        pytest.param("core-utils-v1.0.0", "core-v{version}", None, id="a component whose name begins the same"),
        pytest.param("core-utils-1.0.0", "core-{version}", None, id="a component whose name begins the same, without v"),
        pytest.param("core-v1.0.0", "v{version}", None, id="a component with a v where none is configured"),
        pytest.param("v1.0.0", "core-v{version}", None, id="no component"),
        pytest.param("core/v1.0.0", "v{version}", None, id="a component where none is configured"),
        pytest.param("@scope/pkg@1.0.0-rc.1", "@scope/pkg@{version}", "1.0.0-rc.1", id="a scoped package"),
        pytest.param("@scope/pkg-a@1.0.0", "@scope/pkg@{version}", None, id="another scoped package"),
        pytest.param("release/1.0.0", "release/{version}", "1.0.0", id="a folder"),
        pytest.param("release/1.0.0/final", "release/{version}/final", "1.0.0", id="words after it"),
        pytest.param("v1.0.0-core", "v{version}-core", "1.0.0", id="a component after it"),
        pytest.param("release/1.0.0", "release/{version}/final", None, id="words missing after it"),
        pytest.param("v", "v{version}v", None, id="prefix and suffix may not overlap"),
        pytest.param("aba", "ab{version}ba", None, id="nor by a letter"),
        pytest.param("1!2.0", "v{version}", "1!2.0", id="an epoch"),
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
        pytest.param("1!1.2", "minor", "1!1.3.0", id="an epoch stays"),
        pytest.param("2.0.0-rc.1", "patch", "2.0.0", id="a pre-release becomes its release"),
        pytest.param("2.0.0-rc.1", "minor", "2.0.0", id="whatever moves"),
        pytest.param("1.2.post1", "patch", "1.2.1", id="after a post-release"),
        pytest.param("1.2.post1.dev2", "patch", "1.2.1", id="after what comes after its own release"),
        pytest.param("1.2.3.4rc1", "patch", "1.2.4", id="after four numbers of a pre-release"),
        pytest.param("4.1.0.Final", "patch", "4.1.1", id="after a word for the release itself"),
    ],
)
def test_the_next_version_moves_one_part(text: str, level: Level, following: str) -> None:
    assert version(text).bumped(level).text == following


@pytest.mark.parametrize(("level", "following"), [("major", "2.0"), ("minor", "1.3"), ("patch", "1.2.1")])
def test_a_version_of_two_numbers_may_stay_so(level: Level, following: str) -> None:
    assert version("1.2").bumped(level, width=2).text == following


@given(st.lists(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}([-.]?(a|b|rc|dev|post|alpha)[0-9.]{0,3})?", fullmatch=True), max_size=8))
def test_versions_have_one_order_whatever_order_they_come_in(texts: list[str]) -> None:
    found = [one for one in map(parse_version, texts) if one]
    backwards = found[::-1]
    assert sorted(found, key=Version.key) == sorted(backwards, key=Version.key)


@given(st.text(max_size=30), st.sampled_from(["v{version}", "{version}", "core-v{version}", "{version}/x"]))
def test_every_name_is_a_release_or_is_not(name: str, form: str) -> None:
    found = parse_tag(name, form)
    assert found is None or (found.text in name and found.bumped("patch").key() > found.key())


@given(PEP440, st.sampled_from(["major", "minor", "patch"]), st.integers(1, 3))
def test_what_follows_a_version_is_final_and_higher(text: str, level: Level, width: int) -> None:
    following = version(text).bumped(level, width=width)
    assert following.key() > version(text).key()
    assert not following.is_prerelease
    assert parse_version(following.text) == following
