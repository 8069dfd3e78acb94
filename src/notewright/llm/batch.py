"""Many requests at once: those that begin alike go to one slot, one after the other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue

from notewright.control import Cancel
from notewright.errors import ModelError
from notewright.llm.engine import Engine
from notewright.prompting.request import Message, Reply, Request

# Slots share no cache: what is read in one of them is read anew in another. A shorter beginning than this (a system part has at most
# 250 tokens) is read again sooner than a whole reply is waited for while other slots are idle.
_WORTH_CHARACTERS = 2000

_Outcome = Reply | ModelError


def ask_all(
    engine: Engine, requests: Sequence[Request], cancel: Cancel, *, answered: Callable[[int], None] = lambda _: None
) -> list[_Outcome]:
    """Return the reply to each request or why there is none, in the requests' order, and tell `answered` how many there are so far.

    As many are in flight as the engine has slots, each in a group of those that share a long beginning: a group stays on its slot, so
    that its beginning is evaluated once. An engine that gives up slots meanwhile gets fewer. Raises `Cancelled`.
    """
    return _Batch(engine, requests, cancel).ask(answered) if requests else []


class _Batch:
    """The requests of one batch: the groups that nobody took yet, and the answers as they come."""

    def __init__(self, engine: Engine, requests: Sequence[Request], cancel: Cancel) -> None:
        self._engine = engine
        self._requests = requests
        self._cancel = cancel
        self._groups = deque(group_requests(requests))
        self._answers: SimpleQueue[tuple[int, _Outcome] | Future[None]] = SimpleQueue()
        self._stopped = threading.Event()

    def ask(self, answered: Callable[[int], None]) -> list[_Outcome]:
        slots = min(_slots(self._engine), len(self._groups))
        outcomes: dict[int, _Outcome] = {}
        with ThreadPoolExecutor(slots, thread_name_prefix="model") as pool:
            try:
                for slot in range(slots):
                    pool.submit(self._work, slot, pinned=slots > 1).add_done_callback(self._answers.put)
                for index, outcome in self._arriving():
                    outcomes[index] = outcome
                    answered(len(outcomes))
            finally:
                self._stopped.set()
        return [outcomes[index] for index in range(len(self._requests))]

    def _arriving(self) -> Iterator[tuple[int, _Outcome]]:
        missing = len(self._requests)
        while missing:
            answer = self._answers.get()
            if isinstance(answer, Future):
                answer.result()  # raises what ended a worker before its time
            else:
                missing -= 1
                yield answer

    def _work(self, slot: int, *, pinned: bool) -> None:
        """Answer group after group on one slot. The first slot is never given up."""
        while (slot == 0 or slot < _slots(self._engine)) and (group := self._take()):
            for index in group:
                if self._stopped.is_set():
                    return
                request = self._requests[index]
                self._answers.put((index, self._chat(replace(request, slot=slot) if pinned else request)))

    def _take(self) -> list[int] | None:
        try:
            return self._groups.popleft()
        except IndexError:
            return None

    def _chat(self, request: Request) -> _Outcome:
        try:
            self._cancel.check()
            return self._engine.chat(request, self._cancel)
        except ModelError as error:
            return error


def group_requests(requests: Sequence[Request]) -> list[list[int]]:
    """Return the places of requests, those together that share at least half of their text, and enough of it to be worth waiting for;
    groups in the order of their first requests, requests of a group by what they share, most first."""
    alike: dict[tuple[Message | str, ...], list[int]] = {}
    for place, request in enumerate(requests):
        *before, last = request.messages
        alike.setdefault((*before, last.role), []).append(place)
    return sorted((group for places in alike.values() for group in _cut(requests, places)), key=min)


def _cut(requests: Sequence[Request], places: list[int]) -> Iterator[list[int]]:
    """Part requests that differ in their last message only. Sorted by it, each stands beside those that it shares most with."""
    texts = {place: requests[place].messages[-1].content for place in places}
    before = sum(len(message.content) for message in requests[places[0]].messages[:-1])
    group: list[int] = []
    for place in sorted(places, key=lambda place: (texts[place], place)):
        if group:
            one, other = texts[group[-1]], texts[place]
            shared = before + _shared(one, other)
            if shared < max(_WORTH_CHARACTERS, (before + max(len(one), len(other))) / 2):
                yield group
                group = []
        group.append(place)
    yield group


def _shared(one: str, other: str) -> int:
    """Count the characters that two texts begin with together."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _slots(engine: Engine) -> int:
    try:
        return max(engine.slots, 1)
    except ModelError:  # the calls say what is wrong with it
        return 1
