from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.notes.document import Sentence
from notewright.review.reading import read_layout, read_sentences

OURS = """# 1.4.0

**New**
- **auth:** you can now sign in with a passkey. ([#12](https://github.com/acme/app/issues/12))
- Exports Parquet, e.g. for columns. It keeps time zones. ([#13](https://github.com/acme/app/issues/13))

**Action needed (1).** Set `TOKEN` before you upgrade. The old name is ignored.

3 commits by 2 people
"""
SIGN_IN = Sentence("You can now sign in with a passkey.", ("c-1",), "model")
EXPORT = Sentence("Exports Parquet, e.g. for columns. It keeps time zones.", ("c-2",), "repaired", "number")
TOKEN = Sentence("Set `TOKEN` before you upgrade. The old name is ignored.", ("c-3", "c-4"), "fallback")
SAID = (SIGN_IN, EXPORT, TOKEN)


def read(markdown: str) -> tuple[Sentence, ...]:
    return read_sentences(markdown, read_layout(OURS, SAID, ["#12", "#13"]))


def test_what_nobody_changed_is_the_same_sentences() -> None:
    assert read(OURS) == SAID
    assert read(OURS.replace("\n", "\r\n")) == SAID


def test_the_layout_may_change_around_them() -> None:
    moved = "* You can now sign in with a passkey.\n\n> Set `TOKEN` before you upgrade. The old name\nis ignored.\n"
    assert read(moved) == (SIGN_IN, TOKEN)


@pytest.mark.parametrize(
    ("old", "new", "text", "cites"),
    [
        pytest.param("you can now sign in with", "sign in with just", "sign in with just a passkey.", ("c-1",), id="worded anew"),
        pytest.param("Exports Parquet, e.g. for columns. It keeps time zones.", "Parquet!", "Parquet!", ("c-2",), id="all new, in place"),
        pytest.param("3 commits by 2 people", "3,000 commits by 2 people", "3,000 commits by 2 people", (), id="a count of ours"),
        pytest.param("# 1.4.0", "# 9.9.9", "9.9.9", (), id="the title"),
        pytest.param("**New**", "**New, and 40 times faster**", "New, and 40 times faster", (), id="a heading"),
        pytest.param("3 commits", "See [our site](https://evil.example.org).\n\n3 commits",
                     "See [our site](https://evil.example.org).", (), id="a link keeps its address"),
        pytest.param("([#12](https://github.com/acme/app/issues/12))", "(#999)", "(#999)", (), id="another reference"),
        pytest.param("3 commits", "<!-- psst -->\n\n3 commits", "<!-- psst -->", (), id="a comment"),
    ],
)  # fmt: skip
def test_what_a_person_wrote_is_theirs(old: str, new: str, text: str, cites: tuple[str, ...]) -> None:
    assert OURS.count(old) == 1
    sentences = read(OURS.replace(old, new))
    (theirs,) = [sentence for sentence in sentences if sentence not in SAID]
    assert theirs == Sentence(text, cites, "human")


def test_a_sentence_of_ours_is_found_without_its_label_and_its_references() -> None:
    assert read("- You can now sign in with a passkey.\n") == (SIGN_IN,)


def test_what_was_moved_and_worded_anew_is_found_by_its_words() -> None:
    without = OURS.replace("Set `TOKEN` before you upgrade. The old name is ignored.", "")
    (theirs,) = [one for one in read(f"Before you upgrade, set `TOKEN`: the old name is ignored now.\n\n{without}") if one not in SAID]
    assert (theirs.cites, theirs.status) == (("c-3", "c-4"), "human")


@pytest.mark.parametrize("text", ["", "\n\n\n", "# ", "- ", "**"])
def test_a_file_that_says_nothing_has_no_sentences(text: str) -> None:
    assert {sentence.text for sentence in read(text)} <= {""}


@given(st.text(max_size=300))
def test_any_text_is_read_and_no_word_of_it_is_lost(text: str) -> None:
    known = "".join(sentence.text for sentence in read(text))
    letters = [character for character in text if character.isalpha() and character.isascii()]
    assert sorted(character for character in known if character.isalpha() and character.isascii()) == sorted(letters) or "&" in text


def test_a_large_file_is_read_in_a_moment() -> None:
    assert len(read("- one more change of mine\n" * 40_000)) == 40_000
