"""Finish: the merged release gets its tag and its page at GitHub, with a token and without a model."""

from __future__ import annotations

from notewright.action.job import Job
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import open_project
from notewright.adapters.github import GitHub
from notewright.adapters.overrides import NOTES
from notewright.adapters.remote import Remote
from notewright.errors import UsageError
from notewright.flows.finish import Publication, finish_release
from notewright.rendering.neutral import neutral_text


def run(job: Job) -> None:
    """Publish what was merged last, or the version asked for. That nothing was merged yet is no failure."""
    inputs = job.inputs
    if inputs.command != "finish":
        raise UsageError("finish is for command: finish", hint="call the action as action.yml does")
    project = open_project(job)
    Remote(project.repository.git, project.access).mirror(NOTES)  # a checkout has branches and tags alone
    done = finish_release(
        project.repository, project.config, access=project.access, github=GitHub(project.access), prompts=project.prompts,
        version=inputs.version, without_gate=inputs.without_gate, report=job.journal, cancel=job.cancel,
    )  # fmt: skip
    job.journal.say(done.message)
    set_outputs(
        job.environment,
        {
            "changed": str(done.operation == "published").lower(),
            "version": done.version or "",
            "tag": done.tag or "",
            "release-url": done.url or "",
        },
    )
    append_summary(job.environment, _summary(done))


def _summary(done: Publication) -> str:
    lines = [f"### notewright: {neutral_text(done.message)}"]
    if done.url and done.commit:
        lines.append(
            f"{done.url}\n\nCommit {done.commit[:7]}; who approved it stands in its audit.json, which `notewright release verify` reads."
        )
    return "\n\n".join(lines) + "\n"
