from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from notewright.adapters.access import Access
from notewright.adapters.github import GitHub, PullRequest
from notewright.errors import GitHubError
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE
from tests.parts.web import Exchange, WebServer


@pytest.fixture
def topic(git_server: GitServer, tmp_path: Path) -> Repo:
    """A work tree whose branch topic is on the server, one commit more than main."""
    work = Repo.clone(git_server.url_of("acme/app"), tmp_path / "work")
    work.branch("topic")
    work.commit("feat: one")
    git_server.push(work, "topic")
    return work


def connect(server: WebServer, *, token: str | None = TOKEN_WRITE, name: str = "acme/app", timeout_s: int = 5) -> GitHub:
    return GitHub(Access(name, server.url, server.url, token), timeout_s=timeout_s)


def opened(api: GitHub) -> PullRequest:
    return api.open_pull(branch="topic", base="main", title="Release", body="words", draft=False)


def test_a_pull_request_goes_through_its_life(github: FakeGitHub, topic: Repo) -> None:
    api = connect(github)
    assert api.read_default_branch() == "main"
    assert api.find_open_pull(branch="topic", base="main") is None
    pull = opened(api)
    assert (pull.number, pull.title, pull.body, pull.labels, pull.reviewers) == (1, "Release", "words", (), ())
    assert pull.url.endswith("/acme/app/pull/1")
    api.add_labels(1, ("release", "docs"))
    api.request_reviews(1, ("grace",))
    api.edit_pull(1, title="Release 2", body="more")
    found = api.find_open_pull(branch="topic", base="main")
    assert found is not None
    assert (found.title, found.body, found.labels, found.reviewers) == ("Release 2", "more", ("release", "docs"), ("grace",))
    github.review(1, "APPROVED")
    assert api.read_reviewers(1) == ("grace",)
    api.close_pull(1)
    assert github.pull(1).state == "closed"
    assert api.find_open_pull(branch="topic", base="main") is None


def test_each_thing_done_is_one_call(github: FakeGitHub, topic: Repo) -> None:
    api = connect(github)
    steps: list[Callable[[], object]] = [
        lambda: opened(api), lambda: api.find_open_pull(branch="topic", base="main"),
        lambda: api.edit_pull(1, title="t", body="b"), lambda: api.add_labels(1, ("release",)), lambda: api.close_pull(1),
        api.read_default_branch, lambda: api.read_reviewers(1),
    ]  # fmt: skip
    for done, step in enumerate(steps, start=1):
        step()
        assert len(github.calls) == done


def test_pull_requests_are_read_by_number_and_other_numbers_left_out(github: FakeGitHub, topic: Repo) -> None:
    api = connect(github)
    opened(api)
    api.add_labels(1, ("bug",))
    assert api.read_pulls(frozenset({1})) == ()  # still open: no commit of the base came by it
    api.close_pull(1)
    assert api.read_pulls(frozenset({1})) == ()  # closed without being merged: none did either
    github.edit(1, state="open")
    github.merge(1)
    (pull,) = api.read_pulls(frozenset({1, 7, 404}))
    assert (pull.number, pull.title, pull.author, pull.labels) == (1, "Release", "github-actions[bot]", ("bug",))
    before = len(github.calls)
    assert api.read_pulls(frozenset()) == ()
    assert len(github.calls) == before


def test_many_pull_requests_cost_few_calls(github: FakeGitHub, topic: Repo) -> None:
    api = connect(github)
    api.close_pull(opened(api).number)
    for number in range(2, 131):
        github.hub.pulls[number] = replace(github.hub.pulls[1], number=number, merged_at="2026-06-01T00:00:00Z")
    before = len(github.calls)
    assert len(api.read_pulls(frozenset(range(20, 131)))) == 111
    assert len(github.calls) - before == 2


def test_authors_are_read_by_the_name_that_commits_have(github: FakeGitHub, git_server: GitServer, topic: Repo) -> None:
    topic.commit("feat: two", author="Grace Hopper <grace@example.org>")
    topic.commit("feat: three", author="Nobody <nobody@example.org>")
    git_server.push(topic, "topic")
    assert connect(github).read_logins("topic", most=100) == {"Grace Hopper": "grace", "Ada Lovelace": "ada"}
    assert connect(github).read_logins("topic", most=2) == {"Grace Hopper": "grace"}


