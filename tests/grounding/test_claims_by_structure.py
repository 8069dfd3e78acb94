"""Rules that state a relation and hold no list of sentences: frames of claims, names, mixed clauses, and what a fix leaves behind."""

from __future__ import annotations

import pytest

from notewright.grounding.checks import RULES, Claim, Said, Style, check_claim
from notewright.grounding.facts import Fact


def entry(summary: str, kind: str = "feat", *, scope: str | None = None, breaking: str | None = None, number: int = 0) -> Fact:
    return Fact(f"c-{number}", kind, scope, summary, breaking is not None, breaking, security=False, references=(), commits=())


def rules(text: str, *entries: Fact) -> set[str]:
    known = {one.id: one for one in entries}
    return {found.rule for found in check_claim(Claim(text, tuple(known)), known, style=Style(40, 60, plain_words=False), said=Said())}


def blocking(text: str, *entries: Fact) -> set[str]:
    return rules(text, *entries) & {name for name, _, blocks in RULES if blocks}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("compatibility", "Reports have a date, and older clients keep loading them."),
        ("compatibility", "Your saved reports are converted when the server starts."),
        ("compatibility", "Reports open in every editor."),
        ("performance", "Dates in reports cut rendering time."),
        ("performance", "Reports take half as long."),
        ("security", "Reports are verified against their checksums."),
        ("security", "Reports are visible to you alone."),
    ],
)
def test_a_claim_is_seen_by_how_its_words_stand_together(rule: str, text: str) -> None:
    assert rule in rules(text, entry("reports have a date"))


def test_a_promise_that_is_denied_is_none() -> None:
    assert "compatibility" not in rules("This version no longer runs on format 2.", entry("format 2 is no longer supported", breaking=""))


def test_a_name_that_no_entry_has_blocks_and_one_in_another_form_does_not() -> None:
    assert "name" in rules("Reports can be posted to Trello.", entry("post reports to Slack"))
    assert "name" not in rules("Reports can be posted to Slack.", entry("post reports", scope="slack"))
    assert "compatibility" not in rules("Exports no longer stop on Macs.", entry("exports stop on macOS", "fix"))


def test_clauses_that_mix_what_two_entries_say_are_noticed() -> None:
    both = entry("add tickets to the wallet"), entry("voice reads delays on the board", number=1)
    assert "merge" in rules("Delays can be added to the wallet, and the voice reads your tickets.", *both)
    assert "merge" not in rules("Tickets can be added to the wallet, and the voice reads delays.", *both)


def test_a_fault_told_as_what_happens_now_blocks() -> None:
    assert "polarity" in rules("Pagination now resets the filter.", entry("pagination resets the chosen filter", "fix"))


@pytest.mark.parametrize("text", ["Pagination keeps the chosen filter.", "Pagination used to reset the chosen filter."])
def test_a_fault_told_by_its_remedy_or_in_the_past_passes(text: str) -> None:
    assert "polarity" not in rules(text, entry("pagination resets the chosen filter", "fix"))


def test_what_was_missing_and_is_told_as_missing_is_noticed() -> None:
    fault = entry("learning rate missing from the board", "fix")
    assert "opposite" in rules("The learning rate is no longer shown on the board.", fault)
    assert not rules("The learning rate is shown on the board.", fault)


def test_what_an_entry_denies_is_not_affirmed() -> None:
    denied = entry("the operator runs without cluster-admin")
    assert "polarity" in rules("The operator now requires cluster-admin.", denied)
    assert "polarity" not in rules("The operator does not need cluster-admin.", denied)


def test_what_is_kept_to_some_is_not_open_to_all() -> None:
    kept = entry("topics are created only by admins")
    assert "polarity" in rules("Topics can be created by anyone.", kept)
    assert "polarity" not in rules("Producers can't create topics.", kept)


def test_before_is_not_after() -> None:
    order = entry("filters run before the scan")
    assert "polarity" in rules("Filters run after the scan.", order)
    assert "polarity" not in rules("The scan runs after the filters.", order)


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        ("scale to zero after 10 idle minutes", "Scales to zero after ten minutes."),
        ("proxies in 6 min (was 22)", "Proxies are ready 16 minutes earlier."),
        ("CPU 55 % -> 20 %", "CPU falls by 35 percentage points."),
        ("autosave every 30 s", "Saves twice a minute."),
        ("1.6x tokens", "60 % more tokens."),
    ],
)
def test_amounts_that_follow_are_supported(summary: str, text: str) -> None:
    assert "number" not in rules(text, entry(summary, "perf"))
