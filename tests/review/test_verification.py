from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.section import Section
from notewright.errors import CheckFailed
from notewright.notes.assembly import assemble
from notewright.notes.document import Notes, Sentence
from notewright.notes.policy import AudiencePolicy
from notewright.review.verification import verify_notes
from tests.review.sample import entry, section

ENTRIES = (
    entry(1),
    entry(2, summary="read `NOTEWRIGHT_TOKEN` only", kind="fix", breaking=True, breaking_text="`GH_TOKEN` is ignored."),
    entry(3, summary="handle an empty file", kind="fix"),
)
SECTION: Section = section(ENTRIES)
SAID = Sentence("You can now sign in with a passkey.", (ENTRIES[0].id,), "model")


@pytest.fixture(scope="module")
def policy() -> AudiencePolicy:
    return Prompts(prompt_places(None)).audience("developer").policy


def by_rule(policy: AudiencePolicy) -> Notes:
    return Notes("1.4.0", "developer", "none", assemble(SECTION, policy))


def by_model(policy: AudiencePolicy) -> Notes:
    sentences = assemble(SECTION, policy, claims=[SAID.claim], failed={})
    assert {sentence.status for sentence in sentences} == {"model", "fallback"}
    return Notes("1.4.0", "developer", "llama_server:tiny", sentences)


def test_what_was_assembled_stands(policy: AudiencePolicy) -> None:
    verify_notes(SECTION, by_rule(policy), policy, modelled=False)
    verify_notes(SECTION, by_model(policy), policy, modelled=True)


def test_a_breaking_change_that_nobody_tells_is_missed(policy: AudiencePolicy) -> None:
    notes = by_model(policy)
    kept = tuple(sentence for sentence in notes.sentences if ENTRIES[1].id not in sentence.cites)
    with pytest.raises(CheckFailed, match=f"nothing tells {ENTRIES[1].id}, which this audience must know"):
        verify_notes(SECTION, replace(notes, sentences=kept), policy, modelled=True)


def test_a_fixed_sentence_of_another_entry_is_none_of_this_one(policy: AudiencePolicy) -> None:
    notes = by_model(policy)
    first, *rest = (sentence for sentence in notes.sentences if sentence.status == "fallback")
    swapped = replace(first, cites=rest[0].cites)
    others = tuple(sentence for sentence in notes.sentences if sentence != first)
    with pytest.raises(CheckFailed, match="no rule makes it"):
        verify_notes(SECTION, replace(notes, sentences=(*others, swapped)), policy, modelled=True)


def test_a_model_s_sentences_do_not_pass_where_no_model_was_asked(policy: AudiencePolicy) -> None:
    with pytest.raises(CheckFailed, match="without a model"):
        verify_notes(SECTION, by_model(policy), policy, modelled=False)


def test_the_same_thing_said_twice_is_refused(policy: AudiencePolicy) -> None:
    notes = by_model(policy)
    with pytest.raises(CheckFailed, match="duplicate"):
        verify_notes(SECTION, replace(notes, sentences=(*notes.sentences, SAID)), policy, modelled=True)
