from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.layout.links import links_to
from notewright.changelog.section import Section
from notewright.notes.assembly import assemble
from notewright.notes.document import Notes, Sentence
from notewright.notes.markdown import notes_markdown
from tests.parts.sections import entry, invented_release, section, sections

_EXPECTED = Path(__file__).with_name("expected")
_LINKS = links_to("https://github.com/acme/orchard")
_PROMPTS = Prompts(prompt_places(None))
POLICIES = {name: _PROMPTS.audience(name).policy for name in _PROMPTS.names("notes")}


def page(told: Section, audience: str, *sentences: Sentence, linked: bool = True) -> str:
    policy = POLICIES[audience]
    notes = Notes(told.version, audience, "none", sentences or assemble(told, policy))
    return notes_markdown(notes, told, policy, links=_LINKS if linked else None)


@pytest.mark.parametrize("audience", POLICIES)
def test_a_release_reads_as_expected(audience: str) -> None:
    assert page(invented_release(), audience) == (_EXPECTED / f"{audience}.md").read_text("utf-8")


@pytest.mark.parametrize("audience", POLICIES)
def test_a_release_that_holds_nothing_for_an_audience_says_so(audience: str) -> None:
    told = section(version=None)
    assert page(told, audience) == (_EXPECTED / f"{audience}-nothing.md").read_text("utf-8")


def test_a_model_s_words_cannot_link_ping_or_render() -> None:
    told = section(entry("add x", scope="<b>@all", references=["#1) [x](http://h)"]))
    (one,) = told.entries()
    text = page(told, "developer", Sentence("See [x](http://h) <img src=y> @everyone, closes #3 \u202e.", (one.id,), "model"), linked=False)
    html = MarkdownIt("commonmark").render(text)
    for acting in ("<img", "<b>", "href", "\u202e"):
        assert acting not in html
    assert "<code>@everyone</code>" in html
    assert "<code>#3</code>" in html


@given(told=sections())
def test_the_markdown_of_any_section_is_one_document_without_links_images_or_html(told: Section) -> None:
    for audience in POLICIES:
        text = page(told, audience, linked=False)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        html = MarkdownIt("commonmark").render(text)
        assert not any(acting in html for acting in ("<a ", "<img", "<script", "<details", "<!--"))


def test_references_are_links_made_by_code() -> None:
    told = section(entry("add x", references=["#1", "GH-2", "other/repo#3"]))
    text = page(told, "developer")
    for link in ("[#1](https://github.com/acme/orchard/issues/1)", "[GH-2](https://github.com/acme/orchard/issues/2)"):
        assert link in text
    assert "[other/repo#3](https://github.com/other/repo/issues/3)" in text
    assert "https://github.com" not in page(told, "developer", linked=False)


def test_a_name_keeps_its_capital_after_the_label_and_a_word_does_not() -> None:
    told = section(entry("Python wheels for arm64", scope="build"), entry("write wheels", scope="ci"), entry("don't stop", scope="run"))
    text = page(told, "developer")
    assert "**build:** Python wheels" in text
    assert "**ci:** write wheels" in text
    assert "**run:** don't stop" in text


def test_a_sentence_about_several_scopes_has_no_label() -> None:
    told = section(entry("add a", scope="one"), entry("add b", scope="two"))
    first, second = told.entries()
    assert "- There are a and b." in page(told, "developer", Sentence("There are a and b.", (first.id, second.id), "model"))


def test_what_is_not_told_is_counted() -> None:
    told = section(*(entry(f"add thing number {letter}") for letter in "abcdefghijklmnop"))
    assert "- and 4 more in the changelog\n" in page(told, "customer", linked=False)
    assert "- and 4 more in the [changelog](https://github.com/acme/orchard/compare/v1.3.2...v1.4.0)\n" in page(told, "customer")


def test_a_subject_is_cut_where_mail_programs_cut_it() -> None:
    first = page(section(entry("add x"), version="1.0.0-" + "x" * 90), "customer").partition("\n")[0]
    assert len(first.removeprefix("Subject: ")) == 60
    assert first.endswith("\u2026")


def test_a_post_has_no_links_where_with_them_it_would_be_too_long() -> None:
    told = section(*(entry(f"add a thing that is called thing {letter * 9}") for letter in "abc"))
    links = links_to("https://github.com/acme/" + "orchard" * 30)
    notes = Notes(told.version, "social", "none", assemble(told, POLICIES["social"]))
    text = notes_markdown(notes, told, POLICIES["social"], links=links)
    assert len(text.strip()) <= 280
    assert "https" not in text
    assert "1.4.0" in text


def test_a_sentence_in_steps_is_shown_in_lines() -> None:
    told = section(entry("rename `a`", scope="cli", breaking="Use `b`."))
    assert "- **cli:** rename `a`.\n  - Who: users of cli.\n  - Do this: Use `b`.\n" in page(told, "migration", linked=False)


def test_braces_in_a_model_s_lead_are_words() -> None:
    told = section(entry("add x"))
    (one,) = told.entries()
    text = page(
        told, "customer", Sentence("Now {version} and {nothing}.", (one.id,), "model", lead=True), Sentence("X.", (one.id,), "model")
    )
    assert "version 1.4.0 is ready. Now {version} and {nothing}." in text


def test_a_cite_of_no_entry_is_shown_and_breaks_nothing() -> None:
    assert "- Made up." in page(section(entry("add a")), "developer", Sentence("Made up.", ("c-none",), "human"))
