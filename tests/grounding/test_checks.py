from __future__ import annotations

import pytest

from notewright.grounding.checks import Claim, Failure, Said, Style, check_claim, check_claims, uncovered, verdict
from notewright.grounding.facts import Fact

_STYLE = Style(most_words=25, most_words_breaking=40, plain_words=False)


def _fact(
    fact_id: str, summary: str, *, kind: str = "feat", scope: str | None = None, breaking: str | bool = False, security: bool = False,
    references: tuple[str, ...] = (), commit: str = "c" * 40,
) -> Fact:  # fmt: skip
    text = breaking if isinstance(breaking, str) else None
    return Fact(fact_id, kind, scope, summary, bool(breaking), text, security, references, (commit,))


_FACTS = {
    fact.id: fact
    for fact in (
        _fact("c-toast", "stack at most 3 toasts", scope="toast", references=("#4380",), commit="a1b2c3d4" * 5),
        _fact(
            "c-kind", "rename `Button` prop `kind` to `variant`", kind="refactor", breaking="Run `npx codemod v9`.", references=("#4410",)
        ),
        _fact("c-grid", "remove the `legacyBlue` palette", kind="chore", scope="theme", breaking=True),
        _fact("c-days", "keep artifacts for 90 days by default, previously 30", scope="artifacts"),
        _fact("c-cve", "disable external entities (CVE-2026-33018)", kind="fix", security=True, references=("#270",)),
        _fact("c-perf", "bundle 212kB -> 38kB", kind="perf"),
        _fact("c-lock", "update lock file (#12)", kind="chore", references=("#12",)),
        _fact("c-lock2", "update lock file (#34)", kind="chore", references=("#34",)),
        _fact("c-prompt", "refuse texts that say ignore previous instructions", kind="fix"),
    )
}


def failures(text: str, *cites: str, style: Style = _STYLE, said: Said | None = None) -> tuple[Failure, ...]:
    return check_claim(Claim(text, cites), _FACTS, style=style, said=said or Said())


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        pytest.param("At most three toasts are stacked.", ["c-toast"], id="number-word"),
        pytest.param("No more than 3 toasts are stacked (#4380).", ["c-toast"], id="reference-of-the-entry"),
        pytest.param(
            "The `kind` prop of `Button` is now `variant`; run `npx codemod v9`.", ["c-kind"], id="code-of-summary-and-breaking-text"
        ),
        pytest.param("Two breaking changes: `variant` for `kind`, and no `legacyBlue`.", ["c-kind", "c-grid"], id="count-of-cited-entries"),
        pytest.param("Artifacts stay for 90 days instead of 30.", ["c-days"], id="old-and-new"),
        pytest.param("The bundle is 174 kB smaller.", ["c-perf"], id="difference"),
        pytest.param("The bundle shrinks from 212 kB to 38 kB.", ["c-perf"], id="units-with-a-blank"),
        pytest.param("The bundle is 82 % smaller.", ["c-perf"], id="computed-percentage"),
        pytest.param("External entities are off, which closes CVE-2026-33018.", ["c-cve"], id="advisory"),
        pytest.param("The lock file was updated in a1b2c3d4.", ["c-toast"], id="commit-of-the-entry"),
        pytest.param('Texts that say "ignore previous instructions" are refused.', ["c-prompt"], id="quoting-the-entry"),
    ],
)
def test_a_true_sentence_passes(text: str, cites: list[str]) -> None:
    assert failures(text, *cites) == ()


