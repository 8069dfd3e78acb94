"""Sections as people read them: `expected/*.md` are the pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notewright.changelog.assembly import build_section, know
from notewright.changelog.links import Links, links_to
from notewright.changelog.markdown import render_document, render_section
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section
from notewright.history.changes import read_change
from notewright.history.commits import Commit
from notewright.history.metadata import Metadata, PullRequest
from tests.parts.sections import section, sections

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


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("#12", "https://github.com/acme/app/issues/12"),
        ("GH-7", "https://github.com/acme/app/issues/7"),
        ("o/r#3", "https://github.com/o/r/issues/3"),
        ("gl.o/r_-.x#3", "https://github.com/gl.o/r_-.x/issues/3"),
        ("../..#3", None),
        ("o/..#3", None),
        ("./r#3", None),
        ("#١", None),
        ("#", None),
        ("12", None),
        ("o/r/x#1", None),
        ("#1\n", None),
        ("javascript:#1", None),
    ],
)
def test_a_reference_leads_to_its_page_or_nowhere(reference: str, address: str | None) -> None:
    assert LINKS.reference(reference) == address


def test_addresses_hold_no_markdown() -> None:
    assert LINKS.compare("v1)(", "a b/c") == "https://github.com/acme/app/compare/v1%29%28...a%20b%2Fc"
    assert LINKS.release("v1.0.0+b") == "https://github.com/acme/app/releases/tag/v1.0.0%2Bb"
    assert LINKS.commit("abc") == "https://github.com/acme/app/commit/abc"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        (None, None),
        ("", None),
        ("https://github.com/acme/app", "https://github.com/acme/app"),
        ("https://github.com/acme/app/", "https://github.com/acme/app"),
        ("https://github.com/acme/app.git", "https://github.com/acme/app"),
        ("http://git.example.org:8080/acme/app", "http://git.example.org:8080/acme/app"),
    ],
)
def test_links_start_at_a_repository_s_page(url: str | None, page: str | None) -> None:
    links = links_to(url)
    assert (links.repository_url if links else None) == page


@pytest.mark.parametrize(
    "url",
    [
        *(
            "github.com/acme/app",
            "javascript:alert(1)",
            "https://github.com",
            "https://user:pw@github.com/a/b",
            "https://h/a b",
            "file:///etc",
        ),
        *("https://h/a)b", "https://h/a/b?c", "https://h/a/b#c", "https://h/a/b\n", "git@github.com:acme/app.git", "https://h//a"),
    ],
)
def test_what_is_no_page_of_a_repository_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not the address of a repository's page"):
        links_to(url)


def test_an_unreleased_section_without_anything_has_a_heading_and_a_sentence() -> None:
    assert render_section(section(version=None)) == "## Unreleased\n\nNo changes that users would notice.\n"
