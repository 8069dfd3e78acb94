"""Generate: the pairs of the clones, made by the engine that the configuration names, or by none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from notewright.adapters.dataset.clones import Clone
from notewright.adapters.dataset.store.store import Store, open_store
from notewright.control import Finished, Warned
from notewright.errors import RepositoryError
from notewright.flows.dataset.generation import plan_generation
from notewright.flows.dataset.job import Job
from notewright.flows.dataset.passages import Cutter
from notewright.flows.dataset.prepare import Prepared, prepare_clones
from notewright.flows.dataset.settings import selection_rules, watched_machine, work_limits
from notewright.flows.dataset.work import Worked, work
from notewright.flows.models import models_path, open_configured
from notewright.llm.door import Opened
from notewright.llm.opening import parse_engine
from notewright.llm.tokens.pinned import PinnedTokenizer, open_tokenizer


def generate(job: Job, clones: Sequence[Clone] | None = None) -> tuple[Prepared, Worked]:
    """Cut the files of clones into passages, those here by default, and do the tasks that they need. Goes on where an earlier run stopped.
    Raises `RepositoryError` where no repository was ever prepared and there is no clone."""
    dataset = job.config.dataset
    with _engine(job) as opened, closing(open_store(job.places.store, label="dataset prepare")) as store:
        store.keep_only([source.name for source in job.sources()[0]])
        here = _standing(job, store) if clones is None else clones
        pinned = _pin_tokenizer(job, opened)
        cutter = Cutter(pinned.tokenizer, dataset.passage_tokens, dataset.personal_data)
        job.report(Finished("passages", f"at most {dataset.passage_tokens:,} tokens, by {pinned.source}"))
        prepared = prepare_clones(store, here, selection_rules(job.config), cutter, report=job.report, cancel=job.cancel)
        generation, stages = plan_generation(job.config, job.prompts, opened.engine, cutter.digest)
        worked = work(
            store, generation, stages, opened.engine, limits=work_limits(job.config), report=job.report, cancel=job.cancel,
            machine=watched_machine(job.config), log=job.log,
        )  # fmt: skip
    return prepared, worked


def _standing(job: Job, store: Store) -> list[Clone]:
    """Return the clones that are here and whose last sync went well."""
    failed = {repository.url for repository in store.repositories() if repository.state == "failed"}
    with job.held_clones() as found:
        here = [clone for name, clone in found.items() if clone and name not in failed]
    for name in sorted(name for name, clone in found.items() if clone is None or name in failed):
        job.report(Warned(f"{name} is not up to date: its files stay those that were prepared last", "run `notewright dataset sync`"))
    if not here and not any(repository.prepared_commit for repository in store.repositories()):
        raise RepositoryError("no repository of the list is here yet", hint="run `notewright dataset sync` first, or `dataset run`")
    return here


@contextmanager
def _engine(job: Job) -> Iterator[Opened]:
    # every reply is kept in the store, by what it depends on: a second cache beside it would only take room
    config = replace(job.config, llm=replace(job.config.llm, cache_mb=0))
    # and so is what each task took
    with closing(open_configured(config, flag=job.engine, report=job.report, recorded=False)) as opened:
        yield opened


def _pin_tokenizer(job: Job, opened: Opened) -> PinnedTokenizer:
    """Open what passages are measured by: what the configuration names, else the tokenizer of the model that is asked."""
    if named := job.config.dataset.tokenizer:
        path = job.places.root / named
        return open_tokenizer(model=path) if path.suffix == ".gguf" else open_tokenizer(file=path)
    if opened.engine is None:
        return open_tokenizer()
    models = (Path(parse_engine(job.config.engine_spec(job.engine)).place), models_path(job.config) / opened.engine.identity().model)
    if model := next((path for path in models if (path.suffix == ".gguf" and path.is_file()) or (path / "tokenizer.json").is_file()), None):
        return open_tokenizer(model=model)
    return open_tokenizer(file=Path(file) if (file := job.config.llm.tokenizer) else None)
