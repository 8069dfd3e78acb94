"""An engine that answers what a test lists, and time that passes when somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from notewright.control import Cancel
from notewright.prompting.request import Identity, Message, Messages, Reply, Request
from notewright.prompting.schema import boolean, object_of

QUESTION = Request("notes", (Message("user", "hello"),), object_of({"ok": boolean()}), 50)
GOOD = Reply('{"ok":true}', "stop", 3, 0, 5, 0.1)

Answer = Reply | BaseException | Callable[[Cancel], Reply]


class Answering:
    """Gives the answers in their order, the last one again and again; raises those that are exceptions. Thread-safe."""

    slots = 1

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked = 0  # chats
        self.looked = 0  # identities and counts
        self.unknown: BaseException | None = None  # what identities and counts raise
        self._lock = threading.Lock()

    def identity(self) -> Identity:
        """Say who answers."""
        self._look()
        return Identity("answering", "list", "sha256:0", 4096, "test")

    def count(self, messages: Messages) -> int:
        """Count characters."""
        self._look()
        return sum(len(message.content) for message in messages)

    def chat(self, request: Request, cancel: Cancel) -> Reply:  # noqa: ARG002  # as an engine has it
        """Give the next answer."""
        with self._lock:
            self.asked += 1
            answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, Reply) else answer(cancel)

    def close(self) -> None:
        """Nothing to free."""

    def _look(self) -> None:
        with self._lock:
            self.looked += 1
        if self.unknown is not None:
            raise self.unknown


class Hourglass(Cancel):
    """A clock, called for its seconds, that stands still but for those who wait: they wait no time, and it moves on."""

    def __init__(self, *, cancelled_at: float = float("inf")) -> None:
        super().__init__()
        self.now = 0.0
        self.waits: list[float] = []
        self._cancelled_at = cancelled_at

    def __call__(self) -> float:
        return self.now

    def wait(self, timeout_s: float) -> bool:
        """Let the time pass, up to the moment when someone asks to stop."""
        self.waits.append(timeout_s)
        self.now = min(self.now + timeout_s, max(self._cancelled_at, self.now))
        if self.now >= self._cancelled_at:
            self.request()
        return self.requested
