"""Run: a dataset made from its configuration, step by step, and held against what it was made of."""

from __future__ import annotations

from pathlib import Path

from notewright.adapters.dataset.store.reading import Reader
from notewright.dataset.export.filters import Filters
from notewright.flows.dataset.export import Exported, Source, export_dataset
from notewright.flows.dataset.generate import generate
from notewright.flows.dataset.job import Job, sync
from notewright.flows.dataset.report import Reported, report_dataset
from notewright.flows.dataset.resolve import Resolved, resolve_rows
from notewright.flows.dataset.settings import export_rules, export_settings
from notewright.rendering.canonical import canonical_json, digest


def run_all(job: Job, output: Path, *, filters: Filters, offline: bool) -> tuple[Exported, Reported]:
    """Sync, prepare, export and report. `offline` takes the clones as they are. Where the time is up, what is finished is exported."""
    synced = None if offline else sync(job)
    generate(job, synced.clones if synced else None)
    exported = export_pairs(job, output, filters=filters)
    return exported, report_pairs(job, output)


def export_pairs(job: Job, output: Path, *, filters: Filters, since: Path | None = None, generation: int | None = None) -> Exported:
    """Write the artifact of a generation, None being the latest."""
    dataset, reader = job.config.dataset, Reader(job.places.store)
    source = Source(
        rows=lambda accept: reader.rows(generation, accept=accept),
        generation=_name(reader, generation),
        state=_state(reader, generation, dataset.licenses, dataset.unknown_license, dataset.personal_data),
    )
    return export_dataset(
        source, output, rules=export_rules(job.config, job.places.root, filters), settings=export_settings(job.config),
        report=job.report, cancel=job.cancel, since=since,
    )  # fmt: skip


def report_pairs(job: Job, output: Path) -> Reported:
    """Write the page with the figures of the store and of the artifact in `output`, into it."""
    reader = Reader(job.places.store)
    models = sorted({variant.model for variant in reader.variants() if variant.model}) if reader.has_generation() else []
    return report_dataset(
        reader, output, output, title=export_settings(job.config).title, engine=", ".join(models) or "none", report=job.report
    )


def check_rows(job: Job, artifact: Path) -> Resolved:
    """Hold the rows of an artifact against the clones."""
    with job.held_clones() as found:
        here = {name: clone.directory for name, clone in found.items() if clone}
        return resolve_rows(artifact, here.get, report=job.report, cancel=job.cancel)


def _name(reader: Reader, generation: int | None) -> str:
    """Return what a generation is known by everywhere: what its results depend on, and not its number here."""
    return digest(canonical_json([[variant.stage, variant.digest] for variant in reader.variants(generation)]))


def _state(reader: Reader, generation: int | None, *screened_by: object) -> str:
    """Return what the pairs of a generation depend on, and what screens them. What is done is never undone, so counts tell."""
    status = reader.status(generation)
    value = {
        "generation": _name(reader, generation),
        "repositories": [[known.url, known.prepared_commit, known.prepared_digest] for known in reader.repositories()],
        "done": dict(status.done),
        "kept": dict(status.kept),
        "dropped": dict(status.dropped),
        "screened by": repr(screened_by),
    }
    return digest(canonical_json(value))
