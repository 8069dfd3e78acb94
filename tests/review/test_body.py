from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from notewright.grounding.checks import Failure
from notewright.review.body import LIMIT, render_body, same_view
from notewright.review.material import Audience, Material
from notewright.review.usage import Usage
from tests.review.sample import URL, entry, exhibits, material, proposal, sha

EXPECTED = Path(__file__).with_name("expected_body.md")
HOSTILE = (
    "@everyone Closes #1, fixes o/r#2 GH-7 <img src=http://127.0.0.1/b.png> <!-- x --> </details> ![p](http://h/x) | a | b |",
    "[a](javascript:1) <script>alert(1)</script>",
    "```",
    "`",
    "/merge",
    "x\u202ey\u200bz\U000e0041\x00",
    "- [x] **Changelog**: yes",
    "https://evil.example.org/a?b=c",
)


def small() -> Material:
    entries = [
        entry(1),
        entry(2, summary="read `NOTEWRIGHT_TOKEN` only", scope="config", breaking=True, breaking_text="`GH_TOKEN` is ignored."),
        entry(3, summary="Improve startup", scope=None, kind=None),
        entry(4, summary="drop Python 3.10", breaking=True),
    ]
    shown = (
        *exhibits(entries[:1]),
        *exhibits(entries[1:2], status="repaired", rule="number"),
        *exhibits(entries[2:3], status="fallback", rule="benefit"),
        *exhibits(entries[3:], failures=(Failure("plain-words", "`3.10`", blocking=False),)),
    )
    return material(entries, shown=tuple(replace(one, number=place) for place, one in enumerate(shown, start=1)))


def test_the_body_reads_like_this() -> None:
    assert render_body(small()) == EXPECTED.read_text("utf-8")


def test_the_same_material_gives_the_same_bytes() -> None:
    assert render_body(small()) == render_body(small())


def test_without_a_server_there_are_no_links() -> None:
    alone = replace(small(), proposal=proposal(repository=None))
    body = render_body(replace(alone, section_markdown="## 1.4.0\n"))
    assert "](" not in body


def test_without_a_model_the_body_says_so() -> None:
    assert "| **Model** | none: every sentence was written by rule |" in render_body(replace(small(), proposal=proposal(model=None)))


def test_an_engine_that_counts_no_tokens_is_named_without_them() -> None:
    body = render_body(replace(small(), usage=Usage(calls=3, prompt_tokens=0, cached_tokens=0, generated_tokens=0, seconds=2.0)))
    assert "| **Model** | tiny q8_0 (llama_server), prompts `developer@3` |\n" in body


def test_the_ledger_says_a_commit_is_hidden_once() -> None:
    sample = small()
    ledger = tuple(line._replace(rule="hidden type chore") if line.outcome == "hidden" else line for line in sample.section.ledger)
    assert "| hidden: type chore |" in render_body(replace(sample, section=replace(sample.section, ledger=ledger)))


def test_a_first_release_says_so() -> None:
    first = replace(small().section, previous=None)
    body = render_body(replace(small(), section=first, proposal=proposal(start=None)))
    assert "1.4.0, the first release. " in body
    assert "compare" not in body.partition("### Audit")[0]


def test_nothing_that_stands_out_is_said_in_a_line() -> None:
    assert "Nothing stood out" in render_body(material([entry(1)]))


