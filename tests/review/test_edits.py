"""What people changed in the changelog, as a reviewer sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from notewright.changelog.document.difference import Difference
from notewright.changelog.document.edit_report import EditReport
from notewright.changelog.section import LedgerLine
from notewright.review.body import LIMIT, render_body
from notewright.review.material import Material, remarks
from notewright.review.page import render_page
from tests.review.sample import entry, material, sha
from tests.review.test_body import HOSTILE

_OVERRIDE = f'- commit: {sha(1)[:12]}\n  reword: "sign in, at last"\n'


def edited(words: str = "sign in, at last", *, lines: int = 1) -> Material:
    found = Difference("reworded", "- add passkey login", f"- {words}", commit=sha(1), note="nearly")
    diff = (
        "--- notewright 1.4.0",
        "+++ CHANGELOG.md 1.4.0",
        "@@ -1 +1 @@",
        "-- add passkey login",
        *(f"+- {words} {n}" for n in range(lines)),
    )
    report = EditReport("1.4.0", superseded=False, differences=(found,), overrides=_OVERRIDE, diff=diff)
    return replace(material([entry(1)]), edits=(report,))


def test_a_section_that_a_person_edited_is_shown_with_the_override_that_says_the_same() -> None:
    body = render_body(edited())
    eyes, _, rest = body.partition("<b>Edited by people</b>")
    assert "| - sign in, at last | CHANGELOG.md, 1.4.0 | edited by a person, so it stays: reworded; nearly |" in eyes.replace("\\-", "-")
    block = rest.partition("</details>")[0]
    assert f"1.4.0, .notewright/overrides.yaml:\n\n```yaml\n{_OVERRIDE}```\n" in block
    assert "```diff\n--- notewright 1.4.0\n" in block
    assert "### Worth your eyes" in eyes
    page = render_page(edited())
    assert "Edited by a person: 1.4.0 in CHANGELOG.md" in page
    assert "reword: &quot;sign in, at last&quot;" in page


def test_a_section_whose_changes_are_elsewhere_now_is_named() -> None:
    gone = EditReport("1.4.0-rc.1", superseded=True, differences=(), overrides="", diff=())
    told = replace(material([entry(1)]), edits=(gone,))
    (remark,) = remarks(told)
    assert (remark.what, remark.where) == ("1.4.0-rc.1", "CHANGELOG.md, 1.4.0-rc.1")
    assert "another section has its changes now" in render_body(told)


@pytest.mark.case(12)
@pytest.mark.parametrize("words", [*HOSTILE, "`" * 40, "~~~\n</details>\n# x"])
def test_words_of_people_stay_within_their_fence(words: str) -> None:
    body = render_body(edited(words))
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    fences = [token for token in tokens if token.type == "fence"]
    assert [token.info for token in fences] == ["yaml", "diff"]
    assert len([token for token in tokens if token.type == "html_block" and token.content.strip().startswith("</details>")]) == 5
    assert not set("\u202e\u200b\U000e0041\x00") & set(body)


def test_edits_of_any_size_fit() -> None:
    many = replace(edited(), edits=tuple(replace(edited("x" * 500, lines=5_000).edits[0], name=f"1.4.{n}") for n in range(200)))
    body = render_body(many)
    assert len(body) <= LIMIT
    assert "more parts did not fit here" in body
    assert "… and 4,924 more lines" in render_body(edited(lines=5_000))


def test_what_is_not_conventional_and_placed_by_no_rule_is_pointed_at() -> None:
    told = material([entry(1), entry(2, summary="Improve startup", kind=None)])
    hidden = [LedgerLine(sha(f"h{n}"), "Tidy", "hidden", (), "not conventional") for n in range(3)]
    told = replace(told, section=replace(told.section, ledger=(*told.section.ledger, *hidden)))
    assert [(remark.what, remark.why) for remark in remarks(told)] == [
        (f"Improve startup ({sha(2):.7})", "not conventional, and no rule places it: give it a type in `.notewright/overrides.yaml`"),
        ("3 hidden", "not conventional, and no rule places them: `changelog.unconventional` hides them"),
    ]