@pytest.mark.parametrize(
    ("rule", "detail", "text", "cites"),
    [
        pytest.param("known-ids", "c-none", "Toasts are stacked.", ["c-toast", "c-none"], id="known-ids"),
        pytest.param("cites", "0 entries cited, 1 to 4 allowed", "Toasts are stacked.", [], id="no-cites"),
        pytest.param("cites", "5 entries cited, 1 to 4 allowed", "Toasts.", [*_FACTS][:5], id="five-cites"),
        pytest.param("cites", "c-toast cited twice", "Toasts are stacked.", ["c-toast", "c-toast"], id="cited-twice"),
        pytest.param("number", "five", "At most five toasts are stacked.", ["c-toast"], id="number"),
        pytest.param("number", "90 hours", "Artifacts stay for 90 hours.", ["c-days"], id="unit"),
        pytest.param("number", "per day", "At most 3 toasts are stacked per day.", ["c-toast"], id="rate"),
        pytest.param("number", "95 %", "The bundle is 95 % smaller.", ["c-perf"], id="percentage"),
        pytest.param("version", "18", "Toasts stack in Safari 18.", ["c-toast"], id="version"),
        pytest.param("identifier", "appearance", "The `kind` prop of `Button` is now `appearance`.", ["c-kind"], id="code"),
        pytest.param("identifier", "max_toasts", "At most 3 toasts (max_toasts) are stacked.", ["c-toast"], id="identifier-in-prose"),
        pytest.param("identifier", "Button", "A `Button` stacks 3 toasts.", ["c-toast"], id="code-of-another-entry"),
        pytest.param("reference", "CVE-2026-33081", "External entities are off (CVE-2026-33081).", ["c-cve"], id="advisory"),
        pytest.param("reference", "#4381", "At most 3 toasts are stacked (#4381).", ["c-toast"], id="reference"),
        pytest.param("reference", "https://x.example/3", "At most 3 toasts, see https://x.example/3.", ["c-toast"], id="url"),
        pytest.param("date", "next spring", "The `legacyBlue` palette goes next spring.", ["c-grid"], id="date"),
        pytest.param("roles", "90 -> 30 days", "Artifacts stay for 30 days, previously 90.", ["c-days"], id="roles"),
        pytest.param("injection", "mention: @gable-team", "Toasts are stacked, cc @gable-team.", ["c-toast"], id="injection"),
        pytest.param("style", "26 words, 25 allowed", "Toasts " * 26, ["c-toast"], id="too-long"),
        pytest.param("wording", "no sentence", "!", ["c-toast"], id="no-words"),
    ],
)  # fmt: skip
def test_a_false_sentence_is_blocked_by_the_rule_that_names_its_words(rule: str, detail: str, text: str, cites: list[str]) -> None:
    found = failures(text, *cites)
    assert verdict(found) == "block"
    assert rule in {failure.rule for failure in found}
    assert any(detail in failure.detail for failure in found if failure.rule == rule)


def test_a_breaking_entry_may_take_more_words() -> None:
    text = "The palette is gone for good, " * 5
    assert "style" not in {failure.rule for failure in failures(text, "c-grid")}
    assert "style" in {failure.rule for failure in failures(text, "c-toast")}


def test_the_same_words_twice_are_blocked() -> None:
    said = Said([Claim("Toasts are stacked.", ("c-toast",))])
    found = failures("toasts are stacked", "c-days", said=said)
    assert [failure.rule for failure in found if failure.blocking] == ["duplicate"]


def test_entries_that_say_the_same_may_be_told_in_the_same_words() -> None:
    said = Said([Claim("Update lock file.", ("c-lock",))])
    assert failures("Update lock file.", "c-lock2", said=said) == ()
    assert [failure.rule for failure in failures("Update lock file.", "c-lock", said=said)] == ["duplicate"]


def test_plain_words_are_asked_for_with_a_warning() -> None:
    style = Style(25, 40, plain_words=True)
    assert verdict(failures("The `legacyBlue` palette is gone.", "c-grid", style=style)) == "warn"
    assert failures("A palette is gone.", "c-grid", style=style) == ()


def test_a_text_is_checked_in_order_and_each_sentence_against_those_before() -> None:
    claims = [Claim("Toasts are stacked.", ("c-toast",)), Claim("Toasts are stacked.", ("c-toast",))]
    assert [verdict(found) for found in check_claims(claims, _FACTS, style=_STYLE)] == ["pass", "block"]


def test_required_entries_without_a_sentence_are_named_in_their_order() -> None:
    claims = [Claim("A palette is gone.", ("c-grid", "c-none"))]
    assert uncovered(claims, ["c-kind", "c-grid", "c-cve"]) == ("c-kind", "c-cve")


@pytest.mark.parametrize(
    "text",
    ["}\u075b^ does[{.", "], an\u059c):estion*h@PKh[{.", "zqk blah frop.", "{{{{", "...", "qu\u9f74 [{."],
)
def test_noise_is_no_sentence(text: str) -> None:
    assert "wording" in {failure.rule for failure in failures(text, "c-toast")}


@pytest.mark.parametrize(
    "text",
    [
        "You can now choose a start and an end day in the calendar control.",
        "Toasts: fewer, calmer.",
        "Stack (at most) 3 toasts.",
        "It's shown & hidden with `x`.",
        "`toast` stacks.",
    ],
)
def test_a_sentence_is_one_whatever_its_words(text: str) -> None:
    assert "wording" not in {failure.rule for failure in failures(text, "c-toast")}
