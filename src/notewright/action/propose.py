"""Propose: the prepared proposal becomes a pull request, with a token and without a model."""

from __future__ import annotations

from notewright.action.job import Job
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import open_project
from notewright.action.result import read_result
from notewright.action.summary import render_summary
from notewright.adapters.github import GitHub
from notewright.errors import UsageError
from notewright.flows.propose import Outcome, propose_release


def run(job: Job) -> None:
    """Open, update or close the pull request."""
    if not job.inputs.writes:
        raise UsageError("propose is for command: release without dry-run", hint="call the action as action.yml does")
    project = open_project(job)
    outcome = propose_release(
        job.output, project.repository, project.config, access=project.access, github=GitHub(project.access), prompts=project.prompts,
        report=job.journal, cancel=job.cancel,
    )  # fmt: skip
    job.journal.say(outcome.message)
    if outcome.hint:
        job.journal.annotate("warning", outcome.message, outcome.hint)
    set_outputs(job.environment, _outputs(outcome))
    result = read_result(job.output, project.prompts)
    append_summary(job.environment, render_summary(outcome.message, result, job.parts(), runner=job.runner, url=outcome.url))


def _outputs(outcome: Outcome) -> dict[str, str]:
    operation = "none" if outcome.operation == "unchanged" else outcome.operation
    return {
        "changed": "false" if operation == "none" else "true",
        "pull-request-number": str(outcome.number or ""),
        "pull-request-url": outcome.url or "",
        "pull-request-operation": operation,
    }
