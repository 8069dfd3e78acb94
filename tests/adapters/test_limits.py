"""How long GitHub asks to wait, and the waiting, without waiting."""

from __future__ import annotations

import time

import pytest
from github import GithubException

from notewright.adapters.limits import HASTE, LONGEST_WAIT_S, Patience, find_pause, say_until
from notewright.control import Cancel, Event, Warned
from notewright.errors import Cancelled

NOW = "Thu, 20 Nov 2025 10:00:00 GMT"
NOW_S = 1_763_632_800
PRIMARY = "API rate limit exceeded for installation ID 1."
SECONDARY = "You have exceeded a secondary rate limit."


class QuickCancel(Cancel):
    """Waits in no time, and remembers for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s: list[float] = []

    def wait(self, timeout_s: float) -> bool:
        self.waited_s.append(timeout_s)
        return self.requested


def refusal(status: int, message: str = "", headers: dict[str, str] | None = None, *, kind: str | None = None) -> GithubException:
    data = {"errors": [{"type": kind, "message": message}]} if status == 200 else {"message": message}
    return GithubException(status, data, {"date": NOW, **(headers or {})})


@pytest.mark.parametrize(
    ("error", "pause_s"),
    [
        pytest.param(refusal(403, SECONDARY, {"retry-after": "30"}), 30, id="secondary"),
        pytest.param(refusal(429, SECONDARY, {"Retry-After": "30"}), 30, id="another spelling"),
        pytest.param(refusal(403, SECONDARY), 60, id="secondary that does not say how long"),
        pytest.param(refusal(429, ""), 60, id="429 without a word"),
        pytest.param(refusal(403, PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW_S + 20}"}), 21, id="primary"),
        pytest.param(refusal(403, PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW_S - 99}"}), 1, id="already over"),
        pytest.param(
            refusal(403, PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000}), float("inf"), id="absurd moment"
        ),
        pytest.param(refusal(403, PRIMARY, {"retry-after": "9" * 5000}), float("inf"), id="absurd wait"),
        pytest.param(refusal(403, SECONDARY, {"retry-after": "²"}), 60, id="no number"),
        pytest.param(refusal(403, PRIMARY), float("inf"), id="primary that does not say until when"),
        pytest.param(
            refusal(200, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW_S}"}), 1, id="graphql"
        ),
        pytest.param(refusal(200, "slow down", {"retry-after": "5"}, kind="RATE_LIMITED"), 5, id="graphql by type"),
        pytest.param(refusal(403, "Resource not accessible by integration", {"x-ratelimit-remaining": "7"}), None, id="permissions"),
        pytest.param(refusal(200, "Could not resolve", {"x-ratelimit-remaining": "0"}, kind="NOT_FOUND"), None, id="another error"),
        pytest.param(refusal(502, "rate limit"), None, id="server failure"),
    ],
)
def test_the_pause_is_the_one_that_github_names(error: GithubException, pause_s: float | None) -> None:
    assert find_pause(error) == pause_s


def test_an_answer_without_a_date_is_held_against_the_machine_s_clock() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{int(time.time()) + 1000}"}
    pause_s = find_pause(GithubException(403, {"message": PRIMARY}, headers))
    assert pause_s is not None
    assert 900 < pause_s < 1002


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"retry-after": "600"}, "until 2025-11-20 10:10 UTC"),
        ({"x-ratelimit-reset": f"{NOW_S + 3600}"}, "until 2025-11-20 11:00 UTC"),
        ({"x-ratelimit-reset": "99999999999"}, "until 5138-11-16 09:46 UTC"),
        ({"x-ratelimit-reset": "9" * 30}, "a few minutes"),
        ({"x-ratelimit-reset": "soon"}, "a few minutes"),
        ({}, "a few minutes"),
    ],
)
def test_the_hint_says_until_when(headers: dict[str, str], words: str) -> None:
    assert say_until(refusal(403, PRIMARY, headers)) == words


def failing(errors: list[GithubException]) -> object:
    if errors:
        raise errors.pop(0)
    return "answer"


def test_a_short_wait_is_waited_and_told() -> None:
    told: list[Event] = []
    cancel = QuickCancel()
    errors = [refusal(403, SECONDARY, {"retry-after": "30"}), refusal(403, SECONDARY, {"retry-after": "60"})]
    assert Patience(told.append, cancel).ask(lambda: failing(errors)) == "answer"
    assert cancel.waited_s == [30, LONGEST_WAIT_S]
    assert told[0] == Warned("GitHub's rate limit is reached: going on in 30 s")


@pytest.mark.parametrize(("after", "tries"), [("61", 1), ("30", 3)])
def test_a_long_wait_and_an_endless_one_are_errors(after: str, tries: int) -> None:
    errors = [refusal(403, SECONDARY, {"retry-after": after}) for _ in range(9)]
    with pytest.raises(GithubException, match="secondary"):
        Patience(cancel=QuickCancel()).ask(lambda: failing(errors))
    assert len(errors) == 9 - tries


def test_who_is_in_haste_never_waits() -> None:
    errors = [refusal(403, SECONDARY, {"retry-after": "1"})]
    with pytest.raises(GithubException):
        HASTE.ask(lambda: failing(errors))


def test_a_wait_can_be_cancelled() -> None:
    cancel = Cancel()

    def refuse() -> None:
        cancel.request()
        raise refusal(403, SECONDARY, {"retry-after": "60"})

    with pytest.raises(Cancelled):
        Patience(cancel=cancel).ask(refuse)


def test_another_refusal_is_nothing_to_wait_for() -> None:
    errors = [refusal(404, "Not Found")]
    with pytest.raises(GithubException, match="404"):
        Patience(cancel=QuickCancel()).ask(lambda: failing(errors))
