"""Edit report: all that is told about a section that a person edited."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from notewright.changelog.document.difference import Difference, override_entries
from notewright.changelog.document.edits import find_differences
from notewright.changelog.document.override_text import overrides_yaml
from notewright.changelog.document.splice import Edit
from notewright.changelog.rules import Rules
from notewright.changelog.section import Section

OVERRIDES_FILE = ".notewright/overrides.yaml"
# A person took them out, or they came after the edit: nobody can tell.
_GONE = "# only what is to be left out; add the lines of the others to the section:\n"


@dataclass(frozen=True, slots=True)
class EditReport:
    """A section that a person edited: what it says otherwise, entries for the override file that would say the same ("" where none does),
    and the lines of a unified diff from what we would write to what is there. `superseded` says that another section holds its changes
    now, so that there is nothing to compare it with; `by_hand` that it was never ours, so that there is no edit to tell."""

    name: str
    superseded: bool
    differences: tuple[Difference, ...]
    overrides: str
    diff: tuple[str, ...]
    by_hand: bool = False


def report_edit(edit: Edit, sections: Mapping[str, Section], rules: Rules, *, file: str) -> EditReport:
    """Report on a section of `file` that a person edited. `sections` maps the names of sections ("Unreleased" for what has no version)
    to what history gives now."""
    section = sections.get(edit.name)
    if edit.by_hand:
        return EditReport(edit.name, superseded=False, differences=(), overrides="", diff=(), by_hand=True)
    if section is None or not edit.ours:
        return EditReport(edit.name, superseded=True, differences=(), overrides="", diff=())
    differences = find_differences(section, edit.ours, edit.theirs, rules)
    said = overrides_yaml(override_entries(one for one in differences if one.kind != "missing"))
    gone = overrides_yaml(override_entries(one for one in differences if one.kind == "missing"))
    overrides = f"{said}{_GONE}{gone}" if gone else said
    return EditReport(edit.name, False, differences, overrides, unified_diff(edit.ours, edit.theirs, name=edit.name, file=file))  # noqa: FBT003  # by position, as it is declared


def by_name(sections: tuple[Section, ...]) -> dict[str, Section]:
    """Map sections by their names; of two of one version the newer one counts."""
    return {section.version or "Unreleased": section for section in reversed(sections)}


def unified_diff(ours: str, theirs: str, *, name: str, file: str) -> tuple[str, ...]:
    """Return the lines of a unified diff from what we would write to what is there, without line ends."""
    before, after = (text.strip("\n").split("\n") if text.strip("\n") else [] for text in (ours, theirs))
    return tuple(difflib.unified_diff(before, after, f"notewright {name}", f"{file} {name}", lineterm=""))
