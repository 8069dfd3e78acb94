"""The reviewed lists of words: each is read as it was meant."""

from __future__ import annotations

import pytest

from notewright.grounding.facts import Fact
from notewright.grounding.licences import LICENCES
from notewright.grounding.lists.opposites import AXES
from notewright.grounding.natures import bare_summary, nature
from notewright.grounding.phrases import Phrases, simple, split_phrases
from notewright.grounding.stems import stem


def test_every_phrase_of_every_list_is_found_in_a_sentence() -> None:
    for licence in LICENCES:
        found = Phrases({licence.subclass: f"{licence.says}, {licence.also}"})
        for phrase in split_phrases(f"{licence.says}, {licence.also}"):
            assert any(match.name == licence.subclass for match in found.find(simple(f"It is {phrase.replace('*', 's')}."))), phrase


def test_every_subclass_has_a_name_of_its_own() -> None:
    names = [licence.subclass for licence in LICENCES]
    assert len(set(names)) == len(names)


def test_no_verb_stands_on_both_sides_of_an_axis() -> None:
    for axis, (more, less) in AXES.items():
        assert {stem(word) for word in more.split()}.isdisjoint(stem(word) for word in less.split()), axis


def test_a_phrase_is_a_whole_word_unless_a_star_says_so() -> None:
    phrases = Phrases({"x": "fast, deprecat*, no action*"})
    found = [match.text for match in phrases.find(simple("Breakfast is fast; fasting is deprecated: no-action needed, `fast`."))]
    assert found == ["fast", "deprecated", "no action", "fast"]


@pytest.mark.parametrize(
    "forms",
    [
        "reject rejects rejected rejecting",
        "drop drops dropped dropping",
        "copy copies copied copying",
        "keep keeps kept keeping",
        "disable disables disabled disabling",
        "lose loses lost losing",
        "normalise normalised normalizes normalizing",
        "automatic automatically",
        "index indices indexes",
        "install installs installed installing",
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["import important", "class clash", "add address", "file fail"])
def test_other_words_have_other_stems(pair: str) -> None:
    one, other = pair.split()
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("kind", "summary", "expected", "bare"),
    [
        ("bugfix", "memory leak", "fix", "memory leak"),
        ("added", "dark mode", "feat", "dark mode"),
        (None, "Bugfix: wrong totals", "fix", "wrong totals"),
        (None, "fix wrong totals", "fix", "wrong totals"),
        (None, "lock screen: previews hidden", None, "previews hidden"),
        ("chore", "fix wrong totals", None, "wrong totals"),
    ],
)
def test_what_kind_of_change_is_read_from_the_type_or_else_the_first_word(
    kind: str | None, summary: str, expected: str | None, bare: str
) -> None:
    one = Fact("c-1", kind, None, summary, breaking=False, breaking_text=None, security=False, references=(), commits=())
    assert (nature(one), bare_summary(one)) == (expected, bare)
