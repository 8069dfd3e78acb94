"""Making: what prepare does on the machine that it is on, be it the runner or a container."""

from __future__ import annotations

from notewright.action import documents
from notewright.action.engine import opened_engine
from notewright.action.job import Job
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import Project, open_project
from notewright.action.result import read_result
from notewright.action.summary import render_summary
from notewright.flows.prepare import prepare_release
from notewright.flows.propose import preview_release


def make(job: Job) -> None:
    """Make what the command asks for."""
    project = open_project(job)
    if job.inputs.command == "release":
        _prepare_release(job, project)
    elif job.inputs.command == "changelog":
        documents.write_changelog(job, project)
    elif job.inputs.command == "dataset":
        from notewright.action.dataset import make_dataset

        make_dataset(job, project)
    else:
        documents.write_notes(job, project)


def _prepare_release(job: Job, project: Project) -> None:
    audiences = [project.prompts.audience(name) for name in dict.fromkeys(project.config.notes.audiences)]
    with opened_engine(job, project) as opened:
        prepare_release(
            project.repository, project.config, output=job.output, access=project.access, metadata=project.metadata,
            version=job.inputs.version, audiences=audiences, opened=opened, report=job.journal, cancel=job.cancel,
            regenerate=job.inputs.regenerate,
        )  # fmt: skip
    result = read_result(job.output, project.prompts)
    set_outputs(job.environment, {**result.outputs(), "proposal": str(job.output), "changed": "false"})
    if job.inputs.dry_run:
        outcome = preview_release(
            job.output, project.repository, project.config, access=project.access, prompts=project.prompts,
            report=job.journal, cancel=job.cancel,
        )  # fmt: skip
        job.journal.say(outcome.message)
        append_summary(job.environment, render_summary(f"dry run: {outcome.message}", result, job.parts(), runner=job.runner))
