from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import open_repository
from notewright.changelog.section import Section
from notewright.config.config import Config
from notewright.control import Cancel, ignore
from notewright.flows.changelog import Selection, read_releases
from notewright.grounding.checks import Claim
from notewright.notes.assembly import OMITTED, assemble, told_entries
from notewright.notes.document import Notes
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy, required_entries
from notewright.notes.report import check_notes
from tests.parts.sections import entry, hostile_text, invented_release, section, sections

_PROMPTS = Prompts(prompt_places(None))
POLICIES = {name: _PROMPTS.audience(name).policy for name in ("developer", "customer", "executive")}


def notes(told: Section, policy: AudiencePolicy) -> Notes:
    return Notes(told.version, policy.audience, "none", assemble(told, policy))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@settings(max_examples=120)
@given(told=sections())
def test_fixed_notes_of_any_section_pass_every_check_and_cover_what_is_required(policy: AudiencePolicy, told: Section) -> None:
    report = check_notes(told, notes(told, policy), policy)
    assert not report.blocks, report


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@settings(max_examples=80)
@given(told=sections(), data=st.data())
def test_whatever_a_model_says_only_what_passes_is_shown(policy: AudiencePolicy, told: Section, data: st.DataObject) -> None:
    ids = [one.id for one in told.entries()] + ["c-none"]
    said = st.builds(Claim, hostile_text(), st.lists(st.sampled_from(ids), max_size=5).map(tuple))
    sentences = assemble(told, policy, claims=data.draw(st.lists(said, max_size=20)), failed={})
    report = check_notes(told, Notes(told.version, policy.audience, "x", sentences), policy)
    assert not report.blocks, report
    assert all(sentence.rule for sentence in sentences if sentence.status == "fallback")


@pytest.mark.parametrize("history", ["git-cliff", "flask", "poetry"])
def test_fixed_notes_of_recorded_releases_pass_every_check(history: str, recorded: Callable[[str], Path]) -> None:
    repository = open_repository(recorded(history))
    for told in read_releases(repository, Config().rules(), Selection(), report=ignore, cancel=Cancel()):
        for policy in POLICIES.values():
            written = notes(told, policy)
            assert not check_notes(told, written, policy).blocks
            assert notes_markdown(written, told, policy).endswith("\n")
            limit = policy.most_words
            required = {one.id for one in required_entries(told, policy)}
            optional = [sentence for sentence in written.sentences if required.isdisjoint(sentence.cites)]
            assert limit is None or sum(len(sentence.text.split()) for sentence in optional) <= limit


def test_a_true_sentence_of_the_model_stays_as_it_is() -> None:
    told = section(entry("stack at most 3 toasts"))
    (one,) = told.entries()
    (sentence,) = assemble(told, POLICIES["developer"], claims=[Claim("No more than three toasts are stacked.", (one.id,))], failed={})
    assert (sentence.text, sentence.status, sentence.rule) == ("No more than three toasts are stacked.", "model", None)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("No more than five toasts are stacked.", "number"),
        ("At most 3 toasts, cc @all.", "injection"),
        ("toasts " * 40, "style"),
        ("", "wording"),
    ],
)
def test_a_false_sentence_becomes_the_fixed_one_and_says_by_which_rule(text: str, rule: str) -> None:
    told = section(entry("stack at most 3 toasts"))
    (one,) = told.entries()
    (sentence,) = assemble(told, POLICIES["developer"], claims=[Claim(text, (one.id,))], failed={})
    assert (sentence.text, sentence.status, sentence.rule) == ("Stack at most 3 toasts.", "fallback", rule)


def test_what_the_model_leaves_out_is_told_by_rule() -> None:
    told = section(entry("add a"), entry("add b"))
    first, second = told.entries()
    sentences = assemble(told, POLICIES["developer"], claims=[Claim("There is an a.", (second.id,))], failed={})
    assert [(sentence.cites, sentence.status, sentence.rule) for sentence in sentences] == [
        ((first.id,), "fallback", OMITTED),
        ((second.id,), "model", None),
    ]


def test_a_second_sentence_about_the_same_entry_is_left_out() -> None:
    told = section(entry("add a"))
    (one,) = told.entries()
    sentences = assemble(
        told, POLICIES["developer"], claims=[Claim("There is an a.", (one.id,)), Claim("An a is there.", (one.id,))], failed={}
    )
    assert [sentence.text for sentence in sentences] == ["There is an a."]


def test_entries_that_say_the_same_share_a_sentence_of_at_most_four() -> None:
    told = section(*(entry(f"update lock file (#{number})", references=[f"#{number}"]) for number in range(6)))
    sentences = assemble(told, POLICIES["developer"])
    assert [(sentence.text, len(sentence.cites)) for sentence in sentences] == [("Update lock file.", 4), ("Update lock file.", 2)]


def test_an_entry_without_words_is_named_by_its_commit() -> None:
    told = section(entry("@@@ `", breaking=True))
    (one,) = told.entries()
    (sentence,) = assemble(told, POLICIES["developer"])
    assert one.commits[0][:8] in sentence.text or "@@@" in sentence.text


def test_the_order_told_is_that_of_the_policy_s_parts_then_the_section_s() -> None:
    told = invented_release()
    summaries = [one.summary for one in told_entries(told, POLICIES["developer"])]
    assert summaries[:3] == ["read `ORCHARD_TOKEN` only", "drop Python 3.9", "escape HTML in commit titles (CVE-2026-10412)"]
    assert summaries[-1] == "Improve startup"


def test_optional_sentences_leave_when_the_budget_is_spent_required_ones_never() -> None:
    entries = [entry(f"add widget {letter} with a rather long description of what it is for") for letter in "abcdefgh"]
    told = section(
        *entries, *(entry(f"remove thing {letter} {letter} {letter} {letter} {letter}", breaking=True) for letter in "abcdefghijklmnop")
    )
    policy = POLICIES["executive"]
    sentences = assemble(told, policy)
    covered = {cite for sentence in sentences for cite in sentence.cites}
    assert {one.id for one in required_entries(told, policy)} <= covered
    assert len(sentences) == 16
    assert sum(len(sentence.text.split()) for sentence in sentences) > (policy.most_words or 0)


def test_plain_words_leave_optional_entries_with_code_out_and_tell_required_ones_vaguely() -> None:
    told = section(entry("add `read_file()`"), entry("add a dark mode"), entry("rename `kind` to `variant`", scope="button", breaking=True))
    assert [sentence.text for sentence in assemble(told, POLICIES["executive"])] == [
        "A breaking change in button needs attention before the upgrade; the changelog describes it.",
        "Added a dark mode.",
    ]
