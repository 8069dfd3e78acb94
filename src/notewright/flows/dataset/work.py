"""Work: the tasks of a generation are done, passage by passage, until none is left or it is time to stop."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from notewright.adapters.dataset.store.store import Store
from notewright.adapters.dataset.store.values import FailureClass, Generation, Seeded, Spent
from notewright.control import Cancel, Finished, Report
from notewright.dataset.stages import StageWork
from notewright.dataset.tasks import Stage
from notewright.errors import StorageError
from notewright.flows.dataset.desk import Desk
from notewright.flows.dataset.ending import Ended, Ending
from notewright.flows.dataset.pauses import Machine, Patience, Pauses
from notewright.flows.dataset.progress import STEP, Progress
from notewright.flows.dataset.worker import Crew, Log, Worker, slots_of
from notewright.llm.engine import Engine


@dataclass(frozen=True, slots=True)
class Limits:
    """How work is done: passages in work at once, minutes after which no task is begun any more (calls under way are waited for),
    failures of a task over all runs, and results written together where so many have arrived."""

    max_concurrent: int = 4
    max_minutes: float | None = None
    max_attempts: int = 3
    batch_size: int = 16


@dataclass(frozen=True, slots=True)
class Worked:
    """What a run did: why it `ended`, the tasks it did, those that failed for good by their class, the pairs kept, what its calls took, and
    the tasks that are `left` to the next run."""

    seeded: Seeded
    ended: Ended
    tasks: int
    failures: Mapping[FailureClass, int]
    pairs: int
    spent: Spent
    left: int


def work(
    store: Store,
    generation: Generation,
    stages: Mapping[Stage, StageWork],
    engine: Engine | None,
    *,
    limits: Limits,
    report: Report,
    cancel: Cancel,
    machine: Machine | None = None,
    log: Log = lambda _: None,
) -> Worked:
    """Make `generation` the latest and do its tasks. Each worker stays on its slot of the engine and with a passage until that has no
    task left; at most one call a worker is lost by a kill, because the next one is made when the reply is written. `log` is given every
    task that a model was asked for, and every failure.

    Ends with "finished" when nothing is left to do, "time" after `max_minutes`, "engine" where that is down. Raises `Cancelled` with all
    that is finished written, `StorageError` where the disk refuses.
    """
    seeded = store.start_generation(generation)
    run = store.begin_run()
    progress = Progress(report, passages=store.count_waiting())
    ending = Ending(cancel, limits.max_minutes)
    desk = Desk(store, batch_size=limits.batch_size)
    pauses, patience = Pauses(machine or Machine(), report, ending.rest, asks=engine is not None), Patience(report, ending.rest)
    crew = Crew(store, stages, engine, limits.max_attempts, limits.batch_size, desk, ending, pauses, patience, progress, log)
    try:
        _employ(crew, min(slots_of(engine), limits.max_concurrent) if engine else 1)
    except StorageError:
        raise  # nothing can be written, the end neither
    except BaseException:
        _end_run(store, run, "cancelled" if cancel.requested else "error", progress)
        raise
    ended = ending.reason or "finished"
    _end_run(store, run, ended, progress)
    cancel.check()
    left = sum(store.reader.status().ready.values())
    worked = Worked(seeded, ended, progress.tasks, dict(sorted(progress.failures.items())), progress.pairs, progress.spent, left)
    report(Finished(STEP, _summary(worked)))
    return worked


def _employ(crew: Crew, workers: int) -> None:
    """Let so many workers work until each has ended. Raises what one of them raised, and after a signal what it raises here, when all have
    finished what they write."""
    with ThreadPoolExecutor(workers, thread_name_prefix="dataset") as pool:
        working = [pool.submit(Worker(crew, number if workers > 1 else None).run) for number in range(workers)]
        try:
            for worker in as_completed(working):
                worker.result()
        except BaseException:
            crew.ending.stop("error")
            raise


def _end_run(store: Store, run: int, ended: Ended, progress: Progress) -> None:
    failures = progress.failures.total()
    store.end_run(run, ended=ended, tasks=progress.tasks, failures=failures, pairs=progress.pairs, spent=progress.spent)


_STOPPED: dict[Ended, str] = {"time": "stopped at the time limit", "engine": "stopped: the engine is down"}


def _summary(worked: Worked) -> str:
    failed = "".join(f", {count:,} failed ({kind})" for kind, count in worked.failures.items())
    stopped = f"; {_STOPPED[worked.ended]}, {worked.left:,} tasks are left" if worked.ended in _STOPPED else ""
    read = (
        f"; {worked.spent.evaluated_tokens / worked.pairs:,.0f} prompt tokens read for each" if worked.pairs and worked.spent.calls else ""
    )
    return f"{worked.tasks:,} tasks done, {worked.pairs:,} pairs kept{failed}{read}{stopped}"
