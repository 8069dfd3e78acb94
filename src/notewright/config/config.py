"""One frozen configuration: notewright.yaml, environment, flags."""

from __future__ import annotations

import dataclasses
import difflib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from notewright.changelog.layout.links import Links, compile_tracker, forge_of, links_to
from notewright.changelog.rules import Component, Rules, Tracker
from notewright.config.changelog import ChangelogConfig, ComponentConfig
from notewright.config.dataset import DatasetConfig
from notewright.config.keys import STRICT, key
from notewright.config.llm import TASKS, LlmConfig, Task, TaskConfig
from notewright.config.notes import NotesConfig
from notewright.config.release import ReleaseConfig
from notewright.config.resources import ResourcesConfig
from notewright.errors import ConfigError

FILE_NAME = "notewright.yaml"
SECTIONS = ("llm", "changelog", "notes", "release", "dataset", "resources")
TRACKER_HINT = "write it like pattern: '[A-Z]+-[0-9]+', url: https://host/browse/{0}"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Frozen: a run reads it once."""

    __pydantic_config__: ClassVar = STRICT
    llm: LlmConfig = field(default_factory=LlmConfig)
    changelog: ChangelogConfig = field(default_factory=ChangelogConfig)
    notes: NotesConfig = field(default_factory=NotesConfig)
    release: ReleaseConfig = field(default_factory=ReleaseConfig)
    dataset: DatasetConfig = field(default_factory=DatasetConfig)
    resources: ResourcesConfig = field(default_factory=ResourcesConfig)
    state_dir: str | None = key(None, "clones, databases, caches; null: the user's cache directory")

    def rules(self) -> Rules:
        """The rules of stage 2, as the core takes them."""
        changelog = self.changelog
        return Rules(
            types=tuple(changelog.types.items()),
            hidden=changelog.hidden,
            breaking=changelog.breaking,
            dependencies=changelog.dependencies,
            reverts=changelog.reverts,
            other=changelog.other,
            scopes=tuple(changelog.scopes.items()),
            labels=tuple(changelog.labels.items()),
            unconventional=changelog.unconventional,
            squash=changelog.squash,
            trackers=tuple(Tracker(tracker.pattern, tracker.url) for tracker in changelog.trackers),
            forge=self._forge(),
            tag=changelog.tag,
            scheme=changelog.scheme,
            initial_version=changelog.initial_version,
            prereleases=changelog.prereleases,
            channel=changelog.channel,
            breaking_before_1=changelog.breaking_before_1,
            features_before_1=changelog.features_before_1,
            component=_component(self._named(changelog.component)) if changelog.component else None,
            needs=self._needs(changelog.component) if changelog.component else (),
        )

    def for_component(self, name: str | None) -> Config:
        """The configuration of a run about one component: its tags, its changelog and a release branch of its own; about the whole
        repository for None. Raises `ConfigError` for a name that no component has."""
        if name is None:
            return self
        one = self._named(name)
        file = one.file or f"{one.path.strip('/')}/CHANGELOG.md".removeprefix("./")
        changelog = dataclasses.replace(self.changelog, component=name, tag=one.tag_form, file=file)
        release = dataclasses.replace(self.release, branch=f"{self.release.branch}-{name}")  # so that several can wait for a person
        return dataclasses.replace(self, changelog=changelog, release=release)

    def _forge(self) -> Literal["auto", "github", "gitlab"]:
        """Return whose references commits use, as far as the configuration says."""
        forge, page = self.changelog.forge, self.changelog.repository_url
        if forge != "auto" or not page:
            return forge
        with suppress(ValueError):  # `links` says what is wrong with it
            return forge_of(page)
        return forge

    def _named(self, name: str) -> ComponentConfig:
        names = [one.name for one in self.changelog.components]
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.65)
            raise ConfigError(
                f"there is no component {name!r}" + (f", did you mean {near[0]}?" if near else ""),
                hint=f"changelog.components has {', '.join(names)}" if names else "list it in changelog.components of notewright.yaml",
            )
        return self.changelog.components[names.index(name)]

    def _needs(self, name: str) -> tuple[Component, ...]:
        """Return what a component depends on, and what that depends on, in the order of the configuration."""
        found, waiting = set[str](), [*self._named(name).depends]
        while waiting:
            other = waiting.pop()
            if other not in found:
                found.add(other)
                waiting += self._named(other).depends
        return tuple(_component(one) for one in self.changelog.components if one.name in found - {name})

    def links(self, page: str | None = None) -> Links | None:
        """Links of a changelog: to `page`, else to changelog.repository_url, and to the issues of changelog.trackers; None without any.
        Raises `ConfigError`."""
        rules = self.rules()
        for number, tracker in enumerate(rules.trackers):
            try:
                compile_tracker(tracker)
            except ValueError as error:
                raise ConfigError(f"changelog.trackers[{number}].{error}", hint=TRACKER_HINT) from error
        try:
            return links_to(page or self.changelog.repository_url, forge=rules.forge, trackers=rules.trackers)
        except ValueError as error:
            raise ConfigError(str(error), hint="changelog.repository_url is written like https://github.com/owner/name") from error

    def engine_spec(self, flag: str | None = None) -> str:
        """The engine to open, as `--engine` writes it; the flag replaces backend and model names together."""
        if flag:
            return flag
        if self.llm.model_name and self.llm.backend not in ("auto", "none"):
            return f"{self.llm.backend}:{self.llm.model_name}"
        return self.llm.backend

    def small_engine_spec(self, flag: str | None = None) -> str | None:
        """The engine for short and simple requests, if there is one of its own."""
        if flag or self.llm.small_model_name is None or self.llm.backend in ("auto", "none"):
            return None
        return f"{self.llm.backend}:{self.llm.small_model_name}"

    def task(self, name: Task) -> TaskConfig:
        """What a task does differently, by the file or by default; its `model` is set."""
        said = self.llm.tasks[name]
        one = TaskConfig(model=said) if isinstance(said, str) else said
        return one if one.model else dataclasses.replace(one, model=TASKS[name])


def as_values(config: Config) -> dict[str, Any]:
    """Return plain values, as YAML would write them."""
    return {key: _plain(value) for key, value in dataclasses.asdict(config).items()}


def _component(one: ComponentConfig) -> Component:
    return Component(one.name, one.path, one.tag_form)


def _plain(value: Any) -> Any:  # noqa: ANN401  # walks plain values
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
