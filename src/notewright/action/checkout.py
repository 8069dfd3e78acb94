"""The checkout that a job works on: its repository, its configuration, and where it lives on GitHub."""

from __future__ import annotations

from dataclasses import dataclass, replace

from notewright.action.job import Job
from notewright.adapters.access import Access, read_access
from notewright.adapters.repository import Repository, open_repository
from notewright.config.config import Config
from notewright.config.reading import load_config
from notewright.errors import UsageError
from notewright.system.files import read_bytes


@dataclass(frozen=True, slots=True)
class Checkout:
    """A repository with what is known about it before its history is read. `metadata` is what collect wrote, if it did."""

    repository: Repository
    config: Config
    access: Access
    metadata: bytes | None


def open_checkout(job: Job) -> Checkout:
    """Open what the inputs name. Raises `RepositoryError`, `ConfigError`, and `UsageError` outside of a workflow."""
    repository = open_repository(job.inputs.directory)
    config = _chosen(load_config(repository.root, path=job.inputs.config, environ=job.environment, component=job.inputs.component), job)
    access = read_access(job.environment, origin=None)
    if access is None:
        raise UsageError("GITHUB_REPOSITORY is not set", hint="run this as a step of a GitHub workflow")
    return Checkout(repository, config, access, read_bytes(job.metadata))


def _chosen(config: Config, job: Job) -> Config:
    """Let the inputs win over the configuration."""
    inputs = job.inputs
    return replace(
        config,
        llm=replace(config.llm, models_dir=str(inputs.models_dir)) if inputs.models_dir else config.llm,
        notes=replace(config.notes, audiences=inputs.audiences) if inputs.audiences else config.notes,
        release=replace(config.release, base=inputs.base) if inputs.base else config.release,
        state_dir=str(inputs.state_dir),
    )