def test_a_comment_with_the_same_marker_is_written_once(github: FakeGitHub, topic: Repo) -> None:
    api = connect(github)
    opened(api)
    assert api.comment_once(1, "Stopped.", marker="notewright: stopped") is True
    assert api.comment_once(1, "Stopped again.", marker="notewright: stopped") is False
    assert api.comment_once(1, "Closed.", marker="notewright: closed") is True
    assert github.comments(1) == ["Stopped.\n\n<!-- notewright: stopped -->", "Closed.\n\n<!-- notewright: closed -->"]


def test_where_another_run_was_faster_its_pull_request_is_taken(github: FakeGitHub, topic: Repo) -> None:
    assert opened(connect(github)).number == opened(connect(github)).number == 1
    assert len(github.pulls()) == 1


def test_a_pull_request_opened_by_a_call_that_seemed_to_fail_is_found(github: FakeGitHub, topic: Repo) -> None:
    github.fault("POST", "/pulls$", status=502, after=True)
    assert opened(connect(github)).number == 1
    assert len(github.pulls()) == 1


ACTIONS = [
    pytest.param(lambda api: api.read_default_branch(), "read the repository", id="repository"),
    pytest.param(lambda api: api.find_open_pull(branch="topic", base="main"), "look for the pull request", id="find"),
    pytest.param(lambda api: api.edit_pull(1, title="t", body="b"), "update pull request 1", id="edit"),
    pytest.param(lambda api: api.add_labels(1, ("x",)), "label pull request 1", id="label"),
    pytest.param(lambda api: api.request_reviews(1, ("grace",)), "ask for reviews of pull request 1", id="ask"),
    pytest.param(lambda api: api.read_reviewers(1), "read the reviews of pull request 1", id="reviews"),
    pytest.param(lambda api: api.comment_once(1, "x", marker="m"), "comment on pull request 1", id="comment"),
    pytest.param(lambda api: api.close_pull(1), "close pull request 1", id="close"),
    pytest.param(opened, "open the pull request", id="open"),
]


@pytest.mark.parametrize(("action", "what"), ACTIONS)
@pytest.mark.parametrize("status", [401, 403, 404, 422, 429, 500])
def test_every_refusal_says_what_could_not_be_done_and_what_to_do(
    github: FakeGitHub, action: Callable[[GitHub], object], what: str, status: int
) -> None:
    github.fault("*", "/repos/", status=status, message="words of GitHub", times=10)
    with pytest.raises(GitHubError) as caught:
        action(connect(github))
    assert caught.value.message == f"cannot {what}: GitHub answers {status}: words of GitHub"
    assert caught.value.hint
    assert caught.value.exit_code == 6


# a read and a write stand for all where each costs its time limit
SILENCES = [pytest.param({"drop": True}, *one.values, id=f"drop {one.id}") for one in ACTIONS]
SILENCES += [pytest.param({"hang_s": 3.0}, *one.values, id=f"hang {one.id}") for one in (ACTIONS[1], ACTIONS[2])]


@pytest.mark.parametrize(("fault", "action", "what"), SILENCES)
def test_every_silence_is_one_clear_error(
    github: FakeGitHub, fault: dict[str, object], action: Callable[[GitHub], object], what: str
) -> None:
    github.fault("*", "/repos/", times=10, **fault)  # type: ignore[arg-type]  # a table of keywords
    with pytest.raises(GitHubError, match=f"cannot {what}: ") as caught:
        action(connect(github, timeout_s=1))
    assert "again" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("status", "words", "hint"),
    [
        pytest.param(
            403, "Resource not accessible by integration", "permissions:\n  contents: write\n  pull-requests: write", id="permissions"
        ),
        pytest.param(403, "GitHub Actions is not permitted to create or approve pull requests.", "Settings → Actions", id="setting"),
        pytest.param(403, "API rate limit exceeded for installation ID 1.", "wait until 2100-01-01 00:00 UTC", id="rate limit"),
        pytest.param(429, "You have exceeded a secondary rate limit.", "wait until", id="secondary rate limit"),
        pytest.param(401, "Bad credentials", "GITHUB_TOKEN", id="token"),
        pytest.param(404, "Not Found", "name of the repository", id="name"),
    ],
)
def test_the_hint_fits_the_refusal(github: FakeGitHub, status: int, words: str, hint: str) -> None:
    github.fault("*", "/repos/", status=status, message=words)
    with pytest.raises(GitHubError) as caught:
        connect(github).read_default_branch()
    assert hint in (caught.value.hint or "")