def large(count: int, words: str) -> Material:
    entries = [entry(number, summary=f"{words} {number}", scope=words) for number in range(count)]
    sized = material(entries, hidden=count, subject=words)
    many = tuple(Audience(name, "\n".join(f"- {words} {n}" for n in range(count)), exhibits(entries)) for name in ("developer", "customer"))
    return replace(sized, audiences=many)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        *(pytest.param(count, "add passkey login", id=f"{count} plain") for count in (1, 300, 5_000)),
        pytest.param(2_000, "🙂" * 200, id="2000 long ones in wide characters"),
        *(pytest.param(300, words, id=f"300 hostile, {number}") for number, words in enumerate(HOSTILE, start=1)),
    ],
)
def test_a_body_of_any_size_fits_and_is_whole(count: int, words: str) -> None:
    body = render_body(large(count, words))
    assert len(body) <= len(body.encode("utf-16-le")) // 2 <= LIMIT < 65_536
    assert body.count("- [ ] **Changelog**") == body.count("- [ ] **Notes**") == 1
    assert len(re.findall(r"^<details", body, re.MULTILINE)) == len(re.findall(r"^</details>$", body, re.MULTILINE)) == 5
    assert body.endswith("</sub>\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert len([block for block in blocks if block.startswith("</details>")]) == 5, "a block was swallowed by what stands before it"


def test_the_ledger_goes_first_then_the_evidence() -> None:
    body = render_body(large(400, "add passkey login"))
    ledger, evidence = body.partition("<b>Ledger</b>")[2], body.partition("<b>Evidence</b>")[2].partition("</details>")[0]
    assert "800 more commits did not fit here: all of them are in `audit.html`" in ledger
    assert "more sentences did not fit here" in evidence
    assert "did not fit" not in body.partition("<b>Evidence</b>")[0]


def spans(body: str) -> Iterator[Token]:
    """Yield every piece of the body as GitHub's parser sees it."""
    for token in MarkdownIt("commonmark").enable("table").parse(body):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_commits_do_nothing(words: str) -> None:
    hostile = [entry(1, summary=words, scope=words, breaking=True), entry(2, summary=words, kind=None)]
    shown = exhibits(hostile, status="fallback", rule="number", failures=(Failure("number", words, blocking=False),))
    sample = replace(material(hostile, shown=shown, subject=words), reason=words, audiences=(Audience("developer", "", shown),))
    body = render_body(replace(sample, section_markdown=""))
    found = list(spans(body))
    text = "\n".join(span.content for span in found if span.type == "text")
    assert not re.search(r"@\w|(?<!\w)#\d|GH-\d|://|www\.", text)
    assert not re.search("[\u202e\u200b\U000e0041\x00]", body)
    html = "".join(span.content for span in found if span.type in ("html_inline", "html_block"))
    assert not re.search(r"<(?!/?(?:details|summary|b|sub)\b)", html)
    assert not any(span.type in ("image", "fence") for span in found)
    assert all(str(span.attrs["href"]).startswith(f"{URL}/") for span in found if span.type == "link_open")
    assert "- [x]" not in body
    assert [line for line in body.split("\n") if line.startswith("/")] == []


@given(st.text(max_size=80))
def test_any_words_leave_the_tables_whole(words: str) -> None:
    body = render_body(material([entry(1, summary=words, scope=words)], subject=words))
    ledger = body.partition("<b>Ledger</b>")[2]
    for row in [line for line in ledger.split("\n") if line.startswith("| ")]:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4


def test_ticks_line_ends_and_costs_make_no_other_view() -> None:
    body = render_body(small())
    ticked = body.replace("- [ ] **Notes**", "- [x] **Notes**").replace("\n", "\r\n")
    dearer = render_body(replace(small(), usage=replace(small().usage, seconds=99.0)))
    assert dearer != body
    assert same_view(ticked, body)
    assert same_view(body, dearer)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda body: body.replace("4 entries", "5 entries"), id="a number"),
        pytest.param(lambda body: body.replace("- [ ] **Notes**", ""), id="the checklist deleted"),
        pytest.param(lambda body: body.replace("- [ ] **Notes**", "- [ ] **Notes of mine**"), id="the checklist changed"),
        pytest.param(lambda body: body + "\nThank you all.", id="words added"),
    ],
)
def test_an_edited_body_is_another_view(edit: object) -> None:
    assert callable(edit)
    assert not same_view(edit(render_body(small())), render_body(small()))


def test_links_lead_to_the_repository_alone() -> None:
    targets = re.findall(r"\]\(([^)]*)\)", render_body(small()))
    assert targets
    assert all(target.startswith(f"{URL}/") for target in targets)
    assert f"{URL}/compare/{sha('start')}...{sha('base')}" in targets
