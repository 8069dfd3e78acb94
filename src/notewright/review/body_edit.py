"""An edit of a pull request's body, as GitHub tells it to the workflow that the edit starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter

from notewright.review.approval import Mark, short
from notewright.review.checklist import read_edit, view_digest
from notewright.review.event import read_event

_Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$")]
_Moment = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


@dataclass(frozen=True, slots=True)
class BodyEdit:
    """Who (`login`) changed the body of pull request `number`, whose newest commit was `head`, from `before` to `after`, and when: `at`, in
    UTC, as RFC 3339 writes it."""

    number: int
    head: str
    login: str
    before: str
    after: str
    at: str

    def mark(self, *, event_id: str, proposal_digest: str) -> Mark | None:
        """Return what the edit did to a box of that proposal; None where it did anything else."""
        tick = read_edit(self.before, self.after)
        if tick is None:
            return None
        return Mark(tick.audit, tick.on, self.login, event_id, self.at, short(proposal_digest), short(view_digest(self.after)))


@dataclass(frozen=True, slots=True)
class _Account:
    login: _Login


@dataclass(frozen=True, slots=True)
class _Head:
    sha: str


@dataclass(frozen=True, slots=True)
class _Pull:
    number: int
    body: str | None
    updated_at: _Moment
    head: _Head


@dataclass(frozen=True, slots=True)
class _Was:
    text: Annotated[str | None, Field(alias="from")]


@dataclass(frozen=True, slots=True)
class _Changes:
    body: _Was | None = None


@dataclass(frozen=True, slots=True)
class _Event:
    action: str
    pull_request: _Pull
    sender: _Account
    changes: _Changes | None = None


_ADAPTER = TypeAdapter(_Event)


def read_body_edit(payload: bytes) -> BodyEdit | None:
    """Read the payload of a `pull_request` event; None where it tells of anything but an edit of the body. Raises `UsageError` for what is
    no such payload."""
    event = read_event(payload, _ADAPTER, name="pull_request", what="pull request")
    was = event.changes.body if event.changes else None
    if event.action != "edited" or was is None:
        return None
    pull = event.pull_request
    return BodyEdit(pull.number, pull.head.sha, event.sender.login, was.text or "", pull.body or "", pull.updated_at)
