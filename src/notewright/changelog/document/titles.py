"""Titles: what an override says so that an entry stands under the title of another group."""

from __future__ import annotations

import re

from notewright.changelog.rules import Rules
from notewright.changelog.section import Entry

Field = tuple[str, str | bool | int]

_TYPE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?:\(([^()]*)\))?")


def fields_under(title: str, rules: Rules) -> tuple[Field, ...] | None:
    """Return type and scope, or the breaking mark, that put a change under `title`; None if no rule gives that title."""
    wanted = title.casefold()
    if not wanted:
        return None
    if wanted == rules.breaking.casefold():
        return (("breaking", True),)
    for kind, shown in rules.types:
        match = _TYPE.fullmatch(kind)
        if match and shown.casefold() == wanted:
            return (("type", match[1]), ("scope", match[2])) if match[2] else (("type", match[1]),)
    others = {rules.reverts.casefold(): "revert", rules.other.casefold(): _free_type(rules)}
    if rules.dependencies:
        others.setdefault(rules.dependencies.casefold(), "deps")
    return (("type", others[wanted]),) if wanted in others else None


def fields_of_move(entry: Entry, title: str, rules: Rules) -> tuple[Field, ...] | None:
    """Return what an override of `entry` says to move it under `title`; None if no rule gives that title."""
    fields = fields_under(title, rules)
    if fields is None or dict(fields).get("breaking"):
        return fields
    told = [field for field in fields if field != ("type", entry.type)]
    calmed: list[Field] = [("breaking", False)] if entry.breaking else []
    quieted: list[Field] = [("security", False)] if entry.security else []
    return (*told, *calmed, *quieted) or fields


def _free_type(rules: Rules) -> str:
    """Return a type that no rule knows: such changes stand under the title for all others."""
    known = {kind.lower() for kind, _ in rules.types} | {kind.lower() for kind in rules.hidden}
    return next(
        word for word in ("other", "misc", "change", *(f"other-{number}" for number in range(1, len(known) + 2))) if word not in known
    )
