"""Edits: how a section that a person changed differs from ours, item by item."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from notewright.changelog.document.difference import COMMIT_DIGITS, Difference, Kind, differs
from notewright.changelog.document.outline import Item, Outline, read_outline
from notewright.changelog.document.pairing import SHORT, commits_in, entries_of, pair_items
from notewright.changelog.document.titles import Field, fields_of_move, fields_under
from notewright.changelog.document.wording import plain_text, read_wording
from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry, Section

_NEARLY = "nearly: an override's text shows no links, emphasis or mentions"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One of our items, its place in the edited section and what stands there (None: it is gone), and the entry that it shows."""

    ours: Item
    place: int
    theirs: Item | None
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Our section and the edited one. `groups` maps a title as it is shown to the group's; `renamed` maps ours to a person's."""

    section: Section
    rules: Rules
    here: Outline
    there: Outline
    pairs: tuple[_Pair, ...]
    groups: Mapping[str, str]
    renamed: Mapping[str, str]
    owners: tuple[tuple[int, str], ...]  # places in the edited section, rising, and the commits of what stands there

    def commit_above(self, place: int) -> str | None:
        """The commit of the nearest item above a place of the edited section, else the newest one."""
        if above := bisect_left(self.owners, (place, "")):
            return self.owners[above - 1][1]
        shas = [line.sha for line in self.section.ledger] or [entry.commits[0] for entry in self.section.entries()]
        return next(iter(shas), None)


def find_differences(section: Section, ours: str, theirs: str, rules: Rules) -> tuple[Difference, ...]:
    """Compare our Markdown of `section` with the text that a person made of it (Unix line ends, no marks). The differences are in order:
    titles, those of entries as the section has them, what was added, other words, and what is about the whole; none only for texts
    that say the same."""
    comparison = _compare(section, read_outline(ours), read_outline(theirs), rules)
    found = [*_of_titles(comparison)]
    for pair in comparison.pairs:
        found += _of_pair(pair, comparison)
    found += [*_added(comparison), *_of_prose(comparison), *_of_whole(comparison)]
    if not found and ours.strip() != theirs.strip():
        found = [Difference("layout", "", "", note="blank lines, bullets or the like: the template decides about them")]
    return tuple(found)


def _compare(section: Section, here: Outline, there: Outline, rules: Rules) -> _Comparison:
    places = pair_items(here.items, there.items)
    entries = entries_of(here.items, section)
    pairs = tuple(
        _Pair(item, places.get(position, -1), there.items[places[position]] if position in places else None, entry)
        for position, (item, entry) in enumerate(zip(here.items, entries, strict=True))
    )
    titles = {entry.id: group.title for group in section.groups for entry in group.entries}
    groups = {pair.ours.title: titles[pair.entry.id] for pair in reversed(pairs) if pair.entry and pair.ours.title}
    owners = tuple(sorted((pair.place, pair.entry.commits[0]) for pair in pairs if pair.theirs and pair.entry))
    return _Comparison(section, rules, here, there, pairs, groups, _renamed(here, there, pairs), owners)


def _renamed(here: Outline, there: Outline, pairs: Iterable[_Pair]) -> dict[str, str]:
    """Return our titles that a person renamed: all items that are left went under one new title together, and the old one is gone."""
    homes: dict[str, set[str]] = {}
    for pair in pairs:
        if pair.theirs:
            homes.setdefault(pair.ours.title, set()).add(pair.theirs.title)
    new = set(there.titles) - set(here.titles)
    gone = [title for title in dict.fromkeys(here.titles) if title not in there.titles]
    return {title: next(iter(homes[title])) for title in gone if len(homes.get(title, ())) == 1 and homes[title] <= new}


def _of_titles(comparison: _Comparison) -> Iterator[Difference]:
    for ours, theirs in comparison.renamed.items():
        yield Difference("title", ours, theirs, note="titles stand in notewright.yaml: changelog.types and the keys beside it")


def _of_pair(pair: _Pair, comparison: _Comparison) -> Iterator[Difference]:
    """Tell how one of our items was changed."""
    ours, theirs, entry = pair.ours, pair.theirs, pair.entry
    if theirs is None:
        yield _gone(pair, comparison.pairs)
        return
    if ours.text != theirs.text:
        yield _reworded(ours, theirs, entry)
    if ours.details != theirs.details:
        yield _detailed(ours, theirs, entry)
    if theirs.title not in (ours.title, comparison.renamed.get(ours.title)):
        title = comparison.groups.get(theirs.title, theirs.title)
        fields = fields_of_move(entry, title, comparison.rules) or () if entry else ()
        note = "" if fields else "no type of changelog.types has that title"
        yield differs("moved", entry, f"{ours.text} (under {ours.title})", f"{theirs.text} (under {theirs.title})", *fields, note=note)


def _gone(pair: _Pair, pairs: Iterable[_Pair]) -> Difference:
    """Tell of an item that is not there: another one names its commit now, or it was taken out, or came after the edit."""
    entry = pair.entry
    if entry is None:
        return Difference("missing", pair.ours.text, "", note="a line of the template")
    sha = entry.commits[0]
    for other in pairs:
        anchor = other.entry.commits[0] if other.entry else sha
        if other.theirs and anchor != sha and sha[:SHORT] in commits_in(other.theirs.text):
            return differs("merged", entry, pair.ours.text, other.theirs.text, ("merge", anchor[:COMMIT_DIGITS]))
    return differs("missing", entry, pair.ours.text, "", ("hide", True), note="if it is to be left out; else add the line to the section")


def _reworded(ours: Item, theirs: Item, entry: Entry | None) -> Difference:
    if entry is None:
        return Difference("reworded", ours.text, theirs.text, note="a line of the template")
    before, after = (read_wording(item.text, like=(ours.text, entry)) for item in (ours, theirs))
    fields: list[Field] = []
    if after.summary and after.summary != before.summary:
        fields.append(("reword", after.summary))
    if after.scope.casefold() != before.scope.casefold():
        fields.append(("scope", after.scope))
    note = ("" if after.exact else _NEARLY) if fields else "references, commits and what else the template writes are no override's"
    return differs("reworded", entry, ours.text, theirs.text, *fields, note=note)


def _detailed(ours: Item, theirs: Item, entry: Entry | None) -> Difference:
    """Tell of what is nested in an item: the text of a breaking change, or words of a person's own."""
    before, after = " / ".join(ours.details), " / ".join(theirs.details)
    if entry is None or not entry.breaking or len(theirs.details) != 1:
        return differs("reworded", entry, before, after, note="an override has one line, and a second one for a breaking change")
    return differs("reworded", entry, before, after, ("breaking", plain_text(theirs.details[0])))


