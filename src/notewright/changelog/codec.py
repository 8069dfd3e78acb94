"""Codec: section.json and ledger.json, the contracts to stage 3 and to reviewers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from notewright.changelog.section import Contributor, Entry, Group, LedgerLine, Section, Totals
from notewright.errors import RepositoryError
from notewright.rendering.canonical import canonical_json

SCHEMA = 1
_HINT = "write it anew with `notewright changelog --format json` or `notewright release prepare`"


def section_values(section: Section) -> dict[str, Any]:
    """Return a section as plain values, without its ledger."""
    return {
        "version": section.version,
        "tag": section.tag,
        "previous": section.previous,
        "date": section.date,
        "totals": {name: getattr(section.totals, name) for name in ("commits", "shown", "folded", "hidden")},
        "contributors": [{"name": person.name, "commits": person.commits, "new": person.new} for person in section.contributors],
        "groups": [{"title": group.title, "entries": [_entry_values(entry) for entry in group.entries]} for group in section.groups],
    }


def ledger_values(section: Section) -> list[dict[str, Any]]:
    """Return what became of each commit as plain values, in the order of the log."""
    return [
        {"sha": line.sha, "subject": line.subject, "outcome": line.outcome, "entries": list(line.entries), "rule": line.rule}
        for line in section.ledger
    ]  # fmt: skip


def section_json(section: Section) -> bytes:
    """Encode a section without its ledger: section.json."""
    return canonical_json({"schema": SCHEMA, **section_values(section)})


def ledger_json(section: Section) -> bytes:
    """Encode a section's ledger: ledger.json."""
    return canonical_json({"schema": SCHEMA, "version": section.version, "ledger": ledger_values(section)})


def read_section(content: bytes) -> Section:
    """Decode section.json; totals, contributors, tag and ledger may be absent. Raises `RepositoryError` otherwise."""
    try:
        values = json.loads(content)
        if values.get("schema") != SCHEMA:
            raise RepositoryError(f"a section of schema {values.get('schema')!r} is not understood, only {SCHEMA}", hint=_HINT)
        groups = tuple(Group(_text(group["title"]), tuple(map(_entry, group["entries"]))) for group in values["groups"])
        _check_entries([entry for group in groups for entry in group.entries])
        totals = values.get("totals") or {"commits": 0, "shown": 0, "folded": 0, "hidden": 0}
        return Section(
            version=_optional(values.get("version")),
            tag=_optional(values.get("tag")),
            previous=_optional(values.get("previous")),
            date=_optional(values.get("date")),
            totals=Totals(*(_number(totals[name]) for name in ("commits", "shown", "folded", "hidden"))),
            contributors=tuple(
                Contributor(_text(one["name"]), _number(one["commits"]), one["new"] is True) for one in values.get("contributors", ())
            ),
            groups=groups,
            ledger=tuple(map(_ledger_line, values.get("ledger", ()))),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RepositoryError(f"the section cannot be read: {type(error).__name__} {error}", hint=_HINT) from error


def _check_entries(entries: list[Entry]) -> None:
    """Stage 3 finds entries by their ids, and names the commit of one that has no other name."""
    if len({entry.id for entry in entries}) < len(entries):
        raise ValueError("two entries have one id")
    if not all(entry.commits for entry in entries):
        raise ValueError("an entry has no commit")


def _entry_values(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "type": entry.type,
        "scope": entry.scope,
        "summary": entry.summary,
        "breaking": entry.breaking,
        "breaking_text": entry.breaking_text,
        "security": entry.security,
        "references": list(entry.references),
        "commits": list(entry.commits),
        "authors": list(entry.authors),
    }


def _entry(values: Mapping[str, Any]) -> Entry:
    return Entry(
        id=_text(values["id"]),
        type=_optional(values["type"]),
        scope=_optional(values["scope"]),
        summary=_text(values["summary"]),
        breaking=values["breaking"] is True,
        breaking_text=_optional(values["breaking_text"]),
        security=values["security"] is True,
        references=tuple(map(_text, values["references"])),
        commits=tuple(map(_text, values["commits"])),
        authors=tuple(map(_text, values["authors"])),
    )


def _ledger_line(values: Mapping[str, Any]) -> LedgerLine:
    if values["outcome"] not in ("shown", "folded", "hidden"):
        raise ValueError(f"{values['outcome']!r} is no outcome")
    return LedgerLine(
        _text(values["sha"]),
        _text(values.get("subject", "")),
        values["outcome"],
        tuple(map(_text, values["entries"])),
        _text(values["rule"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is not a whole number")
    return value
