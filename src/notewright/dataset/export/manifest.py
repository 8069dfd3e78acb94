"""The manifest of an artifact: what it holds, what it was made from, and the digest of every file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from notewright.dataset.export.reasons import ranked
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.export.splits import Level
from notewright.dataset.export.tally import Counts, Tally
from notewright.rendering.canonical import UnfitValue, canonical_json, digest, json_fault

NAME = "manifest.json"
_SCHEMA = 1
_KIND = "notewright dataset"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of the artifact, by its path in it."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one export was. `inputs` is the digest of all that it depends on, so that one that would come out the same need not be made.

    `pairs` are all that are kept; `rows` those that are in the artifact, fewer where it holds only what is new since the artifact whose
    manifest has the digest `since`, from which `removed` rows are gone. `split_by` is what no two splits share. `dropped` counts pairs,
    `refused_files` the files that none may be exported as those of.
    """

    tool: str
    generation: str
    inputs: str
    settings: ExportSettings
    split_by: Level
    pairs: int
    tally: Tally
    dropped: Counts
    refused_files: Counts
    since: str = ""
    removed: int = 0
    files: tuple[DataFile, ...] = ()

    def with_files(self, files: tuple[DataFile, ...]) -> Manifest:
        """Return it with the files that are written by now."""
        return replace(self, files=tuple(sorted(files, key=lambda file: file.name)))

    def encode(self) -> bytes:
        """Return the bytes of the file: same artifact, same bytes."""
        tally = self.tally
        return canonical_json(
            {
                "kind": _KIND,
                "schema": _SCHEMA,
                "tool": self.tool,
                "generation": self.generation,
                "inputs": self.inputs,
                "settings": asdict(self.settings),
                "split_by": self.split_by,
                "since": self.since,
                "pairs": self.pairs,
                "removed": self.removed,
                "rows": tally.rows,
                "estimated_tokens": tally.estimated_tokens,
                "dropped": dict(ranked(self.dropped)),
                "refused_files": dict(ranked(self.refused_files)),
                "splits": tally.by("split"),
                "languages": tally.by("language"),
                "licenses": tally.by("license"),
                "types": tally.by("type"),
                "verdicts": tally.by("verdict"),
                "models": tally.by("model"),
                "prompts": tally.by("prompt"),
                "repositories": [
                    {"repository": repository, "commit": commit, "rows": rows}
                    for (repository, commit), rows in sorted(tally.by_commit().items())
                ],
                "files": [asdict(file) for file in self.files],
            }
        )


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is read back of a manifest."""

    inputs: str
    digest: str
    files: tuple[DataFile, ...]
    rows: int
    pairs: int
    splits: Counts
    dropped: Counts


def read_manifest(content: bytes) -> Earlier:
    """Read the manifest of an artifact. Raises `UnfitValue` for anything else, with a clause that says what is wrong with it."""
    try:
        value = json.loads(content)
        if value["kind"] != _KIND or value["schema"] != _SCHEMA:
            raise UnfitValue("it is of another kind, or another version's")
        files = tuple(DataFile(str(file["name"]), int(file["bytes"]), str(file["sha256"])) for file in value["files"])
        counts = [{str(name): int(count) for name, count in value[key].items()} for key in ("splits", "dropped")]
        return Earlier(str(value["inputs"]), digest(content), files, int(value["rows"]), int(value["pairs"]), *counts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnfitValue(json_fault(error)) from error
