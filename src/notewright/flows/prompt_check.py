"""Prompts checked: they are understood, fill in, fit their budgets, and no example of theirs passes as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from notewright.adapters.prompts.prompts import Prompts
from notewright.errors import ConfigError
from notewright.flows.prompts import Calls, Found, open_calls
from notewright.llm.engine import Engine
from notewright.prompting.budget import estimate_tokens
from notewright.prompting.prompt import Prompt
from notewright.prompting.request import Message, Messages

ESTIMATE = "estimate"
_TURN_TOKENS = 10  # what chat templates put around a message and before the reply, counted high
_LANGUAGE = "en-GB"


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many tokens the system part and a whole call take, by whose count: a model's, or an estimate."""

    counter: str
    system: int
    call: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a prompt; an error makes it unusable."""

    level: Literal["error", "warning"]
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CheckedPrompt:
    """A prompt, its counts by every counter, and its problems; `prompt` is None where the folder could not be read."""

    found: Found
    prompt: Prompt | None
    tokens: tuple[Tokens, ...]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> bool:
        """Whether it cannot be used."""
        return any(problem.level == "error" for problem in self.problems)


def check_prompt(prompts: Prompts, found: Found, *, engines: Sequence[Engine] = ()) -> CheckedPrompt:
    """Check one prompt, its tokens counted by each engine that can, else estimated. Raises `ModelError` for an engine that fails."""
    try:
        calls = open_calls(prompts, found)
        requests = (*calls.requests(None, _LANGUAGE), *calls.probes(_LANGUAGE))
    except ConfigError as error:
        return CheckedPrompt(found, None, (), (Problem("error", error.message, error.hint or ""),))
    if not requests:  # a model is never asked by it
        return CheckedPrompt(found, calls.prompt, (), ())
    messages = requests[0].messages
    tokens = count_tokens(messages, engines)
    return CheckedPrompt(found, calls.prompt, tokens, tuple(_problems(calls, messages, tokens)))


def count_tokens(messages: Messages, engines: Sequence[Engine] = ()) -> tuple[Tokens, ...]:
    """Count a call by each engine that can, the chat template included; where none can, estimate, rather too high than too low. Raises
    `ModelError`."""
    counted = tuple(tokens for engine in engines if (tokens := _counted(messages, engine)))
    return counted or (_estimated(messages),)


def _counted(messages: Messages, engine: Engine) -> Tokens | None:
    """A template may refuse a system part alone, or add to it: its words are counted as a user's, less what surrounds one word."""
    call = engine.count(messages)
    system = engine.count((Message("user", messages[0].content),))
    around = engine.count((Message("user", "a"),))
    if call is None or system is None or around is None:
        return None
    who = engine.identity()
    return Tokens(f"{who.engine}:{who.model}", system - around + 1, call)


def _estimated(messages: Messages) -> Tokens:
    sizes = [estimate_tokens(message.content) for message in messages]
    return Tokens(ESTIMATE, sizes[0], sum(sizes) + _TURN_TOKENS * len(sizes))


def _problems(calls: Calls, messages: Messages, tokens: Sequence[Tokens]) -> Iterator[Problem]:
    budget = calls.prompt.budget
    for one in tokens:
        by = "by estimate" if one.counter == ESTIMATE else f"in {one.counter}"
        if one.system > budget.system_tokens:
            hint = "shorten system.md.j2" + ("; --engine counts in your own model's tokens" if one.counter == ESTIMATE else "")
            yield Problem("error", f"the system part has {one.system:,} tokens {by}, more than {budget.system_tokens:,}", hint)
        if one.call > budget.call_tokens:
            hint = "lower model.items_per_call, shorten the templates, or raise budget.call_tokens"
            yield Problem("warning", f"a whole call has {one.call:,} tokens {by}, more than {budget.call_tokens:,}", hint)
    for message, hint in calls.warnings(_LANGUAGE):
        yield Problem("warning", message, hint)
    for sentence in calls.leaks(messages[0].content):
        hint = "give the example a name or a number that no entry has"
        yield Problem("error", f'a model that copies the example "{sentence}" would get it into the notes', hint)
