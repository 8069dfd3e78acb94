"""Which release a heading names, in the layouts that people use."""

from __future__ import annotations

import time

import pytest

from notewright.changelog.document.headings import read_heading


@pytest.mark.parametrize(
    ("heading", "version"),
    [
        pytest.param("1.0.0", "1.0.0", id="bare"),
        pytest.param("[1.0.0] - 2020-01-01 [YANKED]", "1.0.0", id="Keep a Changelog, yanked"),
        pytest.param("[1.2.0](https://x/compare/v1.1.0...v1.2.0) (2020-01-01)", "1.2.0", id="release-please"),
        pytest.param("v1.0.0 - 2020", "1.0.0", id="a v"),
        pytest.param("V1.0.0", "1.0.0", id="a large v"),
        pytest.param("Version 0.9", "0.9", id="the word version"),
        pytest.param("Release v1.0.0", "1.0.0", id="the word release"),
        pytest.param("1.2.0 / 2020-01-01", "1.2.0", id="a slash"),
        pytest.param("1.2.0 (unreleased)", "1.2.0", id="zest.releaser"),
        pytest.param("**1.0.0**", "1.0.0", id="bold"),
        pytest.param("`1.0.0`", "1.0.0", id="code"),
        pytest.param('<a name="1.0"></a>1.0', "1.0", id="an anchor inside"),
        pytest.param(":tada: 1.0", "1.0", id="a gitmoji"),
        pytest.param("🎉 v1.0.0 🎉", "1.0.0", id="an emoji"),
        pytest.param("1.0.0: The big one", "1.0.0", id="a name behind a colon"),
        pytest.param("1.0.0 The big one", "1.0.0", id="a name"),
        pytest.param("2023-10-05, Version 20.8.0 (Current), @x", "20.8.0", id="Node.js"),
        pytest.param("2020-01-01 - 2020-01-01", "2020-01-01", id="a release called by its day"),
        pytest.param("1.0rc1", "1.0rc1", id="PEP 440"),
        pytest.param("v1.0.0-beta.2+b1", "1.0.0-beta.2+b1", id="semver with everything"),
        pytest.param("42 (2020-01-01)", "42", id="one number and a date"),
        pytest.param("42", "42", id="one number"),
    ],
)
def test_a_version_is_read(heading: str, version: str) -> None:
    named = read_heading(heading)
    assert named
    assert named.version
    assert (named.version.text, named.component) == (version, "")


@pytest.mark.parametrize("heading", ["Unreleased", "[Unreleased]", "unreleased", "[Unreleased] - 2020", "[Unreleased](https://x)"])
def test_unreleased_is_read(heading: str) -> None:
    named = read_heading(heading)
    assert named
    assert (named.version, named.name) == (None, "unreleased")


@pytest.mark.parametrize(
    ("heading", "component"),
    [
        *(("core 1.2.0", "core"), ("Core v1.2.0 (2020-01-01)", "core"), ("core: 1.2.0", "core"), ("[core-v1.2.0](https://x)", "core")),
        *(("@acme/core@1.2.0", "@acme/core"), ("[@acme/core@1.2.0](u) (2020-01-01)", "@acme/core"), ("core/v1.2.0", "core")),
        *(("my-lib-1.2.0", "my-lib"), ("mylib 1.2.0 (2020-01-01)", "mylib")),
    ],
)
def test_a_component_s_name_is_read(heading: str, component: str) -> None:
    named = read_heading(heading)
    assert named
    assert named.version
    assert (named.version.text, named.component) == ("1.2.0", component)


@pytest.mark.parametrize(
    "heading",
    [
        *("", "Changes", "How we work", "7.x", "nightly", "3 ways to use it", "2020 roadmap", "unreleasedly", "Whatever is released"),
        *("1.0 to 2.0", "1.0 → 2.0", "1.0.0...2.0.0", "Python 3.12 support", "Django 4.2 is out", "Changelog 1.0", "Upgrading 2.0"),
    ],
)
def test_other_headings_name_no_release(heading: str) -> None:
    assert read_heading(heading) is None


def test_a_heading_of_a_megabyte_is_read_at_once() -> None:
    start = time.process_time()
    for heading in (
        "x" * 1_000_000,
        "a-" * 500_000,
        ":a" * 500_000,
        "[" * 1_000_000,
        "<a " * 300_000,
        "1." * 500_000,
        "2020-01-01 " * 90_000,
    ):
        read_heading(heading)
    assert time.process_time() - start < 5
