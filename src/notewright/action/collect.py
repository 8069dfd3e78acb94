"""Collect: what the token is needed for, left in files for the step that has none."""

from __future__ import annotations

from notewright.action.job import Job
from notewright.action.mining import opened_mining
from notewright.action.project import open_project
from notewright.adapters.github import GitHub
from notewright.adapters.overrides import NOTES
from notewright.adapters.remote import Remote
from notewright.errors import GitHubError
from notewright.flows.collect import collect_metadata
from notewright.flows.dataset.job import sync
from notewright.history.metadata import metadata_json
from notewright.system.files import write_atomic

_LINES = (
    "leave the input token out, or give it a token; the job needs\n"
    "  permissions:\n    contents: write\n    pull-requests: write\n    statuses: write\n"
    "or try it all with dry-run: true"
)


def run(job: Job) -> None:
    """Write metadata.json, or bring the clones of a dataset up to date. Without a token and without the wish to write, the result is
    complete all the same, only plainer."""
    project = open_project(job)
    if job.inputs.command == "dataset":
        with opened_mining(job, project) as mining:
            sync(mining)
        return
    if project.access.token is None:
        if job.inputs.writes:
            raise GitHubError("there is no token to open a pull request with", hint=_LINES)
        job.journal.say("no token: titles, labels and logins of GitHub are left out, and overrides in git notes unless they are fetched")
        return
    if Remote(project.repository.git, project.access).mirror(NOTES):  # a checkout has branches and tags alone
        job.journal.say(f"{NOTES} fetched: overrides of commits")
    github = GitHub(project.access)
    metadata = collect_metadata(
        project.repository, project.config, project.access, github, report=job.journal, cancel=job.cancel
    )  # fmt: skip
    write_atomic(job.metadata, metadata_json(metadata))
