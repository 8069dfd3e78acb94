"""The manifest of a proposal: what it rests on, and a digest of each of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter

from notewright.changelog.rules import Rules
from notewright.errors import CheckFailed
from notewright.prompting.request import Identity
from notewright.rendering.canonical import canonical_json, digest
from notewright.review.written import read_written

NAME = "proposal.json"
RELEASES = ".notewright/releases"  # in the repository
_STRICT = ConfigDict(extra="forbid", strict=True)

Sha = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Line = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
# A name inside the folder: plain parts, none of which starts with a dot.
FileName = Annotated[str, StringConstraints(max_length=200, pattern=r"^\w[\w.-]*(?:/\w[\w.-]*)*$")]


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch or a tag by its short name, and the commit that it is at."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: Line
    commit: Sha


@dataclass(frozen=True, slots=True)
class FileDigest:
    """A file of the folder and the digest of its bytes."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: FileName
    digest: Digest


@dataclass(frozen=True, slots=True)
class BumpedFile:
    """A file of the repository that the release branch carries with the new version in it: its path there, and its name in the folder."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    path: Line
    name: FileName


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """The prompt that an audience's notes were written with, or by whose policy they were made."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    audience: FileName
    version: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a proposal rests on.

    `component` is the part of the repository that is released by itself, None for all of it. `version` is None where there is nothing to
    release; `requested_version` is what a person asked for instead of the next one.
    The range is what `end` reaches and `start`, the commit of the release before, does not (None: from the beginning). `tags`
    are those that decided which commits belong here; `since`, `first_release_limit` and `preset` are as configured, `template` is the
    one that replaces the preset's layout, if any. `metadata` is GitHub's, None where nobody asked; `overrides` are what people say of
    commits, in the file and in git notes, None where they say nothing. `files` are bound by the proposal's digest, in the order of their
    names; `views` show it or say what it cost, and may differ from run to run. `regenerated` are audiences whose edited notes a person gave
    back to the tool in this run.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    schema: Literal[1]
    kind: Literal["release"]
    component: Line | None
    repository: Line | None
    version: Line | None
    requested_version: Line | None
    tag: Line | None
    base: Ref
    branch: Line
    start: Sha | None
    end: Sha
    date: Line | None
    tags: tuple[Ref, ...]
    rules: Rules
    since: Line | None
    first_release_limit: int
    preset: Line
    template: Digest | None
    changelog_file: Line
    version_files: tuple[BumpedFile, ...]
    metadata: Digest | None
    overrides: Digest | None
    tool: Line
    prompts: tuple[PromptRecord, ...]
    model: Identity | None
    files: tuple[FileDigest, ...]
    views: tuple[FileDigest, ...] = ()
    regenerated: tuple[FileName, ...] = ()

    @property
    def name(self) -> str:
        """What is released, for people: the version, after its component if it is one's."""
        return f"{self.component} {self.version}" if self.component else f"{self.version}"

    @property
    def home(self) -> str:
        """The folder in the repository that keeps what this release rests on."""
        return f"{releases_home(self.component)}/{self.version}"

    @property
    def digest(self) -> str:
        """What an approval binds to: the digest of everything but the views and what was asked of this run alone."""
        return digest(proposal_json(self.bound))

    @property
    def bound(self) -> Proposal:
        """The proposal as the release branch carries it: the next run, asked for nothing, makes the same."""
        return replace(self, views=(), regenerated=())


_ADAPTER = TypeAdapter(Proposal)


def releases_home(component: str | None) -> str:
    """Return the folder in the repository that has a folder for each release; a component's lie below its name."""
    return f"{RELEASES}/{component}" if component else RELEASES


def proposal_json(proposal: Proposal) -> bytes:
    """Encode as canonical bytes."""
    return canonical_json(asdict(proposal))


def read_proposal(content: bytes) -> Proposal:
    """Read proposal.json, which anybody may have written. Raises `CheckFailed` for everything that `proposal_json` does not write."""
    hint = "run `notewright release prepare` again, with the same version of notewright"
    return read_written(content, _ADAPTER, proposal_json, name=NAME, writer="prepare", hint=hint)


def list_digests(files: Mapping[str, bytes]) -> tuple[FileDigest, ...]:
    """Return the digest of each file, by name."""
    return tuple(FileDigest(name, digest(content)) for name, content in sorted(files.items()))


def verify_digests(proposal: Proposal, files: Mapping[str, bytes]) -> None:
    """Compare every file that the proposal lists. Raises `CheckFailed` naming the first that is missing or different."""
    for listed in sorted((*proposal.files, *proposal.views), key=lambda file: file.name):
        content = files.get(listed.name)
        if content is None:
            raise CheckFailed(f"{listed.name} is missing from the proposal", hint="run `notewright release prepare` again")
        if digest(content) != listed.digest:
            raise CheckFailed(f"{listed.name} is not the file that was prepared: its digest differs", hint=CHANGED)


CHANGED = "something changed the proposal after `prepare`: find out what, then run `notewright release prepare` again"
