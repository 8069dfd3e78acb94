"""A dataset made from its configuration: clones, then pairs, then the artifact, each by itself or one after the other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from notewright.adapters.access import read_login
from notewright.adapters.dataset.clones import Clone, Clones
from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.adapters.prompts.prompts import Prompts
from notewright.config.config import Config
from notewright.control import Cancel, Finished, Report, Warned
from notewright.dataset import sources
from notewright.dataset.export.filters import Filters
from notewright.errors import RepositoryError
from notewright.flows.dataset.export import Exported, Source, export_dataset
from notewright.flows.dataset.generation import plan_generation
from notewright.flows.dataset.passages import Cutter
from notewright.flows.dataset.prepare import Prepared, prepare_clones
from notewright.flows.dataset.report import Reported, report_dataset
from notewright.flows.dataset.resolve import Resolved, resolve_rows
from notewright.flows.dataset.settings import (
    Places,
    export_rules,
    export_settings,
    selection_rules,
    watched_machine,
    work_limits,
)
from notewright.flows.dataset.sync import Synced, read_sources, sync_sources
from notewright.flows.dataset.work import Worked, work
from notewright.flows.models import models_path, open_configured
from notewright.llm.door import Opened
from notewright.llm.opening import parse_engine
from notewright.llm.tokens.pinned import PinnedTokenizer, open_tokenizer
from notewright.rendering.canonical import canonical_json, digest


@dataclass(frozen=True, slots=True)
class Job:
    """What a dataset is made of, and who is told. `engine` is `--engine`'s, None leaving it to the configuration."""

    config: Config
    prompts: Prompts
    places: Places
    engine: str | None
    report: Report
    cancel: Cancel

    def sources(self) -> tuple[tuple[sources.Source, ...], Clones]:
        """Return the repositories that the configuration lists, and the folder of their clones; the token of the environment is for the
        server that it names alone. Raises `ConfigError`."""
        listed, base = read_sources(self.config.dataset.repositories, self.places.root)
        return listed, Clones(self.places.clones, base=base, login=read_login(os.environ))


def run_all(job: Job, output: Path, *, filters: Filters, offline: bool) -> tuple[Exported, Reported]:
    """Sync, prepare, export and report. `offline` takes the clones as they are. Where the time is up, what is finished is exported."""
    synced = None if offline else sync(job)
    prepare(job, synced.clones if synced else None)
    exported = export_pairs(job, output, filters=filters)
    return exported, report_pairs(job, output)


def sync(job: Job) -> Synced:
    """Bring the clones up to date, and note in the store what came of it. Raises what `sync_sources` raises."""
    sources, clones = job.sources()
    synced = sync_sources(sources, clones, workers=job.config.dataset.max_concurrent_files, report=job.report, cancel=job.cancel)
    with _store(job, "dataset sync") as store:
        for clone in synced.clones:
            store.note_repository(clone.source.name, ref=clone.source.ref or "", commit=clone.commit, state="synced")
        for failure in synced.failures:
            store.note_repository(failure.source.name, ref=failure.source.ref or "", state="failed", error=failure.error.message)
    return synced


def prepare(job: Job, clones: Sequence[Clone] | None = None) -> tuple[Prepared, Worked]:
    """Cut the files of clones into passages, those here by default, and do the tasks that they need. Goes on where an earlier run stopped.
    Raises `RepositoryError` where no repository was ever prepared and there is no clone."""
    dataset = job.config.dataset
    with _engine(job) as opened, _store(job, "dataset prepare") as store:
        store.keep_only([source.name for source in job.sources()[0]])
        here = _standing(job, store) if clones is None else clones
        pinned = _pin_tokenizer(job, opened)
        cutter = Cutter(pinned.tokenizer, dataset.passage_tokens, dataset.personal_data)
        job.report(Finished("passages", f"at most {dataset.passage_tokens:,} tokens, by {pinned.source}"))
        prepared = prepare_clones(store, here, selection_rules(dataset), cutter, report=job.report, cancel=job.cancel)
        generation, stages = plan_generation(job.config, job.prompts, opened.engine, cutter.digest)
        worked = work(
            store, generation, stages, opened.engine, limits=work_limits(dataset), report=job.report, cancel=job.cancel,
            machine=watched_machine(job.config),
        )  # fmt: skip
    return prepared, worked


