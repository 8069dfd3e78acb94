"""Keys of `changelog`: how history becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from notewright.changelog.rules import DEFAULT_HIDDEN, DEFAULT_LABELS, DEFAULT_TYPES
from notewright.config.keys import STRICT, key, required

if TYPE_CHECKING:  # `config.validation` brings them: they cost more than all keys together, and defaults need none
    from annotated_types import Ge, MinLen

_TYPES = dict(DEFAULT_TYPES)
_LABELS = dict(DEFAULT_LABELS)


@dataclass(frozen=True, slots=True)
class TrackerConfig:
    """An issue tracker: JIRA-12 in a header becomes a link."""

    __pydantic_config__: ClassVar = STRICT
    pattern: Annotated[str, MinLen(1)] = required("a regular expression, such as [A-Z]+-[0-9]+")
    url: Annotated[str, MinLen(1)] = required("address of one issue, {0} stands for what was found")


@dataclass(frozen=True, slots=True)
class ComponentConfig:
    """A part of the repository that is released by itself."""

    __pydantic_config__: ClassVar = STRICT
    name: Annotated[str, MinLen(1)] = required("what --component calls it")
    path: Annotated[str, MinLen(1)] = required("folder inside the repository")
    tag: str | None = key(None, "form of its tags; null: NAME-v{version}")
    file: str | None = key(None, "its changelog; null: CHANGELOG.md in its folder")
    depends: tuple[str, ...] = key((), "components whose changes call for a release of this one")

    @property
    def tag_form(self) -> str:
        """The form of its tags, as configured or by its name."""
        return self.tag or f"{self.name}-v{{version}}"


@dataclass(frozen=True, slots=True)
class ChangelogConfig:
    """How history becomes a changelog."""

    __pydantic_config__: ClassVar = STRICT
    file: Annotated[str, MinLen(1)] = key("CHANGELOG.md", "path inside the repository")
    preset: Literal["keepachangelog", "conventional", "github", "plain"] = key("keepachangelog", "how a section looks")
    template: str | None = key(None, "a jinja2 template of your own inside the repository, instead of the preset's")
    tag: str = key("v{version}", "form of a release tag; a lone v is optional when tags are read")
    types: dict[str, str] = key(_TYPES, "type or type(scope) → title of its group, in the order shown")  # noqa: RUF009  # default_factory
    hidden: tuple[str, ...] = key(
        DEFAULT_HIDDEN, "types, type(scope) or (scope) left out; breaking, security and dependency changes show all the same"
    )
    breaking: Annotated[str, MinLen(1)] = key("Breaking changes", "title of breaking changes")
    dependencies: str | None = key("Dependencies", "title of dependency updates; null hides them")
    reverts: Annotated[str, MinLen(1)] = key("Reverts", "title of reverts of what an earlier release brought")
    other: Annotated[str, MinLen(1)] = key("Other changes", "title of everything that no rule places")
    scopes: dict[str, str] = key({}, "scope → how it is shown")  # noqa: RUF009  # default_factory
    labels: dict[str, str] = key(_LABELS, "label of a pull request → type of a change without one; ! is a breaking one")  # noqa: RUF009
    unconventional: Literal["show", "hide"] = key("show", "hidden ones stay in the ledger")
    squash: Literal["entries", "header"] = key("entries", "a squashed commit's listed changes: entries of their own, or its header alone")
    trackers: tuple[TrackerConfig, ...] = key((), "issue trackers beside the forge's own: pattern and url")
    forge: Literal["auto", "github", "gitlab"] = key("auto", "whose form links have; auto: by the host's name")
    scheme: Literal["semver", "pep440"] = key("semver", "how the next version is written")
    since: str | None = key(None, "a revision: history up to and including it is left out")
    initial_version: str = key("0.1.0", "version of the first release")
    prereleases: Literal["show", "fold"] = key("show", "fold: a final release's section holds its pre-releases' changes as well")
    channel: str | None = key(None, "rc, beta …: releases are pre-releases of that name")
    breaking_before_1: Literal["major", "minor"] = key("minor", "what a breaking change moves while the version is 0.x")
    features_before_1: Literal["minor", "patch"] = key("minor", "what a feature moves while the version is 0.x")
    components: tuple[ComponentConfig, ...] = key((), "parts released by themselves: name, path, tag, file, depends")
    component: str | None = key(None, "the component that a run is about; --component goes before it; null: the whole repository")
    first_release_limit: Annotated[int, Ge(1)] = key(50, "entries shown in each group of a release that has no predecessor")
    repository_url: str | None = key(None, "https://github.com/owner/name, for links; release metadata comes first")
