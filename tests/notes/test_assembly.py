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
from notewright.notes.assembly import asked_entries, assemble, told_entries
from notewright.notes.budget import count_words
from notewright.notes.document import Failed, Notes
from notewright.notes.judging import OMITTED
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy, required_entries
from notewright.notes.report import check_notes
from tests.parts.sections import entry, hostile_text, invented_release, section, sections

_PROMPTS = Prompts(prompt_places(None))
POLICIES = {name: _PROMPTS.audience(name).policy for name in _PROMPTS.names("notes")}


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
    assert len(sentences) < 16  # several of them in one
    document = notes_markdown(Notes("1.4.0", "executive", "none", sentences), told, policy)
    assert count_words(document) <= (policy.most_words or 0)


def test_plain_words_leave_optional_entries_with_code_out_and_tell_required_ones_vaguely() -> None:
    told = section(entry("add `read_file()`"), entry("add a dark mode"), entry("rename `kind` to `variant`", scope="button", breaking=True))
    assert [sentence.text for sentence in assemble(told, POLICIES["executive"])] == [
        "A breaking change in button needs attention before the upgrade; the changelog describes it.",
        "Added a dark mode.",
    ]


def test_a_repair_that_stands_is_shown_with_what_it_mends() -> None:
    told = section(entry("stack at most 3 toasts"))
    (one,) = told.entries()
    wrong, right = (Claim(f"At most {number} toasts are stacked.", (one.id,)) for number in ("five", "three"))
    (sentence,) = assemble(told, POLICIES["developer"], claims=[wrong], repairs=[right], failed={})
    assert (sentence.text, sentence.status, sentence.rule) == (right.text, "repaired", "number")
    assert sentence.failed == (Failed(wrong.text, "number", "five"),)


def test_a_repair_that_fails_too_leaves_the_fixed_sentence_and_both_texts() -> None:
    told = section(entry("stack at most 3 toasts"))
    (one,) = told.entries()
    texts = ("At most five toasts are stacked.", "At most 3 toasts, cc @all.")
    first, second = (Claim(text, (one.id,)) for text in texts)
    (sentence,) = assemble(told, POLICIES["developer"], claims=[first], repairs=[second], failed={})
    assert (sentence.text, sentence.status, sentence.rule) == ("Stack at most 3 toasts.", "fallback", "injection")
    assert [(one.text, one.rule) for one in sentence.failed] == list(zip(texts, ("number", "injection"), strict=True))


def test_a_repair_says_nothing_of_an_entry_that_is_told_already() -> None:
    told = section(entry("add a"), entry("add b"))
    first, second = told.entries()
    claims = [Claim("There is an a.", (first.id,)), Claim("There are 7 b.", (second.id,))]
    sentences = assemble(told, POLICIES["developer"], claims=claims, repairs=[Claim("An a is new.", (first.id,))], failed={})
    assert [(one.text, one.status) for one in sentences] == [("There is an a.", "model"), ("Add b.", "fallback")]


def test_bumps_of_dependencies_are_one_line_of_at_most_four() -> None:
    told = section(*(entry(f"bump lib{name} from 1.0.{place} to 1.1.0", type="deps") for place, name in enumerate("abcde")))
    texts = [sentence.text for sentence in assemble(told, POLICIES["developer"])]
    assert texts == [
        "Bump liba from 1.0.0 to 1.1.0, libb from 1.0.1 to 1.1.0, libc from 1.0.2 to 1.1.0 and libd from 1.0.3 to 1.1.0.",
        "Bump libe from 1.0.4 to 1.1.0.",
    ]


def test_several_entries_that_no_plain_words_may_tell_share_a_sentence() -> None:
    told = section(*(entry(f"rename `k{scope}` to `v{scope}`", scope=scope, breaking=True) for scope in ("core", "cli", "config")))
    (sentence,) = assemble(told, POLICIES["executive"])
    assert sentence.text == "Breaking changes in core, cli and config need attention before the upgrade; the changelog describes them."
    assert len(sentence.cites) == 3


def test_commits_of_one_pull_request_that_say_the_same_are_told_once() -> None:
    subjects = ("do not change the tag date if it already exists", "do not change the tag date if tag already exists", "keep the order")
    told = section(*(entry(subject, type="fix", references=["#861"]) for subject in subjects))
    sentences = assemble(told, POLICIES["developer"])
    assert [(sentence.text, len(sentence.cites)) for sentence in sentences] == [
        ("Do not change the tag date if it already exists.", 2),
        ("Keep the order.", 1),
    ]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        pytest.param(None, "Who: users of config. Do this: TODO for the author, the commit does not say.", id="no-text"),
        pytest.param(
            "It is gone.", "It is gone. Who: users of config. Do this: TODO for the author, the commit does not say.", id="no-order"
        ),
        pytest.param("It is gone. Use `new_key`.", "It is gone. Who: users of config. Do this: Use `new_key`.", id="order"),
        pytest.param(
            "This only affects authors of plugins. Set `x`.", "Who: This only affects authors of plugins. Do this: Set `x`.", id="who"
        ),
    ],
)
def test_migration_notes_say_what_for_whom_and_what_to_do_or_ask_the_author(text: str | None, steps: str) -> None:
    told = section(entry("rename `old_key`", scope="config", breaking=text or True))
    (sentence,) = assemble(told, POLICIES["migration"])
    assert sentence.text == f"Rename `old_key`. {steps}"


def test_a_model_is_not_asked_what_to_do_where_the_commit_does_not_say() -> None:
    told = section(entry("drop x", breaking=True), entry("drop y", breaking="Use `z` instead."))
    assert [one.summary for one in asked_entries(told, POLICIES["migration"])] == ["drop y"]
    assert len(asked_entries(told, POLICIES["developer"])) == 2
