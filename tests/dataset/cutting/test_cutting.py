"""Files cut into passages: byte for byte, within the limit, at definitions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewright.dataset.cutting import cut_passages, cutter_digest
from notewright.dataset.passage import Passage
from notewright.dataset.tokens import EstimatedTokenizer, PassageTokenizer
from tests.parts.cost import assert_in_proportion
from tests.parts.hostile_files import hostile_files

_PROJECT = Path(__file__).parents[3]
_ESTIMATE = EstimatedTokenizer()
_PARTS = (
    "def f(x):\n    return x\n\n",
    "# why\n",
    "class A:\n    '''Doc.'''\n",
    "\n",
    "\r\n",
    "\r",
    "x = [1, 2]\n",
    "}",
    "{",
    "é",
    "\u0301",
    "\u2028",
)
_MORE = (
    "\U0001f469\u200d\U0001f4bb",
    "\U0001f1e9\U0001f1ea",
    "\0",
    "\ufeff",
    "@d\n",
    "if x:\n    y = 1\n",
    " " * 40,
    "1" * 90,
    "word " * 30,
    "a" * 70,
)
_FILES = st.lists(st.sampled_from([part.encode() for part in _PARTS + _MORE]) | st.binary(max_size=6), max_size=60).map(b"".join)


def _check(content: bytes, passages: tuple[Passage, ...], tokenizer: PassageTokenizer, limit: int) -> None:
    assert b"".join(content[one.start : one.end] for one in passages) == content
    assert [one.start for one in passages[1:]] == [one.end for one in passages[:-1]]
    for one in passages:
        text = content[one.start : one.end].decode("utf-8", "replace")
        assert one.tokens == tokenizer.count(text)
        assert one.tokens <= limit or len(text) == 1
        assert one.line_start == 1 + content.count(b"\n", 0, one.start)
        assert one.line_end == 1 + content.count(b"\n", 0, one.end - 1)


@pytest.mark.parametrize("name", list(hostile_files()))
@pytest.mark.parametrize("limit", [5, 100])
def test_a_hostile_file_is_cut_without_a_loss_and_within_the_limit(tokenizer: PassageTokenizer, name: str, limit: int) -> None:
    content = hostile_files()[name]
    for language in ("python", "javascript", None):
        _check(content, cut_passages(content, language, tokenizer, limit), tokenizer, limit)


@given(content=_FILES, limit=st.integers(1, 60), language=st.sampled_from(["python", "go", "tsx", "c", None]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_cut_without_a_loss_and_within_the_limit(
    tokenizers: Mapping[str, PassageTokenizer], content: bytes, limit: int, language: str | None
) -> None:
    for tokenizer in tokenizers.values():
        _check(content, cut_passages(content, language, tokenizer, limit), tokenizer, limit)


def test_the_sources_of_this_project_are_cut_at_their_definitions(tokenizers: Mapping[str, PassageTokenizer]) -> None:
    begins: list[bool] = []
    for path in sorted((_PROJECT / "src" / "notewright").rglob("*.py")):
        content = path.read_bytes()
        passages = cut_passages(content, "python", tokenizers["bytes"], 1_500)
        _check(content, passages, tokenizers["bytes"], 1_500)
        begins += [one.definition for one in passages[1:]]
    assert len(begins) > 100
    assert sum(begins) >= 0.8 * len(begins)


def test_small_neighbours_are_joined() -> None:
    content = b"def f():\n    return 1\n\n\n" * 40
    passages = cut_passages(content, "python", _ESTIMATE, 100)
    assert all(one.tokens > 80 for one in passages[:-1])
    assert all(one.definition for one in passages)


def test_a_definition_keeps_its_comments_and_decorators() -> None:
    content = b"x = 1\n" * 10 + b"\n# one\n# two\n@first\n@second\ndef f():\n    return 1\n\n" + b"y = 2\n" * 10
    passages = cut_passages(content, "python", _ESTIMATE, 60)
    assert [content[one.start :].startswith(b"# one") for one in passages if one.definition] == [True]


def test_a_comment_behind_a_blank_line_does_not_count_as_a_definitions() -> None:
    content = b"x = 1\n" * 8 + b"\n# of nothing\n\ndef f():\n    return 1\n"
    places = {content[one.start : one.start + 5] for one in cut_passages(content, "python", _ESTIMATE, 50) if one.definition}
    assert places == {b"def f"}


def test_a_class_is_cut_between_its_methods_and_not_inside_them() -> None:
    method = b"    def m(self):\n        a = 1\n\n        return a\n\n"
    passages = cut_passages(b"class A:\n" + method * 12, "python", _ESTIMATE, 70)
    assert len(passages) > 2
    assert all(one.definition for one in passages)


def test_what_no_grammar_knows_is_cut_at_its_paragraphs() -> None:
    paragraph = b"one two three\nfour five six\nseven eight\n\n"
    content = paragraph * 30
    passages = cut_passages(content, "markdown", _ESTIMATE, 70)
    assert all(one.end % len(paragraph) == 0 for one in passages)


def test_joined_emoji_flags_and_marks_are_not_cut_apart() -> None:
    whole = ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "e\u0301\u0302", "\U0001f44b\U0001f3fd")
    for one in whole:
        content = (one * 300).encode()
        cuts = {passage.end for passage in cut_passages(content, None, _ESTIMATE, 50)}
        assert len(cuts) > 3
        assert {cut % len(one.encode()) for cut in cuts} == {0}


def test_a_character_longer_than_the_limit_is_a_passage_of_its_own(tokenizers: Mapping[str, PassageTokenizer]) -> None:
    passages = cut_passages("\U0001f600\U0001f600".encode(), None, tokenizers["bytes"], 1)
    assert [(one.start, one.end) for one in passages] == [(0, 4), (4, 8)]
    assert all(one.tokens > 1 for one in passages)


def test_lines_end_at_line_feeds_alone_as_git_shows_them() -> None:
    content = "a\rb\u2028c\x85d\x0ce\nf\r\ng".encode()
    passages = cut_passages(content, None, _ESTIMATE, 3)
    assert passages[0].line_start == 1
    assert passages[-1].line_end == 3


def test_an_empty_file_has_no_passages_and_a_limit_of_nothing_is_refused() -> None:
    assert cut_passages(b"", "python", _ESTIMATE, 10) == ()
    with pytest.raises(ValueError, match="0 tokens"):
        cut_passages(b"x", "python", _ESTIMATE, 0)


@pytest.mark.parametrize(
    "unit", [b"x = 1\n", b"def f():\n    return 1\n\n", b"a b = c; ", b"{", b"~ /\n"], ids=["lines", "defs", "line", "deep", "errors"]
)
def test_a_file_costs_in_proportion_to_its_length(unit: bytes) -> None:
    assert_in_proportion(lambda content: cut_passages(content, "python", _ESTIMATE, 200), lambda size: unit * size, size=400)


def test_another_tokenizer_or_limit_is_another_way_of_cutting(tokenizers: Mapping[str, PassageTokenizer]) -> None:
    ways = [cutter_digest(tokenizer, limit) for tokenizer, limit in itertools.product(tokenizers.values(), (100, 200))]
    assert len(set(ways)) == 6
    assert cutter_digest(EstimatedTokenizer(), 100) == cutter_digest(_ESTIMATE, 100)