def test_reading_is_tried_again_after_a_failure_that_passes(github: FakeGitHub) -> None:
    github.fault("GET", "/repos/", status=502, times=2)
    assert connect(github).read_default_branch() == "main"


@pytest.mark.parametrize("fault", [{"status": 502}, {"drop": True}], ids=str)
def test_writing_is_tried_once(github: FakeGitHub, topic: Repo, fault: dict[str, object]) -> None:
    opened(connect(github))
    before = len(github.writes())
    github.fault("PATCH", "/pulls/1", **fault)  # type: ignore[arg-type]  # a table of keywords
    with pytest.raises(GitHubError):
        connect(github).edit_pull(1, title="t", body="b")
    assert len(github.writes()) == before + 1


def test_a_limit_is_not_waited_for(github: FakeGitHub) -> None:
    github.fault("GET", "/repos/", status=403, message="API rate limit exceeded for user ID 1.", times=9)
    with pytest.raises(GitHubError, match="rate limit"):
        connect(github).read_default_branch()
    assert len(github.calls) == 1


@pytest.mark.parametrize("token", [TOKEN_READ, "ghs_wrong"])
def test_a_token_that_may_not_write_is_never_shown(github: FakeGitHub, topic: Repo, token: str) -> None:
    with pytest.raises(GitHubError) as caught:
        opened(connect(github, token=token))
    assert token not in f"{caught.value} {caught.value.hint} {caught.value.__cause__!r}"


def test_without_a_token_nothing_is_asked(github: FakeGitHub) -> None:
    with pytest.raises(GitHubError, match="no token"):
        connect(github, token=None)
    assert github.calls == []


class Stranger(WebServer):
    """Answers every call in the same way, and not as GitHub does."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.answered = (status, headers, body)
        super().__init__()

    def answer(self, exchange: Exchange) -> None:
        for _ in exchange.body_chunks():
            pass
        exchange.reply(*self.answered)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, b"<html>Sign in to the proxy</html>", id="a page"),
        pytest.param(200, b'{"message": "hello"}', id="another object"),
        pytest.param(200, b'[{"number": "one"}]', id="another list"),
        pytest.param(200, b"[1, 2]", id="numbers"),
        pytest.param(200, b"\xff\xfe{", id="no text"),
        pytest.param(500, b"<html>oops</html>", id="a page of an error"),
        pytest.param(500, b'{"errors": 5, "message": ["x"]}', id="an error of another shape"),
    ],
)
@pytest.mark.parametrize(("action", "what"), [*ACTIONS[:2], *ACTIONS[5:7], ACTIONS[8]])
def test_an_answer_that_is_not_github_s_is_one_clear_error(action: Callable[[GitHub], object], what: str, status: int, body: bytes) -> None:
    with Stranger(status, {"Content-Type": "application/json"}, body) as stranger, pytest.raises(GitHubError, match=what) as caught:
        action(connect(stranger))
    assert caught.value.hint


@pytest.mark.case(38)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_no_token(github: FakeGitHub, topic: Repo, status: int) -> None:
    target = github.url.replace("127.0.0.1", "localhost")
    with Stranger(status, {"Location": f"{target}/repos/acme/app"}, b"{}") as stranger:
        for action in (lambda api: api.read_default_branch(), opened):
            with pytest.raises(GitHubError):
                action(connect(stranger))
    assert not any(call.authorised for call in github.calls)


def test_without_pygithub_the_error_names_the_extra(tmp_path: Path) -> None:
    (tmp_path / "github").mkdir()
    (tmp_path / "github/__init__.py").write_text("raise ImportError('absent')\n")
    code = """
from notewright.adapters.access import Access
from notewright.adapters.github import GitHub
from notewright.errors import GitHubError
try:
    GitHub(Access("a/b", "https://github.com", "https://api.github.com", "token"))
except GitHubError as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout == "pip install 'notewright[github]'\n"


def test_importing_the_module_loads_no_pygithub() -> None:
    code = "import sys, notewright.adapters.github; print('github' in sys.modules, 'requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
