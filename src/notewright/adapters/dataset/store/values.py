"""Values that go into a store of datasets, and that come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from notewright.dataset.passage import Passage, PassageText
from notewright.dataset.tasks import Done, Stage, Variant

RepositoryState = Literal["listed", "synced", "failed"]
# What is about the engine (llm/failure.py), about the question, and "crash": the process died of it again and again.
FailureClass = Literal["timeout", "connection", "overload", "out_of_memory", "refused", "invalid", "truncated", "too_long", "crash"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as the store knows it. `commit` is the one synced last, `error` why that failed, both else empty. Its files are those
    of `prepared_commit`, prepared with settings whose digest is `prepared_digest`; both are empty before that."""

    url: str
    ref: str = ""
    commit: str = ""
    license: str = ""
    state: RepositoryState = "listed"
    error: str = ""
    prepared_commit: str = ""
    prepared_digest: str = ""


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage of a unit: its `text`, or the reason why it was dropped, and then no text is stored."""

    passage: Passage
    text: PassageText | None
    dropped: str = ""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """Where a file of a commit leads: to a unit, or nowhere for the reason `dropped`. `path` is as git has it, `oid` the blob in hex."""

    path: bytes
    oid: str
    unit: int | None
    dropped: str = ""
    language: str = ""
    license: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit is found: a file of a repository at the commit that it was prepared at."""

    repository: str
    commit: str
    path: str
    blob: str
    language: str
    license: str


@dataclass(frozen=True, slots=True)
class Generation:
    """A choice of how every stage is done, at most one variant of each, and of what cut the passages."""

    variants: tuple[Variant, ...]
    cutter: str = ""


@dataclass(frozen=True, slots=True)
class RecordedGeneration:
    """A generation in the store, when it was started first, and whether it is the one started last. Its variants are in the order of their
    stages' names."""

    id: int
    generation: Generation
    started_at: datetime
    latest: bool


@dataclass(frozen=True, slots=True)
class Seeded:
    """A generation that was started: tasks by stage that it has to do and had not before, and those that others have done for it.
    Both are empty where nothing changed since it was started last."""

    generation: int
    new: Mapping[Stage, int]
    reused: Mapping[Stage, int]


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    """A task in the hands of this run. `attempts` counts its failures so far."""

    id: int
    stage: Stage
    given: str
    ordinal: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Claimed:
    """A passage of a repository that holds it, and those of its tasks that can be done now, in the order to do them in."""

    repository: str
    passage: PassageText
    tasks: tuple[ClaimedTask, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """What the calls of tasks took."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    seconds: float = 0.0

    @property
    def evaluated_tokens(self) -> int:
        """Prompt tokens that were read, and not found in the engine's cache."""
        return self.prompt_tokens - self.cached_tokens


NOTHING: Final = Spent()


@dataclass(frozen=True, slots=True)
class Finished:
    """A task that is done."""

    task: int
    done: Done
    spent: Spent = NOTHING


@dataclass(frozen=True, slots=True)
class Dropped:
    """So many files, passages or pairs were dropped for one reason."""

    what: Literal["file", "passage", "pair"]
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is in use of a language: units (file contents), their passages that were not dropped, and the tokens of these."""

    language: str
    units: int
    passages: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A task of the latest generation that failed for good. `path` is a file that its passage is in."""

    stage: Stage
    kind: FailureClass
    message: str
    path: str
    attempts: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """How far a generation is. `ready` counts tasks not done yet, those in hand too; all mappings have sorted keys. `current` is false for
    one that another has followed: its figures are those of that moment."""

    generation: int
    current: bool
    ready: Mapping[Stage, int]
    done: Mapping[Stage, int]
    failed: Mapping[Stage, int]
    failures: Mapping[FailureClass, int]
    kept: Mapping[str, int]
    dropped: Mapping[str, int]
    spent: Mapping[Stage, Spent]


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the work loop. `ended` says why it stopped: "finished" and others; empty while it runs, and for one that was killed."""

    generation: int
    started_at: datetime
    ended_at: datetime | None
    ended: str
    tasks: int
    failures: int
    pairs: int
    spent: Spent
