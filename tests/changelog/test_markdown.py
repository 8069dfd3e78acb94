"""Sections as people read them: `expected/*.md` are the pictures."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notewright.changelog.assembly import build_section
from notewright.changelog.document.marks import is_own, mark_section
from notewright.changelog.document.regions import find_regions, split_lines
from notewright.changelog.document.splice import RenderedSection, splice_sections
from notewright.changelog.items import know
from notewright.changelog.layout.links import Links
from notewright.changelog.layout.markdown import render_document, render_section
from notewright.changelog.layout.presets import PRESETS
from notewright.changelog.rules import Rules
from notewright.changelog.section import Contributor, Group, Section, Totals
from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.metadata import Metadata, PullRequest
from tests.parts.sections import entry, section, sections

EXPECTED = Path(__file__).parent / "expected"
LINKS = Links("https://github.com/acme/app")
_AT_S = 1_795_132_800  # 2026-11-20


def release(
    messages: list[str], *, version: str | None = "1.4.0", previous: str | None = "v1.3.2", metadata: Metadata | None = None
) -> Section:
    some = [
        read_change(Commit(f"{number:07x}".ljust(40, "0"), ("p",), "Ada", "", _AT_S, message))
        for number, message in enumerate(messages, start=0xABC0001)
    ]
    tag = f"v{version}" if version else None
    return build_section(some, Rules(), version=version, tag=tag, previous=previous, known=know(metadata))


USUAL = [
    "feat(auth): add passkey login (#412)",
    "feat: support *.toml and `a_b` files\n\nCloses #398, o/r#7",
    "fix(cli)!: read `ORCHARD_TOKEN` only\n\nBREAKING CHANGE: set `ORCHARD_TOKEN`;\n`OT_KEY` is ignored.",
    "chore!: drop Python 3.9",
    "fix: escape HTML in titles (CVE-2026-10412) (GH-440)",
    "security(page): refuse frames",
    "perf(parser): read a history in 0.9 s instead of 3.5 s",
    "docs: describe the page",
    "build(deps): bump httpx from 0.27.0 to 0.28.1 (#421)",
    'Revert "feat: beta banner"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.',
    "Improve startup",
    "",
    "chore: tidy",
    "ci: cache",
]
HOSTILE = [
    "feat(@org/team): ping @everyone, and ![x](http://h/y.png) <img src=x onerror=y>",
    "feat: [click](javascript:alert(1)) and https://evil.example/a?b=c#1 or www.evil.example",
    "fix: closes #1, fixes: o/r#2, resolves https://github.com/o/r/issues/3",
    "fix: ```\n\nBREAKING CHANGE: # heading\n- [ ] item <!-- comment\n```\n/merge",
    "fix(**`x`**): # not a heading",
    "docs: \u202egnp.exe\u202c \u200bzero\U000e0041 width <details><summary>open",
    "/merge this now",
    "1. first ~~struck~~ ~one~ | a | b |",
    "::set-output name=a::b &amp; &#64;ada \\",
]
PULLS = Metadata("acme/app", "u", "main", (PullRequest(500, "t", "a", (), (f"{0xABC0001 + 10:07x}".ljust(40, "0"),)),))
PICTURES = [
    pytest.param("usual", release(USUAL), None, None, id="usual"),
    pytest.param("usual-links", release(USUAL, metadata=PULLS), LINKS, None, id="usual-links"),
    pytest.param("hostile", release(HOSTILE), None, None, id="hostile"),
    pytest.param("hostile-links", release(HOSTILE), LINKS, None, id="hostile-links"),
    pytest.param("first", release([f"feat: item {n}" for n in range(5)], previous=None), LINKS, 3, id="first"),
    pytest.param("unreleased", release(["feat: soon"], version=None), LINKS, 3, id="unreleased"),
    pytest.param("nothing-shown", release(["chore: tidy"]), None, None, id="nothing-shown"),
]


@pytest.mark.parametrize(
    ("message", "pulls", "item"),
    [
        pytest.param("fix: alerts #99 and #100 (#2857)", {}, "alerts #99 and #100 (#2857) (abc0001), refs #99, #100", id="at its end"),
        pytest.param("fix: alerts #99 again", {7: "abc0001"}, "alerts #99 again (#7) (abc0001), refs #99", id="the pull request's"),
        pytest.param("fix: alert #99", {}, "alert #99 (#99) (abc0001)", id="a mention alone"),
        pytest.param("fix: alerts #9 (#12)\n\nCloses #99", {}, "alerts #9 (#12) (abc0001), refs #9, #99", id="closed below"),
        pytest.param("fix: #1 and #2", {}, "#1 and #2 (#1) (abc0001), refs #2", id="mentions alone"),
    ],
)
def test_what_brought_a_change_stands_before_what_its_words_mention(message: str, pulls: dict[int, str], item: str) -> None:
    """The first number of `fix: alerts #99 and #100 (#2857)` stood for where the change came from."""
    requests = tuple(PullRequest(number, "alerts", "Ada", (), (sha.ljust(40, "0"),)) for number, sha in pulls.items())
    metadata = Metadata("acme/app", "https://github.com/acme/app", "main", requests)
    shown = render_section(release([message], metadata=metadata), preset="conventional", links=None)
    assert f"* {item}\n" in shown.replace("`", "").replace("\\", "")


@pytest.mark.parametrize("preset", ["conventional", "github", "plain"])
@pytest.mark.parametrize(
    ("name", "shown", "links", "limit"), [picture for picture in PICTURES if picture.id in {"usual-links", "hostile-links", "first"}]
)
def test_a_section_looks_like_its_picture_in_each_preset(
    preset: str, name: str, shown: Section, links: Links | None, limit: int | None
) -> None:
    markdown = render_section(shown, links=links, first_release_limit=limit, preset=preset)
    assert markdown == (EXPECTED / f"{preset}-{name.removesuffix('-links')}.md").read_text("utf-8")


@pytest.mark.parametrize("preset", PRESETS)
@settings(max_examples=60)
@given(shown=sections() | sections().map(lambda shown: replace(shown, previous=None)), links=st.sampled_from([None, LINKS]))
def test_any_section_is_harmless_and_found_again_in_each_preset(preset: str, shown: Section, links: Links | None) -> None:
    text = render_section(shown, links=links, preset=preset)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    children = [child for token in tokens for child in token.children or ()]
    allowed = {"text", "code_inline", "strong_open", "strong_close", "link_open", "link_close"}
    assert {child.type for child in children} <= allowed
    targets = [str(child.attrs["href"]) for child in children if child.type == "link_open"]
    assert all(target.startswith("https://github.com/") for target in targets)
    assert not (preset == "plain" and targets)
    assert len([token for token in tokens if token.type == "list_item_open" and token.level == 1]) == len(list(shown.entries()))
    document = render_document([mark_section(text), mark_section("## 0.0.1\n")])
    lines = split_lines(document)
    found = find_regions(document, lines)
    assert [region.name for region in found] == [(shown.version or "unreleased").lower(), "0.0.1"]
    assert is_own("".join(lines[found[0].start : found[1].start]))
    again = splice_sections(document, [RenderedSection(shown.version, text)])
    assert (again.text, again.edits) == (document, ())


def test_a_title_of_the_rules_stands_in_each_preset() -> None:
    rules = Rules(types=(("fix", "Bug Fixes"),), breaking="Wichtig")
    changes = [
        read_change(Commit(letter * 40, ("p",), "Ada", "", _AT_S, f"fix{mark}: {letter}")) for letter, mark in (("a", ""), ("b", "!"))
    ]
    shown = build_section(changes, rules, version="1.0.0")
    titles = {
        preset: re.findall(r"^(?:#+ )?(.*(?:Bug|ichtig|ICHTIG)[^:\n]*):?$", render_section(shown, preset=preset), re.MULTILINE)
        for preset in PRESETS
    }
    assert titles == {**{preset: ["Wichtig", "Bug Fixes"] for preset in PRESETS}, "conventional": ["⚠ WICHTIG", "Bug Fixes"]}


def test_people_are_welcomed_and_thanked_without_being_called() -> None:
    people = [Contributor("Ada", 3, new=False), Contributor("@grace", 1, new=True), Contributor("<b>Lin", 1, new=True)]
    one = entry("add x", references=["#1", "#2"])._replace(authors=("Ada", "@grace", "Lin"))
    text = render_section(section(one, contributors=people), links=LINKS, preset="github")
    assert "* add x by Ada, `@grace` and Lin in [#1](" in text
    assert "### New Contributors\n\n* `@grace` made their first contribution\n* &lt;b>Lin made their first contribution\n\n**Full" in text
    assert text.endswith("**Full Changelog**: [v1.3.2...v1.4.0](https://github.com/acme/app/compare/v1.3.2...v1.4.0)\n")


@pytest.mark.parametrize("hostile", ["1.0](javascript:x)", "[x](http://h)", "<img src=x>", "\ud800", "@everyone", "# a", "a\nb"])
@pytest.mark.parametrize("preset", PRESETS)
def test_no_name_of_a_release_from_elsewhere_breaks_out(preset: str, hostile: str) -> None:
    bad = entry("x")._replace(commits=(hostile,), authors=(hostile,), references=(hostile,))
    titled = Group(hostile, (bad,))
    shown = Section(hostile, hostile, hostile, hostile, Totals(1, 1, 0, 0), (Contributor(hostile, 1, new=True),), (titled,), ())
    for one in (shown, replace(shown, previous=None)):
        text = render_section(one, links=LINKS, preset=preset)
        children = [child for token in MarkdownIt("commonmark").parse(text) for child in token.children or ()]
        assert {child.type for child in children} <= {"text", "code_inline", "strong_open", "strong_close", "link_open", "link_close"}
        assert all(str(child.attrs["href"]).startswith("https://github.com/acme/") for child in children if child.type == "link_open")


@pytest.mark.parametrize(("name", "shown", "links", "limit"), PICTURES)
def test_a_section_looks_like_its_picture(name: str, shown: Section, links: Links | None, limit: int | None) -> None:
    assert render_section(shown, links=links, first_release_limit=limit) == (EXPECTED / f"{name}.md").read_text("utf-8")


def test_a_document_has_a_title_and_a_blank_line_between_sections() -> None:
    document = render_document(render_section(release(["feat: a"], version=version)) for version in ("1.1.0", "1.0.0"))
    assert re.findall(r"^#+ .*", document, re.MULTILINE) == [
        *("# Changelog", "## 1.1.0 - 2026-11-20", "### Features", "## 1.0.0 - 2026-11-20", "### Features"),
    ]
    assert "\n\n\n" not in document
    assert document.endswith(")\n")
    assert render_document([]).endswith("file.\n")


def test_a_first_release_says_how_many_entries_it_leaves_out_and_a_later_one_leaves_out_none() -> None:
    many = [f"feat: item {n:02}" for n in range(60)]
    assert render_section(release(many, previous=None), first_release_limit=50).count("\n- ") == 51
    assert "- … and 10 more" in render_section(release(many, previous=None), first_release_limit=50)
    assert "more" not in render_section(release(many[:50], previous=None), first_release_limit=50)
    assert render_section(release(many), first_release_limit=50).count("\n- ") == 60


@given(sections(), st.sampled_from([None, LINKS]))
def test_any_section_is_headings_and_lists_and_no_link_of_a_stranger(shown: Section, links: Links | None) -> None:
    text = render_section(shown, links=links)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    assert {token.type for token in tokens} <= {
        *("heading_open", "inline", "heading_close", "bullet_list_open", "list_item_open", "paragraph_open", "paragraph_close"),
        *("list_item_close", "bullet_list_close"),
    }
    children = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in children} <= {"text", "code_inline", "strong_open", "strong_close", "link_open", "link_close"}
    targets = [str(child.attrs["href"]) for child in children if child.type == "link_open"]
    assert all(target.startswith("https://github.com/") for target in targets)
    assert links or not targets
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h3"]
    assert headings == [group.title for group in shown.groups]
    items = [token for token in tokens if token.type == "list_item_open" and token.level == 1]
    assert len(items) == len(list(shown.entries()))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_an_unreleased_section_without_anything_has_a_heading_and_a_sentence() -> None:
    assert render_section(section(version=None)) == "## Unreleased\n\nNo changes that users would notice.\n"
