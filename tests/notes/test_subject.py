from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.grounding.residue import residue
from notewright.notes.subject import clean, finish, sentences_of, shorten
from tests.parts.sections import hostile_text


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        pytest.param("add login (#412)", "add login", id="reference-in-brackets"),
        pytest.param("add login (#412, o/r#3)", "add login", id="references"),
        pytest.param("fix crash, closes #12", "fix crash", id="closing"),
        pytest.param("fix crash (fixes #12) (#13)", "fix crash", id="two-tails"),
        pytest.param("update lock [ci skip]", "update lock", id="tool-mark"),
        pytest.param("remove info (#12565)[ci-skip]", "remove info", id="tool-mark-without-blank"),
        pytest.param("GH-246 - fix searching", "fix searching", id="reference-first"),
        pytest.param("[core] add x", "core: add x", id="bracketed-label"),
        pytest.param("- add x.", "add x", id="bullet-and-stop"),
        pytest.param("allow x...", "allow x...", id="dots-stay"),
        pytest.param("thank @octo-cat for it", "thank `@octo-cat` for it", id="mention"),
        pytest.param("move to @types/node 22", "move to `@types/node` 22", id="package"),
        pytest.param("accept Vec<T>, too", "accept `Vec<T>`, too", id="generics"),
        pytest.param("see #12 and more", "see `#12` and more", id="reference-inside"),
        pytest.param("see https://x.example/y for it", "see `https://x.example/y` for it", id="url"),
        pytest.param("keep `a@b` and `<x>`", "keep `a@b` and `<x>`", id="code-stays"),
        pytest.param("it`s broken", "it's broken", id="lone-backtick"),
        pytest.param("say <|im_start|>hello", "say hello", id="control-token"),
        pytest.param("a\u202eb\u200bc", "abc", id="hidden-characters"),
        pytest.param("bundle 212kB -> 38kB, > 500 rooms", "bundle 212kB -> 38kB, > 500 rooms", id="arrows-stay"),
        pytest.param("support C# projects", "support C# projects", id="sharp"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_subject_loses_what_is_for_tools_and_keeps_its_words(subject: str, expected: str) -> None:
    assert clean(subject) == expected


@given(hostile_text())
def test_nothing_in_a_cleaned_subject_acts(subject: str) -> None:
    acting = ("mention", "closing keyword", "HTML", "image", "link", "command", "chat template", "invisible character", "broken code span")
    text = clean(subject)
    assert not [found for found in residue(text, source=subject) if found.startswith(acting)], text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add x", "Add x."),
        ("`x` is new", "`x` is new."),
        ("v-once usage", "v-once usage."),
        ("iOS builds", "iOS builds."),
        ("done!", "Done!"),
    ],
)
def test_a_sentence_begins_with_a_capital_where_a_word_may_and_ends_with_a_stop(text: str, expected: str) -> None:
    assert finish(text) == expected


def test_a_long_text_is_cut_between_words_and_never_inside_code() -> None:
    assert shorten("one two `three four` five", most_words=5) == "one two `three four` five"
    assert shorten("one two `three four` five", most_words=4) == "one two `three four`\u2026"
    assert shorten("one two `three four` five", most_words=3) == "one two\u2026"
    assert shorten("`" + "x " * 9 + "`", most_words=3) == ""


@given(hostile_text(), st.integers(1, 12))
def test_a_shortened_text_keeps_its_limit(text: str, most_words: int) -> None:
    assert len(shorten(clean(text), most_words=most_words).split()) <= most_words


def test_the_sentences_of_a_breaking_text_end_with_its_first_paragraph() -> None:
    text = "set `A`, not `B`. Then restart.\n  See the docs (#12).\n\nMore."
    assert sentences_of(text) == ("Set `A`, not `B`.", "Then restart.", "See the docs.")
    assert sentences_of("* drop x\n* drop y\n```\ncode\n```") == ("Drop x drop y.",)
    assert sentences_of("") == ()
