from __future__ import annotations

import pytest

from notewright.review.checklist import LINES, Audit, Tick, read_edit, read_ticks, render_checklist, untick, view_digest

BODY = f"## Release 1.0.0\n\n{render_checklist()}### Worth your eyes\n\nNothing\n"
CHANGELOG, NOTES = LINES.values()


def ticked(line: str, mark: str = "x") -> str:
    return line.replace("[ ]", f"[{mark}]")


@pytest.mark.parametrize(
    ("body", "ticks"),
    [
        pytest.param(BODY, set(), id="none"),
        pytest.param(BODY.replace(NOTES, ticked(NOTES)), {"notes"}, id="one"),
        pytest.param(BODY.replace("[ ]", "[X]"), {"changelog", "notes"}, id="both, in capitals"),
        pytest.param(BODY.replace(NOTES, ticked(NOTES)).replace("\n", "\r\n"), {"notes"}, id="as a browser ends lines"),
    ],
)
def test_the_ticks_of_a_whole_checklist_are_read(body: str, ticks: set[Audit]) -> None:
    assert read_ticks(body) == frozenset(ticks)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param(BODY.replace(f"{CHANGELOG}\n", ""), id="a box deleted"),
        pytest.param(BODY.replace("and the tone is right", "more or less"), id="a box reworded"),
        pytest.param(f"{BODY}{ticked(NOTES)}\n", id="a box twice"),
        pytest.param(BODY.replace("- [ ] **Notes", "  - [ ] **Notes"), id="a box indented"),
        pytest.param(BODY.replace("- [ ] **Notes", "- [o] **Notes"), id="a box with another letter"),
        pytest.param(BODY[: BODY.index("facts match")], id="cut in the middle"),
    ],
)
def test_a_checklist_that_is_not_whole_has_no_ticks_at_all(body: str) -> None:
    assert read_ticks(body) is None


@pytest.mark.parametrize(
    ("after", "edit"),
    [
        pytest.param(BODY.replace(NOTES, ticked(NOTES)), Tick("notes", on=True), id="one box"),
        pytest.param(BODY.replace(NOTES, ticked(NOTES)).replace("\n", "\r\n"), Tick("notes", on=True), id="one box in a browser"),
        pytest.param(BODY.replace("[ ]", "[x]"), None, id="both boxes"),
        pytest.param(BODY, None, id="nothing"),
        pytest.param(BODY.replace(NOTES, ticked(NOTES)).replace("1.0.0", "2.0.0"), None, id="one box and a word"),
        pytest.param(BODY.replace(NOTES, ticked(NOTES)).replace(CHANGELOG, ""), None, id="one box, the other deleted"),
    ],
)
def test_an_edit_is_a_tick_where_it_changed_exactly_one_box(after: str, edit: Tick | None) -> None:
    assert read_edit(BODY, after) == edit
    assert read_edit(after, BODY) == (edit and Tick(edit.audit, on=False))


def test_what_a_tick_binds_to_does_not_change_by_ticking_and_does_by_everything_else() -> None:
    assert view_digest(BODY) == view_digest(BODY.replace("[ ]", "[x]").replace("\n", "\r\n"))
    assert view_digest(BODY) != view_digest(BODY.replace("Nothing", "Something"))


def test_only_the_boxes_of_the_audits_are_unticked() -> None:
    other = "- [x] **Other**: a box of somebody else"
    assert untick(f"{ticked(NOTES)}\n{other}") == f"{NOTES}\n{other}"
