from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.review.approval import Approval, Mark, Status, context_of, describe_mark, later, read_approvals, read_marks
from notewright.review.gate import MOST_DESCRIPTION

BOT = "github-actions[bot]"
MARK = Mark("notes", True, "ada", "15093847562", "2026-06-01T10:00:00Z", "0123456789abcdef", "fedcba9876543210")  # noqa: FBT003  # fields


def status(mark: Mark, state: str = "success", *, creator: str = BOT) -> Status:
    return Status(context_of(mark.audit), state, describe_mark(mark), creator)  # type: ignore[arg-type]  # a state


def test_a_mark_is_read_back_from_the_status_that_holds_it() -> None:
    assert read_marks([status(MARK)], BOT) == {"notes": MARK}
    assert read_marks([status(replace(MARK, on=False))], BOT) == {"notes": replace(MARK, on=False)}


def test_a_mark_fits_into_a_status_for_the_longest_login_and_run() -> None:
    longest = replace(MARK, on=False, login="a" * 39, event_id="9" * 20)
    assert len(describe_mark(longest)) <= MOST_DESCRIPTION
    assert read_marks([status(longest)], BOT) == {"notes": longest}


def test_the_last_mark_counts_in_whatever_order_they_were_stored() -> None:
    first, last = MARK, replace(MARK, login="grace", at="2026-06-01T10:00:01Z")
    assert read_marks([status(first), status(last)], BOT) == read_marks([status(last), status(first)], BOT) == {"notes": last}


def test_of_one_moment_unticking_counts() -> None:
    off = replace(MARK, on=False)
    assert later(MARK, off) == later(off, MARK) == off


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(status(MARK, creator="ada"), id="another account"),
        pytest.param(replace(status(MARK), context="ci/notes"), id="another context"),
        pytest.param(replace(status(MARK), context="notewright"), id="the status of the whole"),
        pytest.param(replace(status(MARK), description="ticked by ada"), id="other words"),
        pytest.param(replace(status(MARK), description=f"{describe_mark(MARK)}."), id="more words"),
        pytest.param(replace(status(MARK), description=describe_mark(MARK).replace("ada", "ada b")), id="no login"),
    ],
)
def test_what_is_no_mark_of_ours_counts_for_nothing(said: Status) -> None:
    assert read_marks([said], BOT) == {}
    assert read_approvals([said], BOT) == ()


def test_an_approval_is_a_mark_whose_newest_status_is_a_success() -> None:
    approval = Approval("notes", "ada", "15093847562", "2026-06-01T10:00:00Z", "0123456789abcdef")
    assert read_approvals([status(MARK)], BOT) == (approval,)
    assert read_approvals([status(MARK, "pending"), status(MARK)], BOT) == ()
    assert read_approvals([replace(status(MARK), state="pending", description="the base has moved on"), status(MARK)], BOT) == ()
    assert read_approvals([status(replace(MARK, on=False))], BOT) == ()


def test_a_mark_covers_the_proposal_and_the_body_that_it_was_made_on() -> None:
    assert MARK.covers("sha256:0123456789abcdef" + "0" * 48, "sha256:fedcba9876543210" + "0" * 48)
    assert not MARK.covers("sha256:1123456789abcdef" + "0" * 48, "sha256:fedcba9876543210" + "0" * 48)
    assert not MARK.covers("sha256:0123456789abcdef" + "0" * 48, "sha256:0edcba9876543210" + "0" * 48)
