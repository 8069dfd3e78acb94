"""GitHub's GraphQL, asked in batches: what is left out, what is asked again, and what ends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.adapters.limits import Patience
from notewright.adapters.questions import Author, KnownCommit
from notewright.control import Cancel, Event, Warned
from notewright.errors import Cancelled, GitHubError
from notewright.history.merges import MergedPull
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ
from tests.parts.web import Exchange, WebServer

NOBODY = "0" * 40


class QuickCancel(Cancel):
    """Waits in no time, and remembers for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s: list[float] = []

    def wait(self, timeout_s: float) -> bool:
        self.waited_s.append(timeout_s)
        return self.requested


def connect(server: WebServer, *, token: str = TOKEN_READ, timeout_s: int = 5) -> GitHub:
    return GitHub(Access("acme/app", server.url, server.url, token), timeout_s=timeout_s)


def read(server: WebServer, shas: list[str], *, timeout_s: int = 5, token: str = TOKEN_READ) -> tuple[KnownCommit, ...] | None:
    patience = Patience(cancel=QuickCancel())
    return connect(server, timeout_s=timeout_s, token=token).read_commits(shas, patience=patience, advance=lambda _: None)


@pytest.fixture
def shas(git_server: GitServer, checkout: Repo) -> list[str]:
    """The three newest commits of main."""
    for number in range(3):
        checkout.commit(f"fix: {number}", author="Grace Hopper <grace@example.org>")
    git_server.push(checkout, "main")
    return checkout.git("rev-list", "-3", "HEAD").split()


def batches(github: FakeGitHub) -> list[int]:
    """How many commits each query asked for."""
    return [call.body["query"].count("object(oid:") if isinstance(call.body, dict) else 0 for call in github.queries()]


def test_commits_come_with_their_authors_in_the_order_asked_for(github: FakeGitHub, shas: list[str]) -> None:
    found = read(github, shas)
    assert found == tuple(KnownCommit(sha, (Author("Grace Hopper", "grace", "U_101"),), ()) for sha in shas)
    assert batches(github) == [3]


def test_a_commit_that_github_does_not_know_is_left_out(github: FakeGitHub, shas: list[str]) -> None:
    found = read(github, [NOBODY, *shas, "no sha", '"){x}'])
    assert found is not None
    assert [one.sha for one in found] == shas


def test_an_object_that_is_no_commit_is_left_out() -> None:
    with Stranger(data({})) as stranger:
        assert read(stranger, [NOBODY]) == ()


def test_a_commit_that_an_error_says_is_not_there_is_left_out(github: FakeGitHub, shas: list[str]) -> None:
    github.spoil("repository", "q1", kind="NOT_FOUND", message="Could not resolve to a GitObject.")
    found = read(github, shas)
    assert found is not None
    assert [one.sha for one in found] == [shas[0], shas[2]]


def test_pull_requests_are_found_by_number_and_the_rest_left_out(github: FakeGitHub, git_server: GitServer, checkout: Repo) -> None:
    checkout.branch("topic")
    checkout.commit("feat: one")
    git_server.push(checkout, "topic")
    github.hub.pulls[1] = _opened(github, checkout)
    api, patience = connect(github), Patience(cancel=QuickCancel())
    assert api.read_merged([1, 2], patience=patience) == ()  # open
    tip = github.merge(1, method="rebase")
    assert api.read_merged([404, 2, 1], patience=patience) == (MergedPull(1, "Title", "ada", ("bug", "docs"), tip),)
    assert len(github.queries()) == 2


def _opened(github: FakeGitHub, work: Repo) -> Any:  # noqa: ANN401  # a part of the fake
    from tests.parts.hub.state import Pull

    pull = Pull(
        1, "Title", None, "ada", "topic", "main", work.sha("topic"), work.sha("main"), "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z"
    )
    return replace(pull, labels=["docs", "bug"])


@pytest.mark.parametrize("fault", [{"status": 502}, {"status": 504}, {"drop": True}], ids=str)
def test_what_fails_is_asked_again_in_smaller_calls(github: FakeGitHub, shas: list[str], fault: dict[str, Any]) -> None:
    github.fault("POST", "/graphql", **fault, times=2)
    found = read(github, [NOBODY] * 117 + shas)
    assert found is not None
    assert [one.sha for one in found] == shas
    assert batches(github) == [0, 0, 25, 25, 25, 25, 20]


def test_a_query_that_github_gave_up_on_halfway_is_asked_again(github: FakeGitHub, shas: list[str]) -> None:
    words = "Something went wrong while executing your query. This may be the result of a timeout."
    github.spoil("repository", "q2", message=words)
    github.spoil(message=words)
    found = read(github, shas)
    assert found is not None
    assert [one.sha for one in found] == shas
    github.spoil("repository", "q2", message=words, times=3)
    with pytest.raises(GitHubError, match="cannot read the commits: GitHub gives up halfway: Something went wrong"):
        read(github, shas)


