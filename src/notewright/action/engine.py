"""The engine of a job, closed when its work is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from notewright.action.job import Job
from notewright.action.project import Project
from notewright.flows.models import open_configured
from notewright.llm.door import Opened


@contextmanager
def opened_engine(job: Job, project: Project) -> Iterator[Opened]:
    """Open the engine that the input or the configuration names, and say which it is."""
    with closing(open_configured(project.config, flag=job.inputs.engine, report=job.journal)) as opened:
        job.journal.say(f"engine: {opened.reason}")
        yield opened
