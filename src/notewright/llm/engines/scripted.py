"""An engine that replays a file: for tests and demonstrations."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from notewright.control import Cancel
from notewright.errors import ModelError, UsageError
from notewright.llm.engine import Engine
from notewright.llm.opening import Opening
from notewright.prompting.request import Finish, Identity, Messages, Reply, Request
from notewright.rendering.canonical import canonical_line, digest
from notewright.system.files import read_bytes

_KEYS = {"delay_s", "error", "finish", "match", "reply"}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the script. Without `match` it answers once, in its turn; with it, every prompt that it is found in."""

    match: re.Pattern[str] | None
    text: str
    finish: Finish
    error: str | None
    delay_s: float


def open_engine(place: str, opening: Opening) -> Engine:  # noqa: ARG001  # every engine is opened alike
    """Return the engine that replays the file at `place`. Raises `UsageError` without one, `ModelError` for a wrong one."""
    if not place:
        raise UsageError("the engine scripted needs a file", hint="write --engine scripted:FILE")
    return Scripted(Path(place))


class Scripted:
    """Answers from a JSON Lines file: {"reply": a string or a JSON value, "match": a regular expression looked for in the
    prompt, "finish": "stop" or "length", "error": a message to fail with, "delay_s": seconds before it}.

    The first line that matches answers; a line without `match` answers once, in its turn.
    """

    slots = 1

    def __init__(self, path: Path) -> None:
        """Raises `ModelError` for a file that is missing or malformed."""
        content = read_bytes(path)
        if content is None:
            raise ModelError(f"there is no script {path}", hint='write one JSON object a line, such as {"reply": {}}')
        self._path = path
        self._identity = Identity("scripted", path.name, digest(content), 0, "")
        self._lines = [_read_line(path, number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]
        self._lock = threading.Lock()

    def identity(self) -> Identity:
        """Name the script and its digest."""
        return self._identity

    def count(self, messages: Messages) -> int | None:  # noqa: ARG002  # the protocol's
        """Return None: a script has no tokens."""
        return None

    def chat(self, request: Request, cancel: Cancel) -> Reply:
        """Play the next line that fits. Raises `ModelError` as scripted, or where no line is left; and `Cancelled`."""
        started = time.monotonic()
        line = self._take("\n".join(message.content for message in request.messages))
        if cancel.wait(min(line.delay_s, request.timeout_s)):
            cancel.check()
        if line.delay_s > request.timeout_s:
            raise ModelError(f"the script {self._path} gave no new token for {request.timeout_s:g} s", hint="raise llm.request_timeout")
        if line.error is not None:
            raise ModelError(line.error, hint=f"as the script {self._path} says")
        return Reply(line.text, line.finish, 0, 0, 0, time.monotonic() - started)

    def close(self) -> None:
        """Nothing to free."""

    def _take(self, prompt: str) -> _Line:
        with self._lock:
            for line in self._lines:
                if line.match is None:
                    self._lines.remove(line)
                    return line
                if line.match.search(prompt):
                    return line
        raise ModelError(f"the script {self._path} has no reply left for this prompt", hint="add a line to it")


def _read_line(path: Path, number: int, line: bytes) -> _Line:
    try:
        value = json.loads(line)
        reply = value.get("reply", "")
        return _Line(
            match=re.compile(value["match"]) if "match" in value else None,
            text=reply if isinstance(reply, str) else canonical_line(reply).decode().strip(),
            finish=_check_keys(value),
            error=None if value.get("error") is None else str(value["error"]),
            delay_s=float(value.get("delay_s", 0)),
        )
    except (ValueError, TypeError, AttributeError, re.error) as error:
        raise ModelError(f"line {number} of the script {path} is wrong: {error}", hint='write {"reply": …} or {"error": "…"}') from error


def _check_keys(value: dict[str, object]) -> Finish:
    """Return how the reply ends. Raises `ValueError` for a key that means nothing here."""
    if not value.keys() & {"reply", "error"} or value.keys() - _KEYS:
        raise ValueError(f"it has reply or error, and none but {', '.join(sorted(_KEYS))}")
    if (finish := value.get("finish", "stop")) not in get_args(Finish):
        raise ValueError("finish is stop or length")
    return cast(Finish, finish)
