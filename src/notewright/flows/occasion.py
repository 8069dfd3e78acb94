"""Occasion: what the gate is run on, as the environment of a workflow says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from notewright.adapters.access import Access
from notewright.review.body_edit import BodyEdit, read_body_edit
from notewright.review.merge_group import MergeGroup, read_merge_group
from notewright.system.files import read_bytes

_NO_RUN = "0"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the gate is run on: the edit of a body or the merge group, if that is it, and the workflow run, by its number and address."""

    edit: BodyEdit | None = None
    event_id: str = _NO_RUN
    url: str | None = None
    group: MergeGroup | None = None

    @property
    def in_workflow(self) -> bool:
        """Whether this is a run of a workflow, not of somebody at a terminal."""
        return self.event_id != _NO_RUN


def read_occasion(environment: Mapping[str, str], access: Access) -> Occasion:
    """Return what a workflow was started by, as its environment and the file of its event say; outside of one, nothing. Raises
    `UsageError`."""
    run = environment.get("GITHUB_RUN_ID", "")
    if not (run.isascii() and run.isdigit()):
        return Occasion()
    name, place = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH", "")
    payload = (read_bytes(Path(place)) if place else None) or b""
    edit = read_body_edit(payload) if name == "pull_request" else None
    group = read_merge_group(payload) if name == "merge_group" else None
    return Occasion(edit, run[:20], f"{access.url}/actions/runs/{run[:20]}", group)
