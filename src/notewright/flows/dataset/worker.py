"""Workers: each takes a passage and does its tasks one after the other, on one slot of the engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from notewright.adapters.dataset.store.queue import HEALING
from notewright.adapters.dataset.store.store import Store
from notewright.adapters.dataset.store.values import Claimed, ClaimedTask, FailureClass, Finished, Spent
from notewright.dataset.stages import StageWork
from notewright.dataset.tasks import Stage
from notewright.errors import Cancelled, ModelError
from notewright.flows.dataset.desk import Desk
from notewright.flows.dataset.ending import Ending
from notewright.flows.dataset.pauses import Patience, Pauses
from notewright.flows.dataset.progress import Progress, spent_on
from notewright.llm.engine import Engine
from notewright.llm.failure import EngineFailed
from notewright.prompting.budget import PromptTooLong
from notewright.prompting.reply import InvalidReply, TruncatedReply
from notewright.prompting.request import Reply, Request
from notewright.system.logs import Entry

Log = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Crew:
    """What workers share."""

    store: Store
    stages: Mapping[Stage, StageWork]
    engine: Engine | None
    max_attempts: int
    batch_size: int
    desk: Desk
    ending: Ending
    pauses: Pauses
    patience: Patience
    progress: Progress
    log: Log


class Worker:
    """One worker on its slot; None is any slot. A kill costs it one call at most: the next one is made when its result is written."""

    def __init__(self, crew: Crew, slot: int | None) -> None:
        self._crew = crew
        self._slot = slot

    def run(self) -> None:
        """Do passage after passage until none is left or work is to stop. Raises `StorageError`."""
        crew = self._crew
        while self._keeps_its_slot() and not self._pause():
            # without an engine nothing is waited for: many passages make one transaction
            claimed = crew.desk.ask(lambda: crew.store.claim_passages(1 if crew.engine else crew.batch_size))
            if not claimed:
                return
            _Hand(crew, claimed, self._slot).work()

    def _keeps_its_slot(self) -> bool:
        """Return whether the engine still has this slot: short of memory it gives slots up. The first is never given up."""
        engine = self._crew.engine
        return not self._slot or engine is None or self._slot < slots_of(engine)

    def _pause(self) -> bool:
        self._crew.pauses.hold()
        return self._crew.ending.reason is not None


class _Hand:
    """The passages that a worker has in hand: their tasks that it has not begun, and those that are done and not yet written."""

    def __init__(self, crew: Crew, claimed: Sequence[Claimed], slot: int | None) -> None:
        self._crew = crew
        self._slot = slot
        self._waiting = deque((one, task) for one in claimed for task in one.tasks)
        self._finished: list[tuple[Claimed, ClaimedTask, Finished]] = []
        self._totals = {one.passage.digest: len(one.tasks) for one in claimed}
        self._done = dict.fromkeys(self._totals, 0)

    def work(self) -> None:
        """Do all tasks and what follows from them; put back what is left when work is to stop. Raises `StorageError`."""
        while self._waiting or self._finished:
            if not self._waiting or len(self._finished) >= self._crew.batch_size:
                self._write()
            elif self._crew.ending.reason is not None:
                break
            else:
                self._do(*self._waiting.popleft())
        if self._waiting:
            self._write()
            self._crew.desk.ask(lambda: self._crew.store.release([task.id for _, task in self._waiting]))

    def _do(self, one: Claimed, task: ClaimedTask) -> None:
        stage, reply = self._crew.stages[task.stage], None
        try:
            if (request := stage.request(one.passage, task.given, task.ordinal)) is not None:
                reply = self._chat(request)
            done = stage.read(one.passage, task.given, task.ordinal, reply.text if reply else None)
        except Cancelled:
            self._waiting.appendleft((one, task))
            self._crew.ending.stop("cancelled")
        except ModelError as error:
            self._fail(one, task, error, reply)
        else:
            self._finished.append((one, task, Finished(task.id, done, spent_on(reply))))
            if reply is not None:
                self._write()

    def _chat(self, request: Request) -> Reply:
        if self._crew.engine is None:
            raise ValueError(f"{request.task} asks a model, and there is none")
        try:
            reply = self._crew.engine.chat(replace(request, slot=self._slot), self._crew.ending.cancel)
        except TruncatedReply:
            raise
        except InvalidReply as error:
            if error.reply is None:
                raise
            reply = error.reply  # four questions of five: the stage takes what there is, or refuses it in its turn
        self._crew.patience.answered()
        return reply

    def _write(self) -> None:
        """Write what is done, and take up what follows from it."""
        written, self._finished = self._finished, []
        finished = [done for _, _, done in written]
        following = self._crew.desk.ask(lambda: self._crew.store.finish(finished))
        self._crew.progress.finished(finished)
        for (one, task, done), tasks in zip(written, following, strict=True):
            if done.spent.calls:
                self._log("finished", one, task, done.spent)
            self._totals[one.passage.digest] += len(tasks)
            self._waiting.extend((one, task) for task in tasks)
            self._tell(one)

    def _fail(self, one: Claimed, task: ClaimedTask, error: ModelError, reply: Reply | None) -> None:
        crew = self._crew
        if isinstance(error, EngineFailed) and error.kind == "refused" and error.retry_after_s is not None:
            self._waiting.appendleft((one, task))  # nobody was asked: the breaker is open
            if not crew.patience.wait(error.message, error.retry_after_s):
                crew.ending.stop("engine")
            return
        kind, spent = class_of(error), spent_on(error.reply if isinstance(error, InvalidReply) and error.reply else reply)
        if kind in HEALING:
            crew.patience.failed()
        elif isinstance(error, InvalidReply):
            crew.patience.answered()
        for_good = crew.desk.ask(lambda: crew.store.fail(task.id, kind, error.message, max_attempts=crew.max_attempts, spent=spent))
        crew.progress.failed(kind, spent, for_good=for_good)
        self._log("failed", one, task, spent, failure=kind, message=error.message)
        self._tell(one)

    def _log(
        self, event: Literal["finished", "failed"], one: Claimed, task: ClaimedTask, spent: Spent, *, failure: str = "", message: str = ""
    ) -> None:
        self._crew.log(
            Entry(
                event=event, name=one.passage.path, repository=one.repository, stage=task.stage, attempt=task.attempts + 1,
                failure=failure, message=message, seconds=spent.seconds, prompt_tokens=spent.prompt_tokens,
                cached_tokens=spent.cached_tokens, generated_tokens=spent.generated_tokens,
            )
        )  # fmt: skip

    def _tell(self, one: Claimed) -> None:
        digest = one.passage.digest
        self._done[digest] += 1
        self._crew.progress.told(one, self._done[digest], self._totals[digest])


def class_of(error: ModelError) -> FailureClass:
    """Return which class of failure this is."""
    match error:
        case TruncatedReply():
            return "truncated"
        case InvalidReply():
            return "invalid"
        case PromptTooLong():
            return "too_long"
        case EngineFailed():
            return error.kind
    return "refused"


def slots_of(engine: Engine) -> int:
    """Return how many calls are worth having in flight; one where the engine cannot say: the calls tell what is wrong with it."""
    try:
        return max(engine.slots, 1)
    except ModelError:
        return 1
