"""The commands changelog and notes: documents in the workspace, without a pull request."""

from __future__ import annotations

import os

from notewright.action.engine import opened_engine
from notewright.action.job import Job
from notewright.action.outputs import append_summary, set_outputs
from notewright.action.project import Project
from notewright.action.result import Result, tell
from notewright.action.summary import render_summary
from notewright.changelog.layout.markdown import render_section
from notewright.changelog.section import Section
from notewright.flows.changelog import Selection, read_section, read_upcoming
from notewright.flows.notes import prepare_notes
from notewright.flows.splice import FileOutcome, find_folded, splice_file
from notewright.flows.template import read_template
from notewright.notes.document import notes_json
from notewright.notes.markdown import notes_markdown
from notewright.review.usage import Usage
from notewright.system.files import write_atomic


def write_changelog(job: Job, project: Project) -> None:
    """Splice the section of the range into the changelog file, unless it's a dry run."""
    (section,) = read_section(
        project.repository, project.config.rules(), _selection(job, project), metadata=project.known, report=job.journal, cancel=job.cancel
    )
    markdown = _render(section, project)
    root = project.repository.root
    target = os.path.relpath(job.inputs.output, root) if job.inputs.output else project.config.changelog.file
    writes = section.totals.commits > 0 and not job.inputs.dry_run
    folded = find_folded(project.repository, project.config.rules(), [section])
    outcome = (
        splice_file(root, target, [(section.version, markdown)], superseded=folded) if writes else FileOutcome(changed=False, edited=())
    )
    for name in outcome.edited:
        job.journal.annotate("warning", f"the section {name} of {target} was edited by a person and stays as it is")
    happened = "was not written: a dry run" if job.inputs.dry_run else "was updated" if outcome.changed else "is up to date"
    _finish(job, Result(section.version, section, markdown), f"{target} {happened}", {"changed": str(outcome.changed).lower()})


def write_notes(job: Job, project: Project) -> None:
    """Write AUDIENCE.md and AUDIENCE.json for each audience."""
    section = read_upcoming(
        project.repository, project.config.rules(), _selection(job, project), metadata=project.known, report=job.journal, cancel=job.cancel
    ).section
    audiences = [project.prompts.audience(name) for name in dict.fromkeys(project.config.notes.audiences)]
    with opened_engine(job, project) as opened:
        written = prepare_notes(
            section, audiences, engine=opened.engine, language=project.config.notes.language, report=job.journal, cancel=job.cancel
        )
        totals = opened.usage.totals()
    told, changed = [], False
    for notes, audience in zip(written, audiences, strict=True):
        page = notes_markdown(notes, section, audience.policy, links=project.config.links(project.access.url))
        told.append(tell(section, notes, audience.policy, markdown=page))
        changed |= write_atomic(job.output / f"{notes.audience}.md", page.encode())
        changed |= write_atomic(job.output / f"{notes.audience}.json", notes_json(notes))
    usage = Usage(totals.calls, totals.prompt_tokens, totals.cached_tokens, totals.generated_tokens, totals.seconds)
    result = Result(section.version, section, _render(section, project), tuple(told), usage)
    what = f"notes for {', '.join(notes.audience for notes in written)} written"
    _finish(job, result, what, {"changed": str(changed).lower(), "proposal": str(job.output)})


def _finish(job: Job, result: Result, headline: str, outputs: dict[str, str]) -> None:
    job.journal.say(headline)
    set_outputs(job.environment, {**result.outputs(), **outputs})
    append_summary(job.environment, render_summary(headline, result, job.parts(), runner=job.runner))


def _selection(job: Job, project: Project) -> Selection:
    return Selection(since=job.inputs.since, origin=project.config.changelog.since, version=job.inputs.version)


def _render(section: Section, project: Project) -> str:
    config = project.config
    return render_section(
        section,
        links=config.links(project.access.url),
        first_release_limit=config.changelog.first_release_limit,
        preset=config.changelog.preset,
        template=read_template(project.repository.root, config),
    )
