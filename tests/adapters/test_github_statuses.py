"""Statuses, permissions and whose token it is, asked of a GitHub over HTTP."""

from __future__ import annotations

import pytest

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.errors import GitHubError
from notewright.review.approval import Status
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.hub.state import BOT
from tests.parts.tokens import TOKEN_PERSON, TOKEN_READ, TOKEN_WRITE


def connect(github: FakeGitHub, token: str = TOKEN_WRITE) -> GitHub:
    return GitHub(Access("acme/app", "https://github.invalid", github.url, token), timeout_s=2)


@pytest.fixture
def head(git_server: GitServer) -> str:
    return git_server.heads("acme/app")["main"]


def test_statuses_are_read_newest_first_and_those_of_others_are_left_out(github: FakeGitHub, head: str) -> None:
    hub = connect(github)
    hub.set_status(head, "notewright", "pending", "waits")
    hub.set_status(head, "ci/tests", "success", "passed")
    connect(github, TOKEN_PERSON).set_status(head, "notewright/notes", "success", "mine", url="https://github.invalid/runs/1")
    assert hub.read_statuses(head) == (
        Status("notewright/notes", "success", "mine", "ada"),
        Status("notewright", "pending", "waits", BOT),
    )  # fmt: skip
    assert github.statuses(head)[-1].target_url == "https://github.invalid/runs/1"


def test_statuses_of_more_than_a_page_are_all_read(github: FakeGitHub, head: str) -> None:
    hub = connect(github)
    for number in range(105):
        hub.set_status(head, "notewright", "pending", str(number))
    assert [status.description for status in hub.read_statuses(head)] == [str(number) for number in reversed(range(105))]


@pytest.mark.parametrize(("token", "login"), [(TOKEN_WRITE, BOT), (TOKEN_READ, BOT), (TOKEN_PERSON, "ada")])
def test_every_token_tells_whose_it_is(github: FakeGitHub, token: str, login: str) -> None:
    assert connect(github, token).read_own_login() == login


def test_where_graphql_is_not_served_the_error_says_so(github: FakeGitHub) -> None:
    github.fault("POST", "/graphql$", status=404, message="Not Found")
    with pytest.raises(GitHubError, match="does not answer GraphQL") as caught:
        connect(github).read_own_login()
    assert caught.value.hint


def test_a_question_that_is_too_much_for_github_is_asked_again(github: FakeGitHub) -> None:
    github.fault("POST", "/graphql$", status=502, times=2)
    assert connect(github).read_own_login() == BOT


@pytest.mark.parametrize(("login", "permission"), [("ada", "admin"), ("grace", "write"), ("mallory", "read")])
def test_permissions_are_those_of_the_repository(github: FakeGitHub, login: str, permission: str) -> None:
    assert connect(github).read_permission(login) == permission


def test_an_account_that_is_gone_may_do_nothing(github: FakeGitHub) -> None:
    assert connect(github).read_permission("nobody-at-all") == "none"


def test_a_status_without_the_permission_names_it(github: FakeGitHub, head: str) -> None:
    with pytest.raises(GitHubError, match="cannot set the status notewright") as caught:
        connect(github, TOKEN_READ).set_status(head, "notewright", "pending", "waits")
    assert "statuses: write" in (caught.value.hint or "")
