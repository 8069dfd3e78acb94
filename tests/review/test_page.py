from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from notewright.notes.document import Failed
from notewright.rendering.page import Row, build_page, link, prose, table
from notewright.review.page import render_page
from tests.review.sample import audit, entry, exhibits, material, proposal
from tests.review.test_body import HOSTILE, small

VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Collects elements and checks that each is closed where it must be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def test_the_page_is_whole_and_the_same_each_time() -> None:
    page = render_page(small())
    assert Reader(page).open == []
    assert page == render_page(small())


def test_the_page_asks_nobody_for_anything() -> None:
    reader = Reader(render_page(small()))
    assert not reader.all("img") + reader.all("link") + reader.all("iframe")
    assert all("src" not in attrs and "href" not in attrs for tag, attrs in reader.elements if tag != "a")
    policy = next(meta["content"] or "" for meta in reader.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_lets_the_page_s_own_style_and_script_run_and_no_others(tag: str) -> None:
    page = render_page(small())
    (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in page
    assert "on" not in {name[:2] for _, attrs in Reader(page).elements for name in attrs}
    assert not any("style" in attrs for _, attrs in Reader(page).elements)


def test_tables_have_captions_and_headers_for_columns_and_rows() -> None:
    reader = Reader(render_page(small()))
    tables, rows = len(reader.all("table")), len(reader.all("tr"))
    assert len(reader.all("caption")) == tables
    assert {attrs["scope"] for attrs in reader.all("th")} == {"col", "row"}
    assert sum(attrs["scope"] == "row" for attrs in reader.all("th")) == rows - tables


def test_what_scrolls_and_what_filters_can_be_reached_with_a_keyboard() -> None:
    reader = Reader(render_page(small()))
    assert all(attrs.get("tabindex") == "0" and attrs.get("aria-label") for attrs in reader.all("div"))
    assert len(reader.all("select")) == len(reader.all("label")) == len(reader.all("output")) == 3
    assert [attrs["href"] for attrs in reader.all("a")][:5] == ["#eyes", "#notes", "#changelog", "#ledger", "#record"]
    assert {attrs["id"] for attrs in reader.all("section")} == {"eyes", "notes", "changelog", "ledger", "record"}


def test_the_filter_offers_each_status_with_its_count() -> None:
    page = render_page(small())
    assert '<option value="as the model wrote it">as the model wrote it (2)</option>' in page
    assert '<option value="repaired">repaired (1)</option>' in page
    assert '<option value="hidden">hidden (1)</option>' in page


def test_every_sentence_stands_beside_its_entries_commits_and_findings() -> None:
    page = render_page(small())
    assert "You can now drop Python 3.10." in page
    assert "auth: drop Python 3.10" in page
    assert "warning: plain-words: `3.10`" in page
    assert "repaired: number" in page


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_commits_do_nothing_on_the_page(words: str) -> None:
    hostile = [entry(1, summary=words, scope=words, breaking=True, breaking_text=words)]
    plain = {tag for tag, _ in Reader(render_page(small())).elements}
    page = render_page(replace(material(hostile, shown=exhibits(hostile, rule=words), subject=words), reason=words, section_markdown=words))
    reader = Reader(page)
    assert reader.open == []
    assert {tag for tag, _ in reader.elements} <= plain | {"code"}
    assert all(not attrs for attrs in reader.all("code"))
    assert len(reader.all("script")) == 1
    assert not re.search("[\u202e\u200b\U000e0041\x00]", page)


def test_a_page_without_a_server_links_only_to_its_own_parts() -> None:
    page = render_page(replace(small(), proposal=proposal(repository=None, model=None)))
    assert all(str(attrs["href"]).startswith("#") for attrs in Reader(page).all("a"))


def test_code_spans_are_code_and_other_backticks_stay() -> None:
    assert prose("read `A<B>` only") == "read <code>A&lt;B&gt;</code> only"
    assert prose("a ` alone, `` and ```") == "a ` alone, `` and ```"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example.org", "http://evil.example.org", None, ""])
def test_only_https_and_this_machine_are_linked(url: str | None) -> None:
    assert link("text", url) == "text"
    assert link("<b>", "https://example.org/?a&b") == '<a href="https://example.org/?a&amp;b" rel="noreferrer">&lt;b&gt;</a>'


def test_titles_captions_and_kinds_are_escaped() -> None:
    page = build_page("<x>", table('"<c>"', ("<h>",), [Row(("cell",), kind='"><k>')], filter_label="<f>"))
    assert Reader(page).open == []
    assert not re.search(r"<[xchkf]>", page)


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("paper", ["paper", "tint"])
@pytest.mark.parametrize("ink", ["ink", "soft", "link", "warn", "good"])
def test_every_colour_of_text_stands_out_in_light_and_dark(theme: int, paper: str, ink: str) -> None:
    style = re.findall(r"--ink:[^}]*", build_page("x", ""))[theme]
    colours = dict(re.findall(r"--(\w+):#([0-9a-f]+)", style))
    dark, light = sorted((luminance(colours[ink]), luminance(colours[paper])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, success criterion 1.4.3


def test_without_a_script_everything_is_shown_and_no_choice_that_does_nothing() -> None:
    reader = Reader(render_page(small()))
    assert [attrs for attrs in reader.all("p") if attrs.get("class") == "choice" and "hidden" not in attrs] == []
    assert not any("hidden" in attrs for attrs in reader.all("tr"))


def test_what_the_model_said_before_stands_beside_the_sentence_with_the_rule_that_it_broke() -> None:
    entries = [entry(1)]
    (shown,) = exhibits(entries, status="repaired", rule="number")
    failed = (Failed("You can now sign in 40 times faster.", "number", "40 times"), Failed("<b>Now</b>", "injection", "<b>"))
    page = render_page(material(entries, shown=(replace(shown, sentence=replace(shown.sentence, failed=failed)),)))
    assert "You can now sign in 40 times faster." in page
    assert "number: 40 times" in page
    assert "<b>" not in page


def test_a_published_release_shows_who_ticked_which_audit_when_and_for_which_proposal() -> None:
    page = render_page(replace(small(), audit=audit()))
    approval = page.partition('<section id="approval">')[2].partition("</section>")[0]
    assert approval.count("ada, 2026-11-20T08:00:00Z") == 2
    assert approval.count('href="https://github.com/acme/app/actions/runs/4711"') == 2
    assert all(told in approval for told in ("Changelog".lower(), "notes", proposal().digest, "v1.4.0"))
    assert '<a href="#approval">Approval</a>' in page
    assert Reader(page).open == []
    assert "approval" not in render_page(small()), "nobody has approved a proposal that was only prepared"


def test_a_release_that_nobody_approved_says_so_on_its_page() -> None:
    page = render_page(replace(small(), audit=audit(gate="none")))
    assert "Finished without the gate: nobody's approval is recorded." in page
    assert "Ticked by" not in page


def test_names_in_an_approval_are_words_and_nothing_else() -> None:
    page = render_page(replace(small(), audit=audit(login="<img src=x>`@everyone")))
    assert "<img" not in page
    assert Reader(page).open == []