def export_pairs(job: Job, output: Path, *, filters: Filters, since: Path | None = None, generation: int | None = None) -> Exported:
    """Write the artifact of a generation, None being the latest."""
    dataset, reader = job.config.dataset, Reader(job.places.store)
    source = Source(
        rows=lambda accept: reader.rows(generation, accept=accept),
        generation=_name(reader, generation),
        state=_state(reader, generation, dataset.licenses, dataset.unknown_license, dataset.personal_data),
    )
    return export_dataset(
        source, output, rules=export_rules(dataset, job.places.root, filters), settings=export_settings(dataset),
        report=job.report, cancel=job.cancel, since=since,
    )  # fmt: skip


def report_pairs(job: Job, output: Path) -> Reported:
    """Write the page with the figures of the store and of the artifact in `output`, into it."""
    reader = Reader(job.places.store)
    models = sorted({variant.model for variant in reader.variants() if variant.model}) if reader.has_generation() else []
    return report_dataset(
        reader, output, output, title=export_settings(job.config.dataset).title, engine=", ".join(models) or "none", report=job.report
    )


def check_rows(job: Job, artifact: Path) -> Resolved:
    """Hold the rows of an artifact against the clones."""
    sources, clones = job.sources()
    with clones.held():
        found = {source.name: clones.find(source) for source in sources}
        here = {name: clone.directory for name, clone in found.items() if clone}
        return resolve_rows(artifact, here.get, report=job.report, cancel=job.cancel)


def _standing(job: Job, store: Store) -> list[Clone]:
    """Return the clones that are here and whose last sync went well."""
    sources, clones = job.sources()
    failed = {repository.url for repository in store.repositories() if repository.state == "failed"}
    with clones.held():
        found = {source.name: clones.find(source) for source in sources}
    for name in sorted(name for name, clone in found.items() if clone is None or name in failed):
        job.report(Warned(f"{name} is not up to date: its files stay those that were prepared last", "run `notewright dataset sync`"))
    here = [clone for name, clone in found.items() if clone and name not in failed]
    if not here and not any(repository.prepared_commit for repository in store.repositories()):
        raise RepositoryError("no repository of the list is here yet", hint="run `notewright dataset sync` first, or `dataset run`")
    return here


@contextmanager
def _engine(job: Job) -> Iterator[Opened]:
    # every reply is kept in the store, by what it depends on: a second cache beside it would only take room
    config = replace(job.config, llm=replace(job.config.llm, cache_mb=0))
    opened = open_configured(config, flag=job.engine, report=job.report)
    with closing(opened.engine) if opened.engine else nullcontext():
        yield opened


@contextmanager
def _store(job: Job, label: str) -> Iterator[Store]:
    with closing(open_store(job.places.store, label=label)) as store:
        yield store


def _pin_tokenizer(job: Job, opened: Opened) -> PinnedTokenizer:
    """Open what passages are measured by: what the configuration names, else the tokenizer of the model that is asked."""
    if named := job.config.dataset.tokenizer:
        path = job.places.root / named
        return open_tokenizer(model=path) if path.suffix == ".gguf" else open_tokenizer(file=path)
    if opened.engine is None:
        return open_tokenizer()
    models = (Path(parse_engine(job.config.engine_spec(job.engine)).place), models_path(job.config) / opened.engine.identity().model)
    if model := next((path for path in models if path.name and path.exists()), None):
        return open_tokenizer(model=model)
    return open_tokenizer(file=Path(file) if (file := job.config.llm.tokenizer) else None)


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
