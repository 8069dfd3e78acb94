"""Report: the figures of a store and of the artifact made from it → a page and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from notewright import __version__
from notewright.adapters.dataset.charts import draw_chart
from notewright.adapters.dataset.exports.artifact import REPORT
from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.values import Dropped, FailureClass, Repository, Run, Status
from notewright.control import Finished, Report, Started
from notewright.dataset.drops import REASONS as DROPS
from notewright.dataset.export import manifest
from notewright.dataset.gates.reasons import REASONS as GATES
from notewright.dataset.report.artifact import Artifact, read_artifact
from notewright.dataset.report.figures import Counts, Drop, Failure, Generation, ReportFigures, Source, Spending, Stretch, Unit
from notewright.dataset.report.page import render_page
from notewright.dataset.report.summary import render_summary
from notewright.errors import StorageError
from notewright.rendering.canonical import UnfitValue
from notewright.system.files import read_bytes, write_atomic

_STEP = "report"
_UNITS: Mapping[str, Unit] = MappingProxyType({"file": "files", "passage": "passages", "pair": "pairs"})
_ADVICE: Mapping[FailureClass, str] = MappingProxyType({
    "timeout": "The engine took longer than it is given: raise `llm.request_timeout`, or take a smaller model.",
    "connection": "The engine could not be reached, or the line broke: see that it runs.",
    "overload": "The engine had too much to do, and waiting did not help: lower `dataset.max_concurrent_files`.",
    "out_of_memory": "The engine ran out of memory: take a smaller model, or fewer slots.",
    "refused": "The engine did not take the question: `notewright models check` says what it can do.",
    "invalid": "The reply was not of the form that was asked for: a larger model keeps to it more often.",
    "truncated": "The reply did not end within its room: `text_characters` of the prompt gives more.",
    "too_long": "The prompt does not fit into the model's context: lower `dataset.passage_tokens`.",
    "crash": "The process died of it again and again: try another engine.",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reported:
    """The page that was written, the summary for who reads no page, and who made the pairs."""

    page: Path
    summary: str
    engine: str


def report_dataset(reader: Reader, artifact: Path, folder: Path, *, title: str, engine: str, report: Report) -> Reported:
    """Write the page of a dataset into a folder; same store and artifact, same bytes. There may be no artifact yet. Raises `StorageError`
    where there is no store, where the manifest is none, or the disk refuses."""
    report(Started(_STEP))
    figures = gather_figures(reader, artifact, title=title, engine=engine)
    page = folder / REPORT
    write_atomic(page, render_page(figures, draw_chart).encode())
    report(Finished(_STEP, str(page)))
    return Reported(page, render_summary(figures), engine)


def gather_figures(reader: Reader, artifact: Path, *, title: str, engine: str) -> ReportFigures:
    """Return the figures of a store, and of the rows in the artifact's folder."""
    latest = next((each for each in reader.generations() if each.latest), None)
    status = reader.status() if latest else None
    written, runs = _read(artifact / manifest.NAME), reader.runs()
    drops = [_drop(each) for each in reader.dropped()]
    return ReportFigures(
        title=title,
        tool=__version__,
        engine=engine,
        made_at=max((run.ended_at for run in runs if run.ended_at), default=None),
        counts=_counts(reader, status, written, drops),
        generation=Generation(written.generation, latest.generation.cutter, latest.generation.variants) if latest else Generation(),
        sources=_sources(reader.repositories(), written),
        languages=written.languages,
        types=written.types,
        verdicts=written.verdicts,
        licenses=written.licenses,
        splits=written.splits,
        drops=(*drops, *written.drops),
        spendings=_spendings(status) if status else (),
        stretches=tuple(stretch for run in runs if (stretch := _stretch(run))),
        failures=tuple(Failure(kind, count, _ADVICE[kind]) for kind, count in status.failures.items()) if status else (),
        unfinished=sum(status.ready.values()) if status else 0,
    )


def _read(path: Path) -> Artifact:
    content = read_bytes(path)
    if content is None:
        return Artifact()
    try:
        return read_artifact(content)
    except UnfitValue as error:
        raise StorageError(f"{path} is no manifest of a dataset: {error}", hint="export the dataset again") from error


def _drop(each: Dropped) -> Drop:
    unit = _UNITS[each.what]
    return Drop(unit, each.reason, each.count, (GATES if unit == "pairs" else DROPS).get(each.reason, ""))


def _counts(reader: Reader, status: Status | None, written: Artifact, drops: list[Drop]) -> Counts:
    files, selected = reader.count_files()
    used = sum(content.passages for content in reader.contents())
    kept, dropped = (sum(status.kept.values()), sum(status.dropped.values())) if status else (0, 0)
    unused = sum(drop.count for drop in drops if drop.unit == "passages")
    return Counts(files, selected, used + unused, used, kept + dropped, kept, written.rows)


def _sources(known: list[Repository], written: Artifact) -> tuple[Source, ...]:
    rows: Counter[str] = Counter()
    for repository, count in written.repositories:
        rows[repository] += count
    here = {each.url: Source(each.url, each.prepared_commit or each.commit, rows[each.url], each.error) for each in known}
    gone = (Source(name, "", count, "it is no longer listed") for name, count in rows.items() if name not in here)
    return (*here.values(), *gone)


def _spendings(status: Status) -> tuple[Spending, ...]:
    return tuple(
        Spending(stage, spent.calls, spent.prompt_tokens, spent.cached_tokens, spent.generated_tokens, spent.seconds)
        for stage, spent in status.spent.items()
    )


def _stretch(run: Run) -> Stretch | None:
    """Return what a run did; None for one that was killed, whose end nobody knows, and for one that did nothing."""
    if run.ended_at is None or not run.tasks:
        return None
    return Stretch(run.started_at, (run.ended_at - run.started_at).total_seconds(), run.pairs, run.spent.generated_tokens)
