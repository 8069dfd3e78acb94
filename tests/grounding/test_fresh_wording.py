"""What true sentences of people who knew no rule were blocked for, and the false ones beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.grounding.attribution import Facts
from notewright.grounding.checks import Claim, Said, Style, check_claim
from tests.grounding.test_claims_by_structure import blocking, entry, rules

_STYLE = Style(40, 60, plain_words=False)


@pytest.mark.parametrize(
    ("kind", "summary", "true", "false"),
    [
        pytest.param(
            "fix",
            "blk: mq: don't requeue a request that already timed out",
            "Timed-out requests are not requeued any more.",
            "A request that already timed out is requeued.",
            id="two labels",
        ),
        pytest.param(
            "fix",
            "Fixed: autosave could overwrite a manual save",
            "A manual save can no longer be overwritten by an autosave.",
            "Autosaves can now overwrite manual saves.",
            id="fixed before a fault",
        ),
        pytest.param(
            "fix",
            "views ran with the rights of the caller instead of the owner",
            "Views now run with their owner's rights, not the caller's.",
            "Views run with the caller's rights instead of the owner's.",
            id="what should have been",
        ),
        pytest.param(
            "fix",
            "Fixed an issue where pressing Escape closed all of the open dialogs",
            "Escape closes only the dialog on top of all.",
            "Pressing Escape now closes all of the open dialogs.",
            id="only",
        ),
        pytest.param(
            "fix",
            "verify the host name of certificates",
            "The host name of certificates is verified.",
            "The host name of certificates is no longer verified.",
            id="a remedy denied",
        ),
        pytest.param(
            "chore",
            "drop React 16 and Opera 11",
            "Neither React 16 nor Opera 11 is supported any longer.",
            "React 16 and Opera 11 are supported.",
            id="neither nor",
        ),
        pytest.param(
            "chore",
            "old report designer deprecated, replaced by Report Studio",
            "The old report designer is deprecated.",
            "Report Studio is deprecated.",
            id="the other's place",
        ),
        pytest.param(
            "chore", "remove the `old_ip` field", "`old_ip` has been removed.", "`old_ip` is deprecated.", id="more than deprecated"
        ),
        pytest.param(
            "chore",
            "legacy pass manager deprecated, to be removed in 22",
            "The legacy pass manager is deprecated and will be removed in 22.",
            "The legacy pass manager has been removed.",
            id="removed later",
        ),
        pytest.param(
            "fix",
            "addresses were kept in the statistics for 2 years, now 30 days",
            "Addresses are now kept for 30 days.",
            "Addresses are now kept for 2 years.",
            id="old told as new",
        ),
    ],
)
def test_the_contrary_is_told_from_another_wording(kind: str, summary: str, true: str, false: str) -> None:
    assert not blocking(true, entry(summary, kind))
    assert blocking(false, entry(summary, kind))


@pytest.mark.parametrize(
    ("summary", "true", "false"),
    [
        pytest.param(
            "a thread opens in 0.6 s, was 2.9 s", "Down from almost three seconds.", "Down from almost four seconds.", id="nearly"
        ),
        pytest.param("warn at more than two drugs", "Warns at three or more drugs.", "Warns at four or more drugs.", id="beyond a limit"),
        pytest.param("320 new plants", "Hundreds of plants are new.", "Thousands of plants are new.", id="hundreds"),
        pytest.param("markers: 10 -> 25", "Two and a half times as many markers.", "Three and a half times as many markers.", id="a half"),
        pytest.param("damage reduced by 15%", "Damage is 85% of what it was.", "Damage is 75% of what it was.", id="what is left"),
        pytest.param("scale to 200%", "Up to twice as big.", "Up to three times as big.", id="per cent and times"),
        pytest.param("+60 % throughput", "1.6 times as much gets through.", "1.8 times as much gets through.", id="more by a share"),
        pytest.param("6 new checks", "Half a dozen checks are new.", "A dozen checks are new.", id="half a dozen"),
        pytest.param("updated: Basque, Catalan, Galician", "Three languages.", "Four languages.", id="a list without and"),
        pytest.param("access for 90 days", "Access lasts three months.", "Access lasts four months.", id="months"),
        pytest.param("support 16K pages", "Pages of 16 KiB are supported.", "Pages of 64 KiB are supported.", id="bare letters"),
        pytest.param(
            "ignore readings below -40 °C", "Readings below -40 degrees Celsius.", "Readings below -30 degrees Celsius.", id="degrees"
        ),
    ],
)
def test_an_amount_that_follows_is_told_from_one_that_does_not(summary: str, true: str, false: str) -> None:
    assert "number" not in rules(true, entry(summary))
    assert "number" in rules(false, entry(summary))


@pytest.mark.parametrize(
    ("text", "blocked"),
    [
        ("Swipe actions are what version 12 brings.", False),
        ("Added in 12.4: swipe actions.", False),
        ("Swipe actions come with 12.4.", False),
        ("Swipe actions come with 12.5.", True),
        ("Swipe actions go away in 12.4.", True),
        ("Swipe actions need Android 12.4.", True),
    ],
)
def test_sentences_may_name_the_release_but_not_lend_its_number(text: str, *, blocked: bool) -> None:
    known = Facts({"c-0": entry("swipe actions")}, release="12.4.0")
    found = {failure.rule for failure in check_claim(Claim(text, ("c-0",)), known, style=_STYLE, said=Said())}
    assert bool(found & {"number", "version"}) == blocked


def test_an_advisory_may_stand_in_the_references_alone() -> None:
    fact = replace(entry("use after free in teardown", "fix"), security=True, references=("CVE-2026-11873",))
    assert not {"reference", "security"} & rules("Touching memory after it was freed is fixed (CVE-2026-11873).", fact)
    assert "reference" in rules("Touching memory after it was freed is fixed (CVE-2026-11837).", fact)


def test_a_hint_alone_warns_and_two_of_different_kinds_block() -> None:
    fault = entry("job status missing from the list", "fix")
    found = check_claim(Claim("The job status is no longer shown to guests.", ("c-0",)), {"c-0": fault}, style=_STYLE, said=Said())
    assert [(failure.rule, failure.blocking) for failure in found] == [("opposite", False)]
    assert "polarity" in rules("The job status is no longer shown.", fault)  # it says nothing else


def test_a_quoted_entry_does_not_excuse_what_is_said_of_another() -> None:
    quoted, deprecated = entry("merge supports returning"), entry("deprecate the money type", "chore", number=1)
    assert "polarity" in rules("Merge supports returning, and the money type was removed.", quoted, deprecated)
