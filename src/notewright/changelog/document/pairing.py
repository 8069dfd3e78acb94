"""Pairing: which item of an edited section is which of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

from notewright.changelog.document.outline import Item
from notewright.changelog.section import Entry, Section
from notewright.rendering.neutral import neutral_text, neutral_words

SHORT = 7  # digits of a commit's name in a line
_OBJECT_NAME = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")
_REFERENCE = re.compile(r"(?:[\w.-]{1,100}/[\w.-]{1,100})?\#\d+|GH-\d+|[A-Z][A-Z0-9]+-\d+")
_WORD = re.compile(r"\w{2,}")
_OFTEN = 50  # a word that stands in more items than this says nothing, and would make pairing quadratic
_CLOSE = 0.5  # of the words of two items are the same (Dice's coefficient)


def commits_in(text: str) -> tuple[str, ...]:
    """Return the first digits of every commit that a line names, each once."""
    return tuple(dict.fromkeys(name[:SHORT] for name in _OBJECT_NAME.findall(text)))


def spellings(summary: str) -> tuple[str, ...]:
    """Return how a summary stands in a line, as Markdown or in plain words."""
    return tuple(dict.fromkeys((neutral_text(summary), neutral_words(summary))))


def entries_of(items: Sequence[Item], section: Section) -> list[Entry | None]:
    """Return the entry that each of our own items shows: by the commit in its line, and the words; None for lines that show none."""
    entries = list(section.entries())
    words = [spellings(entry.summary) for entry in entries]
    by_commit: dict[str, list[int]] = {}
    for position, entry in enumerate(entries):
        by_commit.setdefault(entry.commits[0][:SHORT], []).append(position)
    following = 0
    found: list[Entry | None] = []
    for item in items:
        named = [position for sha in commits_in(item.text) for position in by_commit.get(sha, ())]
        nearby = range(following, min(following + 2, len(entries)))
        candidates = [*named, *nearby] if named else [*nearby, *range(following + 2, len(entries))]
        shown = next((position for position in candidates if any(one in item.text for one in words[position])), named[0] if named else None)
        following = following if shown is None else shown + 1
        found.append(None if shown is None else entries[shown])
    return found


def pair_items(ours: Sequence[Item], theirs: Sequence[Item]) -> dict[int, int]:
    """Pair our items with theirs, as positions: the same text under the same title, then anywhere, then the commit named, the reference,
    and the closest words. Each is paired at most once; the earlier one first."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    keys: tuple[Callable[[Item], Sequence[Hashable]], ...] = (
        lambda item: [(item.title, item.text, item.details)],
        lambda item: [(item.title, item.text)],
        lambda item: [item.text],
    )
    for key in keys:
        free: dict[Hashable, list[int]] = {}
        for position in reversed([position for position in range(len(theirs)) if position not in taken]):
            for value in key(theirs[position]):
                free.setdefault(value, []).append(position)
        for our, item in enumerate(ours):
            places = (free.get(value, []) for value in ([] if our in pairs else key(item)))
            if (their := next((place for place in (_pop(one, taken) for one in places) if place is not None), None)) is not None:
                pairs[our] = their
                taken.add(their)
    for names in (lambda item: commits_in(item.text), lambda item: _REFERENCE.findall(item.text), None):
        for our, their in _closest(ours, theirs, pairs, taken, names):
            pairs[our] = their
            taken.add(their)
    return pairs


def _pop(places: list[int], taken: set[int]) -> int | None:
    while places and places[-1] in taken:
        places.pop()
    return places.pop() if places else None


def _closest(
    ours: Sequence[Item], theirs: Sequence[Item], pairs: Mapping[int, int], taken: Collection[int],
    names: Callable[[Item], Sequence[str]] | None,
) -> list[tuple[int, int]]:  # fmt: skip
    """Pair what is left and has a name in common, or, where names are not asked for, words enough: the closest words first."""
    words = {position: _words(item.text) for position, item in enumerate(theirs) if position not in taken}
    holders: dict[str, list[int]] = {}
    for position, own in words.items():
        for value in names(theirs[position]) if names else own:
            holders.setdefault(value, []).append(position)
    scored = []
    for our, item in enumerate(ours):
        if our in pairs:
            continue
        own = _words(item.text)
        for their in _holding(names(item) if names else own, holders):
            score = 2 * len(own & words[their]) / max(len(own) + len(words[their]), 1)
            if names or score >= _CLOSE:
                scored.append((-score, our, their))
    found: dict[int, int] = {}
    used: set[int] = set()
    for _, our, their in sorted(scored):
        if our not in found and their not in used:
            used.add(their)
            found[our] = their
    return list(found.items())


def _holding(values: Iterable[str], holders: Mapping[str, Sequence[int]]) -> set[int]:
    return {their for value in values for their in holders.get(value, ()) if len(holders[value]) <= _OFTEN}


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))
