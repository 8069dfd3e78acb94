"""The project that a job works on: its checkout, and the prompts that hold for it."""

from __future__ import annotations

from dataclasses import dataclass

from notewright.action.checkout import open_checkout
from notewright.action.job import Job
from notewright.adapters.access import Access
from notewright.adapters.prompts.places import prompt_places
from notewright.adapters.prompts.prompts import Prompts
from notewright.adapters.repository import Repository
from notewright.config.config import Config
from notewright.history.metadata import Metadata, read_metadata


@dataclass(frozen=True, slots=True)
class Project:
    """A repository with what is known about it before its history is read. `metadata` is what collect wrote, if it did."""

    repository: Repository
    config: Config
    prompts: Prompts
    access: Access
    metadata: bytes | None

    @property
    def known(self) -> Metadata | None:
        """The metadata, read."""
        return None if self.metadata is None else read_metadata(self.metadata)


def open_project(job: Job) -> Project:
    """Open what the inputs name. Raises `RepositoryError`, `ConfigError`, and `UsageError` outside of a workflow."""
    one = open_checkout(job)
    return Project(one.repository, one.config, Prompts(prompt_places(one.repository.root)), one.access, one.metadata)
