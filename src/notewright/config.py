"""One frozen configuration: notewright.yaml, environment, flags."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import reprlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MinLen

from notewright.changelog.layout.links import Links, compile_tracker, forge_of, links_to
from notewright.changelog.rules import DEFAULT_HIDDEN, DEFAULT_LABELS, DEFAULT_TYPES, Component, Rules, Tracker
from notewright.changelog.upcoming import check_channel
from notewright.errors import ConfigError
from notewright.history.versions import parse_version
from notewright.system.files import read_bytes

if TYPE_CHECKING:  # pydantic costs .1-.3 CPU seconds: defaults need none of it, so it is imported where a value is checked
    from pydantic import TypeAdapter

FILE_NAME = "notewright.yaml"
_STRICT = {"extra": "forbid", "strict": False}
_TYPES = dict(DEFAULT_TYPES)
_LABELS = dict(DEFAULT_LABELS)
_SHORT = reprlib.Repr()  # a few aliases in YAML can make a value whose full text fills the memory
_SHORT.maxlevel = 2
_SECTIONS = ("llm", "changelog", "notes", "release", "resources")
_DEEPEST = 100  # levels of lists and mappings in a file
_LONGEST_TAG = 200  # characters; git keeps a tag in a file of its name, which file systems hold to 255 bytes
_TRACKER_HINT = "write it like pattern: '[A-Z]+-[0-9]+', url: https://host/browse/{0}"


_COMPONENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # it becomes part of a branch's name


def _key(default: Any, description: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata={"description": description})
    return field(default=default, metadata={"description": description})


def _required(description: str) -> Any:  # noqa: ANN401  # as dataclasses.field
    return field(metadata={"description": description})


@dataclass(frozen=True, slots=True)
class TaskConfig:
    """What one task does differently; null leaves what llm says for all."""

    __pydantic_config__: ClassVar = _STRICT
    model: Literal["small", "large"] = _key("large", "the model to begin with")
    max_tokens: Annotated[int, Ge(1), Le(100_000)] | None = _key(None, "ceiling for a reply")
    max_retries: Annotated[int, Ge(0), Le(20)] | None = _key(None, "how often a failed call is made again")
    request_timeout: Annotated[float, Ge(1)] | None = _key(None, "seconds without a new token")
    call_timeout: Annotated[float, Ge(1)] | None = _key(None, "seconds of one call with its retries")
    task_timeout: Annotated[float, Ge(1)] | None = _key(None, "seconds of all its calls in a run")
    temperature: Annotated[float, Ge(0), Le(2)] | None = _key(None, "as llm.temperature")
    seed: int | None = _key(None, "as llm.seed")
    small_items: Annotated[int, Ge(0)] | None = _key(None, "as llm.small_items")
    small_tokens: Annotated[int, Ge(0)] | None = _key(None, "as llm.small_tokens")
    small_confidence: Annotated[float, Ge(0), Le(1)] | None = _key(None, "as llm.small_confidence")


Task = Literal["commit", "notes", "questions", "answers", "classify", "convert", "mapping"]
TASKS: Mapping[Task, Literal["small", "large"] | TaskConfig] = {
    **dict.fromkeys(("notes", "questions", "answers", "classify", "mapping"), "large"),
    **dict.fromkeys(("commit", "convert"), "small"),
}


@dataclass(frozen=True, slots=True)
class LlmConfig:
    """Which model answers, and how it is asked."""

    __pydantic_config__: ClassVar = _STRICT
    backend: Literal["auto", "none", "llama_server", "llama_cpp", "ollama", "mlx", "openai", "scripted"] = _key(
        "auto", "auto takes the first engine that answers"
    )
    model_name: str | None = _key(None, "a name, a path, or a URL#name; null: what the backend finds")
    small_model_name: str | None = _key(None, "the same backend's model for short and simple requests; null: none")
    server_url: str = _key("http://127.0.0.1:8080", "where auto and llama_server look for a llama.cpp server")
    ollama_url: str = _key("http://127.0.0.1:11434", "where auto and ollama look for Ollama")
    api_key_env: str | None = _key(None, "environment variable that holds the server's key; the key itself never stands in a file")
    tokenizer: str | None = _key(None, "a tokenizer.json, for servers that count no tokens themselves")
    models_dir: str | None = _key(None, "folder with GGUF files that auto looks into; null: under the user's data directory")
    context_window: Annotated[int, Ge(512)] = _key(8192, "tokens, prompt and reply together")
    default_max_tokens: Annotated[int, Ge(1), Le(100_000)] = _key(4096, "ceiling for a reply, clipped to the task and the room left")
    request_timeout: Annotated[float, Ge(1)] = _key(300.0, "seconds without a new token")
    temperature: Annotated[float, Ge(0), Le(2)] = _key(0.0, "0 gives the same reply each time")
    seed: int = _key(42, "seed of the sampler")
    max_retries: Annotated[int, Ge(0), Le(20)] = _key(3, "how often a call is made again that failed in a way that can heal")
    call_timeout: Annotated[float, Ge(1)] | None = _key(None, "seconds of one call with its retries; null: no limit")
    task_timeout: Annotated[float, Ge(1)] | None = _key(None, "seconds of all calls of a task in a run; null: no limit")
    requests_per_minute: Annotated[float, Ge(0.01)] | None = _key(None, "at most so many requests a minute; null: no limit")
    breaker_failures: Annotated[int, Ge(1)] = _key(5, "failures in a row after which an engine is left alone")
    breaker_pause: Annotated[float, Ge(0)] = _key(30.0, "seconds until one call tries it again")
    small_items: Annotated[int, Ge(0)] = _key(4, "the small model is asked about at most so many items at once")
    small_tokens: Annotated[int, Ge(0)] = _key(1500, "and with at most so many tokens of prompt")
    small_confidence: Annotated[float, Ge(0), Le(1)] = _key(0.0, "below it the large model is asked after the small one; 0: never")
    tasks: Mapping[Task, Literal["small", "large"] | TaskConfig] = _key(
        TASKS, "task → small, large, or a mapping with model and what else it does differently"
    )
    unload_after: Annotated[float, Ge(0)] = _key(300.0, "seconds after which a model that nobody asks is unloaded; 0: never")
    lock_wait: Annotated[float, Ge(0)] = _key(600.0, "seconds to wait for another job that holds the machine's model lock")
    cache_mb: Annotated[int, Ge(0)] = _key(256, "size of the response cache; 0 switches it off")
    cache_ttl_days: Annotated[float, Ge(0)] | None = _key(None, "replies older than this are asked for again; null: no limit")
    allow_remote: bool = _key(default=False, description="true: hosts beyond this machine and its private network")


@dataclass(frozen=True, slots=True)
class TrackerConfig:
    """An issue tracker: JIRA-12 in a header becomes a link."""

    __pydantic_config__: ClassVar = _STRICT
    pattern: Annotated[str, MinLen(1)] = _required("a regular expression, such as [A-Z]+-[0-9]+")
    url: Annotated[str, MinLen(1)] = _required("address of one issue, {0} stands for what was found")


@dataclass(frozen=True, slots=True)
class VersionFileConfig:
    """A file of any kind that holds the version."""

    __pydantic_config__: ClassVar = _STRICT
    file: Annotated[str, MinLen(1)] = _required("path inside the repository")
    pattern: Annotated[str, MinLen(1)] = _required("a regular expression with one group, which the version stands in")


@dataclass(frozen=True, slots=True)
class ComponentConfig:
    """A part of the repository that is released by itself."""

    __pydantic_config__: ClassVar = _STRICT
    name: Annotated[str, MinLen(1)] = _required("what --component calls it")
    path: Annotated[str, MinLen(1)] = _required("folder inside the repository")
    tag: str | None = _key(None, "form of its tags; null: NAME-v{version}")
    file: str | None = _key(None, "its changelog; null: CHANGELOG.md in its folder")
    depends: tuple[str, ...] = _key((), "components whose changes call for a release of this one")

    @property
    def tag_form(self) -> str:
        """The form of its tags, as configured or by its name."""
        return self.tag or f"{self.name}-v{{version}}"


@dataclass(frozen=True, slots=True)
class ChangelogConfig:
    """How history becomes a changelog."""

    __pydantic_config__: ClassVar = _STRICT
    file: Annotated[str, MinLen(1)] = _key("CHANGELOG.md", "path inside the repository")
    preset: Literal["keepachangelog", "conventional", "github", "plain"] = _key("keepachangelog", "how a section looks")
    template: str | None = _key(None, "a jinja2 template of your own inside the repository, instead of the preset's")
    tag: str = _key("v{version}", "form of a release tag; a lone v is optional when tags are read")
    types: dict[str, str] = _key(_TYPES, "type or type(scope) → title of its group, in the order shown")  # noqa: RUF009  # default_factory
    hidden: tuple[str, ...] = _key(
        DEFAULT_HIDDEN, "types, type(scope) or (scope) left out; breaking, security and dependency changes show all the same"
    )
    breaking: Annotated[str, MinLen(1)] = _key("Breaking changes", "title of breaking changes")
    dependencies: str | None = _key("Dependencies", "title of dependency updates; null hides them")
    reverts: Annotated[str, MinLen(1)] = _key("Reverts", "title of reverts of what an earlier release brought")
    other: Annotated[str, MinLen(1)] = _key("Other changes", "title of everything that no rule places")
    scopes: dict[str, str] = _key({}, "scope → how it is shown")  # noqa: RUF009  # default_factory
    labels: dict[str, str] = _key(_LABELS, "label of a pull request → type of a change without one; ! is a breaking one")  # noqa: RUF009
    unconventional: Literal["show", "hide"] = _key("show", "hidden ones stay in the ledger")
    squash: Literal["entries", "header"] = _key("entries", "a squashed commit's listed changes: entries of their own, or its header alone")
    trackers: tuple[TrackerConfig, ...] = _key((), "issue trackers beside the forge's own: pattern and url")
    forge: Literal["auto", "github", "gitlab"] = _key("auto", "whose form links have; auto: by the host's name")
    scheme: Literal["semver", "pep440"] = _key("semver", "how the next version is written")
    since: str | None = _key(None, "a revision: history up to and including it is left out")
    initial_version: str = _key("0.1.0", "version of the first release")
    prereleases: Literal["show", "fold"] = _key("show", "fold: a final release's section holds its pre-releases' changes as well")
    channel: str | None = _key(None, "rc, beta …: releases are pre-releases of that name")
    breaking_before_1: Literal["major", "minor"] = _key("minor", "what a breaking change moves while the version is 0.x")
    features_before_1: Literal["minor", "patch"] = _key("minor", "what a feature moves while the version is 0.x")
    components: tuple[ComponentConfig, ...] = _key((), "parts released by themselves: name, path, tag, file, depends")
    component: str | None = _key(None, "the component that a run is about; --component goes before it; null: the whole repository")
    first_release_limit: Annotated[int, Ge(1)] = _key(50, "entries shown in each group of a release that has no predecessor")
    repository_url: str | None = _key(None, "https://github.com/owner/name, for links; release metadata comes first")


@dataclass(frozen=True, slots=True)
class ResourcesConfig:
    """What models may take of the machine."""

    __pydantic_config__: ClassVar = _STRICT
    max_ram_gb: Annotated[float, Ge(0.1)] | None = _key(None, "memory that models may take, in GB; null: what the machine leaves")
    max_vram_gb: Annotated[float, Ge(0.1)] | None = _key(None, "memory of the graphics card that models may take; null: what it leaves")


@dataclass(frozen=True, slots=True)
class NotesConfig:
    """Release notes."""

    __pydantic_config__: ClassVar = _STRICT
    audiences: tuple[str, ...] = _key(("developer",), "executive | customer | developer | your own prompt folders")


@dataclass(frozen=True, slots=True)
class ReleaseConfig:
    """The pull request."""

    __pydantic_config__: ClassVar = _STRICT
    base: str | None = _key(None, "branch to release from; null: the default branch")
    branch: Annotated[str, MinLen(1)] = _key("notewright/release", "branch of the pull request")
    labels: tuple[str, ...] = _key(("release",), "labels of the pull request")
    reviewers: tuple[str, ...] = _key((), "logins asked for a review")
    version_files: tuple[str | VersionFileConfig, ...] = _key((), "files that hold the version: pyproject.toml, or file and pattern")
    draft: bool = _key(default=False, description="open the pull request as a draft")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Frozen: a run reads it once."""

    __pydantic_config__: ClassVar = _STRICT
    llm: LlmConfig = field(default_factory=LlmConfig)
    changelog: ChangelogConfig = field(default_factory=ChangelogConfig)
    notes: NotesConfig = field(default_factory=NotesConfig)
    release: ReleaseConfig = field(default_factory=ReleaseConfig)
    resources: ResourcesConfig = field(default_factory=ResourcesConfig)
    state_dir: str | None = _key(None, "clones, databases, caches; null: the user's cache directory")

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
                raise ConfigError(f"changelog.trackers[{number}].{error}", hint=_TRACKER_HINT) from error
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
        """What a task does differently, by the file or by default."""
        said = self.llm.tasks.get(name, TASKS[name])
        return TaskConfig(model=said) if isinstance(said, str) else said


