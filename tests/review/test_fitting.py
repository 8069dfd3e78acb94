from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.review.fitting import Block, fit, rows_of, units

ROWS = st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=60), max_size=30).map(tuple)


def block(rows: tuple[str, ...], order: int | None) -> Block:
    return Block("<details>\n", rows, "</details>\n", "rows", order)


@pytest.mark.case(15)
@given(st.lists(st.builds(block, ROWS, st.integers(0, 5)), max_size=6), st.integers(1_000, 4_000))
def test_the_text_always_fits_and_every_block_is_closed(blocks: list[Block], limit: int) -> None:
    text = fit([Block("checklist\n"), *blocks], limit=limit)
    assert len(text) <= units(text) == len(text.encode("utf-16-le")) // 2 <= limit
    assert text.startswith("checklist\n")
    assert text.count("<details>\n") >= len(blocks)
    assert text.count("</details>\n") >= len(blocks)


def test_what_fits_is_left_alone() -> None:
    assert fit([block(("a", "b"), 1)], limit=100) == "<details>\na\nb\n</details>\n"


def test_rows_go_from_the_end_in_the_order_of_the_blocks_and_are_counted() -> None:
    first, second = block(tuple(f"first {n:03}" for n in range(100)), 2), block(tuple(f"second {n:03}" for n in range(100)), 1)
    text = fit([first, second], limit=1600)
    assert text.count("first ") == 100
    kept = text.count("second ")
    assert 0 < kept < 100
    assert f"second {kept - 1:03}\n\n*{100 - kept} more rows did not fit here: all of them are in `audit.html`.*\n</details>" in text


def test_as_few_rows_go_as_must() -> None:
    whole = block(tuple(f"row {n}" for n in range(500)), 1)
    text = fit([whole], limit=2_000)
    assert units(text) > 2_000 - 10


def test_the_first_block_is_used_up_before_the_second_is_touched() -> None:
    text = fit([block(("x" * 200,), 1), block(tuple("y" * 10 for _ in range(20)), 2)], limit=300)
    assert "x" not in text.replace("`audit.html`", "").replace("fit", "")
    assert "*1 more rows" in text


def test_what_must_stay_and_does_not_fit_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="must stay"):
        fit([Block("x" * 50)], limit=40)


@pytest.mark.parametrize(
    ("markdown", "rows"),
    [
        pytest.param("a\nb\n", ("a", "b"), id="lines"),
        pytest.param("a\n```sh\none\n\ntwo\n```\nb\n", ("a", "```sh\none\n\ntwo\n```", "b"), id="a fence"),
        pytest.param("~~~\n```\n~~~\nb", ("~~~\n```\n~~~", "b"), id="a fence in a fence"),
        pytest.param("```\nnever closed", ("```\nnever closed",), id="an open fence"),
        pytest.param("", ("",), id="nothing"),
    ],
)
def test_a_row_is_a_line_or_a_whole_fence(markdown: str, rows: tuple[str, ...]) -> None:
    assert rows_of(markdown) == rows
