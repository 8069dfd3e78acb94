"""The step summary of a dataset, as GitHub shows it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from notewright.dataset.report.figures import ReportFigures
from notewright.dataset.report.summary import render_summary
from tests.dataset.report.sample import figures, hostile

_MARKDOWN = MarkdownIt("commonmark").enable("table")


def test_the_summary_tells_what_there_is_what_it_took_and_what_was_left_out() -> None:
    summary = render_summary(figures())
    assert summary.startswith(
        "### Dataset team-code: 21,877 pairs from 3 repositories\n\n- 1 repository could not be brought up to date.\n"
    )
    assert (
        "Engine `llama_server`: 65,710,000 prompt tokens (75 % cached), 5,490,000 written.\n663.8 prompt tokens were evaluated" in summary
    )
    assert "| Pairs by language | `python` 11,200, `typescript` 7,310, `go` 3,001, `c` 366 |" in summary
    assert "| Failed tasks by class | `timeout` 31, `crash` 2 |" in summary
    assert "| files | `extension` | 1,710 | Its name has none of the extensions that are asked for. |" in summary
    assert "| at export | `near_duplicate` | 1,025 | Another pair asks and answers nearly the same. |" in summary


@pytest.mark.parametrize(
    "sample", [figures(), hostile(), ReportFigures("new", "1.0.0", "none")], ids=["a team's", "a stranger's", "an empty one"]
)
def test_the_summary_is_short_whatever_the_figures_are(sample: ReportFigures) -> None:
    summary = render_summary(sample)
    assert len(summary.splitlines()) < 60
    assert len(summary) < 30_000


def test_words_of_strangers_do_nothing_in_the_summary() -> None:
    sample = hostile()
    one_by_one = (replace(sample, title=word, engine=word, languages=((word, 3),)) for word, _ in sample.languages[:8])
    for summary in map(render_summary, (sample, *one_by_one)):
        pieces = [piece for token in _MARKDOWN.parse(summary) for piece in token.children or ()]
        assert {piece.type for piece in pieces} <= {"text", "code_inline", "softbreak", "text_special"}
        assert not re.search(r"@\w|https?:|[\u202e\x1b\x00]", " ".join(piece.content for piece in pieces if piece.type == "text"))
        assert not re.search(r"(?m)^\s*::", summary)
        assert _tables(summary) == (2, {2, 4})


def _tables(summary: str) -> tuple[int, set[int]]:
    """Return how many tables there are, and how many cells their rows have."""
    rows: list[int] = []
    tokens = _MARKDOWN.parse(summary)
    for token in tokens:
        if token.type == "tr_open":
            rows.append(0)
        elif token.type in ("td_open", "th_open"):
            rows[-1] += 1
    return sum(token.type == "table_open" for token in tokens), set(rows)


def test_same_figures_give_the_same_summary() -> None:
    sample = figures()
    turned = replace(sample, languages=sample.languages[::-1], drops=sample.drops[::-1], failures=sample.failures[::-1])
    assert render_summary(sample) == render_summary(turned)
