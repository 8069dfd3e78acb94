"""Gate: the statuses of the release pull request, set with a token and without a model."""

from __future__ import annotations

from notewright.action.job import Job
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import open_project
from notewright.adapters.github import GitHub
from notewright.adapters.overrides import NOTES
from notewright.adapters.remote import Remote
from notewright.errors import UsageError
from notewright.flows.gate import judge_release
from notewright.flows.occasion import read_occasion
from notewright.flows.standing import Examiner
from notewright.rendering.neutral import neutral_text


def run(job: Job) -> None:
    """Say what is true of the pull request now. That it waits is no failure: then the job succeeds and the status does not."""
    if job.inputs.command != "gate":
        raise UsageError("gate is for command: gate", hint="call the action as action.yml does")
    project = open_project(job)
    access = project.access
    Remote(project.repository.git, access).mirror(NOTES)  # a checkout has branches and tags alone
    examiner = Examiner(
        project.repository, project.config, access, GitHub(access), project.prompts, job.journal, job.cancel
    )  # fmt: skip
    outcome = judge_release(examiner, read_occasion(job.environment, access))
    job.journal.say(outcome.message)
    set_outputs(
        job.environment,
        {"changed": str(outcome.changed).lower(), "pull-request-number": str(outcome.number or ""), "pull-request-url": outcome.url or ""},
    )
    append_summary(job.environment, f"### notewright: {neutral_text(outcome.message)}\n")
