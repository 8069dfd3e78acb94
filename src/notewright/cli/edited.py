"""Edited: sections that a person changed, told on stderr or in a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from notewright.changelog.document.difference import Difference
from notewright.changelog.document.edit_report import OVERRIDES_FILE, EditReport
from notewright.changelog.overrides import Override
from notewright.rendering.neutral import visible

_LONGEST = 160  # characters of a line of Markdown; the diff has it whole
_MOST_LINES = 200  # of a diff


def edit_lines(report: EditReport, present: Sequence[Override]) -> Iterator[str]:
    """Yield the lines that tell of one edited section: each difference, a unified diff, and what to put into the override file, or to
    change there where `present` has an entry about the same change."""
    if report.superseded:
        yield f"{report.name} was edited by a person and stays, though its changes are in another section now: delete it when that says all"
        return
    if report.by_hand:
        yield f"{report.name} was written by a person and stays; release it by hand or delete it"
        return
    yield f"{report.name} was edited by a person and stays:"
    for difference in report.differences:
        yield from _difference_lines(difference)
    yield from diff_lines(report.diff)
    if report.overrides:
        yield f"in {OVERRIDES_FILE} this would say the same, as far as an override can:"
        yield from dict.fromkeys(_present_lines(report, present))
        yield from report.overrides.rstrip("\n").split("\n")


def diff_lines(diff: tuple[str, ...]) -> Iterator[str]:
    """Yield a diff, and how much of it is left out."""
    yield from diff[:_MOST_LINES]
    if len(diff) > _MOST_LINES:
        yield f"… and {len(diff) - _MOST_LINES:,} more lines"


def _present_lines(report: EditReport, present: Sequence[Override]) -> Iterator[str]:
    """Yield comments, since what stands there is copied as YAML."""
    for said in (dict(difference.override) for difference in report.differences if difference.override):
        for one in present:
            if one.commit.startswith(str(said["commit"])) and one.part == said.get("part", 0) and not (one.add or "add" in said):
                yield f"# {said['commit']} is told of already: change the entry that is there ({visible(one.source)}), add none"


def _difference_lines(difference: Difference) -> Iterator[str]:
    name = f" {difference.entry}" if difference.entry else ""
    commit = f" ({difference.commit[:7]})" if difference.commit else ""
    yield f"  {difference.kind}{name}{commit}" + (f": {difference.note}" if difference.note else "")
    if difference.ours:
        yield f"    - {_short(difference.ours)}"
    if difference.theirs:
        yield f"    + {_short(difference.theirs)}"


def _short(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
