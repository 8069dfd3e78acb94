from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from notewright.review.approval import Mark, context_of
from notewright.review.checklist import AUDITS, Audit
from notewright.review.gate import MOST_DESCRIPTION, WAITING, Problem, Rules, judge, refuse

BOT = "github-actions[bot]"
COVERS = ("sha256:" + "a" * 64, "sha256:" + "b" * 64)
RULES = Rules(BOT, (), frozenset())


def mark(audit: Audit, login: str = "ada") -> Mark:
    return Mark(audit, True, login, "1", "2026-06-01T10:00:00Z", "a" * 16, "b" * 16)  # noqa: FBT003  # a field


BOTH = {audit: mark(audit) for audit in AUDITS}


def test_it_is_a_success_only_where_everything_holds() -> None:
    """All combinations of what one audit can be, for both audits, with and without a problem."""
    kinds: dict[str, tuple[bool, Mark | None, str | None]] = {
        "good": (True, mark("notes"), None),
        "unticked": (False, mark("notes"), None),
        "unknown": (True, None, None),
        "withdrawn": (True, replace(mark("notes"), on=False), None),
        "of another proposal": (True, replace(mark("notes"), digest="c" * 16), None),
        "of another body": (True, replace(mark("notes"), view="c" * 16), None),
        "refused": (True, mark("notes"), "has no write access"),
    }
    for one, other, problem in itertools.product(kinds, kinds, (None, Problem("pending", "moved"), Problem("failure", "forged"))):
        chosen: dict[Audit, tuple[bool, Mark | None, str | None]] = {"changelog": kinds[one], "notes": kinds[other]}
        marks = {audit: replace(made, audit=audit, login=audit) for audit, (_, made, _) in chosen.items() if made}
        verdict = judge(
            problem,
            frozenset(audit for audit, (on, _, _) in chosen.items() if on),
            marks,
            covers=COVERS,
            refusals={audit: refusal for audit, (_, _, refusal) in chosen.items()},
            bot=BOT,
        )
        expected = problem.state if problem else "success" if one == other == "good" else "pending"
        assert verdict.whole.state == expected, (one, other, problem)
        assert (verdict.whole.state == "success") == all(status.state == "success" for status in verdict.statuses)
        assert all(0 < len(status.description) <= MOST_DESCRIPTION for status in verdict.statuses)


def test_there_is_one_status_for_each_audit_and_last_the_one_to_require() -> None:
    verdict = judge(None, frozenset(AUDITS), BOTH, covers=COVERS, refusals={"ada": None}, bot=BOT)
    assert [status.context for status in verdict.statuses] == ["notewright/changelog", "notewright/notes", "notewright"]
    assert [status.context for status in verdict.statuses][:2] == [context_of(audit) for audit in AUDITS]


def test_what_is_wrong_is_said_in_every_status() -> None:
    verdict = judge(Problem("failure", "CHANGELOG.md is forged"), frozenset(AUDITS), BOTH, covers=COVERS, refusals={}, bot=BOT)
    assert {(status.state, status.description) for status in verdict.statuses} == {("failure", "CHANGELOG.md is forged")}


def test_words_that_are_too_long_are_cut() -> None:
    verdict = judge(Problem("failure", "x" * 500), frozenset(), {}, covers=COVERS, refusals={}, bot=BOT)
    assert len(verdict.whole.description) == MOST_DESCRIPTION


def test_before_anybody_ticked_it_says_that_it_waits() -> None:
    assert WAITING == "Changelog waits for a tick; Notes waits for a tick"


@pytest.mark.case(25)
@pytest.mark.parametrize(
    ("login", "permission", "rules", "refusal"),
    [
        pytest.param("ada", "admin", RULES, None, id="an admin"),
        pytest.param("ada", "write", RULES, None, id="write access"),
        pytest.param("ada", "read", RULES, "has no write access", id="a reader"),
        pytest.param("ada", "none", RULES, "has no write access", id="a stranger"),
        pytest.param(BOT, "write", RULES, "is not a person", id="ourselves"),
        pytest.param("Renovate[bot]", "admin", RULES, "is not a person", id="another bot"),
        pytest.param("release-robot", "admin", replace(RULES, bot="Release-Robot"), "is not a person", id="our own account of a person"),
        pytest.param("ada", "admin", replace(RULES, approvers=("grace",)), "is not among release.approvers", id="not listed"),
        pytest.param("ada", "write", replace(RULES, approvers=("ADA",)), None, id="listed in another case"),
        pytest.param("grace", "read", replace(RULES, approvers=("grace",)), "has no write access", id="listed without access"),
        pytest.param("ada", "admin", replace(RULES, authors=frozenset({"Ada"})), "wrote a part of this release", id="an author"),
    ],
)
def test_who_may_approve(login: str, permission: str, rules: Rules, refusal: str | None) -> None:
    assert refuse(login, permission, rules) == refusal
