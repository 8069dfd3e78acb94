"""Status: how far a dataset is, read in a moment while others may work on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.dataset.store.reading import Reader
from notewright.adapters.dataset.store.values import Repository, Run, Status


@dataclass(frozen=True, slots=True)
class DatasetStatus:
    """What a store holds: its repositories in the order of their URLs, how far the latest generation is (None before the first), and its
    last run, None before the first."""

    repositories: tuple[Repository, ...]
    generation: Status | None
    run: Run | None


def read_status(database: Path) -> DatasetStatus:
    """Read how far a dataset is. Raises `StorageError` where there is none."""
    reader = Reader(database)
    run = next(iter(reader.runs(at_most=1)), None)
    return DatasetStatus(tuple(reader.repositories()), reader.status() if reader.has_generation() else None, run)
