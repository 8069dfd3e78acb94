"""What GitHub tells a workflow of a pull request's event: the file that GITHUB_EVENT_PATH names."""

from __future__ import annotations

from typing import Any

from tests.parts.hub import shapes
from tests.parts.hub.state import Hub, Pull

Json = Any  # what json.dumps takes


def pull_event(hub: Hub, pull: Pull, action: str, *, by: str, changes: Json = None) -> Json:
    """Return the payload. It has the numbers and dates of that moment, and of a changed text what was there before.

    docs.github.com/webhooks/webhook-events-and-payloads#pull_request
    """
    event = {
        "action": action, "number": pull.number, "pull_request": shapes.pull_full(hub, pull),
        "repository": shapes.repository(hub), "sender": shapes.user(hub, by),
    }  # fmt: skip
    return {**event, "changes": changes} if action == "edited" else event
