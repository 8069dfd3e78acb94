"""Difference: one thing that a person's section says otherwise than ours, and the override that would say it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from notewright.changelog.document.titles import Field
from notewright.changelog.section import Entry

Kind = Literal["reworded", "moved", "merged", "missing", "added", "prose", "title", "heading", "order", "layout"]

COMMIT_DIGITS = 12  # git shows 7 of a small repository and 12 of the largest
_MAX_PARTS = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` and `theirs` are Markdown on one line ("" for none), `entry` and `commit` name what it is about where that is known.
    `override` is an entry of the override file, in the order of its keys; () where none says it. `note` tells how near the override
    comes, or what to do instead."""

    kind: Kind
    ours: str
    theirs: str
    entry: str | None = None
    commit: str | None = None
    override: tuple[Field, ...] = ()
    note: str = ""


def differs(kind: Kind, entry: Entry | None, ours: str, theirs: str, *fields: Field, note: str = "") -> Difference:
    """Return a difference about an entry, if it is known, with `fields` as the override of it."""
    if entry is None:
        return Difference(kind, ours, theirs, note=note)
    part = _part(entry)
    override: tuple[Field, ...] = ()
    if fields and part is None:
        note = "it came by an override already: change that one"
    elif fields:
        override = (("commit", entry.commits[0][:COMMIT_DIGITS]), *([("part", part)] if part else []), *fields)
    return Difference(kind, ours, theirs, entry.id, entry.commits[0], override, note)


def override_entries(differences: Iterable[Difference]) -> tuple[tuple[Field, ...], ...]:
    """Return the entries of the override file for `differences`: one for each change of a commit, additions apart, in their order."""
    merged: dict[tuple[object, ...], dict[str, str | bool | int]] = {}
    for number, difference in enumerate(differences):
        fields = dict(difference.override)
        if fields:
            addition = number if "add" in fields else None
            merged.setdefault((fields["commit"], fields.get("part", 0), addition), {}).update(fields)
    return tuple(tuple(fields.items()) for fields in merged.values())


def _part(entry: Entry) -> int | None:
    """Return which of its commit's changes an entry is, read off its id, a digest of both; None for one that an override added."""
    digits = entry.id.removeprefix("c-")
    for part in range(_MAX_PARTS):
        if hashlib.sha256(f"{entry.commits[0]}:{part}".encode()).hexdigest().startswith(digits):
            return part
    return None
