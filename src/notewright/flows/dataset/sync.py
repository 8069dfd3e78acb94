"""Sync: every repository of the list brought up to date, each on its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.dataset.clones import Clone, Clones
from notewright.control import Advanced, Cancel, Event, Finished, Reached, Report, Started, Warned, ignore
from notewright.dataset.sources import Source, list_sources, parse_sources
from notewright.errors import Cancelled, ConfigError, NotewrightError, RepositoryError
from notewright.system.files import read_bytes

_STEP = "sync"
_WHOLE = 100  # per cent


@dataclass(frozen=True, slots=True)
class SyncFailure:
    """A source that could not be brought up to date, and why. What was cloned of it before is still there, and is not used."""

    source: Source
    error: NotewrightError


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of a sync, in the order of the sources."""

    clones: tuple[Clone, ...]
    failures: tuple[SyncFailure, ...]


def read_sources(repositories: str | Sequence[str], root: Path) -> tuple[tuple[Source, ...], Path]:
    """Return the sources that `dataset.repositories` names, a file in `root` or the addresses themselves, and the folder that their
    relative paths begin at. Raises `ConfigError`."""
    if not isinstance(repositories, str):
        return list_sources(repositories, "dataset.repositories"), root
    file = root / repositories
    content = read_bytes(file)
    hint = "write the address of a repository into each line of it, or name another file with `dataset.repositories`"
    if content is None:
        raise ConfigError(f"there is no {repositories}", hint=hint)
    try:
        return parse_sources(content.decode("utf-8"), repositories), file.parent
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{repositories}, line {line}: no valid UTF-8", hint="save it as UTF-8") from error


def sync_sources(
    sources: Sequence[Source], clones: Clones, *, workers: int = 4, report: Report = ignore, cancel: Cancel | None = None
) -> Synced:
    """Bring the sources up to date, so many at a time. One that fails is reported and does not stop the others.

    Raises the failure where all failed, `ConfigError` for a repository named twice, and `Cancelled` within a second of the wish.
    """
    cancel = cancel or Cancel()
    clones.check_apart(sources)
    tell = _Teller(report)
    tell(Started(_STEP, len(sources)))
    with clones.held():
        outcomes = _update_all(sources, clones, workers=workers, tell=tell, cancel=cancel)
        removed = clones.remove_unused(sources, now_s=time.time())
    done = tuple(outcome for outcome in outcomes if isinstance(outcome, Clone))
    failures = tuple(outcome for outcome in outcomes if isinstance(outcome, SyncFailure))
    gone = f"; clones that nothing used for a month are removed: {', '.join(removed)}" if removed else ""
    tell(Finished(_STEP, f"{len(done)} of {len(sources)} repositories are up to date{gone}"))
    if failures and not done:
        raise _all_failed(failures)
    return Synced(done, failures)


class _Teller:
    """Passes events on, one at a time."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._report(event)


def _update_all(sources: Sequence[Source], clones: Clones, *, workers: int, tell: _Teller, cancel: Cancel) -> list[Clone | SyncFailure]:
    with ThreadPoolExecutor(workers, thread_name_prefix="sync") as pool:
        try:
            waiting = [pool.submit(_update, source, clones, tell=tell, cancel=cancel) for source in sources]
            for done, future in enumerate(as_completed(waiting), 1):
                future.result()
                tell(Advanced(_STEP, done))
        except BaseException:  # the others end too, instead of keeping the pool open for hours
            cancel.request()
            raise
    return [future.result() for future in waiting]


def _update(source: Source, clones: Clones, *, tell: _Teller, cancel: Cancel) -> Clone | SyncFailure:
    cancel.check()
    place = (source.name,)
    tell(Reached(_STEP, place, 0, _WHOLE))
    try:
        return clones.update(source, cancel=cancel, percent=lambda percent: tell(Reached(_STEP, place, min(percent, _WHOLE - 1), _WHOLE)))
    except Cancelled:
        raise
    except NotewrightError as error:
        tell(Warned(error.message, error.hint))
        return SyncFailure(source, error)
    finally:
        tell(Reached(_STEP, place, _WHOLE, _WHOLE))


def _all_failed(failures: Sequence[SyncFailure]) -> NotewrightError:
    first = failures[0].error
    if len(failures) == 1:
        return first
    kinds = {type(failure.error) for failure in failures}
    kind = kinds.pop() if len(kinds) == 1 else RepositoryError
    return kind(f"none of {len(failures)} repositories could be brought up to date; the first: {first.message}", hint=first.hint)