@pytest.mark.parametrize("fault", [{"status": 502}, {"drop": True}, {"hang_s": 3.0}], ids=str)
def test_three_failures_are_one_clear_error(github: FakeGitHub, shas: list[str], fault: dict[str, Any]) -> None:
    github.fault("POST", "/graphql", **fault, times=9)
    with pytest.raises(GitHubError, match="cannot read the commits: ") as caught:
        read(github, shas, timeout_s=1)
    assert "again" in (caught.value.hint or "")
    assert len(github.queries()) == 3


OVER = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000000000"}
LIMITS = [
    pytest.param(
        {"status": 403, "message": "You have exceeded a secondary rate limit.", "headers": {"Retry-After": "7"}}, 7, id="secondary"
    ),
    pytest.param({"status": 429, "message": "API rate limit exceeded", "headers": OVER}, 1, id="primary, over"),
    pytest.param({"status": 429, "message": "Too many requests"}, 60, id="no word of when"),
]


@pytest.mark.parametrize(("fault", "pause_s"), LIMITS)
def test_a_short_limit_is_waited_for_and_told(github: FakeGitHub, shas: list[str], fault: dict[str, Any], pause_s: float) -> None:
    github.fault("POST", "/graphql", **fault)
    told: list[Event] = []
    cancel = QuickCancel()
    found = connect(github).read_commits(shas, patience=Patience(told.append, cancel), advance=lambda _: None)
    assert found is not None
    assert cancel.waited_s == [pause_s]
    assert told == [Warned(f"GitHub's rate limit is reached: going on in {pause_s} s")]


def test_a_limit_in_an_answer_of_status_200_is_one(github: FakeGitHub, shas: list[str]) -> None:
    github.spoil(kind="RATE_LIMITED", message="API rate limit exceeded for user ID 1.", times=3)
    with pytest.raises(GitHubError, match="rate limit exceeded") as caught:
        read(github, shas)
    assert "wait until 2100-01-01 00:00 UTC" in (caught.value.hint or "")
    assert len(github.queries()) == 1


def test_a_wait_can_be_cancelled(github: FakeGitHub, shas: list[str]) -> None:
    github.fault("POST", "/graphql", status=403, message="You have exceeded a secondary rate limit.", headers={"Retry-After": "30"})
    cancel = Cancel()
    patience = Patience(lambda _: cancel.request(), cancel)
    with pytest.raises(Cancelled):
        connect(github).read_commits(shas, patience=patience, advance=lambda _: None)


def test_the_pages_of_the_rest_api_wait_for_limits_too(github: FakeGitHub, shas: list[str]) -> None:
    github.fault("GET", "/commits", status=429, message="You have exceeded a secondary rate limit.", headers={"Retry-After": "7"})
    cancel = QuickCancel()
    assert connect(github).read_logins("main", most=9, patience=Patience(cancel=cancel)) == {"Grace Hopper": "grace", "Ada Lovelace": "ada"}
    assert cancel.waited_s == [7]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda hub: hub.spoil("repository", kind="NOT_FOUND", message="Could not resolve to a Repository"), id="repository"),
        pytest.param(lambda hub: hub.spoil("repository", kind="FORBIDDEN", message="Resource not accessible"), id="forbidden"),
        pytest.param(
            lambda hub: hub.spoil("repository", "q0", "associatedPullRequests", kind="FORBIDDEN", message="Resource not accessible"),
            id="part",
        ),
        pytest.param(lambda hub: hub.fault("POST", "/graphql", status=404), id="absent"),
    ],
)
def test_where_graphql_is_refused_that_is_told_and_nothing_returned(
    github: FakeGitHub, shas: list[str], spoil: Callable[[FakeGitHub], None]
) -> None:
    spoil(github)
    told: list[Event] = []
    found = connect(github).read_commits(shas, patience=Patience(told.append, QuickCancel()), advance=lambda _: None)
    assert found is None
    assert isinstance(told[0], Warned)


def test_a_wrong_token_is_an_error_and_never_shown(github: FakeGitHub, shas: list[str]) -> None:
    with pytest.raises(GitHubError, match="401: Bad credentials") as caught:
        read(github, shas, token="ghs_wrong")
    assert "ghs_wrong" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}"


