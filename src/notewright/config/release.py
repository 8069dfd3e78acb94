"""Keys of `release`: the pull request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from notewright.config.keys import STRICT, key, required

if TYPE_CHECKING:  # `config.validation` brings them: they cost more than all keys together, and defaults need none
    from annotated_types import MinLen


@dataclass(frozen=True, slots=True)
class VersionFileConfig:
    """A file of any kind that holds the version."""

    __pydantic_config__: ClassVar = STRICT
    file: Annotated[str, MinLen(1)] = required("path inside the repository")
    pattern: Annotated[str, MinLen(1)] = required("a regular expression with one group, which the version stands in")


@dataclass(frozen=True, slots=True)
class ReleaseConfig:
    """The pull request."""

    __pydantic_config__: ClassVar = STRICT
    base: str | None = key(None, "branch to release from; null: the default branch")
    branch: Annotated[str, MinLen(1)] = key("notewright/release", "branch of the pull request")
    labels: tuple[str, ...] = key(("release",), "labels of the pull request")
    reviewers: tuple[str, ...] = key((), "logins asked for a review")
    approvers: tuple[str, ...] = key((), "logins that may tick the audits; empty: everybody with write access who is not the bot")
    approver_may_author: bool = key(default=True, description="whether who wrote a part of the release may tick its audits")
    version_files: tuple[str | VersionFileConfig, ...] = key((), "files that hold the version: pyproject.toml, or file and pattern")
    draft: bool = key(default=False, description="open the pull request as a draft")
