"""The dataset of a job, as its flows know it."""

from __future__ import annotations

from notewright.action.job import Job
from notewright.action.project import Project
from notewright.flows.dataset.job import Job as Mining
from notewright.flows.dataset.job import find_places


def mining_of(job: Job, project: Project) -> Mining:
    """Return what the dataset of a job is made of."""
    places = find_places(project.config, project.repository.root)
    return Mining(project.config, project.prompts, places, job.inputs.engine, job.journal, job.cancel)
