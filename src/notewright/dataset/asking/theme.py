"""Themes: the prompts by which one kind of dataset is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from notewright.dataset.asking.shown import passage_block
from notewright.dataset.passage import PassageText
from notewright.prompting.prompt import Prompt
from notewright.prompting.request import Message, Messages, Request
from notewright.prompting.schema import Schema

Task = Literal["questions", "answers", "judge"]


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme's prompts, one for each stage, which all have the system part of `questions`: it and the passage are the same bytes for
    every stage. The digest of each covers the files that its calls are made of, and no other. `kinds` says what the kinds of questions
    mean, by their names."""

    name: str
    questions: Prompt
    answer: Prompt
    repair: Prompt
    judge: Prompt
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asking:
    """A prompt that is ready to be asked by: its system part, filled in once."""

    task: Task
    prompt: Prompt
    system: Message

    def request(self, passage: PassageText, variables: Mapping[str, object], schema: Schema, *, items: int = 1) -> Request:
        """Return the call about a passage: system part, passage, and last what is asked of it. Raises `ConfigError` for a template that
        fails."""
        _, task = replace(self.prompt, system="").messages(variables)
        messages: Messages = (self.system, Message("user", f"{passage_block(passage)}\n\n{task.content}"))
        most = self.prompt.budget.reply_tokens  # the door clips it to the schema, the user's ceiling and the room left
        return Request(self.task, messages, schema, max_tokens=most, prompt=self.prompt.digest, items=items)


def asking(task: Task, prompt: Prompt) -> Asking:
    """Return a prompt ready to be asked by. Raises `ConfigError` for a system part that fails, or that wants a variable: it would not be
    the same for every stage."""
    system, _ = replace(prompt, user="").messages({})
    return Asking(task, prompt, system)
