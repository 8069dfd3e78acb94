"""docs/grounding.md against the code: every rule with what it does, and every example breaks its rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from notewright.grounding.checks import MOST_CHARACTERS, RULES, Claim, Said, Style, check_claim
from notewright.grounding.facts import Fact

_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "grounding.md").read_text("utf-8")
_ROW = re.compile(
    r"^\| `(?P<rule>[a-z-]+)` \| (?P<outcome>blocks|warns) \|[^|]+\|\s*(?P<entries>[^|]*?)\s*\|\s*(?P<text>[^|]*?)\s*\|$", re.MULTILINE
)
_HEADER = re.compile(r"(?P<type>\w+)(?P<breaking>!?): (?P<summary>.+?)(?: !! (?P<instruction>.+))?")
_STYLE = Style(40, 60, plain_words=False)
_ROWS = [match.groupdict() for match in _ROW.finditer(_PAGE)]


def facts(cell: str) -> dict[str, Fact]:
    known = {}
    for number, header in enumerate(re.findall(r"`([^`]+)`", cell)):
        match = _HEADER.fullmatch(header)
        assert match, header
        fact_id, breaking = f"c-{number}", match["breaking"] == "!"
        known[fact_id] = Fact(
            fact_id, match["type"], None, match["summary"], breaking, match["instruction"], security=False, references=(), commits=()
        )
    return known


def test_the_page_names_every_rule_in_the_order_of_the_code_with_what_it_does() -> None:
    assert [(row["rule"], row["outcome"] == "blocks") for row in _ROWS] == [(name, blocking) for name, _, blocking in RULES]
    assert f"{MOST_CHARACTERS:,} characters" in _PAGE


@pytest.mark.parametrize("row", [row for row in _ROWS if row["text"]], ids=lambda row: row["rule"])
def test_the_example_of_a_rule_breaks_it(row: dict[str, str]) -> None:
    known = facts(row["entries"])
    cites = tuple(known) if " + " in row["entries"] else ("c-0",)
    found = check_claim(Claim(row["text"], cites), known, style=_STYLE, said=Said())
    assert row["rule"] in {failure.rule for failure in found}, found
