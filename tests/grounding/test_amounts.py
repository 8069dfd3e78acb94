"""Amounts that follow from those of an entry, and those that do not."""

from __future__ import annotations

import pytest

from tests.grounding.test_meaning import fact, rules


@pytest.mark.parametrize(
    ("summary", "true", "false"),
    [
        ("print 36 tickets on a page", "Three dozen tickets fit on a page.", "Two dozen tickets fit on a page."),
        ("raise the limit from 20 to 40", "The limit is doubled.", "The limit is tripled."),
        ("build takes 1.9 s, was 7.1 s", "The build is done in under two seconds.", "The build is done in under one second."),
        ("p99 of reads 40 ms", "99 of 100 reads take 40 ms.", "90 of 100 reads take 40 ms."),
        ("dates on a leap day", "29 February is a date.", "28 February is a date."),
        ("the third tab", "Tab three is there.", "Tab four is there."),
        ("cut 48 s to 13 s", "Time falls by nearly three quarters.", "Time falls by nearly two thirds."),
    ],
    ids=["dozen", "doubled", "bound", "percentile", "leap day", "ordinal", "fraction"],
)
def test_an_amount_in_other_words_is_read(summary: str, true: str, false: str) -> None:
    hard = {"number", "date", "identifier"}
    assert not hard & rules(true, fact(summary))
    assert hard & rules(false, fact(summary))
