"""Changes: what an update of a proposal changed, told to those who looked at it before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from notewright.notes.numbers import amount, enumerate_words
from notewright.rendering.canonical import canonical_json
from notewright.review.proposal import FileName, Line, Proposal, Sha

NAME = "changes.json"
_MOST_TITLES = 20
_Count = Annotated[int, Field(ge=0, le=10**7)]


@dataclass(frozen=True, slots=True)
class Previous:
    """The proposal that the release branch holds, and its files by their names in the folder."""

    proposal: Proposal
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Retold:
    """What became of one audience's notes: sentences that are new and gone, and whether a person edited them."""

    audience: FileName
    new: _Count
    gone: _Count
    edited: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What is other than in the proposal made at the commit `since`, when the version was `version`. `titles` are the first of the entries
    that are new."""

    since: Sha
    version: Line | None
    commits: _Count
    commits_gone: _Count
    entries: _Count
    entries_gone: _Count
    titles: tuple[Annotated[str, Field(max_length=1_000)], ...]
    notes: tuple[Retold, ...]

    def told(self, version: str | None) -> Iterator[str]:
        """Yield each change in words, `version` being the one now; nothing where only rules or the tool are others."""
        if self.version != version:
            yield f"version {version}, was {self.version}"
        yield from _signed(self.commits, self.commits_gone, "commit", "commits")
        yield from _signed(self.entries, self.entries_gone, "entry", "entries")
        for one in self.notes:
            counts = enumerate_words(list(_signed(one.new, one.gone, "sentence", "sentences")))
            parts = filter(None, (counts, "edited by a person" if one.edited else ""))
            yield f"{one.audience} notes {', '.join(parts)}"


_ADAPTER = TypeAdapter(Changes)


def tell_changes(previous: Previous | None, proposal: Proposal, files: Mapping[str, bytes]) -> bytes | None:
    """Return changes.json for a proposal and its files; None where nobody can have looked before. A proposal that is the one of the branch
    tells what that one told, so that making it twice changes nothing."""
    if previous is None:
        return None
    if _without(previous.proposal) == _without(proposal):
        return previous.files.get(NAME)
    return canonical_json(asdict(_compare(previous, files)))


def read_changes(content: bytes | None) -> Changes | None:
    """Read changes.json; None where there is none, or one that another version of notewright wrote."""
    try:
        return _ADAPTER.validate_json(content) if content else None
    except ValidationError:
        return None


def _without(proposal: Proposal) -> Proposal:
    return replace(proposal.bound, files=tuple(file for file in proposal.files if file.name != NAME))


def _compare(previous: Previous, files: Mapping[str, bytes]) -> Changes:
    before, after = (_lines(each, "ledger.json", "ledger", "sha") for each in (previous.files, files))
    old, new = (_entries(each) for each in (previous.files, files))
    titles = [title for entry_id, title in new.items() if entry_id not in old]
    return Changes(
        since=previous.proposal.base.commit,
        version=previous.proposal.version,
        commits=len(after - before),
        commits_gone=len(before - after),
        entries=len(titles),
        entries_gone=len(old.keys() - new.keys()),
        titles=tuple(titles[:_MOST_TITLES]),
        notes=tuple(_retold(previous.files, files)),
    )


def _retold(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Retold]:
    for name in sorted(name for name in {*before, *after} if name.startswith("notes/") and name.endswith(".json")):
        old, new = (_sentences(files, name) for files in (before, after))
        text = name.removesuffix(".json") + ".md"
        human = "human" in {status for _, status in new} and before.get(text) != after.get(text)
        one = Retold(name.removeprefix("notes/").removesuffix(".json"), (new - old).total(), (old - new).total(), human)
        if one.new or one.gone or one.edited:
            yield one


def _sentences(files: Mapping[str, bytes], name: str) -> Counter[tuple[str, str]]:
    return Counter((str(one["text"]), str(one["status"])) for one in _values(files, name).get("sentences", ()))


def _entries(files: Mapping[str, bytes]) -> dict[str, str]:
    groups = _values(files, "section.json").get("groups", ())
    entries = [entry for group in groups for entry in group["entries"]]
    return {str(one["id"]): ": ".join(filter(None, (one["scope"], one["summary"])))[:200] for one in entries}


def _lines(files: Mapping[str, bytes], name: str, key: str, field: str) -> set[str]:
    return {str(line[field]) for line in _values(files, name).get(key, ())}


def _values(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    value = json.loads(files[name]) if name in files else {}
    return value if isinstance(value, dict) else {}


def _signed(new: int, gone: int, one: str, many: str) -> Iterator[str]:
    if new:
        yield f"+{amount(new, one, many)}"
    if gone:
        yield f"\u2212{amount(gone, one, many)}"
