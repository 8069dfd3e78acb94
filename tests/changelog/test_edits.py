"""How a person's section differs from ours, and the override that would say the same."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notewright.changelog.document.difference import Difference, override_entries
from notewright.changelog.document.edit_report import by_name, report_edit, unified_diff
from notewright.changelog.document.edits import find_differences
from notewright.changelog.document.override_text import overrides_yaml
from notewright.changelog.document.splice import Edit
from notewright.changelog.layout.links import links_to
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.layout.presets import PRESETS
from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry, LedgerLine, Section
from tests.parts.cost import assert_in_proportion
from tests.parts.sections import entry, invented_release, section

LINKS = links_to("https://github.com/acme/app")
RULES = Rules()


def numbered(told: Section) -> Section:
    """Give entries the ids that stage 2 gives: digests of their commit and part."""
    groups = tuple(replace(group, entries=tuple(map(_numbered, group.entries))) for group in told.groups)
    ledger = tuple(LedgerLine(one.commits[0], one.summary, "shown", (one.id,), "type") for group in groups for one in group.entries)
    return replace(told, groups=groups, ledger=ledger)


def _numbered(one: Entry) -> Entry:
    return one._replace(id=f"c-{hashlib.sha256(f'{one.commits[0]}:0'.encode()).hexdigest()[:8]}")


FEAT, SCOPED = entry("add imports", references=["#12"]), entry("read empty files", type="fix", scope="cli")
BREAKING = entry("drop the old key", type="fix", breaking="Use the new key.")
TOLD = numbered(section(BREAKING, FEAT, entry("add exports"), SCOPED, entry("close files", type="fix")))


def differences(old: str, new: str, preset: str = "keepachangelog", told: Section = TOLD) -> tuple[Difference, ...]:
    ours = render_section(told, links=LINKS, preset=preset)
    assert old in ours
    return find_differences(told, ours, ours.replace(old, new, 1), RULES)


def only(found: tuple[Difference, ...]) -> Difference:
    assert len(found) == 1, found
    return found[0]


def fields(difference: Difference) -> dict[str, object]:
    return {key: value for key, value in difference.override if key != "commit"}


def line_of(text: str, preset: str = "keepachangelog") -> str:
    return next(line for line in render_section(TOLD, links=LINKS, preset=preset).split("\n") if text in line) + "\n"


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_nothing_edited_is_no_difference(preset: str) -> None:
    for told in (TOLD, numbered(invented_release())):
        ours = render_section(told, links=LINKS, preset=preset)
        assert find_differences(told, ours, ours, RULES) == ()


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_reworded_item_names_its_entry_and_the_new_words(preset: str) -> None:
    found = only(differences("add imports", 'add imports: `a` & "b"', preset))
    assert (found.kind, found.commit) == ("reworded", FEAT.commits[0])
    assert found.override == (("commit", FEAT.commits[0][:12]), ("reword", 'add imports: `a` & "b"'))
    assert found.entry == next(one.id for one in TOLD.entries() if one.commits == FEAT.commits)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_missing_item_would_be_hidden(preset: str) -> None:
    found = only(differences(line_of("add exports", preset), "", preset))
    assert (found.kind, found.theirs, fields(found)) == ("missing", "", {"hide": True})


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_an_added_item_is_added_to_the_commit_above_it_with_its_type(preset: str) -> None:
    line = line_of("add exports", preset)
    found = only(differences(line, f"{line}- more of it\n", preset))
    above = next(one.commits[0] for one in TOLD.entries() if one.summary == "add exports")
    assert (found.kind, found.commit, fields(found)) == ("added", above, {"add": "more of it", "type": "feat"})


def test_an_added_item_that_names_a_commit_is_added_to_that_one() -> None:
    sha = SCOPED.commits[0]
    found = only(differences("### Fixes\n\n", f"### Fixes\n\n- **api:** more of it ({sha[:9]})\n"))
    assert (found.commit, fields(found)) == (sha, {"add": "more of it", "scope": "api", "type": "fix"})


@pytest.mark.parametrize("preset", ["keepachangelog", "conventional", "github"])
def test_a_moved_item_changes_its_type(preset: str) -> None:
    ours = render_section(TOLD, links=LINKS, preset=preset)
    line = line_of("close files", preset)
    theirs = ours.replace(line, "").replace(line_of("add exports", preset), line_of("add exports", preset) + line)
    found = only(find_differences(TOLD, ours, theirs, RULES))
    assert (found.kind, fields(found)) == ("moved", {"type": "feat"})


def test_moves_to_and_from_breaking_changes_set_the_mark() -> None:
    ours = render_section(TOLD, links=LINKS)
    line, breaking = line_of("close files"), line_of("drop the old key")
    theirs = ours.replace(line, "").replace(breaking, line + breaking)
    assert fields(only(find_differences(TOLD, ours, theirs, RULES))) == {"breaking": True}
    theirs = ours.replace(breaking, "").replace(line, line + breaking).replace("  - Use the new key.\n", "")
    moved = next(one for one in find_differences(TOLD, ours, theirs, RULES) if one.kind == "moved")
    assert fields(moved) == {"breaking": False}


def test_a_move_under_a_title_that_no_type_has_is_told_without_an_override() -> None:
    ours = render_section(TOLD, links=LINKS)
    line = line_of("close files")
    found = only(find_differences(TOLD, ours, ours.replace(line, f"\n### Mended\n\n{line}"), RULES))
    assert (found.kind, found.override, found.note) == ("moved", (), "no type of changelog.types has that title")


def test_a_renamed_title_is_one_difference_that_points_to_the_configuration() -> None:
    found = only(differences("### Fixes", "### Bug fixes"))
    assert (found.kind, found.ours, found.theirs, found.override) == ("title", "Fixes", "Bug fixes", ())
    assert "changelog.types" in found.note


def test_two_items_made_one_are_merged() -> None:
    exported = next(one for one in TOLD.entries() if one.summary == "add exports").commits[0]
    ours = render_section(TOLD, links=LINKS)
    theirs = ours.replace(line_of("add exports"), "").replace(f"[{FEAT.commits[0][:7]}]", f"{exported[:7]}, [{FEAT.commits[0][:7]}]")
    merged = next(one for one in find_differences(TOLD, ours, theirs, RULES) if one.kind == "merged")
    assert merged.override == (("commit", exported[:12]), ("merge", FEAT.commits[0][:12]))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("**cli:** read", "**shell:** read", {"scope": "shell"}, id="another scope"),
        pytest.param("**cli:** read", "read", {"scope": ""}, id="no scope"),
        pytest.param("- add imports", "- **io:** add imports", {"scope": "io"}, id="a scope"),
        pytest.param("  - Use the new key.", "  - Use the key: new.", {"breaking": "Use the key: new."}, id="a breaking change's text"),
    ],
)
def test_scope_and_breaking_text_are_fields_of_their_own(old: str, new: str, expected: dict[str, str]) -> None:
    found = only(differences(old, new))
    assert found.kind == "reworded"
    given = fields(found)
    given.pop("reword", None) if "scope" in expected and given.get("reword") == "add imports" else None
    assert given == expected


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        pytest.param("## [1.4.0]", "## [1.4.1]", "heading", id="the heading"),
        pytest.param("### Features\n", "### Features\n\nThis release is great:\nreally.\n", "prose", id="words of a person"),
        pytest.param("- close", "-  close", "layout", id="blanks"),
        pytest.param("### Features\n", "### Features\n\n```\n- code\n```\n", "prose", id="code"),
        pytest.param("[#12](https://github.com/acme/app/issues/12), ", "", "reworded", id="a reference taken away"),
    ],
)
def test_other_changes_are_told_too(old: str, new: str, kind: str) -> None:
    found = only(differences(old, new))
    assert found.kind == kind
    assert found.note


def test_another_order_is_told_without_an_override() -> None:
    ours = render_section(TOLD, links=LINKS)
    first, second = line_of("add imports"), line_of("add exports")
    found = only(find_differences(TOLD, ours, ours.replace(first + second, second + first), RULES))
    assert (found.kind, found.override) == ("order", ())


def test_a_link_in_new_words_is_said_to_be_lost() -> None:
    found = only(differences("add imports", "add [imports](https://example.org)"))
    assert found.note.startswith("nearly")


def test_differences_stand_in_one_order_and_one_commit_has_one_entry() -> None:
    ours = render_section(TOLD, links=LINKS)
    line = line_of("close files")
    moved = ours.replace(line, "").replace(line_of("add exports"), line_of("add exports") + line.replace("close files", "close all files"))
    theirs = moved.replace("### Features", "### Features\n\nWords.", 1).replace(line_of("read empty files"), "- new\n")
    found = find_differences(TOLD, ours, theirs, RULES)
    assert [one.kind for one in found] == ["missing", "reworded", "moved", "added", "prose"]
    entries = [dict(one) for one in override_entries(found)]
    assert [sorted(one) for one in entries] == [
        ["commit", "hide"],
        ["commit", "reword", "type"],
        ["add", "commit", "type"],
        ["add", "commit"],
    ]


def test_a_part_of_a_squashed_commit_is_named_by_its_number() -> None:
    one = FEAT._replace(id=f"c-{hashlib.sha256(f'{FEAT.commits[0]}:3'.encode()).hexdigest()[:8]}")
    told = section(one)
    found = only(differences("add imports", "add them", told=told))
    assert found.override == (("commit", FEAT.commits[0][:12]), ("part", 3), ("reword", "add them"))


def test_what_an_override_added_is_left_to_that_override() -> None:
    told = section(FEAT._replace(id="c-00000000"))
    assert only(differences("add imports", "add them", told=told)).override == ()


def test_what_a_later_commit_brought_is_listed_apart_and_nothing_of_a_person_is_lost() -> None:
    before = numbered(section(FEAT))
    after = numbered(section(FEAT, entry("add more")))
    theirs = render_section(before).replace("add imports", "imports, at last")
    report = report_edit(Edit("1.4.0", render_section(after), theirs), by_name((after,)), RULES, file="CHANGELOG.md")
    assert [(one.kind, one.ours.split(" (")[0]) for one in report.differences] == [("reworded", "add imports"), ("missing", "add more")]
    said, _, gone = report.overrides.partition("# only what is to be left out")
    assert "reword:" in said
    assert "hide:" not in said
    assert "hide: true" in gone
    assert len(yaml.safe_load(report.overrides)) == 2
    assert report.diff[0] == "--- notewright 1.4.0"


def test_a_superseded_section_has_nothing_to_be_compared_with() -> None:
    report = report_edit(Edit("1.4.0-rc.1", "", "## 1.4.0-rc.1"), by_name((TOLD,)), RULES, file="CHANGELOG.md")
    assert (report.superseded, report.differences, report.overrides, report.diff) == (True, (), "", ())


_TEXT = st.text(max_size=60) | st.sampled_from(
    ["", ":", "- a", "'", '"', "a: b # c", "##[x]::y", "\\x41", "\n\nx", "{}", "null", "true", "12e3", "\ufeff\u202ea", "😀", "\ud800"]
)


@given(_TEXT, _TEXT)
def test_a_snippet_is_valid_yaml_for_any_text_and_no_runner_obeys_it(words: str, scope: str) -> None:
    text = overrides_yaml(
        [(("commit", "1234567e1000"), ("part", 2), ("reword", words), ("scope", scope)), (("commit", "0123456"), ("hide", True))]
    )
    (one, other) = yaml.safe_load(text)
    assert (one["commit"], one["part"], other) == ("1234567e1000", 2, {"commit": "0123456", "hide": True})
    assert list(one) == ["commit", "part", "reword", "scope"]
    assert one["reword"].split() == [part for part in one["reword"].split(" ") if part]
    assert "##[" not in text
    # hidden, or a command to the terminal; what Unicode has not given a meaning yet has none for a terminal either
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in text if letter != "\n")
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))


def test_no_entries_are_no_text() -> None:
    assert overrides_yaml([]) == ""


@given(st.text("abc#*-_.`~<>()[]:|\\ \n\t1\u00e9", max_size=300), st.sampled_from(sorted(PRESETS)))
def test_any_text_can_be_compared_and_only_equal_ones_do_not_differ(theirs: str, preset: str) -> None:
    ours = render_section(TOLD, links=LINKS, preset=preset)
    found = find_differences(TOLD, ours, theirs, RULES)
    assert found or ours.strip() == theirs.strip()
    assert find_differences(TOLD, ours, theirs, RULES) == found
    yaml.safe_load(overrides_yaml(override_entries(found)))


def test_a_diff_of_nothing_is_empty() -> None:
    assert unified_diff("", "", name="1", file="x") == ()
    assert unified_diff("a\n", "b\n", name="1", file="x")[2:] == ("@@ -1 +1 @@", "-a", "+b")


def test_a_large_section_is_compared_in_proportion() -> None:
    def make(number: int) -> tuple[Section, str, str]:
        told = numbered(section(*(entry(f"thing {position} of many", scope=f"part {position % 7}") for position in range(number))))
        ours = render_section(told)
        theirs = "\n".join(
            line.replace("of many", "of lots") if position % 2 else f"{line} more" for position, line in enumerate(ours.split("\n"))
        )
        return told, ours, theirs.replace("(", "").replace(")", "")

    assert_in_proportion(lambda given: find_differences(*given, RULES), make, size=80)
