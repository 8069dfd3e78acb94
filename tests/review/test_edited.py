from __future__ import annotations

import json
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.changelog.section import Group
from notewright.errors import CheckFailed
from notewright.notes.assembly import assemble
from notewright.notes.document import Notes
from notewright.notes.markdown import notes_markdown
from notewright.notes.policy import AudiencePolicy
from notewright.review.body import render_body
from notewright.review.edited import EditedFile, Suggested, check_held, hold_notes, read_suggestions, suggestions_json, taken_up, unseen
from notewright.review.material import Audience, exhibit, remarks
from notewright.review.page import render_page
from tests.review.sample import entry, material, section, sha
from tests.review.test_body import HOSTILE

ENTRIES = (
    entry(1),
    entry(2, summary="read `NOTEWRIGHT_TOKEN` only", kind="fix", scope="config", breaking=True, breaking_text="`GH_TOKEN` is ignored."),
    entry(3, summary="handle an empty file", kind="fix"),
)
SECTION = section(ENTRIES)
EDITOR = "Grace Hopper <grace@example.org>"


@pytest.fixture(scope="module")
def policy() -> AudiencePolicy:
    return Prompts(prompt_places(None)).audience("developer").policy


def written(policy: AudiencePolicy) -> tuple[Notes, str]:
    notes = Notes("1.4.0", "developer", "none", assemble(SECTION, policy))
    return notes, notes_markdown(notes, SECTION, policy)


def file(policy: AudiencePolicy, old: str = "", new: str = "") -> EditedFile:
    notes, markdown = written(policy)
    assert old in markdown
    text = markdown.replace(old, new) if old else markdown + new
    return EditedFile("developer", sha("edit"), EDITOR, text.encode(), tuple(one.id for one in ENTRIES), notes)


def test_an_untouched_file_is_the_notes_that_it_was_made_of(policy: AudiencePolicy) -> None:
    assert hold_notes(file(policy), SECTION, policy, links=None).sentences == written(policy)[0].sentences


def test_only_what_was_changed_is_a_person_s(policy: AudiencePolicy) -> None:
    held = hold_notes(file(policy, "an empty file", "empty files"), SECTION, policy, links=None)
    assert [one.status for one in held.sentences if "empty" in one.text] == ["human"]
    assert {one.status for one in held.sentences if "empty" not in one.text} == {"fallback"}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("It is now 40 times faster.", "number", id="a number"),
        pytest.param("See https://evil.example.org for more.", "reference", id="an address"),
        pytest.param("Needs Python 3.99.1 now.", "version", id="a version"),
        pytest.param("Set `OTHER_TOKEN` first.", "identifier", id="a name"),
    ],
)
def test_what_the_section_does_not_say_is_a_warning_that_blocks_nothing(policy: AudiencePolicy, text: str, rule: str) -> None:
    held = hold_notes(file(policy, new=f"\n{text}\n"), SECTION, policy, links=None)
    report = check_held(SECTION, held, policy)
    assert (held.sentences[-1].text, held.sentences[-1].status) == (text, "human")
    assert rule in {failure.rule for failure in report.failures[-1]}
    assert not any(failure.blocking for failures in report.failures for failure in failures)


@pytest.mark.parametrize("text", ["We are glad about it.", "Version 1.4.0 is here.", "`NOTEWRIGHT_TOKEN` is the name."])
def test_what_needs_no_source_or_has_one_passes(policy: AudiencePolicy, text: str) -> None:
    held = hold_notes(file(policy, new=f"\n{text}\n"), SECTION, policy, links=None)
    assert check_held(SECTION, held, policy).failures[-1] == ()


def test_what_came_later_is_unseen_and_what_was_left_out_on_purpose_is_not(policy: AudiencePolicy) -> None:
    later = entry(9, summary="print the version", scope="cli")
    grown = replace(SECTION, groups=(Group("Features", (*ENTRIES, later)),))
    one = file(policy, "handle an empty file", "")
    held = hold_notes(one, grown, policy, links=None)
    assert [left.id for left in unseen(one, held, grown, policy).entries()] == [later.id]


def test_what_the_audience_must_know_is_suggested_again(policy: AudiencePolicy) -> None:
    notes, markdown = written(policy)
    kept = "\n".join(line for line in markdown.split("\n") if "TOKEN" not in line)
    one = replace(file(policy), content=kept.encode())
    held = hold_notes(one, SECTION, policy, links=None)
    assert check_held(SECTION, held, policy).missing == (ENTRIES[1].id,)
    assert [left.id for left in unseen(one, held, SECTION, policy).entries()] == [ENTRIES[1].id]
    assert notes.sentences


def test_a_sentence_whose_entry_is_gone_stays_and_is_a_person_s(policy: AudiencePolicy) -> None:
    one = file(policy)
    less = replace(SECTION, groups=(Group("Features", ENTRIES[:2]),))
    held = hold_notes(one, less, policy, links=None)
    (left,) = [said for said in held.sentences if "empty file" in said.text]
    assert (left.status, left.cites) == ("human", ())


def test_suggestions_are_read_back_as_they_were_written(policy: AudiencePolicy) -> None:
    one = Suggested(file(policy, new="\nMine.\n"), Notes("1.4.0", "developer", "none", written(policy)[0].sentences[:1]))
    content = suggestions_json([one])
    assert read_suggestions(content, {"developer": one.file.content}) == (one,)
    again = taken_up(replace(one.file, content=b"anew"), [one])
    assert again.origin.sentences == one.file.origin.sentences, "what was suggested was written already"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b'{"schema": 2, "audiences": []}', b'{"a":' * 50_000,
     json.dumps({"schema": 1, "audiences": [{"audience": "developer", "commit": "x"}]}).encode()],
    ids=["empty", "a list", "no keys", "no text", "another schema", "very deep", "half a record"],
)  # fmt: skip
def test_suggestions_that_nobody_of_ours_wrote_are_refused(content: bytes) -> None:
    with pytest.raises(CheckFailed, match=r"suggestions\.json is not what prepare writes"):
        read_suggestions(content, {"developer": b""})


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_an_editor_do_nothing_in_the_body_and_on_the_page(policy: AudiencePolicy, words: str) -> None:
    one = replace(file(policy, new=f"\n{words}\n"), editor=f"{words} <x>".replace("\x00", ""))
    held = hold_notes(one, SECTION, policy, links=None)
    shown = exhibit(SECTION, held, check_held(SECTION, held, policy))
    suggested = Suggested(one, replace(held, sentences=held.sentences[:1]))
    told = replace(material(ENTRIES), audiences=(Audience("developer", one.markdown, shown, suggested, (ENTRIES[1].id,)),))
    body = render_body(told)
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    blocks = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert len([block for block in blocks if block.startswith("</details>")]) == 5, "a block was swallowed by what stands before it"
    assert not any(token.type == "fence" for token in tokens)
    assert "- [x]" not in body
    assert "@everyone" not in body.replace("`@everyone`", "")
    assert render_page(told).count("<script>") == 1
    assert [remark.why for remark in remarks(told) if "must know it" in remark.why] == ["not told, though developer must know it"]
