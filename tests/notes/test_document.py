from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewright.errors import UsageError
from notewright.notes.document import Failed, Notes, Sentence, keep_failed, notes_json, read_notes

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
_NOTES = Notes(
    "1.4.0", "developer", "none", (Sentence("Add x.", ("c-1", "c-2"), "fallback", "number"), Sentence("Add y.", ("c-3",), "model"))
)


_SAID = {"text": "x", "cites": [], "status": "model"}


def values() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(notes_json(_NOTES))
    return written


def test_the_form_is_the_contract_s() -> None:
    assert values() == {
        "schema": 1,
        "version": "1.4.0",
        "audience": "developer",
        "engine": "none",
        "sentences": [
            {"text": "Add x.", "cites": ["c-1", "c-2"], "status": "fallback", "rule": "number"},
            {"text": "Add y.", "cites": ["c-3"], "status": "model"},
        ],
    }


@given(st.lists(st.builds(Sentence, _TEXT, st.lists(st.from_regex(r"c-[0-9a-f]{8}", fullmatch=True)).map(tuple), st.just("model"))))
def test_what_was_written_is_read_back(sentences: list[Sentence]) -> None:
    notes = Notes(None, "customer", "llama_server:x", tuple(sentences))
    assert read_notes(notes_json(notes)) == notes


def test_what_failed_and_what_sums_up_is_written_and_read_back() -> None:
    failed = (Failed("Add 7 x.", "number", "7"),)
    lead = Sentence("X and y.", ("c-1", "c-2"), "repaired", "number", failed, lead=True)
    notes = Notes("1.4.0", "customer", "llama_server:x", (lead, *_NOTES.sentences), "de", failed)
    assert read_notes(notes_json(notes)) == notes
    told = json.loads(notes_json(notes))
    assert told["sentences"][0]["failed"] == told["failed_lead"] == [{"text": "Add 7 x.", "rule": "number", "detail": "7"}]
    assert (told["sentences"][0]["lead"], told["language"]) == (True, "de")


def test_evidence_of_any_length_can_be_read_back() -> None:
    failed = keep_failed(Failed("x" * 9_000, "style", f"{number} words" * 900) for number in range(40))
    notes = Notes(None, "customer", "x", (Sentence("A.", ("c-1",), "fallback", "style", failed),))
    assert read_notes(notes_json(notes)) == notes


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"schema": 2}, "schema", id="schema"),
        pytest.param({"schema": True}, "schema", id="schema-true"),
        pytest.param({"version": 14}, "version", id="version"),
        pytest.param({"version": "1\n2"}, "version", id="version-of-two-lines"),
        pytest.param({"audience": "../../etc"}, "audience", id="audience-path"),
        pytest.param({"audience": None}, "audience", id="audience-null"),
        pytest.param({"sentences": {}}, "sentences", id="sentences-object"),
        pytest.param({"sentences": [{"text": "x", "status": "model"}]}, "sentence 0", id="no-cites"),
        pytest.param({"sentences": [{"text": 1, "cites": [], "status": "model"}]}, "text", id="text-number"),
        pytest.param({"sentences": [{"text": "x" * 5000, "cites": [], "status": "model"}]}, "text", id="text-huge"),
        pytest.param({"sentences": [{"text": "\ud800", "cites": [], "status": "model"}]}, "text", id="half-a-character"),
        pytest.param({"sentences": [{"text": "x", "cites": [1], "status": "model"}]}, "cites", id="cites-number"),
        pytest.param({"sentences": [{"text": "x", "cites": ["c"] * 65, "status": "model"}]}, "cites", id="cites-many"),
        pytest.param({"sentences": [{"text": "x", "cites": [], "status": "approved"}]}, "status", id="status"),
        pytest.param({"sentences": [{"text": "x", "cites": [], "status": ["model"]}]}, "status", id="status-list"),
        pytest.param({"sentences": [{"text": "x", "cites": [], "status": "model", "rule": 3}]}, "rule", id="rule"),
        pytest.param({"sentences": [None]}, "sentence 0", id="sentence-null"),
        pytest.param({"sentences": [{"text": "x", "cites": [], "status": "model", "lead": 1}]}, "lead", id="lead-number"),
        pytest.param({"sentences": [_SAID, {**_SAID, "lead": True}]}, "lead is not the first", id="lead-behind-others"),
        pytest.param({"sentences": [{**_SAID, "failed": {}}]}, "failed", id="failed-object"),
        pytest.param({"sentences": [{**_SAID, "failed": [{"text": "x", "rule": "y"}]}]}, "failed", id="failed-without-detail"),
        pytest.param({"sentences": [{**_SAID, "failed": [{"text": "x", "rule": "a\nb", "detail": ""}]}]}, "failed", id="rule-of-two-lines"),
        pytest.param({"failed_lead": [{"text": "x", "rule": "y", "detail": "z"}] * 17}, "failed_lead", id="failed-many"),
        pytest.param({"language": "../de"}, "language", id="language-path"),
        pytest.param({"language": None}, "language", id="language-null"),
    ],
)
def test_wrong_notes_are_refused_and_what_is_wrong_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        read_notes(json.dumps({**values(), **change}).encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"schema": 1}', b" " * (9 << 20), b"NaN"],
    ids=["empty", "list", "null", "cut", "latin", "deep", "keys-missing", "huge", "nan"],
)
def test_what_is_no_notes_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        read_notes(content)


def test_how_many_entries_a_sentence_cites_is_for_the_checks_to_say() -> None:
    content = {**values(), "sentences": [{"text": "x", "cites": ["c-1"] * 9, "status": "human"}]}
    assert len(read_notes(json.dumps(content).encode()).sentences[0].cites) == 9