def _added(comparison: _Comparison) -> Iterator[Difference]:
    """Tell of items that are none of ours, each as an addition to the commit it names, or that of the item above it."""
    known = {line.sha[:SHORT]: line.sha for line in reversed(comparison.section.ledger)}
    paired = {pair.place for pair in comparison.pairs}
    for place, item in enumerate(comparison.there.items):
        if place in paired:
            continue
        named = (known[sha] for sha in commits_in(item.text) if sha in known)
        commit = next(named, None) or comparison.commit_above(place)
        fields = fields_under(comparison.groups.get(item.title, item.title), comparison.rules) or ()
        yield _addition("added", item.text, commit, fields)


def _of_prose(comparison: _Comparison) -> Iterator[Difference]:
    ours, theirs = ({one.text for one in outline.prose} for outline in (comparison.here, comparison.there))
    for prose in comparison.here.prose:
        if prose.text not in theirs:
            yield Difference("prose", " ".join(prose.text.split()), "", note="words of the template: changelog.template has them")
    for prose in comparison.there.prose:
        if prose.text not in ours:
            yield _addition("prose", " ".join(prose.text.split()), comparison.commit_above(prose.below), ())


def _addition(kind: Kind, text: str, commit: str | None, fields: Iterable[Field]) -> Difference:
    wording = read_wording(text)
    if commit is None or not wording.summary:
        return Difference(kind, "", text, note="there is no commit to add it to")
    scope = [("scope", wording.scope)] if wording.scope else []
    override = (("commit", commit[:COMMIT_DIGITS]), ("add", wording.summary), *scope, *fields)
    note = "as an entry of its own, not as words between them" if kind == "prose" else "" if wording.exact else _NEARLY
    return Difference(kind, "", text, commit=commit, override=override, note=note)


def _of_whole(comparison: _Comparison) -> Iterator[Difference]:
    here, there = comparison.here, comparison.there
    if here.heading != there.heading:
        yield Difference("heading", here.heading, there.heading, note="version, date and template decide about it")
    same_titles = [item.title for item in here.items] == [item.title for item in there.items]
    if same_titles and any(later.place < pair.place for pair, later in pairwise(comparison.pairs) if later.theirs):
        yield Difference("order", "", "", note="entries stand by scope and words: an order of one's own is no override's")
