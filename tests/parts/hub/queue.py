"""The merge queue: merge groups on their temporary branches, and what a workflow is told of them.

docs.github.com/webhooks/webhook-events-and-payloads#merge_group
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.parts.hub import shapes
from tests.parts.hub.merging import build_merge, land
from tests.parts.hub.state import Hub, Pull

Json = Any  # what json.dumps takes


def make_group(hub: Hub, pull: Pull, *, method: str, by: str, behind: str | None) -> Json:
    """Make the merge group of a pull request that is the next in the queue, or stands `behind` another group's commit."""
    onto = behind or pull.base_sha
    head = build_merge(hub, replace(pull, base_sha=onto), method=method, by=by)
    ref = f"refs/heads/gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{onto}"
    hub.bare.move_ref(ref, head)
    made = hub.bare.read_commit(head)
    group = {
        "head_sha": head, "head_ref": ref, "base_sha": onto, "base_ref": f"refs/heads/{pull.base_ref}",
        "head_commit": {"id": head, "message": made.message},
    }  # fmt: skip
    return {
        "action": "checks_requested", "merge_group": group, "repository": shapes.repository(hub), "sender": shapes.user(hub, by),
    }  # fmt: skip


def land_group(hub: Hub, pull: Pull, group: Json, *, by: str) -> str:
    """Let the base be where a group is, whose pull request is merged by that; return the commit."""
    tip = str(group["merge_group"]["head_sha"])
    land(hub, pull, tip, by=by)
    hub.bare.move_ref(group["merge_group"]["head_ref"], None)
    return tip
