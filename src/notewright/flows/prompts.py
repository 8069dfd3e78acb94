"""Prompts looked at: which there are, whose wins, what a model would read, and whether they can be used."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from notewright.adapters.prompts.audience import NOTES
from notewright.adapters.prompts.places import place_name
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.prompts.themes import ANSWERS, JUDGE, QUESTIONS
from notewright.changelog.codec import read_section
from notewright.changelog.section import Section
from notewright.errors import ConfigError, UsageError
from notewright.flows.theme_calls import ThemeCalls
from notewright.grounding.checks import Claim, Failure
from notewright.notes.assembly import asked_entries
from notewright.notes.audience import Audience
from notewright.notes.call import build_lead, build_repair, build_request
from notewright.notes.example import example_section
from notewright.notes.facts import fact_of, facts_of
from notewright.notes.leak import leaks
from notewright.notes.rejected import Rejected
from notewright.prompting.prompt import Prompt
from notewright.prompting.request import Request


@dataclass(frozen=True, slots=True)
class Found:
    """A prompt by task and name: whose it is (user, repository or notewright), its folder, and whose it replaces."""

    task: str
    name: str
    origin: str
    folder: str
    replaces: tuple[str, ...]

    @property
    def title(self) -> str:
        """How commands name it: TASK/NAME."""
        return f"{self.task}/{self.name}"


class Calls(Protocol):
    """What a model is asked by a prompt, whatever its task."""

    @property
    def prompt(self) -> Prompt:
        """The prompt."""
        ...

    def requests(self, content: bytes | None, language: str) -> tuple[Request, ...]:
        """Return the calls about a file, or about something made up, in their order. Raises `ConfigError` for a template that fails."""
        ...

    def probes(self, language: str) -> tuple[Request, ...]:
        """Return further calls, so that every branch of a template is filled in."""
        ...

    def warnings(self, language: str) -> Iterator[tuple[str, str]]:
        """Yield what is amiss, though it can be used, each with what to do about it."""
        ...

    def leaks(self, system: str) -> tuple[str, ...]:
        """Return the sentences of examples that would pass as what is asked for."""
        ...


@dataclass(frozen=True, slots=True)
class AudienceCalls:
    """What a model is asked by an audience's prompt."""

    audience: Audience

    @property
    def prompt(self) -> Prompt:
        """The prompt."""
        return self.audience.prompt

    def requests(self, content: bytes | None, language: str) -> tuple[Request, ...]:
        """Return the calls about a section.json, or about a made-up section, in their order. Raises `ConfigError` for a template that
        fails."""
        section = example_section() if content is None else read_section(content)
        return self._requests(section, language, self.prompt.items_per_call)

    def probes(self, language: str) -> tuple[Request, ...]:
        """Return a call for each entry of the made-up section, whether the audience tells it or not, and those that mend a sentence and sum
        others up: every branch of a template."""
        if not self.prompt.is_asked:
            return ()
        facts = [fact_of(entry) for entry in example_section().entries()]
        texts = [fact.summary for fact in facts]
        lead = build_lead(texts, self.audience, language=language) if self.prompt.lead else None
        single = (build_request([fact], self.audience, language=language) for fact in facts)
        return tuple(filter(None, (*single, self.repair(language), lead)))

    def repair(self, language: str) -> Request | None:
        """Return the call that mends a sentence of a made-up reply; None where the template leaves out what failed."""
        facts = [fact_of(entry) for entry in example_section().entries()][: self.prompt.items_per_call]
        failed = Rejected(Claim("Queues hold 7 messages.", (facts[0].id,)), (Failure("number", "7", blocking=True),))
        return build_repair(facts, self.audience, [failed], language=language)

    def warnings(self, language: str) -> Iterator[tuple[str, str]]:
        """Yield what is amiss, with what to do about it: a template that cannot ask again."""
        if self.prompt.is_asked and self.repair(language) is None:
            hint = "show `failed` in user.md.j2, as notewright's own prompts do"
            yield "a sentence that fails a check is told by rule at once: the template leaves out what failed", hint

    def leaks(self, system: str) -> tuple[str, ...]:
        """Return the sentences of examples that would pass as notes."""
        return leaks(system, facts_of(example_section()), self.audience.policy.style)

    def _requests(self, section: Section, language: str, size: int) -> tuple[Request, ...]:
        facts = [fact_of(entry) for entry in asked_entries(section, self.audience.policy)] if self.prompt.is_asked else []
        batches = [facts[start : start + size] for start in range(0, len(facts), size)]
        return tuple(build_request(batch, self.audience, language=language) for batch in batches)


# task → how its prompts are read, and what is asked by them
TASKS: Mapping[str, Callable[[Prompts, str], Calls]] = {
    NOTES.task: lambda prompts, name: AudienceCalls(prompts.audience(name)),
    QUESTIONS.task: lambda prompts, name: ThemeCalls("questions", prompts.theme(name)),
    ANSWERS.task: lambda prompts, name: ThemeCalls("answers", prompts.theme(name)),
    JUDGE.task: lambda prompts, name: ThemeCalls("judge", prompts.theme(name)),
}


def find_prompts(prompts: Prompts, titles: Sequence[str] = ()) -> tuple[Found, ...]:
    """Return the prompts of these titles, all if there are none, by task and name. Raises `ConfigError` for one that is not there."""
    if titles:
        return tuple(_found(prompts, *_parts(title)) for title in dict.fromkeys(titles))
    return tuple(_found(prompts, task, name) for task in TASKS for name in prompts.names(task))


def open_calls(prompts: Prompts, found: Found) -> Calls:
    """Read a prompt. Raises `ConfigError` for a folder that is not as it should be."""
    return TASKS[found.task](prompts, found.name)


def render_call(calls: Calls, content: bytes | None, *, batch: int, language: str) -> tuple[Request, int]:
    """Return one call of those that this input makes, counted from 1, and how many there are. Raises `UsageError` where there is no such
    call."""
    requests = calls.requests(content, language)
    if batch > len(requests):
        told = f"makes {len(requests)} calls" if requests else "makes no call: nothing in it is told to these readers"
        raise UsageError(f"this input {told}", hint="name another --batch, or give another input")
    return requests[batch - 1], len(requests)


def _found(prompts: Prompts, task: str, name: str) -> Found:
    winner, *others = prompts.having(task, name)
    return Found(task, name, place_name(winner), str(winner / task / name), tuple(map(place_name, others)))


def _parts(title: str) -> tuple[str, str]:
    task, slash, name = title.partition("/")
    if slash and task in TASKS:
        return task, name
    near = difflib.get_close_matches(task, TASKS, n=1)
    meant = f"{near[0]}/{name or 'NAME'}" if near else f"{NOTES.task}/{name or task}"
    raise ConfigError(f"there is no prompt {title}", hint=f"name it TASK/NAME, such as {meant}; `notewright prompts list` has them all")
