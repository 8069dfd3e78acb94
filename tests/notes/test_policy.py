from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.notes.policy import AudiencePolicy, Part, required_entries, select
from tests.parts.sections import entry, invented_release, section

_PROMPTS = Prompts(prompt_places(None))


def policy(name: str) -> AudiencePolicy:
    return _PROMPTS.audience(name).policy


def told(name: str) -> dict[str, list[str]]:
    return {chosen.part.heading: [one.summary for one in chosen.told] for chosen in select(invented_release(), policy(name)) if chosen.told}


def test_developers_are_told_everything_what_breaks_first() -> None:
    headings = told("developer")
    assert next(iter(headings)) == "Before you upgrade"
    assert sum(len(entries) for entries in headings.values()) == len(list(invented_release().entries()))


def test_customers_are_told_nothing_internal() -> None:
    summaries = [summary for entries in told("customer").values() for summary in entries]
    assert "bump httpx from 0.27.0 to 0.28.1" not in summaries
    assert "describe the audit page" not in summaries
    assert "Improve startup" not in summaries


_BREAKING = ["read `ORCHARD_TOKEN` only", "drop Python 3.9"]
_SECURITY = ["escape HTML in commit titles (CVE-2026-10412)"]


@pytest.mark.parametrize(
    ("name", "required"),
    [
        *((name, _BREAKING + _SECURITY) for name in ("customer", "developer", "executive", "support")),
        ("migration", _BREAKING),
        ("security", _SECURITY),
        ("social", []),
    ],
)
def test_every_audience_must_be_told_what_concerns_it(name: str, required: list[str]) -> None:
    assert [one.summary for one in required_entries(invented_release(), policy(name))] == required


def test_no_audience_is_without_a_test_of_what_it_must_be_told() -> None:
    assert set(_PROMPTS.names("notes")) == {"customer", "developer", "executive", "migration", "security", "social", "support"}


def test_support_is_told_of_settings_by_their_words_and_not_twice() -> None:
    subjects = ("add a setting for the proxy", "cache replies longer", "reconfigurable badges", "add a dark mode")
    entries = [entry(subject) for subject in subjects]
    chosen = {one.part.heading: [each.summary for each in one.told] for one in select(section(*entries), policy("support")) if one.told}
    assert chosen == {
        "Settings and environment": ["add a setting for the proxy", "cache replies longer"],
        "Works differently": ["reconfigurable badges", "add a dark mode"],
    }


def test_with_few_places_those_that_say_hardly_anything_come_last() -> None:
    entries = [entry("tidy up", type="fix"), *(entry(f"keep the order of list number {number}", type="fix") for number in range(12))]
    chosen = next(chosen for chosen in select(section(*entries), policy("customer")) if chosen.part.heading == "Fixed")
    assert "tidy up" not in [one.summary for one in chosen.told]


def test_an_entry_belongs_to_the_first_part_that_takes_it() -> None:
    one = entry("fix hole", type="fix", security=True, breaking=True)
    chosen = [chosen.part.heading for chosen in select(section(one), policy("developer")) if chosen.told]
    assert chosen == ["Before you upgrade"]


def test_required_entries_are_told_however_few_places_a_part_has() -> None:
    part = Part("All", rest=True, most=1)
    narrow = replace(policy("developer"), parts=(part,))
    entries = [entry("add a"), entry("remove b", breaking=True), entry("remove c", breaking=True)]
    (chosen,) = select(section(*entries), narrow)
    assert [one.summary for one in chosen.told] == ["remove b", "remove c"]
    assert [one.summary for one in chosen.others] == ["add a"]


def test_a_required_entry_without_a_part_of_its_own_is_told_in_the_first() -> None:
    part = Part("New", types=("feat",))
    narrow = replace(policy("developer"), parts=(part,))
    (chosen,) = select(section(entry("drop b", type="chore", breaking=True), entry("tidy", type="chore")), narrow)
    assert [one.summary for one in chosen.told] == ["drop b"]


def test_with_few_places_plain_subjects_come_before_code_for_those_who_read_none() -> None:
    entries = [entry(f"add `flag_{number}`") for number in range(6)] + [entry("add a dark mode")]
    chosen = next(chosen for chosen in select(section(*entries), policy("executive")) if chosen.part.heading == "Highlights")
    assert "add a dark mode" in [one.summary for one in chosen.told]
    assert len(chosen.told) == 6


def test_groups_are_taken_by_title_whatever_its_case() -> None:
    chosen = select(section(entry("deprecate x", type="chore")), policy("developer"))
    assert [one.part.heading for one in chosen if one.told] == ["Other changes"]
    moved = section(entry("deprecate x", type="chore"))
    moved = replace(moved, groups=(replace(moved.groups[0], title="DEPRECATIONS"),))
    assert [one.part.heading for one in select(moved, policy("developer")) if one.told] == ["Deprecated"]
