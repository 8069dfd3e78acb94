"""The command dataset: an artifact made of clones, without a token."""

from __future__ import annotations

from notewright.action.job import Job
from notewright.action.mining import opened_mining
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import Project
from notewright.action.summary import render_parts
from notewright.dataset.export.filters import Filters
from notewright.flows.dataset.run import run_all


def make_dataset(job: Job, project: Project) -> None:
    """Make the artifact of the clones that are here. Raises `CheckFailed` where it has fewer pairs than it must."""
    with opened_mining(job, project) as mining:
        exported, reported = run_all(mining, job.output, filters=Filters(), offline=True)
    job.journal.say(f"{exported.rows:,} rows in {job.output}")
    made = {"changed": str(exported.made).lower(), "engine": reported.engine}
    set_outputs(job.environment, {**made, "dataset": str(job.output), "dataset-rows": str(exported.rows)})
    append_summary(job.environment, f"{reported.summary.rstrip()}\n\n{render_parts(job.parts())}\n")
