"""Progress: what a run of the work loop has done so far, told as it happens."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from notewright.adapters.dataset.store.values import Claimed, FailureClass, Finished, Spent
from notewright.control import Advanced, Reached, Report, Started
from notewright.dataset.pairs import KEPT
from notewright.prompting.request import Reply

STEP: Final = "generate"


class Progress:
    """Sums of one run. Thread-safe; `report` is called by one thread at a time."""

    def __init__(self, report: Report, *, passages: Mapping[str, int]) -> None:
        """`passages` are those that wait, by their repository."""
        self._report = report
        self._lock = threading.Lock()
        self._passages = passages
        self._done: Counter[str] = Counter()
        self.tasks = 0
        self.pairs = 0
        self.failures: Counter[FailureClass] = Counter()
        self.spent = Spent()
        report(Started(STEP, sum(passages.values())))

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
            repository = claimed.repository
            self._report(Reached(STEP, (repository, claimed.passage.path), done, total))
            # what failed and is tried again comes a second time
            if done == total and self._done[repository] < self._passages.get(repository, 0):
                self._done[repository] += 1
                self._report(Reached(STEP, (repository,), self._done[repository], self._passages[repository]))
                self._report(Advanced(STEP, self._done.total(), self.spent.generated_tokens))


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
