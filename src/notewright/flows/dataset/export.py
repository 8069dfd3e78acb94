"""Export: pairs of the store → rows in files, their splits, card and checksums."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from notewright import __version__
from notewright.adapters.dataset.exports.artifact import RowFiles, find_earlier, read_earlier, replaced_artifact, write_documents
from notewright.adapters.dataset.exports.signatures import SignatureFile
from notewright.control import Advanced, Cancel, Finished, Report, Started, Warned
from notewright.dataset.drops import REASONS as DROPS
from notewright.dataset.export.card import build_card
from notewright.dataset.export.filters import Admission, FilePlace, Rules
from notewright.dataset.export.ledger import DIGEST_BYTES, Decisions, Ledger, id_digest
from notewright.dataset.export.manifest import DataFile, Earlier, Manifest
from notewright.dataset.export.reasons import top_reasons
from notewright.dataset.export.rows import build_row
from notewright.dataset.export.settings import ExportSettings
from notewright.dataset.export.tally import Counts, Tally
from notewright.dataset.gates.reasons import REASONS as GATES
from notewright.dataset.near import signature
from notewright.dataset.pairs import StoredPair
from notewright.errors import CheckFailed, StorageError, UsageError
from notewright.rendering.canonical import canonical_json, digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Digests = NDArray[np.bytes_]

# Gives the pairs of a generation, each as one of the first file that is accepted, in the order of repository, path, line and key: the same
# each time it is called
Rows = Callable[[Callable[[FilePlace], bool]], Iterator[StoredPair]]
_CHOOSE, _WRITE = "pairs", "rows"
_EVERY = 1_000
_SCRATCH = ".signatures"


@dataclass(frozen=True, slots=True)
class Source:
    """What an export reads. `state` names all that the rows, and what screens them, depend on: as long as it is the same, they are; empty
    where that is not known."""

    rows: Rows
    generation: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to. `rows` are in the artifact, of all `pairs`; `made` is False where it was there already."""

    rows: int
    pairs: int
    splits: Counts
    dropped: Counts
    made: bool


def export_dataset(
    source: Source,
    output: Path,
    *,
    rules: Rules,
    settings: ExportSettings,
    report: Report,
    cancel: Cancel,
    since: Path | None = None,
) -> Exported:
    """Write the artifact to `output` as a whole, in the place of an older one, in memory that does not grow with the texts; nothing where
    the one there was made of the same and is whole. With `since`, a manifest, only rows that are new since then are in it.

    Raises `CheckFailed` below `min_pairs`, `UsageError` for an `output` that is something else and for a `since` that is none,
    `StorageError` where a disk or a store refuses: the old artifact stays.
    """
    earlier, known = read_earlier(since) if since else (None, None)
    _check_apart(output, since)
    inputs = _inputs(source, rules, settings, earlier)
    if source.state and (found := find_earlier(output)) and found.inputs == inputs:
        report(Finished(_WRITE, f"nothing changed: {found.rows:,} rows are there already"))
        return Exported(found.rows, found.pairs, found.splits, found.dropped, made=False)
    with replaced_artifact(output) as root:
        admission = Admission(rules)
        decisions = _decide(source.rows, root, admission, settings, report=report, cancel=cancel)
        dropped, refused = decisions.dropped, dict(admission.refused)
        _check_enough(decisions, top_reasons(dropped, refused), settings, report)
        new = _chosen(decisions, known)
        again = _again(source.rows(admission.accepts), decisions, new)
        tally, files = _write_rows(again, root, settings, total=int(new.sum()), report=report, cancel=cancel)
        ids = decisions.ids[decisions.split_of >= 0]
        made = Manifest(
            tool=f"notewright {__version__}",
            generation=source.generation,
            inputs=inputs,
            settings=settings,
            split_by=decisions.level,
            pairs=len(ids),
            tally=tally,
            dropped=dropped,
            refused_files=refused,
            since=earlier.digest if earlier else "",
            removed=_missing(known, ids),
        )
        write_documents(root, made, files, ids, readme=build_card(made, {**DROPS, **GATES}))
    report(Finished(_WRITE, f"{tally.rows:,} rows in {output}"))
    return Exported(tally.rows, len(ids), tally.by("split"), dropped, made=True)


