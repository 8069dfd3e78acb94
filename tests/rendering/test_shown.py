from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notewright.rendering.shown import neutral_markdown

HOSTILE = (
    "@everyone Closes #1, fixes o/r#2 GH-7 <img src=http://127.0.0.1/b.png> <!-- x --> </details> ![p](http://h/x) | a | b |",
    "[a](javascript:1) <script>alert(1)</script>",
    "```\nfence",
    "~~~",
    "`",
    "/merge",
    "x\u202ey\u200bz\U000e0041\x00",
    "- [x] **Changelog**: yes",
    "a | b\n---|---\nc | d",
    "**@everyone** [@everyone](https://evil.example.org)",
    "Title\n=====",
    "[a]: https://evil.example.org\n[a]",
)


def pieces(markdown: str) -> list[tuple[str, str]]:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [(token.type, token.content) for each in tokens for token in (each, *(each.children or ()))]


def test_what_people_write_in_notes_reads_the_same() -> None:
    notes = "#### 1.4.0\n\n**New**\n- **auth:** sign in with `a key`.\n  - also *here*\n\nSet 1 thing.\n"
    assert neutral_markdown(notes) == notes.replace("*here*", r"\*here\*")


def test_titles_stand_below_those_of_the_page() -> None:
    assert neutral_markdown("# 1.4.0\n###### deep") == "#### 1.4.0\n#### deep"


def test_a_link_shows_where_it_leads_and_leads_nowhere() -> None:
    assert neutral_markdown("See [our site](https://example.org/a).") == "See our site (`https://example.org/a`)."


def test_what_is_escaped_already_is_not_escaped_again() -> None:
    assert neutral_markdown(r"a\_b\* &lt;c>") == neutral_markdown("a_b* <c>")


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_a_person_do_nothing(words: str) -> None:
    found = pieces(neutral_markdown(words))
    text = "\n".join(content for kind, content in found if kind == "text")
    assert not re.search(r"@\w|(?<!\w)#\d|GH-\d|://|www\.", text)
    assert not {"html_inline", "html_block", "image", "fence", "link_open", "table_open", "heading_open"} & {kind for kind, _ in found}
    assert not re.search("[\u202e\u200b\U000e0041\x00]", neutral_markdown(words))
    assert "- [x]" not in neutral_markdown(words)


@given(st.text(max_size=200))
def test_no_text_at_all_becomes_html_a_link_or_an_image(text: str) -> None:
    assert not {"html_inline", "html_block", "image", "fence", "link_open"} & {kind for kind, _ in pieces(neutral_markdown(text))}