def _component(one: ComponentConfig) -> Component:
    return Component(one.name, one.path, one.tag_form)


def load_config(
    repository: Path, *, path: Path | None = None, environ: Mapping[str, str] | None = None, component: str | None = None
) -> Config:
    """Read notewright.yaml of `repository` (or the file named), then NOTEWRIGHT_<SECTION>_<KEY> variables, for a run about `component`.

    Raises `ConfigError` for a file that is missing though named, not YAML, or says what no key understands, and for a component that
    it does not have.
    """
    environ = os.environ if environ is None else environ
    named = path or (Path(environ["NOTEWRIGHT_CONFIG"]) if environ.get("NOTEWRIGHT_CONFIG") else None)
    file = named or repository / FILE_NAME
    content = read_bytes(file)
    if content is None and named:
        raise ConfigError(f"there is no configuration at {file}", hint="write one with `notewright init`")
    variables = _variables(environ)
    values = _merged(parse_yaml(content or b"", str(file)), _from_environment(variables))
    sources = [*([str(file)] if content else []), *variables]
    config = validated(values, ", ".join(sources)) if values else Config()
    return config.for_component(component or config.changelog.component)


def parse_yaml(content: bytes, source: str) -> dict[str, Any]:
    """Read a YAML mapping; {} for an empty file. Raises `ConfigError` naming the line."""
    if not content.strip():
        return {}
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(content, Loader=loader):  # libyaml's own descent, on a stack, ends the process at some 10,000 levels
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ConfigError(f"{source} has lists or mappings more than {_DEEPEST} deep", hint="mend its brackets")
        values = yaml.load(content, Loader=loader)  # noqa: S506  # both are safe loaders
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a day that no month has
        raise ConfigError(f"{source} is not YAML: {' '.join(str(error).split())}", hint="mend the line named") from error
    if values is not None and not isinstance(values, dict):
        raise ConfigError(f"{source} is not a mapping of keys to values", hint="see `notewright config schema`")
    return values or {}


