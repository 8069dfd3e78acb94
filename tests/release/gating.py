"""People at a release pull request, and the gate that a workflow runs on what they do."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from notewright.control import Cancel
from notewright.flows.gate import judge_release
from notewright.flows.gate_outcome import GateOutcome
from notewright.flows.occasion import Occasion
from notewright.flows.standing import Examiner
from notewright.review.approval import CONTEXT
from notewright.review.body_edit import read_body_edit
from notewright.review.checklist import LINES, Audit
from notewright.review.merge_group import read_merge_group
from tests.release.site import Site

Event = Any  # what a workflow is told, as JSON
_RUNS = count(9_000_000_001)


def examiner(site: Site) -> Examiner:
    return Examiner(site.repository, site.config, site.access(), site.connect(), site.prompts(), site.report, Cancel())


def gate(site: Site, event: Event = None, *, run: int | None = None) -> GateOutcome:
    """Run the gate on what is checked out, on an event or on none."""
    payload = json.dumps(event).encode()
    group = read_merge_group(payload) if event and "merge_group" in event else None
    edit = read_body_edit(payload) if event and not group else None
    return judge_release(examiner(site), Occasion(edit, str(run or next(_RUNS)), "https://github.invalid/acme/app/actions/runs/1", group))


def tick(site: Site, audit: Audit, *, by: str = "ada", on: bool = True, number: int = 1) -> Event:
    """Click a box as a person does, with the line ends of a browser; return what the workflow is told."""
    body = (site.github.pull(number).body or "").replace("\r\n", "\n")
    ticked = LINES[audit].replace("- [ ]", "- [x]")
    before, after = (LINES[audit], ticked) if on else (ticked, LINES[audit])
    assert body.count(before) == 1
    return site.github.edit(number, body=body.replace(before, after).replace("\n", "\r\n"), by=by)


def approve(site: Site, *, changelog: str = "ada", notes: str = "grace") -> GateOutcome:
    """Let two people tick the two audits, each with its run."""
    events = [tick(site, "changelog", by=changelog), tick(site, "notes", by=notes)]
    return [gate(site, event) for event in events][-1]


def said(site: Site, context: str = CONTEXT) -> tuple[str, str]:
    """Return state and description of the newest status of a context, on the newest commit of the release branch."""
    newest = [status for status in site.github.statuses(site.branch() or "") if status.context == context][-1]
    return newest.state, newest.description or ""
