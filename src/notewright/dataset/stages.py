"""Stages: what is asked of a model about a passage, and how its reply is read."""

from __future__ import annotations

from typing import Protocol

from notewright.dataset.passage import PassageText
from notewright.dataset.tasks import Done
from notewright.prompting.request import Request


class StageWork(Protocol):
    """How the tasks of one stage are done. Thread-safe; the same task gives the same request, and the same reply the same `Done`."""

    def request(self, passage: PassageText, given: str, ordinal: int) -> Request | None:
        """Return what to ask; None where nobody is asked. Raises `PromptTooLong` for what fits no window."""
        ...

    def read(self, passage: PassageText, given: str, ordinal: int, reply_text: str | None) -> Done:
        """Return what came of the task, None being the reply of nobody. Raises `InvalidReply` for a reply that nothing can be made of."""
        ...
