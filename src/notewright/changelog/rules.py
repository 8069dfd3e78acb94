"""The frozen rules of stage 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFAULT_TYPES = (
    ("feat", "Features"),
    ("fix", "Fixes"),
    ("perf", "Performance"),
    ("security", "Security"),
    ("deprecate", "Deprecations"),
    ("docs", "Documentation"),
)
DEFAULT_HIDDEN = ("build", "chore", "ci", "refactor", "style", "test")
# What GitHub gives a new repository, and what projects add most.
DEFAULT_LABELS = (
    ("breaking", "!"),
    ("breaking change", "!"),
    ("breaking-change", "!"),
    ("bug", "fix"),
    ("dependencies", "deps"),
    ("documentation", "docs"),
    ("enhancement", "feat"),
    ("feature", "feat"),
    ("performance", "perf"),
    ("security", "security"),
)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the repository that is released by itself: a folder below its root ("." is all of it), and the form of its tags."""

    name: str
    path: str
    tag: str


@dataclass(frozen=True, slots=True)
class Tracker:
    """An issue tracker of its own: a regular expression for references in headers and trailers, and the address of one, where `{0}` stands
    for what was found."""

    pattern: str
    url: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How changes become a section.

    `types` maps a commit type, or `type(scope)`, to its group's title, in the order of the groups; `hidden` lists either, or
    `(scope)` for all types. Types, scopes and labels compare without case. `dependencies` None hides dependency updates.
    `scopes` maps a scope to how it is shown. `labels` maps a pull request's label to the type of a change that has none ("!":
    a breaking one). `forge` is whose links and references those are, "auto" where only a page's address can tell. `channel` makes every
    release a pre-release of that name. With `component`, only its commits are told, and those of the components that it `needs` as one
    dependency update each.
    """

    types: tuple[tuple[str, str], ...] = DEFAULT_TYPES
    hidden: tuple[str, ...] = DEFAULT_HIDDEN
    breaking: str = "Breaking changes"
    dependencies: str | None = "Dependencies"
    reverts: str = "Reverts"
    other: str = "Other changes"
    scopes: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = DEFAULT_LABELS
    unconventional: Literal["show", "hide"] = "show"
    squash: Literal["entries", "header"] = "entries"
    trackers: tuple[Tracker, ...] = ()
    forge: Literal["auto", "github", "gitlab"] = "auto"
    tag: str = "v{version}"
    scheme: Literal["semver", "pep440"] = "semver"
    initial_version: str = "0.1.0"
    prereleases: Literal["show", "fold"] = "show"
    channel: str | None = None
    breaking_before_1: Literal["major", "minor"] = "minor"
    features_before_1: Literal["minor", "patch"] = "minor"
    component: Component | None = None
    needs: tuple[Component, ...] = ()
