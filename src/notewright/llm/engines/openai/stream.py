"""A reply gathered from the stream of a server with OpenAI's API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from math import isfinite
from typing import Any

from notewright.llm.confidence import Step
from notewright.llm.failure import EngineFailed
from notewright.llm.thoughts import strip_thoughts
from notewright.llm.wire.refusal import shorten
from notewright.prompting.request import Finish

# llama.cpp reads what its grammar let through once more, and fails where the reply was cut off (llama.cpp#27279)
_UNREAD = re.compile(r"output that does not match the expected \S* ?format")


@dataclass(slots=True)
class Told:
    """What a server has said so far. Counts are None where it gave none."""

    url: str
    pieces: int = 0
    finish: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)
    _steps: list[Step] = field(default_factory=list)
    _content: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The reply without what the model thought.

        vLLM's parsers of reasoning put all of a reply there when the template has switched thinking off (vllm#19222).
        """
        return strip_thoughts("".join(self._content) or "".join(self._reasoning))

    @property
    def ending(self) -> Finish:
        """How the reply ended. Raises `EngineFailed` for an end that is no reply's."""
        if self.finish == "stop":
            return "stop"
        if self.finish == "length":
            return "length"
        raise EngineFailed(
            f"the model server at {self.url} ended its reply with {shorten(self.finish)!r}", kind="refused", hint="look at its log"
        )

    @property
    def steps(self) -> list[Step]:
        """The tokens that spell the text, without thoughts, blanks and the fence that llama.cpp allows around it."""
        ends = list(accumulate(len(step.token) for step in self._steps))
        text = self.text.encode("utf-8", "replace")
        start = b"".join(step.token for step in self._steps).rfind(text)
        return [step for step, end in zip(self._steps, ends, strict=True) if start < end <= start + len(text)]

    def number(self, *names: str) -> int | None:
        """Return a count of the usage, the place given by its keys."""
        value: object = self.usage
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value if type(value) is int and value >= 0 else None

    @property
    def cached_tokens(self) -> int:
        """Prompt tokens that were not evaluated again, as far as the server tells."""
        cached = self.timings.get("cache_n")
        return cached if type(cached) is int and cached >= 0 else self.number("prompt_tokens_details", "cached_tokens") or 0

    def take(self, event: dict[str, Any]) -> None:
        """Take in the next event. Raises `EngineFailed` where it says that the model refuses."""
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        self._take_delta(choice.get("delta"))
        self._steps += _steps(choice.get("logprobs"))
        self.finish = self.finish or _text(choice.get("finish_reason"))
        self.usage = _object(event.get("usage")) or self.usage
        self.timings = _object(event.get("timings")) or self.timings

    def _take_delta(self, value: object) -> None:
        delta = _object(value)
        if refusal := _text(delta.get("refusal")):
            raise EngineFailed(f"the model at {self.url} refuses: {shorten(refusal)}", kind="refused", hint="choose another model")
        content, reasoning = _text(delta.get("content")), _text(delta.get("reasoning_content")) or _text(delta.get("reasoning"))
        self.pieces += bool(content or reasoning)
        self._content.append(content)
        self._reasoning.append(reasoning)


def gather(events: Iterable[dict[str, Any]], *, url: str, most_events: int) -> Told:
    """Take events until the reply has ended and its usage is known. Raises `EngineFailed`, also for a reply that does not end.

    A reply that has ended is whole: what goes wrong behind it costs its usage alone, which not every server sends.
    """
    told = Told(url)
    try:
        for event in _bounded(events, url, most_events):
            told.take(event)
            if told.finish and told.usage:
                return told
    except EngineFailed as error:
        if told.pieces and _UNREAD.search(error.message):
            told.finish = "length"
        if not told.finish:
            raise
    if not told.finish:
        raise EngineFailed(
            f"the model server at {url} ended its reply half-way", kind="connection", hint="look at its log: it may be unable to stream"
        )
    return told


def _bounded(events: Iterable[dict[str, Any]], url: str, most: int) -> Iterator[dict[str, Any]]:
    for number, event in enumerate(events):
        if number > most:
            raise EngineFailed(f"the model server at {url} does not stop where it was told to", kind="refused", hint="update the server")
        yield event


def _steps(said: object) -> list[Step]:
    """Read what was likely in place of the tokens of an event. What is not said is left out, and nothing is weighed then."""
    try:
        entries = said["content"] if isinstance(said, dict) else None
        return [Step(*_likely(entry), tuple(map(_likely, entry["top_logprobs"]))) for entry in entries or ()]
    except (LookupError, TypeError, ValueError, OverflowError):
        return []


def _likely(said: dict[str, Any]) -> tuple[bytes, float]:
    if not isfinite(logprob := float(said["logprob"])):
        raise ValueError("no probability")
    return bytes(said["bytes"]) if said.get("bytes") is not None else str(said["token"]).encode(), logprob


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
