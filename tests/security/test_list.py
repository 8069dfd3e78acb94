"""The list of security cases, held against the tests that say they hold one, and against docs/security.md."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.house.architecture import ROOT

CASES = range(1, 46)
_PAGE = ROOT / "docs" / "security.md"
_ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


@cache
def marked() -> dict[tuple[str, str], frozenset[int]]:
    """Return the cases that each test is marked with, by its file below tests/ and its name."""
    found: dict[tuple[str, str], frozenset[int]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found[path.relative_to(ROOT / "tests").as_posix(), node.name] = _numbers(node)
    return found


def _numbers(test: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[int]:
    marks = [one for one in test.decorator_list if isinstance(one, ast.Call) and ast.unparse(one.func) == "pytest.mark.case"]
    return frozenset(ast.literal_eval(number) for mark in marks for number in mark.args)


def rows() -> dict[int, tuple[str, str]]:
    """Return what the page says of each case: what is tried, and the tests that hold it."""
    return {int(number): (attack, held) for number, attack, _, held in _ROW.findall(_PAGE.read_text("utf-8"))}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_test_of_its_own(case: int) -> None:
    assert [name for name, numbers in marked().items() if case in numbers]


def test_no_test_is_marked_with_a_case_that_is_none() -> None:
    assert {number for numbers in marked().values() for number in numbers} == set(CASES)


def test_the_page_lists_every_case_once_in_its_order() -> None:
    assert [int(row[0]) for row in _ROW.findall(_PAGE.read_text("utf-8"))] == list(CASES)


@pytest.mark.parametrize("case", CASES)
def test_the_tests_that_the_page_names_for_a_case_are_marked_with_it(case: int) -> None:
    named = _NAMED.findall(rows()[case][1])
    assert named
    assert [name for name in named if case not in marked().get(name, ())] == []


def test_every_test_that_the_page_names_is_there() -> None:
    named = _NAMED.findall(_PAGE.read_text("utf-8"))
    assert len(named) > len(CASES)
    assert [name for name in named if name not in marked()] == []


def test_every_claim_of_the_page_names_a_test_that_holds_it() -> None:
    """A claim is an item of a list, or a row of a table; only what is not protected has none."""
    text = _PAGE.read_text("utf-8").partition("\n## What is not protected\n")
    claims = re.findall(r"^(?:- .*(?:\n  .*)*|\| (?!-|step|what|number|who).* \|)$", text[0], re.MULTILINE)
    assert len(claims) > 60
    assert [claim for claim in claims if not _NAMED.search(claim)] == []
