"""A reply of llama.cpp's server, as its events bring it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from notewright.llm.confidence import Step
from notewright.llm.failure import EngineFailed
from notewright.llm.wire.connection import ServerGone
from notewright.prompting.request import Finish


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole reply. `steps` say what was likely at each of its tokens, where that was asked for."""

    text: str
    finish: Finish
    evaluated_tokens: int
    generated_tokens: int
    steps: tuple[Step, ...]


def read_completion(events: Iterable[Mapping[str, Any]], url: str, *, prompt_tokens: int, max_tokens: int) -> Completion:
    """Read the events to the last. Raises `EngineFailed` for a reply that has no end or is not what it claims to be."""
    pieces: list[str] = []
    steps: list[Step] = []
    # one event a token, and while the prompt is read one a batch: more is a server that does not stop where told
    most = max_tokens + prompt_tokens + 8
    for number, event in enumerate(events):
        pieces.append(str(event.get("content", "")))
        steps += _read_steps(event)
        if event.get("stop") is True:
            _check_whole(event, prompt_tokens, url)
            evaluated, generated = (_number(event.get("timings"), name, url) for name in ("prompt_n", "predicted_n"))
            finish: Finish = "stop" if event.get("stop_type") in ("eos", "word") else "length"
            return Completion("".join(pieces), finish, evaluated, generated, tuple(steps))
        if number > most:
            message = f"the model server at {url} does not stop at {max_tokens} tokens"
            raise EngineFailed(message, kind="refused", hint="update the server")
    raise ServerGone(f"the model server at {url} ended its reply half-way", hint="look at its log")


def _read_steps(event: Mapping[str, Any]) -> list[Step]:
    """Read what was likely in place of the tokens of an event. What is not said is left out, and nothing is weighed then."""
    try:
        said = event.get("completion_probabilities", ())
        return [Step(*_read_token(step), tuple(map(_read_token, step["top_logprobs"]))) for step in said]
    except (LookupError, TypeError, ValueError, OverflowError):
        return []


def _read_token(said: Mapping[str, Any]) -> tuple[bytes, float]:
    if not isfinite(logprob := float(said["logprob"])):
        raise ValueError("no probability")
    return bytes(said["bytes"]), logprob


def _check_whole(event: Mapping[str, Any], prompt_tokens: int, url: str) -> None:
    """Raise if the server read another prompt than was sent."""
    if (read := _number(event, "tokens_evaluated", url)) != prompt_tokens:
        raise EngineFailed(
            f"the model server at {url} read {read} of {prompt_tokens} prompt tokens",
            kind="refused",
            hint="raise the server's context size (--ctx-size)",
        )


def _number(values: object, name: str, url: str) -> int:
    value = values.get(name) if isinstance(values, Mapping) else None
    if type(value) is not int or value < 0:
        raise EngineFailed(
            f"the model server at {url} does not say {name}", kind="refused", hint="it is no llama.cpp server of this year: update it"
        )
    return value