class Stranger(WebServer):
    """Answers every call with the same bytes."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        super().__init__()

    def answer(self, exchange: Exchange) -> None:
        for _ in exchange.body_chunks():
            pass
        exchange.reply(200, {"Content-Type": "application/json"}, self.body)


PULL = {"number": 7, "title": "T", "state": "MERGED", "mergeCommit": None, "author": None, "labels": {"nodes": []}}
COMMIT = {"authors": {"nodes": [{"name": "A", "user": None}]}, "associatedPullRequests": {"nodes": [PULL]}}


def data(commit: object) -> bytes:
    return json.dumps({"data": {"repository": {"q0": commit}}}).encode()


def with_pull(**changes: object) -> bytes:
    return data({**COMMIT, "associatedPullRequests": {"nodes": [{**PULL, **changes}]}})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>Sign in to the proxy</html>", id="a page"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[1, 2]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"[" * 200_000, id="too deep"),
        pytest.param(b'{"data": 7}', id="data of another kind"),
        pytest.param(b'{"data": null}', id="neither data nor errors"),
        pytest.param(b'{"data": {"repository": []}}', id="a list of repositories"),
        pytest.param(b'{"errors": 7}', id="a number of errors"),
        pytest.param(b'{"errors": {"a": "b"}}', id="an object of errors"),
        pytest.param(b'{"errors": ["x"]}', id="a text as error"),
        pytest.param(data("commit"), id="a text as commit"),
        pytest.param(data({"title": "T"}), id="another object"),
        pytest.param(data({**COMMIT, "authors": []}), id="a list of authors"),
        pytest.param(data({**COMMIT, "authors": {"nodes": [{"name": 7, "user": None}]}}), id="a number as name"),
        pytest.param(data({**COMMIT, "authors": {"nodes": [{"name": "A", "user": {"login": "a"}}]}}), id="a user without id"),
        pytest.param(with_pull(number="7"), id="a text as number"),
        pytest.param(with_pull(number=True), id="a switch as number"),
        pytest.param(with_pull(number=-1), id="a negative number"),
        pytest.param(with_pull(number=10**30), id="a huge number"),
        pytest.param(with_pull(title=None), id="no title"),
        pytest.param(with_pull(title="x" * 100_000), id="a huge title"),
        pytest.param(with_pull(labels={"nodes": [{"name": 7}]}), id="a number as label"),
        pytest.param(with_pull(labels={"nodes": [{"name": "x" * 5_000}]}), id="a huge label"),
        pytest.param(with_pull(mergeCommit="x"), id="a text as merge commit"),
        pytest.param(with_pull(author="ada"), id="a text as author"),
    ],
)
def test_an_answer_of_another_shape_is_one_clear_error(body: bytes) -> None:
    with Stranger(body) as stranger, pytest.raises(GitHubError, match="cannot read the commits") as caught:
        read(stranger, [NOBODY])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("body", "pulls"),
    [
        pytest.param(with_pull(), (MergedPull(7, "T", ""),), id="a deleted author"),
        pytest.param(with_pull(author={"__typename": "Bot", "login": "renovate"}), (MergedPull(7, "T", "renovate[bot]"),), id="a bot"),
        pytest.param(
            with_pull(author={"__typename": "User", "login": "a b\n@all"}), (MergedPull(7, "T", ""),), id="a login that can be none"
        ),
        pytest.param(with_pull(state="OPEN"), (), id="open"),
        pytest.param(with_pull(state="CLOSED"), (), id="closed"),
        pytest.param(with_pull(labels=None), (MergedPull(7, "T", ""),), id="no labels"),
        pytest.param(
            with_pull(labels={"nodes": [None, {"name": "b\n\u202e"}, {"name": "a"}, {"name": "a"}]}),
            (MergedPull(7, "T", "", ("a", "b\n\u202e")),),
            id="odd labels",
        ),
        pytest.param(with_pull(title="half \ud800 a character"), (MergedPull(7, "half ? a character", ""),), id="half a character"),
        pytest.param(data({**COMMIT, "associatedPullRequests": None}), (), id="no pull requests"),
    ],
)
def test_what_is_odd_but_possible_is_taken(body: bytes, pulls: tuple[MergedPull, ...]) -> None:
    with Stranger(body) as stranger:
        found = read(stranger, [NOBODY])
    assert found == (KnownCommit(NOBODY, (Author("A", "", ""),), pulls),)


_WORDS = st.sampled_from(["nodes", "name", "user", "authors", "associatedPullRequests", "errors", "type", "path", "message", *PULL])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just("MERGED"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=5),
    max_leaves=12,
)


def test_no_answer_breaks_the_reader() -> None:
    with Stranger(b"") as stranger:
        api = connect(stranger)

        @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(_VALUES, _VALUES, st.sampled_from(["commit", "authors", "pull", "errors"]))
        def check(value: object, other: object, where: str) -> None:
            commit: object = {
                "commit": value,
                "authors": {**COMMIT, "authors": value},
                "pull": {**COMMIT, "associatedPullRequests": value},
            }.get(where, other)
            stranger.body = json.dumps(
                {"data": {"repository": {"q0": commit}}, **({"errors": value} if where == "errors" else {})}
            ).encode()
            with suppress(GitHubError):
                api.read_commits([NOBODY], patience=Patience(cancel=QuickCancel()), advance=lambda _: None)

        check()