def validated(values: Mapping[str, Any], source: str) -> Config:
    """Turn plain values into a Config; a section with nothing below it says nothing. Raises `ConfigError` naming every wrong key, with the
    nearest valid one."""
    from pydantic import ValidationError

    said = {key: value for key, value in values.items() if value is not None or key not in _SECTIONS}
    try:
        config = _adapter().validate_python(said)
    except ValidationError as error:
        problems = [_problem(details["loc"], details["type"], details["msg"], details["input"]) for details in error.errors()]
        raise ConfigError(f"{source}: {'; '.join(problems)}", hint="`notewright config schema` lists every key and its type") from error
    _check_changelog(config.changelog, source)
    return config


def _check_changelog(changelog: ChangelogConfig, source: str) -> None:
    """Refuse what would fail, or silently do something else, only once a history is read."""
    for number, one in enumerate(changelog.components):
        _check_component(one, f"{source}: changelog.components[{number}]", changelog.components[:number], changelog.components)
    _check_tag(changelog.tag, f"{source}: changelog.tag")
    _check_titles(changelog, source)
    for number, tracker in enumerate(changelog.trackers):
        try:  # what reads commits takes a tracker as given
            compile_tracker(Tracker(tracker.pattern, tracker.url))
        except ValueError as error:
            raise ConfigError(f"{source}: changelog.trackers[{number}].{error}", hint=_TRACKER_HINT) from error
    if parse_version(changelog.initial_version) is None:
        raise ConfigError(
            f"{source}: changelog.initial_version: {changelog.initial_version!r} is not a version", hint="write it like 0.1.0"
        )
    try:
        check_channel(Rules(channel=changelog.channel, scheme=changelog.scheme))
    except ConfigError as error:
        raise ConfigError(f"{source}: {error.message}", hint=error.hint) from error


