"""Prepare: a proposal, a changelog, notes or a dataset, made without a token."""

from __future__ import annotations

from notewright.action import documents
from notewright.action.container import choose_image, prepare_contained
from notewright.action.engine import opened_engine
from notewright.action.job import Job
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import Project, open_project
from notewright.action.result import read_result
from notewright.action.secret import CREDENTIALS
from notewright.action.summary import render_summary
from notewright.flows.prepare import prepare_release
from notewright.flows.propose import preview_release
from notewright.system.git import GitFailed


def run(job: Job) -> None:
    """Do what the command asks for, as far as that needs no token: in a container what asks a model, where one can be had."""
    project = open_project(job)
    _warn_of_credentials(job, project)
    if job.inputs.command in ("release", "notes") and (image := choose_image(job)):
        prepare_contained(job, project, image)
    elif job.inputs.command == "release":
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


def _warn_of_credentials(job: Job, project: Project) -> None:
    """Say so where actions/checkout left its token for whoever can read the work tree."""
    try:
        found = project.repository.git.line("config", "--local", "--name-only", "--get-regexp", CREDENTIALS)
    except GitFailed:
        return  # none
    job.journal.annotate(
        "warning",
        f"the checkout keeps its token where every later step can read it ({len(found.splitlines())} settings in .git/config)",
        "add persist-credentials: false to actions/checkout: this action pushes with its own token",
    )
