"""Places: where in a changelog a section stands, or where it enters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence

from notewright.changelog.document.headings import UNRELEASED, Named
from notewright.changelog.document.regions import Region, end_of_text, line_at_end
from notewright.history.versions import Version


def find_places(sections: Sequence[Named], regions: Sequence[Region]) -> dict[int, Region]:
    """Find the region of each section that is there: of one name, the first section has the first region."""
    told_apart = _told_apart(regions)
    free: dict[tuple[str, str], list[Region]] = {}
    for region in reversed(regions):
        free.setdefault((region.name, region.component if told_apart else ""), []).append(region)
    found = {}
    for index, named in enumerate(sections):
        keys = ((named.name, named.component), (named.name, "")) if told_apart else ((named.name, ""),)
        if place := next((free[key] for key in keys if free.get(key)), None):
            found[index] = place.pop()
    return found


def find_superseded(
    regions: Sequence[Region], sections: Sequence[Named], superseded: Collection[str], *, taken: Collection[Region]
) -> list[Region]:
    """Return the regions whose changes another section holds now: versions in `superseded`, and Unreleased ones below a release that is
    newer than all others."""
    names = {version.lower() for version in superseded} - {section.name for section in sections}
    newest = max((region.version.key() for region in regions if region.version), default=())
    if any(section.version.key() >= newest for section in sections if section.version):
        names.add(UNRELEASED)
    return [region for region in regions if region.name in names and region not in taken]


def folded_prereleases(told: Sequence[Version], released: Sequence[Version]) -> tuple[str, ...]:
    """Return the pre-releases among `released` whose next final release is told, unless they are told themselves."""
    finals = sorted({version.key() for version in (*told, *released) if not version.is_prerelease})
    keys, texts = {version.key() for version in told}, {version.text for version in told}
    folded = []
    for version in released:
        if version.is_prerelease and version.text not in texts:
            following = bisect_right(finals, version.key())
            if following < len(finals) and finals[following] in keys:
                folded.append(version.text)
    return tuple(folded)


def find_lines(new: Mapping[int, Named], regions: Sequence[Region], lines: Sequence[str]) -> dict[int, int]:
    """Find the line where each new section enters: above the first older release, of the same component if the document has several; if
    all are newer, below them."""
    told_apart = _told_apart(regions)
    released = [(region, region.version.key()) for region in regions if region.version]
    end: int | None = None
    found = {}
    for index, named in new.items():
        kin = [one for one in released if not told_apart or one[0].component in (named.component, "")] or released
        key = named.version.key() if named.version else None
        line = next((region.start for region, other in kin if key is None or other < key), None)
        if line is None:
            end = _below_all(regions, lines) if end is None else end
            line = end
        found[index] = line
    return found


def _told_apart(regions: Sequence[Region]) -> bool:
    """Whether the releases of a document are of several components. A name that all of them share means nothing."""
    return len({region.component for region in regions if region.version}) > 1


def _below_all(regions: Sequence[Region], lines: Sequence[str]) -> int:
    """Return the line below the last section: above a chapter that follows it, else at the end."""
    last = regions[-1].end if regions else len(lines)
    follows = last < end_of_text(lines) and lines[last].lstrip().startswith(("# ", "## "))
    return last if follows else line_at_end(lines)
