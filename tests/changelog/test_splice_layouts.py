"""Sections enter changelogs of every usual layout at the right place, once, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.document.marks import is_own, mark_section
from notewright.changelog.document.regions import find_regions, split_lines
from notewright.changelog.document.splice import RenderedSection, refuse_foreign, splice_sections
from notewright.changelog.layout.links import links_to
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.layout.presets import PRESETS
from notewright.changelog.section import Section
from notewright.errors import ConfigError, UsageError
from tests.parts.cost import assert_in_proportion
from tests.parts.sections import entry, invented_release, section

KEEP = """\
# Changelog

All notable changes to this project will be documented in this file.

The format is based on [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## [Unreleased]

### Added

- soon

## [1.3.2] - 2020-03-02 [YANKED]

### Fixed

- a thing

## [1.3.1] - 2020-03-01

- older

[unreleased]: https://example.org/compare/v1.3.2...HEAD
[1.3.2]: https://example.org/compare/v1.3.1...v1.3.2
[1.3.1]: https://example.org/releases/tag/v1.3.1
"""
COMMON = """\
# Changelog

## [1.3.2] - 2019-08-24

_If you are upgrading: please see [`UPGRADING.md`](UPGRADING.md)._

### Changed

- **Breaking:** emit `close` event (#2) (Ada)

## [1.3.1] - 2019-08-23

_This release was never published to npm due to security issues._

### Fixed

- x ([`53bd922`](https://example.org/commit/53bd922)) (Ada)

[1.3.2]: https://example.org/releases/tag/v1.3.2

[1.3.1]: https://example.org/releases/tag/v1.3.1
"""
CONVENTIONAL = """\
# Change Log

All notable changes to this project will be documented in this file. See [standard-version](https://example.org) for commit guidelines.

<a name="1.3.2"></a>
## [1.3.2](https://example.org/compare/v1.3.1...v1.3.2) (2018-01-02)


### Bug Fixes

* **core:** a thing ([abc1234](https://example.org/commit/abc1234))



<a name="1.3.0"></a>
# [1.3.0](https://example.org/compare/v1.2.0...v1.3.0) (2018-01-01)


### Features

* x ([abc1235](https://example.org/commit/abc1235))
"""
RELEASE_PLEASE = """\
# Changelog

## [1.3.2](https://example.org/compare/v1.3.1...v1.3.2) (2024-01-02)


### Bug Fixes

* a thing ([#12](https://example.org/issues/12)) ([abc1234](https://example.org/commit/abc1234))

## 1.3.1 (2024-01-01)


### Features

* first
"""
ANGULAR = """\
<a name="1.3.2"></a>

# 1.3.2 (2023-11-15)

## Breaking Changes

### core

- Words.

| Commit | Description |
| --- | --- |
| [abc](https://x) | fix: a |

<!-- CHANGELOG SPLIT MARKER -->

<a name="1.3.1"></a>

# 1.3.1 "a-name" (2023-11-08)
"""
GITHUB = """\
# Releases

## v1.3.2

## What's Changed
* a thing by @ada in https://example.org/pull/1

## New Contributors
* @ada made their first contribution in https://example.org/pull/1

**Full Changelog**: https://example.org/compare/v1.3.1...v1.3.2

## v1.3.1

* x
"""
TOWNCRIER = """\
# Changelog

Words.

<!-- towncrier release notes start -->

## mylib 1.3.2 (2024-01-02)

### Features

- A thing. ([#12](https://example.org/issues/12))

## mylib 1.3.1 (2024-01-01)

No significant changes.
"""
UNDERLINED = """\
Changelog
=========

1.3.2 (2020-01-02)
------------------

- a thing

1.3.1 (2020-01-01)
------------------

- older
"""
NODE = "# Changelog\n\n## 2023-10-05, Version 1.3.2 (Current), @x\n\n- a\n\n## 2023-09-05, Version 1.3.1 (Current), @y\n\n- b\n"
LINES = "# News\n\n## Version 2.0.0\n\n- main\n\n## Version 1.3.2\n\n- a\n\n## How we version\n\nWords.\n"
OURS = "# Changelog\n\nAll notable changes to this project are documented in this file.\n\n" + "\n".join(
    mark_section(render_section(section(entry(f"thing of {version}"), version=version))) for version in ("1.3.2", "1.3.1")
)
LAYOUTS = {
    "Keep a Changelog": KEEP,
    "Common Changelog": COMMON,
    "conventional-changelog": CONVENTIONAL,
    "release-please": RELEASE_PLEASE,
    "Angular": ANGULAR,
    "GitHub": GITHUB,
    "towncrier": TOWNCRIER,
    "underlined": UNDERLINED,
    "Node.js": NODE,
    "a chapter below": LINES,
    "ours": OURS,
}
LINKS = links_to("https://github.com/acme/app")


def rendered(told: Section, preset: str = "keepachangelog") -> RenderedSection:
    return RenderedSection(told.version, render_section(told, links=LINKS, preset=preset))


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def names(document: str) -> list[str]:
    return [region.name for region in find_regions(document, split_lines(document))]


def spliced_ten_times(document: str, sections: Sequence[RenderedSection]) -> str:
    once = splice_sections(document, sections)
    again = once
    for _ in range(9):
        again = splice_sections(again.text, sections)
        assert again == once
    return once.text


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda text: text, id="as it is"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda text: "\ufeff" + text, id="a byte order mark"),
        pytest.param(lambda text: text.rstrip("\n"), id="no last line end"),
    ],
)
def test_ten_times_leave_one_section_above_the_first_older_one_and_all_other_bytes(
    form: Callable[[str], str], layout: str, preset: str
) -> None:
    document = form(LAYOUTS[layout])
    new = rendered(invented_release(), preset)
    text = spliced_ten_times(document, [new])
    newline = "\r\n" if "\r\n" in document else "\n"
    marked = mark_section(new.markdown).replace("\n", newline)
    assert text.count(marked) == 1
    assert text.replace(marked + newline, "", 1) == document
    expected = [*names(document)]
    expected.insert(next(index for index, name in enumerate(expected) if name == "1.3.2"), "1.4.0")
    assert names(text) == expected


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_anchors_stay_with_their_headings(layout: str) -> None:
    text = splice_sections(LAYOUTS[layout], [rendered(section(entry("x")))]).text
    for anchor in ('<a name="1.3.2"></a>\n## [1.3.2]', '<a name="1.3.2"></a>\n\n# 1.3.2'):
        assert (anchor in text) is (anchor in LAYOUTS[layout])


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_the_oldest_release_enters_below_all_others_and_above_what_follows_them(layout: str) -> None:
    text = spliced_ten_times(LAYOUTS[layout], [rendered(section(entry("x"), version="0.1.0"))])
    assert names(text)[-1] == "0.1.0"
    for below in ("## How we version", "[unreleased]: https", "[1.3.2]: https"):
        assert below not in LAYOUTS[layout] or text.index("## [0.1.0]") < text.index(below)


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"ours"}))
def test_a_person_s_section_of_that_version_is_found_and_stays(layout: str) -> None:
    spliced = splice_sections(LAYOUTS[layout], [rendered(section(entry("x"), version="1.3.1"))])
    found = "1.3.1" in names(LAYOUTS[layout])
    assert spliced.edited == (("1.3.1",) if found else ())
    assert (spliced.text == LAYOUTS[layout]) is found


def test_components_share_a_file_without_touching_each_other_s_sections() -> None:
    document = "# Changelog\n\n## api 2.0.0\n\n- a\n\n## core 1.3.0\n\n- b\n\n## api 1.4.0\n\n- c\n"
    told = RenderedSection("1.4.0", "## core 1.4.0\n\n- new\n")
    text = spliced_ten_times(document, [told])
    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        "## api 2.0.0",
        "## core 1.4.0",
        "## core 1.3.0",
        "## api 1.4.0",
    ]


def test_a_section_that_no_later_run_could_find_is_refused() -> None:
    for markdown in ("### 1.0.0\n\n- x\n", "Words\n\n## 1.0.0\n", "## 1.0.1\n\n- x\n", "", "## Changes\n"):
        with pytest.raises(ConfigError, match="so no later run could find it"):
            splice_sections("# Changes\n", [RenderedSection("1.0.0", markdown)])


def test_a_template_s_headings_may_be_as_high_as_the_release_s() -> None:
    told = RenderedSection("1.4.0", "## 1.4.0\n\n## What's Changed\n\n* x\n\n## New Contributors\n\n* Ada\n")
    text = spliced_ten_times(KEEP, [told])
    assert "* x anew" in splice_sections(text, [RenderedSection("1.4.0", told.markdown.replace("* x", "* x anew"))]).text


def test_a_template_may_begin_with_an_anchor() -> None:
    told = RenderedSection("1.4.0", '<a name="1.4.0"></a>\n\n## 1.4.0\n\n* x\n')
    text = spliced_ten_times(CONVENTIONAL, [told])
    assert text.count('name="1.4.0"') == 1
    assert splice_sections(text, [RenderedSection("1.4.0", told.markdown.replace("* x", "* y"))]).text.count('name="1.4.0"') == 1


@pytest.mark.parametrize(
    ("name", "document"),
    [
        pytest.param("CHANGES.rst", "", id="reStructuredText by its name"),
        pytest.param("docs/NEWS.ADOC", "", id="AsciiDoc"),
        pytest.param("CHANGES", "Changes\n=======\n\n.. towncrier release notes start\n\n1.0\n---\n", id="towncrier's"),
        pytest.param("NEWS.txt", "News\n====\n\n.. _1.0:\n\n1.0\n---\n", id="a target"),
    ],
)
def test_a_file_that_is_no_markdown_is_refused(name: str, document: str) -> None:
    with pytest.raises(UsageError, match="and a section is Markdown"):
        refuse_foreign(name, document)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "CHANGELOG", "HISTORY.txt", "CHANGES.markdown"])
def test_a_file_that_may_be_markdown_is_taken(name: str) -> None:
    refuse_foreign(name, UNDERLINED)


def test_a_huge_file_is_spliced_in_proportion() -> None:
    def make(size: int) -> str:
        part = "".join(f"- **core:** a thing of many words, number {number} ([#1](https://example.org/1))\n" for number in range(200))
        releases = "".join(f"## [0.{minor}.0](https://example.org) (2020-01-01)\n\n{part}\n" for minor in range(size // len(part), 0, -1))
        return f"# Changelog\n\n{releases}"

    assert_in_proportion(lambda text: splice_sections(text, [rendered(section(entry("x")))]), make, size=100_000)


SUPERSEDED = [rendered(section(entry(f"thing of {version}"), version=version)) for version in ("1.4.0-rc.2", "1.4.0-rc.1")]


def test_sections_of_folded_pre_releases_go_and_a_person_s_stay_and_are_told() -> None:
    document = splice_sections(KEEP, SUPERSEDED).text
    final = rendered(section(entry("all of it")))
    spliced = splice_sections(document, [final], superseded=["1.4.0-rc.1", "1.4.0-rc.2"])
    assert (names(spliced.text), spliced.edited) == (["unreleased", "1.4.0", "1.3.2", "1.3.1"], ())
    edited = document.replace("thing of 1.4.0-rc.1", "thing of mine")
    spliced = splice_sections(edited, [final], superseded=["1.4.0-RC.1", "1.4.0-rc.2"])
    assert (names(spliced.text), spliced.edited) == (["unreleased", "1.4.0", "1.4.0-rc.1", "1.3.2", "1.3.1"], ("1.4.0-rc.1",))
    assert "thing of mine" in spliced.text
    assert splice_sections(spliced.text, [final], superseded=["1.4.0-rc.1", "1.4.0-rc.2"]) == spliced
    assert splice_sections(KEEP, [], superseded=["1.3.1"]).text == KEEP


def test_an_edited_unreleased_section_is_told_when_its_release_comes() -> None:
    document = splice_sections("# Changes\n", [rendered(section(entry("x"), version=None))]).text.replace("- x", "- x, as I say it")
    spliced = splice_sections(document, [rendered(section(entry("x")))])
    assert (names(spliced.text), spliced.edited) == (["unreleased", "1.4.0"], ("Unreleased",))
    assert splice_sections(spliced.text, [rendered(section(entry("x")))]) == spliced


def test_a_section_that_says_what_a_person_made_of_it_is_ours_again() -> None:
    """Its mark was that of the words before the edit: after the override, each later commit was called an edit."""
    document = splice_sections(KEEP, [rendered(section(entry("x")))]).text.replace("- x", "- y")
    said = RenderedSection("1.4.0", rendered(section(entry("x"))).markdown.replace("- x", "- y"))
    spliced = splice_sections(document, [said])
    assert (spliced.edited, names(spliced.text)) == ((), names(document))
    region = next(region for region in find_regions(spliced.text, split_lines(spliced.text)) if region.name == "1.4.0")
    assert is_own("".join(split_lines(spliced.text)[region.start : region.end]))
    assert splice_sections(spliced.text, [RenderedSection("1.4.0", said.markdown + "- z\n")]).edited == ()


_WORDS = st.text("abc -*#>`_\u00e9\u2028", max_size=20)


@given(st.sampled_from(sorted(LAYOUTS)), st.sampled_from(sorted(PRESETS)), _WORDS, st.integers(0, 400))
def test_a_person_s_words_in_our_section_survive_every_run(layout: str, preset: str, words: str, place: int) -> None:
    told = rendered(invented_release(), preset)
    document = splice_sections(LAYOUTS[layout], [told]).text
    start = document.index(mark_section(told.markdown))
    lines = mark_section(told.markdown).split("\n")
    lines.insert(2 + place % (len(lines) - 4), f"- mine {words}")
    mine = document[:start] + "\n".join(lines) + document[start + len(mark_section(told.markdown)) :]
    for fresh in (told, rendered(section(entry("something new")), preset)):
        spliced = splice_sections(mine, [fresh])
        assert spliced.text == mine
        assert spliced.edited == ("1.4.0",)