def _check_component(one: ComponentConfig, key: str, before: Sequence[ComponentConfig], every: Sequence[ComponentConfig]) -> None:
    if not _COMPONENT_NAME.fullmatch(one.name) or one.name in (other.name for other in before):
        raise ConfigError(f"{key}.name: {one.name!r} is no name of its own", hint="use letters, digits, dots and hyphens")
    if one.path.startswith("/") or ".." in one.path.split("/"):
        raise ConfigError(f"{key}.path: {one.path!r} leads out of the repository", hint="name a folder such as packages/core")
    if one.name in one.depends:
        raise ConfigError(f"{key}.depends: {one.name!r} is the component itself", hint="take it out of the list")
    names = [other.name for other in every]
    if missing := [other for other in one.depends if other not in names]:
        raise ConfigError(f"{key}.depends: there is no component {missing[0]!r}", hint="name one of changelog.components")
    _check_tag(one.tag_form, f"{key}.tag")
    if same := [other.name for other in before if other.tag_form == one.tag_form]:
        hint = f"give each a form of its own, such as {one.name}-v{{version}}"
        raise ConfigError(f"{key}.tag: {_SHORT.repr(one.tag_form)} is the form of {same[0]!r} as well", hint=hint)


def _check_tag(form: str, key: str) -> None:
    if form.count("{version}") != 1:
        raise ConfigError(f"{key}: {_SHORT.repr(form)} has no place for a version", hint="write it like v{version}")
    if len(form) > _LONGEST_TAG:
        raise ConfigError(f"{key}: it has {len(form):,} characters, and {_LONGEST_TAG} are the most", hint="shorten it, like v{version}")


