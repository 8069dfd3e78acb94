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


@dataclass(frozen=True, slots=True)
class Rules:
    """How changes become a section. `types` maps a commit type to its group's title, in the order of the groups;
    types compare without case. `dependencies` None hides dependency updates."""

    types: tuple[tuple[str, str], ...] = DEFAULT_TYPES
    hidden: tuple[str, ...] = DEFAULT_HIDDEN
    dependencies: str | None = "Dependencies"
    unconventional: Literal["show", "hide"] = "show"
    tag: str = "v{version}"
    initial_version: str = "0.1.0"
