"""No pair repeats thirteen words of what models are tested with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.dataset.export.decontamination import RUN, Benchmarks, read_benchmarks
from notewright.errors import ConfigError
from tests.parts.cost import assert_in_proportion

TEXT = "Write a function that returns the sum of the two largest even numbers in a list of positive integers, or zero."


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT, id="the same"),
        pytest.param(f"Before it.\n{TEXT} And after.", id="inside another"),
        pytest.param(TEXT.upper().replace(" ", "\n\t").replace(",", " --"), id="other case, marks and blanks"),
        pytest.param(" ".join(TEXT.split()[:RUN]), id="thirteen words"),
        pytest.param(" ".join(TEXT.split()[-RUN:]), id="the last thirteen"),
    ],
)
def test_a_run_of_thirteen_words_is_found(text: str) -> None:
    assert Benchmarks(["something else", TEXT]).overlap(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" ".join(TEXT.split()[: RUN - 1]), id="twelve words"),
        pytest.param(TEXT.replace("largest", "smallest"), id="another word within"),
        pytest.param("", id="nothing"),
        pytest.param("...", id="no word"),
    ],
)
def test_less_is_not(text: str) -> None:
    assert not Benchmarks([TEXT]).overlap(text)


def test_texts_do_not_run_into_each_other() -> None:
    words = TEXT.split()
    assert not Benchmarks([" ".join(words[:10]), " ".join(words[10:])]).overlap(TEXT)


words = st.lists(st.sampled_from("ab"), max_size=40).map(" ".join)


@given(st.lists(words, max_size=4), words)
def test_it_finds_what_looking_at_every_run_finds(texts: list[str], text: str) -> None:
    def runs(of: str) -> set[str]:
        split = of.split()
        return {" ".join(split[start : start + RUN]) for start in range(len(split) - RUN + 1)}

    assert Benchmarks(texts).overlap(text) == bool(set[str]().union(*map(runs, texts)) & runs(text))


def test_a_list_is_one_text_a_line() -> None:
    read = read_benchmarks(f"\ufeff{TEXT}\r\nshort one\r\n".encode(), "tests.txt", digest="d")
    assert read.digest == "d"
    assert read.overlap(TEXT)


@pytest.mark.parametrize("content", [b"", b"\n\n", TEXT.replace(" ", "\n").encode(), b"\xff\xfe\x00"])
def test_a_list_that_would_find_nothing_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigError, match=r"tests\.txt has no line of 13 words"):
        read_benchmarks(content, "tests.txt", digest="d")


def test_without_a_list_nothing_is_found() -> None:
    assert not Benchmarks().overlap(TEXT)


def test_looking_costs_in_proportion() -> None:
    benchmarks = Benchmarks([TEXT])
    assert_in_proportion(benchmarks.overlap, lambda size: "the sum of the two " * size, size=500)
