"""A section enters CHANGELOG.md, and everything else stays byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.document.marks import is_own, mark_section
from notewright.changelog.document.splice import RenderedSection, splice_sections
from notewright.changelog.layout.markdown import DOCUMENT_HEAD
from tests.parts.cost import assert_in_proportion

HAND_MADE = """\
# Our changes

Words of ours, with ünïcode.

## [Unreleased]

- soon

## [1.0.0] - 2020-01-01

- hand-made

## 0.9.0

- older

[Unreleased]: https://example.org/compare
[1.0.0]: https://example.org/1.0.0
"""


def section(version: str | None, *items: str) -> RenderedSection:
    body = "\n".join(f"- {item}" for item in items or (f"words of {version}",))
    return RenderedSection(version, f"## {version or 'Unreleased'}\n\n### Features\n\n{body}\n")


def splice(document: str, *sections: RenderedSection) -> str:
    return splice_sections(document, sections).text


def headings(document: str) -> list[str]:
    return [line.removeprefix("## ") for line in unix(document).split("\n") if line.startswith("## ")]


def unix(document: str) -> str:
    return document.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="nothing"),
        pytest.param("\n \n", id="blank lines"),
        pytest.param("\ufeff", id="only a byte order mark"),
        pytest.param("# Changelog\n", id="only a title"),
        pytest.param("# Changelog", id="no last line end"),
        pytest.param("\ufeff# Changelog\n\nWords.\n", id="a byte order mark"),
        pytest.param(HAND_MADE, id="hand-made"),
        pytest.param(HAND_MADE.rstrip(), id="hand-made without last line end"),
        pytest.param("[a]: https://example.org\n", id="only definitions"),
        pytest.param("words\n" + "\x0c\n\u2028x\x85y\x0b\n" + "## 0.1.0\n\n- x\n", id="line ends that are none"),
        pytest.param("words\n\n```\n## 0.1.0\n", id="code that never ends"),
        pytest.param("\udcff\udcfe\n\n## 0.1.0\n\n- \udcff\n", id="bytes that are no text"),
    ],
)
def test_ten_times_leave_one_section_and_all_other_words(document: str, newline: str) -> None:
    document = document.replace("\n", newline)
    once = splice(document, section("1.1.0"))
    again = once
    for _ in range(9):
        again = splice(again, section("1.1.0"))
    assert again == once
    assert headings(once).count("1.1.0") == 1
    assert ("\r\n" in once) is ("\r\n" in document)
    assert once.startswith("\ufeff") is document.startswith("\ufeff")
    before, _, after = once.partition("## 1.1.0")
    rest = before + after.partition("-->")[2]
    if document.strip("\ufeff \r\n"):
        assert rest.replace("\r", "").replace("\n", "") == document.replace("\r", "").replace("\n", "")


def test_an_empty_document_gets_a_title() -> None:
    assert splice("", section("1.0.0")).startswith(f"{DOCUMENT_HEAD}\n## 1.0.0\n\n### Features\n")
    assert splice("", section(None), section("1.0.0")).count("# Changelog\n") == 1


def test_nothing_to_splice_changes_nothing() -> None:
    assert splice("") == ""
    assert splice(HAND_MADE) == HAND_MADE


@pytest.mark.parametrize(
    ("there", "new", "expected"),
    [
        pytest.param(["1.0.0"], "1.1.0", ["1.1.0", "1.0.0"], id="a newer one enters above"),
        pytest.param(["2.0.0", "1.0.0"], "1.1.0", ["2.0.0", "1.1.0", "1.0.0"], id="a maintenance release enters above the first older"),
        pytest.param(["2.0.0", "1.0.0"], "0.1.0", ["2.0.0", "1.0.0", "0.1.0"], id="the oldest enters at the end"),
        pytest.param(["1.10.0", "1.9.0"], "1.9.1", ["1.10.0", "1.9.1", "1.9.0"], id="numbers, not words"),
        pytest.param(["1.0.0"], "1.0.0-rc.1", ["1.0.0", "1.0.0-rc.1"], id="a pre-release before its release"),
        pytest.param(["v1.0.0 (2020)", "Version 0.9"], "0.9.1", ["v1.0.0 (2020)", "0.9.1", "Version 0.9"], id="other headings"),
        pytest.param(["[Unreleased]", "1.0.0"], "1.1.0", ["[Unreleased]", "1.1.0", "1.0.0"], id="a person's unreleased words stay on top"),
        pytest.param(["How to read", "1.0.0"], "1.1.0", ["How to read", "1.1.0", "1.0.0"], id="below other chapters"),
    ],
)  # fmt: skip
def test_a_new_section_enters_above_the_first_older_release(there: list[str], new: str, expected: list[str]) -> None:
    document = "# Changes\n\n" + "\n".join(f"## {heading}\n\n- x\n" for heading in there)
    assert headings(splice(document, section(new))) == expected


def test_unreleased_words_of_ours_enter_above_all_releases_and_below_the_title() -> None:
    text = splice("# Changes\n\nIntro.\n\n## 1.0.0\n\n- x\n", section(None, "new"))
    assert headings(text) == ["Unreleased", "1.0.0"]
    assert text.startswith("# Changes\n\nIntro.\n\n## Unreleased\n\n### Features\n\n- new\n\n<!-- notewright ")
    assert text.endswith(" -->\n\n## 1.0.0\n\n- x\n")


def test_a_section_of_ours_is_replaced_where_it_stands() -> None:
    document = splice("# Changes\n\n## 0.9.0\n\n- x\n\n[a]: https://a\n", section("1.0.0", "one"))
    for item in ("two", "three", "four"):
        document = splice(document, section("1.0.0", item))
    assert document == splice("# Changes\n\n## 0.9.0\n\n- x\n\n[a]: https://a\n", section("1.0.0", "four"))


def test_link_definitions_at_the_end_stay_there_however_often_a_last_section_changes() -> None:
    document = "# Changes\n\nIntro.\n\n[a]: https://a\n[b]: <https://b>\n"
    for item in ("one", "two", "three"):
        document = splice(document, section(None, item))
    assert document.endswith(" -->\n\n[a]: https://a\n[b]: <https://b>\n")
    assert document.count("## Unreleased") == 1


def test_a_release_takes_the_place_of_our_unreleased_words() -> None:
    document = splice("# Changes\n\n## 1.0.0\n\n- x\n", section(None, "new"))
    assert headings(splice(document, section("1.1.0", "new"))) == ["1.1.0", "1.0.0"]


def test_an_older_release_leaves_our_unreleased_words() -> None:
    document = splice("# Changes\n\n## 1.0.0\n\n- x\n", section(None, "new"))
    assert headings(splice(document, section("0.9.0"))) == ["Unreleased", "1.0.0", "0.9.0"]


def test_releases_that_are_there_leave_our_unreleased_words() -> None:
    """Written again, the first release took the place of Unreleased and stood there twice."""
    history = [section(None, "new"), section("1.1.0"), section("1.0.0")]
    document = splice("", *history)
    assert splice(document, section("1.0.0")) == document
    assert splice(document, *history) == document
    later = splice(document, section("1.2.0", "new"), section("1.1.0"), section("1.0.0"))
    assert headings(later) == ["1.2.0", "1.1.0", "1.0.0"]


def test_a_released_section_and_new_unreleased_words_come_together() -> None:
    document = splice("", section(None, "one"), section("1.0.0"))
    after = splice(document, section(None, "two"), section("1.1.0", "one"), section("1.0.0"))
    assert headings(after) == ["Unreleased", "1.1.0", "1.0.0"]
    assert "- two" in after.split("## 1.1.0")[0]


def test_two_releases_of_one_version_keep_their_places() -> None:
    """Two tags may name one version, such as 1.0.0 and v1.0.0."""
    history = [section("1.1.0"), section("1.0.0", "second"), section("1.0.0", "first")]
    document = splice("", *history)
    assert splice(document, *history) == document
    assert document.index("- second") < document.index("- first")


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_person_s_edit_survives_and_is_told(newline: str) -> None:
    document = splice(f"# Changes{newline}", section("1.1.0", "ours"), section("1.0.0")).replace("- ours", "- ours, said better")
    spliced = splice_sections(document, [section("1.1.0", "ours anew"), section("1.0.0", "changed too")])
    assert spliced.edited == ("1.1.0",)
    assert "- ours, said better" in spliced.text
    assert "- changed too" in spliced.text
    assert splice_sections(document, [section("1.1.0", "ours, said better")]).edited == ()


def test_words_of_a_person_below_our_last_section_are_neither_ours_nor_an_edit() -> None:
    document = splice("# Changes\n", section("1.0.0", "one")) + "\nThat is all.\n"
    spliced = splice_sections(document, [section("1.0.0", "two")])
    assert spliced.edited == ()
    assert spliced.text == splice("# Changes\n", section("1.0.0", "two")) + "\nThat is all.\n"


def test_a_hand_made_section_of_that_version_is_kept_and_told() -> None:
    spliced = splice_sections(HAND_MADE, [section(None), section("1.0.0")])
    assert (spliced.text, spliced.edited) == (HAND_MADE, ("Unreleased", "1.0.0"))


def test_other_line_ends_and_blanks_at_their_end_are_no_edit() -> None:
    document = splice("# Changes\n", section("1.0.0", "one")).replace("- one", "- one  ").replace("\n", "\r\n")
    spliced = splice_sections(document, [section("1.0.0", "one")])
    assert (spliced.text, spliced.edited) == (document, ())


@pytest.mark.parametrize(
    "between",
    [
        pytest.param("```markdown\n## 1.1.0\n\n- x\n```", id="fenced code"),
        pytest.param("~~~\n## 1.1.0\n~~~", id="fenced with tildes"),
        pytest.param("    ## 1.1.0", id="indented code"),
        pytest.param("<!--\n## 1.1.0\n-->", id="a comment"),
        pytest.param("> ## 1.1.0", id="a quotation"),
        pytest.param("- x\n\n  ## 1.1.0", id="a list"),
        pytest.param("### 1.1.0", id="a lower heading"),
        pytest.param("1.1.0", id="words"),
    ],
)
def test_what_looks_like_a_release_but_is_none_is_passed_over(between: str) -> None:
    document = f"# Changes\n\n{between}\n\n## 1.0.0\n\n- y\n"
    after = splice(document, section("1.1.0", "new"))
    assert document.partition("## 1.0.0")[0] in after
    assert after.index("- new") > after.index(between)


@pytest.mark.parametrize(
    "heading",
    [
        *("## 1.0.0", "## [1.0.0]", "## [1.0.0](https://x) (2020-01-01)", "# v1.0.0", "## v1.0.0 - 2020", "##  1.0.0  ##"),
        *("1.0.0\n-----", "Version 1.0.0\n===", "## Release v1.0.0"),
    ],
)
def test_releases_are_known_by_any_usual_heading(heading: str) -> None:
    document = f"Intro\n\n{heading}\n\n- y\n"
    spliced = splice_sections(document, [section("1.0.0", "z")])
    assert (spliced.text, spliced.edited) == (document, ("1.0.0",))
    assert splice(document, section("1.1.0")).index("## 1.1.0") < splice(document, section("1.1.0")).index(heading)


_LINES = st.lists(
    st.sampled_from(
        [
            *("# Changes", "## Unreleased", "## [Unreleased]", "## 1.0.0", "## 0.9.0 - 2020", "## 2.0.0", "### x", "1.2.0", "---", "words"),
            *(
                "```",
                "~~~",
                "- item",
                "  more",
                "    code",
                "<!--",
                "-->",
                "<div>",
                "</div>",
                "> q",
                "",
                "",
                "",
                " ",
                "\t",
                "[a]: https://a",
            ),
            *("\x0c", "\u2028", "\x85", "\x00", "\udcff", "<!-- notewright 0123456789ab -->", "\ufeff", "| a |", "|---|"),
        ]
    ),
    max_size=14,
)
_DOCUMENTS = st.builds(
    lambda lines, newline, last: newline.join(lines) + (newline if last else ""),
    _LINES,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
_VERSIONS = st.lists(st.sampled_from(["2.1.0", "2.0.0", "1.0.0", "0.1.0"]), max_size=4, unique=True).map(
    lambda some: sorted(some, reverse=True)
)
_SECTIONS = st.builds(lambda versions, item: [section(version, item) for version in versions], _VERSIONS, st.sampled_from(["x", "y"]))


@given(_DOCUMENTS, _SECTIONS, st.sampled_from([(), (section(None, "u"),), (section(None, "v"),)]))
def test_splicing_twice_changes_nothing_and_no_line_is_lost(
    document: str, sections: list[RenderedSection], unreleased: tuple[RenderedSection, ...]
) -> None:
    wanted = [*unreleased, *sections]
    once = splice_sections(document, wanted)
    again = splice_sections(once.text, wanted)
    assert (again.text, again.edited) == (once.text, once.edited)
    blank = not document.strip("\ufeff \t\r\n")
    lost = [line for line in document.replace("\r", "\n").split("\n") if line.strip("\ufeff \t") and line not in once.text]
    assert blank or not lost


@given(_DOCUMENTS, _SECTIONS)
def test_what_is_not_ours_stays_in_its_order(document: str, sections: list[RenderedSection]) -> None:
    spliced = splice_sections(document, sections)
    text = unix(spliced.text)
    for one in sections:
        if one.version not in spliced.edited:
            text = text.replace(mark_section(one.markdown), "", 1)
    if document.strip("\ufeff \t\r\n"):
        assert words(text) == words(document)


def words(text: str) -> list[str]:
    return [line for line in unix(text).split("\n") if line.strip()]


def test_a_mark_alone_does_not_make_words_ours() -> None:
    text = splice("# Changes\n", section("1.0.0"))
    own = text[text.index("## 1.0.0") :]
    assert is_own(own)
    assert not is_own(own.replace("words", "other words"))
    assert not is_own("## 1.0.0\n\n- x\n\n<!-- notewright 0123456789ab -->\n")


def test_a_long_history_is_written_in_proportion() -> None:
    """368 releases once took 46 seconds, and 102 the second time."""

    def make(number: int) -> list[RenderedSection]:
        return [section(f"1.{minor}.0", *(f"item {item}" for item in range(20))) for minor in range(number, 0, -1)]

    assert_in_proportion(lambda history: splice(splice("", *history), section("9.9.9"), *history), make, size=40)
