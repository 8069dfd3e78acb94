"""Codec: section.json and ledger.json, the contracts to stage 3 and to reviewers."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring as _json
from typing import Any

from notewright.changelog.section import Contributor, Entry, Group, LedgerLine, Section, Totals
from notewright.errors import RepositoryError
from notewright.rendering.canonical import UnfitValue, canonical_json, json_fault

SCHEMA = 1
MOST_BYTES = 64 * 1024 * 1024  # a history of 18,675 commits takes 7 MB
_HINT = "write it anew with `notewright changelog --format json` or `notewright release prepare`"
_SHORT = reprlib.Repr()  # a message holds no more of a stranger's value than says which it is


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


def releases_line(sections: Iterable[Section]) -> Iterator[bytes]:
    """Encode sections with their ledgers as `changelog --format json` prints them, in pieces, one for each section.

    The pieces are `canonical_line` of {"schema", "releases": [section_values and "ledger": ledger_values]}. They are written here by hand,
    keys in alphabetical order, because that takes a third of the time, which is most of what the command needs after reading a history."""
    comma = ""
    yield b'{"releases":['
    for section in sections:
        yield f"{comma}{_section_text(section)}".encode("utf-8", "surrogatepass")
        comma = ","
    yield f'],"schema":{SCHEMA}}}\n'.encode()


def read_section(content: bytes) -> Section:
    """Decode section.json; totals, contributors, tag and ledger may be absent. Raises `RepositoryError` otherwise."""
    values = _loaded(content, "section")
    try:
        return _section(values)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable("section", error) from error


def read_releases(content: bytes) -> tuple[Section, ...]:
    """Decode what `changelog --format json` prints, in its order. Raises `RepositoryError` for anything else."""
    values = _loaded(content, "changelog")
    try:
        return tuple(map(_section, _list(values["releases"])))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable("changelog", error) from error


def _loaded(content: bytes, name: str) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise RepositoryError(f"the {name} has {len(content):,} bytes, and {MOST_BYTES:,} are the most that is read", hint=_HINT)
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, error) from error
    if not isinstance(values, dict):
        raise RepositoryError(f"the {name} cannot be read: it is no JSON object", hint=_HINT)
    if values.get("schema") != SCHEMA:
        raise RepositoryError(f"a {name} of schema {_SHORT.repr(values.get('schema'))} is not understood, only {SCHEMA}", hint=_HINT)
    return values


def _unreadable(name: str, error: Exception) -> RepositoryError:
    return RepositoryError(f"the {name} cannot be read: {json_fault(error)}", hint=_HINT)


def _section(values: Mapping[str, Any]) -> Section:
    groups = tuple(Group(_text(group["title"]), tuple(map(_entry, _list(group["entries"])))) for group in _list(values["groups"]))
    _check_entries([entry for group in groups for entry in group.entries])
    totals = values.get("totals") or {"commits": 0, "shown": 0, "folded": 0, "hidden": 0}
    return Section(
        version=_optional(values.get("version")),
        tag=_optional(values.get("tag")),
        previous=_optional(values.get("previous")),
        date=_optional(values.get("date")),
        totals=Totals(*(_number(totals[name]) for name in ("commits", "shown", "folded", "hidden"))),
        contributors=tuple(
            Contributor(_text(one["name"]), _number(one["commits"]), one["new"] is True) for one in _list(values.get("contributors", []))
        ),
        groups=groups,
        ledger=tuple(map(_ledger_line, _list(values.get("ledger", [])))),
    )


def _check_entries(entries: list[Entry]) -> None:
    """Stage 3 finds entries by their ids, and names the commit of one that has no other name."""
    if len({entry.id for entry in entries}) < len(entries):
        raise UnfitValue("two entries have one id")
    if not all(entry.commits for entry in entries):
        raise UnfitValue("an entry has no commit")


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


def _section_text(section: Section) -> str:
    totals = section.totals
    return (
        f'{{"contributors":[{",".join(map(_contributor_text, section.contributors))}],"date":{_maybe(section.date)},'
        f'"groups":[{",".join(map(_group_text, section.groups))}],"ledger":[{",".join(map(_ledger_text, section.ledger))}],'
        f'"previous":{_maybe(section.previous)},"tag":{_maybe(section.tag)},"totals":{{"commits":{totals.commits},"folded":{totals.folded},'
        f'"hidden":{totals.hidden},"shown":{totals.shown}}},"version":{_maybe(section.version)}}}'
    )


def _contributor_text(person: Contributor) -> str:
    return f'{{"commits":{person.commits},"name":{_json(person.name)},"new":{"true" if person.new else "false"}}}'


def _group_text(group: Group) -> str:
    return f'{{"entries":[{",".join(map(_entry_text, group.entries))}],"title":{_json(group.title)}}}'


def _entry_text(entry: Entry) -> str:
    return (
        f'{{"authors":[{",".join(map(_json, entry.authors))}],"breaking":{"true" if entry.breaking else "false"},'
        f'"breaking_text":{_maybe(entry.breaking_text)},"commits":[{",".join(map(_json, entry.commits))}],"id":{_json(entry.id)},'
        f'"references":[{",".join(map(_json, entry.references))}],"scope":{_maybe(entry.scope)},'
        f'"security":{"true" if entry.security else "false"},"summary":{_json(entry.summary)},"type":{_maybe(entry.type)}}}'
    )


def _ledger_text(line: LedgerLine) -> str:
    entries = ",".join(map(_json, line.entries)) if line.entries else ""
    return (
        f'{{"entries":[{entries}],"outcome":{_json(line.outcome)},"rule":{_json(line.rule)},"sha":{_json(line.sha)},'
        f'"subject":{_json(line.subject)}}}'
    )


def _maybe(text: str | None) -> str:
    return "null" if text is None else _json(text)


def _entry(values: Mapping[str, Any]) -> Entry:
    return Entry(
        id=_text(values["id"]),
        type=_optional(values["type"]),
        scope=_optional(values["scope"]),
        summary=_text(values["summary"]),
        breaking=values["breaking"] is True,
        breaking_text=_optional(values["breaking_text"]),
        security=values["security"] is True,
        references=tuple(map(_text, _list(values["references"]))),
        commits=tuple(map(_text, _list(values["commits"]))),
        authors=tuple(map(_text, _list(values["authors"]))),
    )


def _ledger_line(values: Mapping[str, Any]) -> LedgerLine:
    if values["outcome"] not in ("shown", "folded", "hidden"):
        raise UnfitValue(f"{_SHORT.repr(values['outcome'])} is no outcome")
    return LedgerLine(
        _text(values["sha"]),
        _text(values.get("subject", "")),
        values["outcome"],
        tuple(map(_text, _list(values["entries"]))),
        _text(values["rule"]),
    )


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise UnfitValue(f"{_SHORT.repr(value)} is not a list")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitValue(f"{_SHORT.repr(value)} is not text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnfitValue(f"{_SHORT.repr(value)} is not a whole number")
    return value
