"""The dataset of a job, as its flows know it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from notewright.action.job import Job
from notewright.action.project import Project
from notewright.flows.dataset.job import Job as Mining
from notewright.flows.dataset.job import find_places
from notewright.system.logs import RunLog


@contextmanager
def opened_mining(job: Job, project: Project) -> Iterator[Mining]:
    """Give what the dataset of a job is made of, told in the journal and in the log of the state folder."""
    places = find_places(project.config, project.repository.root)
    with closing(RunLog(places.log, job.journal, run=job.environment.get("GITHUB_RUN_ID", ""))) as log:
        yield Mining(project.config, project.prompts, places, job.inputs.engine, log, job.cancel, log.write)
