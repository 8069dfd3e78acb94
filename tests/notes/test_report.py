from __future__ import annotations

import json

from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.notes.document import Notes, Sentence
from notewright.notes.report import check_notes, report_json
from tests.parts.sections import entry, section

_POLICY = Prompts(prompt_places(None)).audience("developer").policy
_TOLD = section(
    entry("stack at most 3 toasts"), entry("drop the palette", type="chore", breaking=True), entry("hole", type="fix", security=True)
)


def report(*sentences: Sentence) -> dict[str, object]:
    answer: dict[str, object] = json.loads(report_json(check_notes(_TOLD, Notes("1.4.0", "developer", "x", sentences), _POLICY)))
    return answer


def test_the_report_has_the_contract_s_form() -> None:
    toasts, palette, hole = (one.id for one in (*_TOLD.groups[2 - 2].entries, *_TOLD.groups[1].entries, *_TOLD.groups[2].entries))
    told = report(Sentence("Five toasts are stacked.", (toasts,), "human"), Sentence("The palette is gone.", (palette,), "model"))
    assert told == {
        "sentences": [
            {"index": 0, "status": "block", "failures": [{"rule": "number", "detail": "Five"}]},
            {"index": 1, "status": "pass", "failures": []},
        ],
        "coverage": {"required": [palette, hole], "missing": [hole]},
    }


def test_a_missing_entry_blocks_as_a_false_sentence_does() -> None:
    ids = [one.id for one in _TOLD.entries()]
    complete = [
        Sentence(text, (cite,), "model")
        for text, cite in zip(["Toasts are stacked.", "No palette.", "The hole is fixed."], ids, strict=True)
    ]
    assert not check_notes(_TOLD, Notes("1.4.0", "developer", "x", tuple(complete)), _POLICY).blocks
    assert check_notes(_TOLD, Notes("1.4.0", "developer", "x", tuple(complete[:2])), _POLICY).blocks
    assert check_notes(_TOLD, Notes("1.4.0", "developer", "x", ()), _POLICY).missing == tuple(ids[1:])
