"""Numbers of a release in words: what code counts, so that no model has to."""

from __future__ import annotations

from collections.abc import Sequence

from notewright.changelog.section import Entry, Section

# One word for the kinds of change that readers tell apart, singular and plural, in the order told
_KINDS = (
    ("breaking", "breaking change", "breaking changes"),
    ("security", "security fix", "security fixes"),
    ("feat", "feature", "features"),
    ("fix", "fix", "fixes"),
    ("perf", "performance improvement", "performance improvements"),
    ("other", "other change", "other changes"),
)


def count_kinds(section: Section) -> tuple[tuple[str, int], ...]:
    """Return how many entries there are of each kind that has any: each entry counted once, as breaking before security before its type."""
    kinds = [_kind(entry) for entry in section.entries()]
    return tuple((kind, kinds.count(kind)) for kind, _, _ in _KINDS if kind in kinds)


def told_kinds(section: Section) -> str:
    """Return "6 features, 7 fixes and 2 performance improvements"; empty if there are no entries."""
    words = {kind: (singular, plural) for kind, singular, plural in _KINDS}
    return enumerate_words([amount(count, *words[kind]) for kind, count in count_kinds(section)])


def told_people(section: Section) -> str:
    """Return "42 commits by 7 people, 2 of them for the first time"; what the section does not know is left out."""
    people, newcomers = len(section.contributors), sum(contributor.new for contributor in section.contributors)
    if not section.totals.commits:
        return ""
    told = amount(section.totals.commits, "commit", "commits")
    if people:
        told += f" by {amount(people, 'person', 'people')}"
    if newcomers:
        told += ", for the first time" if people == newcomers == 1 else f", {newcomers} of them for the first time"
    return told


def told_numbers(section: Section) -> str:
    """Return "18 changes in 42 commits by 7 people, 2 of them for the first time: 1 breaking change, 6 features and 11 fixes"."""
    entries = sum(1 for _ in section.entries())
    people, kinds = told_people(section), told_kinds(section)
    return amount(entries, "change", "changes") + (f" in {people}" if people else "") + (f": {kinds}" if kinds else "")


def amount(count: int, singular: str, plural: str) -> str:
    """Return "1 fix", "2 fixes", "1,204 fixes"."""
    return f"{count:,} {singular if count == 1 else plural}"


def enumerate_words(parts: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _kind(entry: Entry) -> str:
    if entry.breaking:
        return "breaking"
    if entry.security:
        return "security"
    return entry.type if entry.type in ("feat", "fix", "perf") else "other"
