"""Comparison: every section of a changelog file against what history gives now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from notewright.changelog.document.headings import UNRELEASED
from notewright.changelog.document.marks import (
    has_mark,
    is_damaged_mark,
    is_mark,
    is_own,
    mark_section,
    only_mark_differs,
    says_the_same,
    unmarked,
)
from notewright.changelog.document.places import find_places
from notewright.changelog.document.regions import Region, find_regions, split_lines
from notewright.changelog.document.splice import RenderedSection, check_name

Status = Literal["same", "foreign", "edited", "stale", "missing", "unknown", "misplaced", "damaged"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Compared:
    """One section: `ours` is what history gives, `theirs` what the file has, without marks ("" where one lacks it). `line` is that of its
    heading in the file, from 1; 0 where it is missing. Only "same" and "foreign" are as they should be."""

    name: str
    status: Status
    line: int
    ours: str = ""
    theirs: str = ""

    @property
    def is_right(self) -> bool:
        """Whether there is nothing to tell: the section is what history gives, or none of ours."""
        return self.status in ("same", "foreign")


@dataclass(frozen=True, slots=True)
class Written:
    """A section of the file that carries our mark: its version (None: Unreleased), and the date in its heading if nobody changed it."""

    version: str | None
    dated: str | None


def written_sections(document: str) -> tuple[Written, ...]:
    """Return the sections of a changelog that we wrote, in its order, whoever changed them since."""
    lines = split_lines(document)
    found = []
    for region in find_regions(document, lines):
        text = "".join(lines[region.start : region.end])
        if has_mark(text):
            match = _DATE.search(text[: text.find("\n") + 1].replace(region.version.text if region.version else "", "", 1))
            found.append(Written(region.version.text if region.version else None, match[0] if match and is_own(text) else None))
    return tuple(found)


def compare_sections(document: str, sections: Sequence[RenderedSection], *, optional: Collection[str] = ()) -> tuple[Compared, ...]:
    """Compare the sections of `document`, in its order, with those that history gives, newest first; then name those that are missing: what
    is newer than the oldest section of ours, unless its version is in `optional`. A section without our mark is foreign, and fine."""
    lines = split_lines(document)
    regions = find_regions(document, lines)
    places = find_places([check_name(section) for section in sections], regions)
    indices = {region: index for index, region in places.items()}
    text = {region: "".join(lines[region.start : region.end]) for region in regions}
    marked = [region for region in regions if has_mark(text[region])]
    misplaced = _misplaced(marked, indices)
    found = [_compare(region, text[region], sections, indices.get(region), misplaced=region in misplaced) for region in regions]
    oldest = max((indices[region] for region in marked if region in indices), default=-1)
    missing = [
        Compared(section.version, "missing", 0, ours=section.markdown.strip("\n"))
        for index, section in enumerate(sections[: oldest + 1])
        if index not in places and section.version and section.version not in optional
    ]
    return (*sorted([*found, *_orphans(lines, regions)], key=lambda one: one.line), *missing)


def _compare(region: Region, text: str, sections: Sequence[RenderedSection], index: int | None, *, misplaced: bool) -> Compared:
    name = region.version.text if region.version else "Unreleased"
    ours = "" if index is None else sections[index].markdown.strip("\n")
    status = _status(text, None if index is None else mark_section(sections[index].markdown))
    if misplaced and status == "same":
        status = "misplaced"
    return Compared(name, status, region.start + 1, ours, unmarked(text))


def _status(text: str, fresh: str | None) -> Status:
    if not has_mark(text):
        return "foreign"
    own = is_own(text)
    if fresh is None:
        return "unknown"
    if says_the_same(text, fresh):
        return "damaged" if only_mark_differs(text, fresh) else "same"
    return "stale" if own else "edited"


def _misplaced(marked: Sequence[Region], indices: Mapping[Region, int]) -> frozenset[Region]:
    """Return sections that stand above one that is newer, both by version and in the order of releases: we write either order."""
    found = set()
    known = [region for region in marked if region in indices]
    for region, below in pairwise(known):
        if region.name == UNRELEASED or region.component != below.component:
            continue
        later = below.version is None or (region.version is not None and region.version.key() < below.version.key())
        if later and indices[region] > indices[below]:
            found.add(region)
    return frozenset(found)


def _orphans(lines: Sequence[str], regions: Sequence[Region]) -> Iterator[Compared]:
    """Yield marks that end no section: its heading was changed or taken away, or there is a second one."""
    inside = {line for region in regions for line in range(region.start, region.end)}
    for number, line in enumerate(lines):
        if number not in inside and (is_mark(line) or is_damaged_mark(line)):
            yield Compared(f"line {number + 1}", "damaged", number + 1, theirs=line.strip())
