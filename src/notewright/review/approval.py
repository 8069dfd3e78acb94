"""Approvals as they are stored: commit statuses on the head of the release branch, written by our own account alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from notewright.review.checklist import AUDITS, Audit

State = Literal["pending", "success", "failure", "error"]
CONTEXT = "notewright"  # the status to require; those of the audits are below it
_SHORT = 16  # hexadecimal digits of a digest: a status has 140 characters, and its commit binds the whole tree already
_MARK = re.compile(
    r"(?P<what>ticked|unticked) by (?P<login>[A-Za-z0-9][\w-]*(?:\[bot\])?) (?P<at>[\d:TZ-]{20}), run (?P<event>\d{1,20})"
    r", (?P<digest>[0-9a-f]{16}), (?P<view>[0-9a-f]{16})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Status:
    """What an account said about a commit."""

    context: str
    state: State
    description: str
    creator: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The last that somebody did to a box: `login` ticked it (`on`) or unticked it at a moment (`at`, UTC, RFC 3339), as the event says
    that started the workflow run `event_id`. `digest` and `view` begin the digests of the proposal and of the body then."""

    audit: Audit
    on: bool
    login: str
    event_id: str
    at: str
    digest: str
    view: str

    def covers(self, proposal_digest: str, view_digest: str) -> bool:
        """Return whether this was done to that very proposal, shown as in that body."""
        return (self.digest, self.view) == (short(proposal_digest), short(view_digest))


@dataclass(frozen=True, slots=True)
class Approval:
    """An audit that counts: who ticked it, in which event, when (UTC, RFC 3339), and the beginning of the proposal's digest (`short`)."""

    audit: Audit
    login: str
    event_id: str
    at: str
    digest: str


def context_of(audit: Audit) -> str:
    """Return the context of an audit's status."""
    return f"{CONTEXT}/{audit}"


def short(digest: str) -> str:
    """Return the beginning of a digest, as a status holds it."""
    return digest.removeprefix("sha256:")[:_SHORT]


def describe_mark(mark: Mark) -> str:
    """Return the description of a status that holds a mark: at most 140 characters for every login that GitHub gives."""
    return f"{'ticked' if mark.on else 'unticked'} by {mark.login} {mark.at}, run {mark.event_id}, {mark.digest}, {mark.view}"


def read_marks(statuses: Iterable[Status], creator: str) -> dict[Audit, Mark]:
    """Return the last mark of each box among the statuses of a commit; only those of the account `creator` count."""
    marks: dict[Audit, Mark] = {}
    for status in statuses:
        if status.creator == creator and (mark := _read_mark(status)):
            marks[mark.audit] = later(mark, marks.get(mark.audit))
    return marks


def later(one: Mark, other: Mark | None) -> Mark:
    """Return which of two marks of a box was made last, whatever was heard first: of one moment, unticking counts."""
    return one if other is None else max(one, other, key=lambda mark: (mark.at, not mark.on, mark.event_id))


def read_approvals(statuses: Iterable[Status], creator: str) -> tuple[Approval, ...]:
    """Return the audits that count by their newest status, in the order of the checklist, from a list that is newest first."""
    latest = latest_statuses(statuses, creator)
    said = (latest.get(context_of(audit)) for audit in AUDITS)
    marks = [mark for status in said if status and status.state == "success" and (mark := _read_mark(status)) and mark.on]
    return tuple(Approval(mark.audit, mark.login, mark.event_id, mark.at, mark.digest) for mark in marks)


def latest_statuses(statuses: Iterable[Status], creator: str) -> dict[str, Status]:
    """Return the newest status of each context by the account `creator`, from a list that is newest first."""
    latest: dict[str, Status] = {}
    for status in statuses:
        if status.creator == creator:
            latest.setdefault(status.context, status)
    return latest


def _read_mark(status: Status) -> Mark | None:
    audit = next((audit for audit in AUDITS if context_of(audit) == status.context), None)
    found = _MARK.fullmatch(status.description)
    if audit is None or found is None:
        return None
    return Mark(audit, found["what"] == "ticked", found["login"], found["event"], found["at"], found["digest"], found["view"])
