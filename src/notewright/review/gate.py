"""The verdict of the gate: what its three statuses say, from what stands on the branch, what is ticked and by whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from notewright.review.approval import CONTEXT, Mark, State, Status, context_of, describe_mark
from notewright.review.checklist import AUDITS, Audit

MOST_DESCRIPTION = 140  # characters that GitHub takes
_NAMES: dict[Audit, str] = {"changelog": "Changelog", "notes": "Notes"}
_WRITES = ("admin", "write")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why no tick can count: `pending` where it passes when the release workflow runs or somebody looks again, `failure` where something is
    wrong that has to be undone."""

    state: Literal["pending", "failure"]
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may approve: not `bot`, our own account; of `approvers`, if there are any; and none of `authors`, who wrote what is released."""

    bot: str
    approvers: tuple[str, ...]
    authors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The statuses to be set: the one to require, and one for each audit, by their contexts."""

    statuses: tuple[Status, ...]

    @property
    def whole(self) -> Status:
        """The status that may be required."""
        return self.statuses[-1]


def refuse(login: str, permission: str, rules: Rules) -> str | None:
    """Return why an account may not approve, as words that follow its name; None where it may."""
    known = login.casefold()
    if known == rules.bot.casefold() or known.endswith("[bot]"):
        return "is not a person"
    if rules.approvers and known not in {name.casefold() for name in rules.approvers}:
        return "is not among release.approvers"
    if known in {name.casefold() for name in rules.authors}:
        return "wrote a part of this release"
    return None if permission in _WRITES else "has no write access"


def judge(
    problem: Problem | None, ticks: Collection[Audit], marks: Mapping[Audit, Mark], *, covers: tuple[str, str],
    refusals: Mapping[str, str | None], bot: str,
) -> Verdict:  # fmt: skip
    """Decide. `covers` are the digests of the proposal and of the body as they are now, `refusals` says of who ticked why they may not.

    Success is only where nothing is wrong and both boxes are ticked, each last by somebody who may, on this very proposal.
    """
    if problem:
        said = {audit: _Said(problem.state, problem.reason, problem.reason) for audit in AUDITS}
        whole = Status(CONTEXT, problem.state, cut(problem.reason), bot)
    else:
        said = {audit: _judge_audit(marks.get(audit), ticked=audit in ticks, covers=covers, refusals=refusals) for audit in AUDITS}
        state: State = "success" if all(one.state == "success" for one in said.values()) else "pending"
        whole = Status(CONTEXT, state, cut("; ".join(f"{_NAMES[audit]} {one.words}" for audit, one in said.items())), bot)
    return Verdict((*(Status(context_of(audit), one.state, cut(one.text), bot) for audit, one in said.items()), whole))


@dataclass(frozen=True, slots=True)
class _Said:
    """What becomes of one audit: the text of its own status, and words for the whole that follow its name."""

    state: State
    text: str
    words: str


def _judge_audit(mark: Mark | None, *, ticked: bool, covers: tuple[str, str], refusals: Mapping[str, str | None]) -> _Said:
    if not ticked:
        unticked = mark is not None and not mark.on
        words = f"was unticked by {mark.login}" if mark and unticked else "waits for a tick"
        return _Said("pending", describe_mark(mark) if mark and unticked else words, words)
    if mark is None or not mark.on:
        words = "is ticked, and no edit tells by whom: untick it and tick it again"
        return _Said("pending", words, words)
    if not mark.covers(*covers):
        words = f"has changed since {mark.login} ticked it: look again, then untick and tick it"
        return _Said("pending", words, words)
    if refusal := refusals[mark.login]:
        return _Said("pending", describe_mark(mark), f"was ticked by {mark.login}, who {refusal}")
    return _Said("success", describe_mark(mark), f"ticked by {mark.login}")


def cut(text: str) -> str:
    """Return text as long as a description may be."""
    return text if len(text) <= MOST_DESCRIPTION else f"{text[: MOST_DESCRIPTION - 1]}…"


# What is said before anybody has ticked anything
WAITING = judge(None, frozenset(), {}, covers=("", ""), refusals={}, bot="").whole.description
