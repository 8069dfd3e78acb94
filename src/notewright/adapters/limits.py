"""Limits of GitHub's rate: how long it asks to wait, and the waiting."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from notewright.control import Cancel, Report, Warned, ignore

if TYPE_CHECKING:
    from github import GithubException

LONGEST_WAIT_S = 60.0  # a secondary limit lasts a minute, a primary one up to an hour: for that nobody waits at a terminal
_TRIES = 3  # a limit that is still there after two waits won't go away by a third
_NO_WORD_S = 60.0  # "wait at least one minute", GitHub's documentation says, where an answer doesn't say how long
_SECONDS = re.compile(r"[0-9]{1,6}")
_MOMENT = re.compile(r"[0-9]{1,11}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Who is told that a call waits, who may end the waiting, and how long one wait may last."""

    report: Report = ignore
    cancel: Cancel = field(default_factory=Cancel)
    longest_wait_s: float = LONGEST_WAIT_S

    def ask(self, call: Callable[[], _T]) -> _T:
        """Return what `call` returns; where GitHub's limit lifts soon, wait and call again. What GitHub refused for its limit, it has
        not done: a call that writes may be repeated too. Raises what `call` raises, and `Cancelled`."""
        from github import GithubException

        for left in range(_TRIES - 1, -1, -1):
            self.cancel.check()
            try:
                return call()
            except GithubException as error:
                pause_s = find_pause(error)
                if pause_s is None or pause_s > self.longest_wait_s or not left:
                    raise
                self.wait(pause_s)
        raise AssertionError("the last try returns or raises")

    def wait(self, pause_s: float) -> None:
        """Wait and say so. Raises `Cancelled`."""
        self.report(Warned(f"GitHub's rate limit is reached: going on in {pause_s:.0f} s"))
        self.pause(pause_s)

    def pause(self, pause_s: float) -> None:
        """Wait in silence. Raises `Cancelled`."""
        if self.cancel.wait(pause_s):
            self.cancel.check()


HASTE = Patience(longest_wait_s=0.0)  # a limit is an error at once


def find_pause(error: GithubException) -> float | None:
    """Return how many seconds GitHub asks to wait, None where it refuses for another reason than a limit.

    Retry-After counts first, then the reset of a primary limit that is used up, by GitHub's own clock
    (docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
    """
    if not is_limit(error):
        return None
    headers = _headers(error)
    if _SECONDS.fullmatch(after := headers.get("retry-after", "")):
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0" and (resets_at := _read_reset(headers)) is not None:
        return max(resets_at - _now(headers), 0.0) + 1.0  # both are cut to whole seconds
    return float("inf") if "api rate limit exceeded" in _words(error) else _NO_WORD_S


def is_limit(error: GithubException) -> bool:
    """Return whether GitHub refuses because of too many calls; GraphQL says so with status 200."""
    if error.status in (200, 403) and "rate limit" in _words(error):
        return True
    headers = _headers(error)
    return error.status == 429 or (error.status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"))


def say_until(error: GithubException) -> str:
    """Return until when to wait, in words that follow "wait"."""
    headers = _headers(error)
    if _SECONDS.fullmatch(after := headers.get("retry-after", "")):
        until = _now(headers) + float(after)
    elif (resets_at := _read_reset(headers)) is not None:
        until = resets_at
    else:
        return "a few minutes"
    return f"until {datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M} UTC"


def _read_reset(headers: Mapping[str, str]) -> float | None:
    reset = headers.get("x-ratelimit-reset", "")
    return float(reset) if _MOMENT.fullmatch(reset) else None


def _now(headers: Mapping[str, str]) -> float:
    """Return GitHub's time, which the machine's may be minutes away from; the machine's where GitHub doesn't say."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return time.time()


def _headers(error: GithubException) -> Mapping[str, str]:
    return {name.lower(): str(value) for name, value in (error.headers or {}).items()}


def _words(error: GithubException) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    details = data.get("errors")
    parts = [data, *(details if isinstance(details, list) else [])]
    told = " ".join(f"{part.get('message', '')} {part.get('type', '')}" for part in parts if isinstance(part, dict))
    return told.replace("RATE_LIMITED", "rate limit").lower()  # GraphQL's word for it
