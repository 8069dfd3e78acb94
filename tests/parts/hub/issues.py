"""What pull requests share with issues: labels and comments."""

from __future__ import annotations

from typing import Any

from tests.parts.hub import shapes
from tests.parts.hub.ask import Answer, Ask
from tests.parts.hub.rules import MAX_BODY, Refused, check_length, invalid, not_found
from tests.parts.hub.state import Comment, Hub

_MAX_LABEL = 50


def read_issue(hub: Hub, ask: Ask) -> Answer:
    """Show a pull request as an issue."""
    return Answer(shapes.issue(hub, hub.find_pull(ask.args["issue_number"])))


def list_labels(hub: Hub, ask: Ask) -> Answer:
    """Show the labels."""
    return _labels(hub, ask)


def add_labels(hub: Hub, ask: Ask) -> Answer:
    """Add labels; new ones come into being."""
    pull = hub.find_pull(ask.args["issue_number"])
    pull.labels += [name for name in _read_labels(ask.body) if name not in pull.labels]
    return _labels(hub, ask)


def set_labels(hub: Hub, ask: Ask) -> Answer:
    """Put these labels in the place of all others."""
    hub.find_pull(ask.args["issue_number"]).labels = _read_labels(ask.body)
    return _labels(hub, ask)


def remove_label(hub: Hub, ask: Ask) -> Answer:
    """Take one label away."""
    pull = hub.find_pull(ask.args["issue_number"])
    if ask.args["name"] not in pull.labels:
        raise Refused(404, "Label does not exist")
    pull.labels.remove(ask.args["name"])
    return _labels(hub, ask)


def list_comments(hub: Hub, ask: Ask) -> Answer:
    """Show the comments, oldest first."""
    pull = hub.find_pull(ask.args["issue_number"])
    since = ask.query.get("since", "")
    return Answer([shapes.comment(hub, c) for c in hub.comments.values() if c.pull == pull.number and c.updated_at >= since])


def create_comment(hub: Hub, ask: Ask) -> Answer:
    """Say something."""
    pull = hub.find_pull(ask.args["issue_number"])
    return Answer(shapes.comment(hub, add_comment(hub, pull.number, ask.login, ask.body["body"])), 201)


def add_comment(hub: Hub, pull: int, author: str, body: str) -> Comment:
    """Keep what somebody says. Raises `Refused`."""
    _check_comment(body)
    number, now = next(hub.ids), hub.tick()
    hub.comments[number] = Comment(number, pull, author, body, now, now)
    return hub.comments[number]


def read_comment(hub: Hub, ask: Ask) -> Answer:
    """Show one comment."""
    return Answer(shapes.comment(hub, _find_comment(hub, ask)))


def update_comment(hub: Hub, ask: Ask) -> Answer:
    """Say it differently."""
    comment = _find_comment(hub, ask)
    _check_comment(ask.body["body"])
    comment.body, comment.updated_at = ask.body["body"], hub.tick()
    return Answer(shapes.comment(hub, comment))


def delete_comment(hub: Hub, ask: Ask) -> Answer:
    """Take a comment back."""
    del hub.comments[_find_comment(hub, ask).number]
    return Answer(None, 204)


def _labels(hub: Hub, ask: Ask) -> Answer:
    return Answer([shapes.label(hub, name) for name in hub.find_pull(ask.args["issue_number"]).labels])


def _read_labels(body: Any) -> list[str]:  # noqa: ANN401  # GitHub takes names, objects, and either as a bare list
    names = [item if isinstance(item, str) else item["name"] for item in body.get("labels", [])]
    if any(not name or len(name) > _MAX_LABEL for name in names):
        raise invalid("Label", "name")
    return list(dict.fromkeys(names))


def _check_comment(body: str) -> None:
    if not body.strip():
        raise Refused(422, "Validation Failed", [{"resource": "IssueComment", "code": "missing_field", "field": "body"}])
    check_length("IssueComment", "body", body, MAX_BODY)


def _find_comment(hub: Hub, ask: Ask) -> Comment:
    number = ask.args["comment_id"]
    if not number.isdecimal() or int(number) not in hub.comments:
        raise not_found()
    return hub.comments[int(number)]
