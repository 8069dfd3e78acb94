"""Prompts found by task and name: the first place that has the folder wins as a whole."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from notewright.adapters.prompts.audience import NOTES, build_policy
from notewright.adapters.prompts.folder import LEAD, NAME, PromptFolder, folders_in, read_folder
from notewright.adapters.prompts.settings import build_prompt, read_settings
from notewright.adapters.prompts.themes import ANSWERS, JUDGE, QUESTIONS, build_theme
from notewright.dataset.asking.theme import Theme
from notewright.errors import ConfigError
from notewright.notes.audience import Audience


class Prompts:
    """Finds prompts in the places given, the first that has the folder winning as a whole: nothing is mixed from two."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = tuple(places)

    def names(self, task: str) -> tuple[str, ...]:
        """Return the names of a task's prompts, in alphabetical order."""
        return tuple(sorted({folder.name for place in self._places for folder in folders_in(place / task)}))

    def folder(self, task: str, name: str) -> PromptFolder:
        """Return the folder that wins, read. Raises `ConfigError` for an unknown name, and for what is no file of a prompt."""
        place = self.having(task, name)[0]
        return read_folder(place, place / task / name)

    def having(self, task: str, name: str) -> tuple[Path, ...]:
        """Return the places that have a prompt, the one that wins first. Raises `ConfigError` where none has it, naming the known ones."""
        if places := tuple(place for place in self._places if NAME.fullmatch(name) and (place / task / name).is_dir()):
            return places
        known = self.names(task)
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigError(
            f"there is no prompt {task}/{name}" + (f", did you mean {near[0]}?" if near else ""),
            hint=f"known are {', '.join(known) or 'none'}; add your own as .notewright/prompts/{task}/<name> in the repository",
        )

    def audience(self, name: str) -> Audience:
        """Return an audience for notes. Raises `ConfigError` for an unknown name, naming the known ones, and for a folder that is not as it
        should be, naming the file and the key."""
        folder = self.folder(NOTES.task, name)
        settings = read_settings(NOTES, folder)
        policy, prompt = build_policy(settings.policy, folder.path), build_prompt(NOTES, settings, folder)
        if prompt.is_asked and bool(prompt.lead) != bool(settings.policy.headline):
            raise ConfigError(f"{folder.path} has one of {LEAD} and policy.headline", hint="a lead needs both; take the other away too")
        return Audience(settings.readers, policy, prompt)

    def theme(self, name: str) -> Theme:
        """Return a theme for datasets: its folders of questions and answers, and its own judge, else the judge `default`. Raises
        `ConfigError` as `audience` does."""
        judge = name if name in self.names(JUDGE.task) else "default"
        return build_theme(self.folder(QUESTIONS.task, name), self.folder(ANSWERS.task, name), self.folder(JUDGE.task, judge))
