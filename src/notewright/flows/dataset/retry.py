"""Retry: what failed for good is made ready again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from notewright.adapters.dataset.store.store import open_store
from notewright.adapters.dataset.store.values import FailureClass


def retry_failed(database: Path, kind: FailureClass | None) -> int:
    """Make failed tasks ready for the next run, of one class or of all; return how many of the latest generation. Raises `StorageError`
    where there is no dataset, or another run works on it."""
    with closing(open_store(database, label="dataset retry", create=False)) as store:
        return store.retry(kind)