def _check_titles(changelog: ChangelogConfig, source: str) -> None:
    """A group without a title would send its changes to those that no rule places."""
    titles: dict[str, str | None] = {f"types.{name}": title for name, title in changelog.types.items()}
    titles |= {key: getattr(changelog, key) for key in ("breaking", "dependencies", "reverts", "other")}
    if blank := [key for key, title in titles.items() if title is not None and not title.strip()]:
        hides = "null hides them" if blank[0] == "dependencies" else "changelog.hidden leaves a type out"
        raise ConfigError(f"{source}: changelog.{blank[0]}: a title has to say something", hint=f"write one; {hides}")


def as_values(config: Config) -> dict[str, Any]:
    """Return plain values, as YAML would write them."""
    return {key: _plain(value) for key, value in dataclasses.asdict(config).items()}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of notewright.yaml, for editors."""
    schema = _adapter().json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": FILE_NAME}


@cache
def _adapter() -> TypeAdapter[Config]:
    from pydantic import TypeAdapter

    return TypeAdapter(Config)


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that set a key, by name."""
    prefixes = tuple(f"NOTEWRIGHT_{section.upper()}_" for section in _SECTIONS)
    return {name: environ[name] for name in sorted(environ) if name.startswith(prefixes) or name == "NOTEWRIGHT_STATE_DIR"}


def _from_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in variables.items():
        name = variable.removeprefix("NOTEWRIGHT_").lower()
        section = next((section for section in _SECTIONS if name.startswith(f"{section}_")), None)
        under, key = (values.setdefault(section, {}), name.removeprefix(f"{section}_")) if section else (values, name)
        under[key] = _environment_value(text, _kind(section, key), variable)
    return values


def _environment_value(text: str, kind: str, variable: str) -> Any:  # noqa: ANN401  # checked by `validated`, which reads numbers too
    """Read a list or a mapping as YAML, and null where a key may be; what stands for a text stays as it is, digits or not."""
    if kind.startswith(("tuple[", "dict[")):
        return parse_yaml(f"value: {text}".encode(), variable)["value"]
    return None if kind.endswith("| None") and text.lower() in ("", "~", "null") else text


def _kind(section: str | None, key: str) -> str:
    """Return the type of a key as it is written above; "" for an unknown key."""
    fields = dataclasses.fields(getattr(Config(), section) if section else Config)
    return next((str(one.type) for one in fields if one.name == key), "")


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _problem(location: tuple[int | str, ...], kind: str, message: str, value: object) -> str:
    name = ".".join(str(part) for part in location)
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        near = difflib.get_close_matches(str(location[-1]), _keys(location[:-1]), n=1, cutoff=0.5)
        return f"unknown key {name}" + (f", did you mean {'.'.join(map(str, (*location[:-1], near[0])))}?" if near else "")
    return f"{name}: {message[:1].lower()}{message[1:].replace('tuple', 'list')} (it is {_SHORT.repr(value)})"


def _keys(path: tuple[int | str, ...]) -> list[str]:
    kind: Any = Config
    for part in path:
        kind = next((f.default_factory for f in dataclasses.fields(kind) if f.name == part), None)
    return [f.name for f in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else []


def _plain(value: Any) -> Any:  # noqa: ANN401  # walks plain values
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value
