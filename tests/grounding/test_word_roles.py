"""Old and new in plain words."""

from __future__ import annotations

import pytest

from notewright.grounding.word_roles import exchanged


@pytest.mark.parametrize(
    ("source", "true", "false"),
    [
        ("parcels are weighed in grams, not ounces", "Weights are grams rather than ounces.", "Weights are ounces rather than grams."),
        ("deprecate the pipe reader in favour of sockets", "The pipe reader gives way to sockets.", "Sockets give way to the pipe reader."),
        ("Perl hooks are deprecated in favour of Ruby", "Perl is deprecated, use Ruby.", "Ruby is deprecated, use Perl."),
        ("moons replace stars in ratings", "Ratings have moons instead of stars.", "Ratings have stars instead of moons."),
        ("sort by surname, previously by city", "People are sorted by surname, formerly city.", "Sorted by city, formerly surname."),
    ],
    ids=["not", "in favour of", "deprecated", "replace", "previously"],
)  # fmt: skip
def test_things_without_a_token_keep_their_places_too(source: str, true: str, false: str) -> None:
    assert list(exchanged(true, [source], faults=False)) == []
    assert list(exchanged(false, [source], faults=False))


def test_what_a_fault_did_instead_is_the_old() -> None:
    source = "mails were sent to the owner instead of the guest"
    assert list(exchanged("Mails go to the guest instead of the owner.", [source], faults=True)) == []
    assert list(exchanged("Mails go to the owner instead of the guest.", [source], faults=True))


def test_a_thing_that_is_said_of_both_sides_is_no_exchange() -> None:
    assert list(exchanged("Distances are metres, previously miles.", ["distances are metres, previously miles"], faults=False)) == []
    assert list(exchanged("The size is no longer in pages.", ["the size was in pages"], faults=False)) == []
