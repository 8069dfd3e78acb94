"""Progress: what a run of the work loop has done so far, told as it happens."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final

from notewright.adapters.dataset.store.values import Claimed, FailureClass, Finished, Spent
from notewright.control import Advanced, Reached, Report, Started
from notewright.dataset.pairs import KEPT
from notewright.prompting.request import Reply

STEP: Final = "generate"


class Progress:
    """Sums of one run. Thread-safe; `report` is called by one thread at a time."""

    def __init__(self, report: Report, *, passages: int) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._passages = passages
        self._done = 0
        self.tasks = 0
        self.pairs = 0
        self.failures: Counter[FailureClass] = Counter()
        self.spent = Spent()
        report(Started(STEP, passages))

    def finished(self, finished: Sequence[Finished]) -> None:
        """Count tasks that are done."""
        with self._lock:
            self.tasks += len(finished)
            self.pairs += sum(pair.reason == KEPT for one in finished for pair in one.done.pairs)
            for one in finished:
                self.spent = add_spent(self.spent, one.spent)

    def failed(self, kind: FailureClass, spent: Spent, *, for_good: bool) -> None:
        """Count a failure: what it took, and whether it is one for good."""
        with self._lock:
            if for_good:
                self.failures[kind] += 1
            self.spent = add_spent(self.spent, spent)

    def told(self, claimed: Claimed, done: int, total: int) -> None:
        """Tell how far a passage is: so many of its tasks are done."""
        with self._lock:
            place = (claimed.repository, claimed.passage.path)
            self._report(Reached(STEP, place, done, total))
            if done == total:
                # what failed and is tried again comes a second time
                self._done = min(self._done + 1, self._passages)
                self._report(Advanced(STEP, self._done, self.spent.generated_tokens))


def add_spent(one: Spent, other: Spent) -> Spent:
    """Sum up what calls took."""
    return Spent(
        one.calls + other.calls,
        one.prompt_tokens + other.prompt_tokens,
        one.cached_tokens + other.cached_tokens,
        one.generated_tokens + other.generated_tokens,
        one.seconds + other.seconds,
    )


def spent_on(reply: Reply | None) -> Spent:
    """Return what a reply took, with those that were thrown away before it; of a replayed one nothing."""
    if reply is None or reply.replayed:
        return Spent()
    spent = Spent(1, reply.prompt_tokens, reply.cached_tokens, reply.generated_tokens, reply.seconds)
    for discarded in reply.discarded:
        spent = add_spent(spent, spent_on(discarded))
    return spent
