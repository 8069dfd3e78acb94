"""What a sentence adds to its entries: at its end, in a relative clause, in a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.grounding.additions import additions, own_words
from tests.grounding.test_claims_by_structure import entry, rules


@pytest.mark.parametrize(
    ("kind", "summary", "text", "expected"),
    [
        (
            "feat",
            "sort books by last read",
            "Books can be sorted by last read, which delights teachers.",
            [("which delights teachers.", 2)],
        ),
        ("feat", "sort books by last read", "Books can be sorted by last read.", []),
        ("feat", "sort books by last read", "A new button brings order to every shelf.", []),  # nothing of the entry before it
        (
            "chore",
            "deprecate the `--pdf` option, use `--export`",
            "The `--pdf` option, which lost whole chapters, is deprecated; use `--export`.",
            [("which lost whole chapters", 3)],
        ),
        (
            "perf",
            "index by hash, warm start 4.2s -> 0.9s",
            "With an index by hash, a warm start takes a quarter of the time it took before.",
            [],
        ),
        ("fix", "photos rotated by 90 degrees", "Rotated photos are now the right way up.", []),  # a remedy in other words
        (
            "fix",
            "photos rotated by 90 degrees",
            "Photos are rotated no more, and gardens bloom early.",
            [("no more, and gardens bloom early.", 3)],
        ),
        ("feat", "chart blood pressure over 12 months", "Blood pressure is charted over twelve months.", []),
        ("feat", "", "Books are sorted.", []),
    ],
)
def test_additions_are_what_stands_after_the_words_of_the_entries(
    kind: str, summary: str, text: str, expected: list[tuple[str, int]]
) -> None:
    assert [(part.strip(), count) for part, count in additions(text, (entry(summary, kind),))] == expected


def test_an_addition_is_judged_by_its_length_and_its_words() -> None:
    fact = entry("sort books by last read")
    assert "addition" in rules("Books can be sorted by last read, which keeps hurried teachers cheerful.", fact)
    assert rules("Books can be sorted by last read, cheering teachers.", fact) == {"novelty"}
    assert "security" in rules("Books can be sorted by last read, with nobody watching.", fact)
    assert "performance" in rules("Books can be sorted by last read, even under load.", fact)
    assert "compatibility" in rules("Books can be sorted by last read, and bookmarks adapt automatically.", fact)
    assert not rules("Books can be sorted by last read.", fact)


def test_what_the_entries_say_in_other_fields_is_no_addition() -> None:
    fact = replace(entry("sort books by last read"), breaking=True, breaking_text="Shelves keep hurried teachers cheerful.", scope="shelf")
    assert "addition" not in rules("Books can be sorted by last read, which keeps hurried teachers cheerful.", fact)


def test_the_phrases_of_an_audience_are_its_own() -> None:
    fact, own = entry("sort books by last read"), own_words(["Do this: {text}", "Kindly ask your nearest librarian."])
    text = "Sort books by last read. Kindly ask your nearest librarian."
    assert additions(text, (fact,))
    assert not additions(text, (fact,), own)
    assert "text" not in own


def test_several_entries_have_their_words_together() -> None:
    facts = (entry("sort books by last read"), entry("cheer up teachers in a hurry", number=1))
    assert "addition" not in rules("Books can be sorted by last read, and hurried teachers are cheered up.", *facts)
