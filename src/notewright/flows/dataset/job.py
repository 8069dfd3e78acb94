"""The job that a dataset is: its configuration, its places, and its clones brought up to date."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.access import read_login
from notewright.adapters.dataset.clones import Clone, Clones
from notewright.adapters.dataset.store.store import open_store
from notewright.adapters.prompts.prompts import Prompts
from notewright.config.config import Config
from notewright.control import Cancel, Report
from notewright.dataset import sources
from notewright.flows.dataset.sync import Synced, read_sources, sync_sources
from notewright.flows.state import state_path
from notewright.system.logs import Entry

Log = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where a dataset is made: the folder of the repository whose configuration it is, the store, the folder of clones, and the log."""

    root: Path
    store: Path
    clones: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Job:
    """What a dataset is made of, who is told, and the log, which is told of every task. `engine` is `--engine`'s, None leaving it to the
    configuration."""

    config: Config
    prompts: Prompts
    places: Places
    engine: str | None
    report: Report
    cancel: Cancel
    log: Log

    def sources(self) -> tuple[tuple[sources.Source, ...], Clones]:
        """Return the repositories that the configuration lists, and the folder of their clones; the token of the environment is for the
        server that it names alone. Raises `ConfigError`."""
        listed, base = read_sources(self.config.dataset.repositories, self.places.root)
        return listed, Clones(self.places.clones, base=base, login=read_login(os.environ))

    @contextmanager
    def held_clones(self) -> Iterator[dict[str, Clone | None]]:
        """Give the clone of each repository that is listed, None where there is none; nobody else changes them until the block ends."""
        listed, clones = self.sources()
        with clones.held():
            yield {source.name: clones.find(source) for source in listed}


def find_places(config: Config, root: Path) -> Places:
    """Return the places; relative ones of the configuration begin at `root`. Each repository with a dataset has a folder of its own: on a
    runner they share the state folder, and each would take the other's repositories out of its store."""
    identity = os.environ.get("GITHUB_REPOSITORY") or str(root.resolve())
    shown = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(identity).name) or "dataset"
    home = state_path(config) / "dataset" / f"{shown[:40]}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
    store, clones = config.dataset.database, config.dataset.repos_dir
    return Places(root, root / store if store else home / "store.sqlite", root / clones if clones else home / "clones", home / "run.log")


def sync(job: Job) -> Synced:
    """Bring the clones up to date, and note in the store what came of it. Raises what `sync_sources` raises."""
    listed, clones = job.sources()
    synced = sync_sources(listed, clones, workers=job.config.dataset.max_concurrent_files, report=job.report, cancel=job.cancel)
    with closing(open_store(job.places.store, label="dataset sync")) as store:
        for clone in synced.clones:
            store.note_repository(clone.source.name, ref=clone.source.ref or "", commit=clone.commit, state="synced")
        for failure in synced.failures:
            store.note_repository(failure.source.name, ref=failure.source.ref or "", state="failed", error=failure.error.message)
    return synced
