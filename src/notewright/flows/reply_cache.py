"""The response cache, looked at and emptied."""

from __future__ import annotations

import contextlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from notewright.config.config import Config
from notewright.errors import StorageError
from notewright.flows.models import replies_path
from notewright.llm.layers.cache_database import Totals, broken_path, open_replies, read_totals, remove_replies, shrink_file
from notewright.system.database import BrokenDatabase, remove_database

_NOTHING = Totals(0, 0, 0, None, None)


@dataclass(frozen=True, slots=True)
class ReplyCache:
    """Where replies are kept, how much they may take (0: none are kept), and what is there."""

    path: Path
    limit_bytes: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was removed: the replies, and whether there was a broken file that nobody can read."""

    totals: Totals
    broken: bool


def inspect_replies(config: Config) -> ReplyCache:
    """Say what is kept; a cache that was never used is empty. Raises `StorageError` where the file cannot be read."""
    path = replies_path(config)
    totals = _NOTHING
    if path.exists():
        try:
            with closing(open_replies(path)) as connection:
                totals = read_totals(connection)
        except BrokenDatabase as error:
            raise StorageError(error.message, hint="`notewright models cache clear` removes it") from error
    return ReplyCache(path, config.llm.cache_mb << 20, totals)


def clear_replies(config: Config) -> Cleared:
    """Remove every kept reply, and a file that was found broken, and return what was there. Raises `StorageError`."""
    path = replies_path(config)
    broken = remove_database(broken_path(path))
    if not path.exists():
        return Cleared(_NOTHING, broken)
    try:
        with closing(open_replies(path)) as connection:
            removed = remove_replies(connection)
            with contextlib.suppress(StorageError):  # the file shrinks another time: the replies are gone
                shrink_file(connection)
            return Cleared(removed, broken)
    except BrokenDatabase:
        return Cleared(_NOTHING, remove_database(path))
