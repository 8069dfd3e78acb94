"""The rules about meaning: sentences that must pass beside those that must not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.grounding.attribution import Facts, better_sources, index_of
from notewright.grounding.checks import MOST_CHARACTERS, RULES, Claim, Said, Style, check_claim, verdict
from notewright.grounding.facts import Fact

_STYLE = Style(40, 60, plain_words=False)


def fact(summary: str, *, kind: str | None = "feat", fact_id: str = "c-1", breaking: str | None = None, security: bool = False) -> Fact:
    return Fact(fact_id, kind, None, summary, breaking is not None, breaking, security, (), ())


def rules(text: str, *cited: Fact, others: tuple[Fact, ...] = ()) -> set[str]:
    known = Facts({one.id: one for one in (*cited, *others)})
    return {found.rule for found in check_claim(Claim(text, tuple(one.id for one in cited)), known, style=_STYLE, said=Said())}


@pytest.mark.parametrize(
    ("kind", "summary", "true", "false"),
    [
        pytest.param("chore", "remove the blue palette", "The blue palette is gone.", "The blue palette was added.", id="opposite verb"),
        pytest.param(
            "fix", "strip location from photos", "Location is stripped from photos.", "Location is now kept in photos.", id="a remedy"
        ),
        pytest.param(
            "fix",
            "anchors rejected in include files",
            "Anchors in include files are accepted.",
            "Anchors in include files are rejected.",
            id="a fault",
        ),
        pytest.param(
            "feat",
            "attach files to an item",
            "Files can be attached to an item.",
            "Attaching files to an item is no longer possible.",
            id="possible",
        ),
        pytest.param("feat", "mute threads", "You can mute a thread.", "You can not mute threads any more.", id="a not too many"),
        pytest.param(
            "fix", "do not expose keys to forks", "Forks no longer see keys.", "Keys are now exposed to forks.", id="a not too few"
        ),
        pytest.param(
            "chore", "deprecate the old grid", "The old grid is deprecated.", "The old grid was removed.", id="deprecated is not removed"
        ),
        pytest.param("revert", "enable telemetry", "Telemetry is disabled again.", "Telemetry is enabled.", id="revert"),
        pytest.param(
            "feat", "page size from 20 to 50", "Pages are larger: 50 rather than 20.", "Pages are smaller: 50 rather than 20.", id="amounts"
        ),
        pytest.param(
            "feat",
            "hash join now defaults to off",
            "The hash join is turned off by default.",
            "The hash join is on by default.",
            id="defaults",
        ),
        pytest.param(
            "feat",
            "push refuses to overwrite remote files",
            "Push does not overwrite remote files.",
            "Push overwrites remote files.",
            id="refuses",
        ),
        pytest.param("feat", "stack at most 3 toasts", "No more than 3 toasts are stacked.", "Toasts are not stacked.", id="no more than"),
        pytest.param("feat", "drop Java 8", "Java 8 is not supported any more.", "Java 8 is now supported.", id="any more"),
    ],
)
def test_the_contrary_is_blocked_and_another_wording_is_not(kind: str, summary: str, true: str, false: str) -> None:
    assert "polarity" not in rules(true, fact(summary, kind=kind))
    assert "polarity" in rules(false, fact(summary, kind=kind))


def test_what_an_entry_requires_is_not_waived() -> None:
    required = fact("require a badge to open the gate")
    assert "polarity" in rules("The gate opens without the badge.", required)
    assert "polarity" not in rules("The gate no longer opens without a badge.", required)


def test_what_a_breaking_text_offers_is_not_the_default() -> None:
    counted = fact("weekends are counted by default", breaking="Set `skip: true` to leave them out again.")
    assert "instruction" in rules("Weekends are left out of the sums.", counted)
    assert "instruction" not in rules("Set `skip: true` to leave weekends out.", counted)


def test_a_fault_that_goes_on_is_told_as_gone_only_where_the_sentence_says_so() -> None:
    still = fact("closed shops were still listed", kind="fix")
    assert "polarity" in rules("Closed shops are listed again.", still)
    assert "polarity" not in rules("Closed shops are no longer listed.", still)


def test_what_is_deprecated_works_until_it_goes() -> None:
    old = fact("deprecate the pipe reader", kind="chore")
    assert "compatibility" not in rules("The pipe reader still works, but is deprecated.", old)
    assert "polarity" in rules("The pipe reader can no longer be used.", old)


def test_a_need_that_a_fix_takes_away_may_be_denied() -> None:
    assert "compatibility" not in rules("A new key is read without a restart.", fact("new key required a restart", kind="fix"))
    assert "compatibility" in rules("A new key is read without a restart.", fact("read a new key"))


def test_where_a_fix_may_state_the_fault_or_the_remedy_nothing_is_concluded() -> None:
    uncertain = fact("retry queue loses jobs after restart", kind="fix")
    assert "polarity" not in rules("The retry queue keeps its jobs.", uncertain)
    assert "polarity" not in rules("Jobs in the retry queue are no longer lost.", uncertain)


@pytest.mark.parametrize(
    ("rule", "says", "licensed"),
    [
        ("performance", "Reports load faster.", fact("reports read from an index", kind="perf")),
        ("performance", "The bundle is lighter.", fact("bundle 212kB -> 38kB", kind="chore")),
        ("security", "Attackers can no longer read reports.", fact("reports readable by anyone", kind="fix", security=True)),
        ("security", "Reports are encrypted.", fact("encryption of reports")),
        ("compatibility", "The old name is still accepted.", fact("rename it, the old name is still accepted", breaking="")),
        ("compatibility", "Reports also run on Windows.", fact("reports on win32")),
        ("deprecation", "Reports are obsolete.", fact("deprecate reports", kind="chore")),
        ("overclaim", "All reports have a date.", fact("date on every report")),
        ("benefit", "Reports are easier to read.", fact("simplify reports")),
    ],
)
def test_words_that_need_a_licence_pass_where_an_entry_gives_it(rule: str, says: str, licensed: Fact) -> None:
    assert rule in rules(says, fact("reports have a date and a name"))
    assert rule not in rules(says, licensed)


def test_the_security_mark_licenses_no_kind_of_attack_and_no_severity() -> None:
    marked = fact("sanitize pasted text", kind="fix", security=True)
    assert "security" not in rules("A vulnerability in pasted text is fixed.", marked)
    assert "security" in rules("Remote code execution by pasted text is fixed.", marked)
    assert "security" in rules("A high severity vulnerability in pasted text is fixed.", marked)


def test_a_breaking_text_licenses_only_what_it_says_itself() -> None:
    keeps = fact("uses another axis order", kind="fix", breaking="Pass `xy=True` to keep the order.")
    assert "compatibility" in rules("Another axis order is used, and existing callers work as before.", keeps)


def test_a_sentence_that_sounds_like_another_entry_is_noticed() -> None:
    true, other = fact("cancelled jobs stay in running state", fact_id="c-2", kind="fix"), fact("anchors rejected in include files")
    assert "attribution" in rules("Cancelled jobs leave the running state.", other, others=(true,))
    assert "attribution" not in rules("Cancelled jobs leave the running state.", true, others=(other,))


def test_words_that_no_entry_has_point_at_none() -> None:
    known = Facts({"c-1": fact("range selection"), "c-2": fact("dark mode", fact_id="c-2")})
    assert better_sources("You can choose a first and a last day.", ("c-1",), index_of(known)) == ()


def test_a_cause_is_noticed_across_entries_and_not_within_one() -> None:
    index, cache = fact("search reads an index"), fact("8s -> 1s by caching", fact_id="c-2", kind="perf")
    assert "cause" in rules("It takes 1s instead of 8s because search reads an index.", index, cache)
    assert "cause" not in rules("It takes 1s instead of 8s because of caching.", cache)
    assert "cause" not in rules("Search reads an index, and it takes 1s instead of 8s.", index, cache)


def test_a_token_in_the_clause_about_another_entry_is_noticed() -> None:
    one, two = fact("keep artifacts for 90 days"), fact("stack at most 3 toasts", fact_id="c-2")
    assert "merge" in rules("Artifacts are kept for 3 days, and at most 90 toasts are stacked.", one, two)
    assert "merge" not in rules("Artifacts are kept for 90 days, and at most 3 toasts are stacked.", one, two)


def test_a_sentence_of_megabytes_is_blocked_by_its_length() -> None:
    found = check_claim(
        Claim("no longer " * 200_000, ("c-1",)), {"c-1": fact("mute threads")}, style=Style(10**9, 10**9, plain_words=False), said=Said()
    )
    assert f"2000000 characters, {MOST_CHARACTERS} allowed" in {failure.detail for failure in found if failure.rule == "style"}
    assert verdict(found) == "block"


@given(st.text(max_size=300), st.text(max_size=120), st.sampled_from(["feat", "fix", "perf", "revert", "deprecate", None, "x"]))
def test_any_text_about_any_entry_is_checked_the_same_way_twice(text: str, summary: str, kind: str | None) -> None:
    known = {"c-1": fact(summary, kind=kind), "c-2": fact("mute threads", fact_id="c-2")}
    claim = Claim(text, ("c-1", "c-2"))
    found = check_claim(claim, known, style=_STYLE, said=Said())
    assert found == check_claim(claim, Facts(known), style=_STYLE, said=Said())
    assert {failure.rule for failure in found} <= {name for name, _, _ in RULES}