def _inputs(source: Source, rules: Rules, settings: ExportSettings, earlier: Earlier | None) -> str:
    filters, takedown = rules.filters, rules.takedown
    value = {
        "tool": __version__,
        "state": source.state,
        "generation": source.generation,
        "settings": asdict(settings),
        "filters": {name: sorted(chosen) for name, chosen in asdict(filters).items()},
        "takedown": [sorted(takedown.repositories), sorted(takedown.blobs), sorted(takedown.paths)],
        "benchmarks": rules.benchmarks.digest,
        "licenses": rules.license_allowed is not None,
        "screen": rules.screen is not None,
        "since": earlier.digest if earlier else "",
    }
    return digest(canonical_json(value))


def _decide(rows: Rows, root: Path, admission: Admission, settings: ExportSettings, *, report: Report, cancel: Cancel) -> Decisions:
    """Read all pairs once, and decide on each."""
    report(Started(_CHOOSE))
    ledger = Ledger()
    with SignatureFile(root / _SCRATCH) as signatures:
        for place, stored in enumerate(rows(admission.accepts)):
            if not place % _EVERY:
                cancel.check()
                report(Advanced(_CHOOSE, place))
            reason = admission.reason(stored)
            ledger.add(stored, reason)
            if not reason:
                signatures.append(stored.pair.signature or signature(stored.pair.question, stored.pair.answer))
        decisions = ledger.decide(signatures, near=settings.near_duplicates, splits=settings.splits)
    report(Finished(_CHOOSE))
    return decisions


def _write_rows(
    chosen: Iterator[tuple[StoredPair, int]], root: Path, settings: ExportSettings, *, total: int, report: Report, cancel: Cancel
) -> tuple[Tally, tuple[DataFile, ...]]:
    """Write the pairs that are chosen, and count them."""
    report(Started(_WRITE, total=total))
    tally, files = Tally(), RowFiles(root, settings)
    names = [split.name for split in settings.splits]
    try:
        for stored, split in chosen:
            row = build_row(stored, names[split])
            files.write(row)
            tally.add(row)
            if not tally.rows % _EVERY:
                cancel.check()
                report(Advanced(_WRITE, tally.rows))
        return tally, files.close()
    finally:
        files.abandon()


def _again(rows: Iterator[StoredPair], decisions: Decisions, chosen: NDArray[np.bool_]) -> Iterator[tuple[StoredPair, int]]:
    """Yield the chosen pairs of a second reading with the positions of their splits. Raises `StorageError` where others are read than were
    decided on."""
    ids, place = decisions.ids.view("u1").data, -1
    for place, stored in enumerate(rows):
        start = place * DIGEST_BYTES
        if ids[start : start + DIGEST_BYTES] != id_digest(stored.key):
            raise _changed()
        if chosen[place]:
            yield stored, int(decisions.split_of[place])
    if place + 1 != len(decisions.ids):
        raise _changed()


def _changed() -> StorageError:
    return StorageError("the store changed during the export", hint="let the other run end, then export again")


def _chosen(decisions: Decisions, known: Digests | None) -> NDArray[np.bool_]:
    """Return which pairs are written: those kept, without those that were known before."""
    import numpy as np

    kept = decisions.split_of >= 0
    return kept if known is None else kept & ~np.isin(decisions.ids, known)


def _missing(known: Digests | None, ids: Digests) -> int:
    import numpy as np

    return 0 if known is None else int((~np.isin(known, ids)).sum())


def _check_enough(decisions: Decisions, reasons: str, settings: ExportSettings, report: Report) -> None:
    kept = int((decisions.split_of >= 0).sum())
    if kept < settings.min_pairs:
        raise CheckFailed(
            f"{kept:,} pairs are left, fewer than the {settings.min_pairs:,} of min_pairs; dropped: {reasons}",
            hint="the card of the last release says what each reason means; mend the first of them, or lower dataset.min_pairs",
        )
    if not kept:
        report(Warned(f"no pair is left to export; dropped: {reasons}"))


def _check_apart(output: Path, since: Path | None) -> None:
    if since and since.resolve().parent == output.resolve():
        raise UsageError(f"{output} is the release that {since} belongs to", hint="name another folder for what is new with --output")
