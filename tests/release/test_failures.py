"""GitHub and its git server fail at every call; the same command, run again, ends where an undisturbed run ends."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notewright.errors import GitHubError
from tests.parts.faults import Faults
from tests.parts.plumbing import read_git
from tests.parts.tokens import TOKEN_READ
from tests.parts.web import WebServer
from tests.release.site import BRANCH, Site

# What an undisturbed first run asks for, in this order. A test holds the list against a real run.
GITHUB_CALLS = (
    ("GET", "/repos/acme/app$"), ("POST", "/graphql$"), ("GET", r"/pulls\?.*state=open"),
    ("GET", "/commits/[0-9a-f]{40}/statuses"), ("POST", "/statuses/[0-9a-f]{40}"), ("POST", "/pulls$"),
    ("POST", "/issues/1/labels"), ("GET", "/pulls/1/reviews"), ("POST", "/pulls/1/requested_reviewers"),
)  # fmt: skip
GIT_CALLS = (
    ("GET", "service=git-upload-pack"),
    ("POST", "git-upload-pack"),
    ("GET", "service=git-receive-pack"),
    ("POST", "git-receive-pack"),
)
# Each status at each call is tried in tests/adapters/test_github.py; here, what a failure leaves half done.
KINDS: dict[str, dict[str, object]] = {
    "refused": {"status": 403},
    "failed": {"status": 500},
    "failed after it was done": {"status": 500, "after": True},
    "dropped after it was done": {"drop": True, "after": True},
}


@pytest.fixture
def site(site: Site) -> Site:
    site.config = replace(site.config, release=replace(site.config.release, reviewers=("grace",)))
    return site


def check_undisturbed(site: Site) -> None:
    """Hold the site to what a run without failures leaves behind, and to having nothing left to do."""
    (pull,) = site.github.pulls()
    assert (pull.title, pull.state, pull.labels, pull.reviewers) == ("chore(release): 0.2.0", "open", ["release"], ["grace"])
    assert pull.body == (site.output / "body.md").read_text()
    assert {(status.context, status.state) for status in site.github.statuses(pull.head_sha)} == {("notewright", "pending")}
    assert site.github.comments(1) == []
    parents = read_git(site.git_server.path_of("acme/app"), "log", "-1", "--format=%P", BRANCH)
    assert parents == site.work.sha() == site.git_server.heads("acme/app")["main"]
    writes = site.writes()
    assert site.run().operation == "unchanged"
    assert site.writes() == writes


def fail_then_run(site: Site, server: WebServer, method: str, path: str, kind: dict[str, object]) -> None:
    """Let a call fail as often as it is tried, hold the error to one clear message, and run once more without failures."""
    reads = method == "GET" or path == "/graphql$"
    server.fault(method, path, times=3 if reads else 1, **kind)  # type: ignore[arg-type]  # a table of keywords
    failures: list[GitHubError] = []
    try:
        site.run()
    except GitHubError as error:
        failures.append(error)
    spared = path == "/graphql$" and kind.get("status") == 403  # a server without GraphQL: the REST API tells as much of this history
    assert failures or "after" in kind or spared, "a call that fails for good went unnoticed"
    for failure in failures:
        assert failure.exit_code == 6
        assert re.fullmatch(r"cannot .*", failure.message)
        assert failure.hint
        assert site.token not in f"{failure.message} {failure.hint} {failure.__cause__!r}"
    server.faults = Faults()
    site.run()


def test_the_calls_of_a_run_are_the_ones_that_fail_below(site: Site) -> None:
    before = len(site.git_server.calls)
    site.run()
    asked = [f"{call.method} {call.path}?{call.query}" for call in site.github.calls]
    # the default branch is asked for by collect and by propose; GraphQL for commits, for the number in a message and for the newcomer
    assert len(asked) == len(GITHUB_CALLS) + 1 + 2
    assert all(any(method == call.split()[0] and re.search(path.rstrip("$"), call) for call in asked) for method, path in GITHUB_CALLS)
    told = [f"{call.method} {call.path}?{call.query}" for call in site.git_server.calls[before:]]
    assert all(any(method == call.split()[0] and path in call for call in told) for method, path in GIT_CALLS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "path"), GITHUB_CALLS, ids=[f"{method} {path}" for method, path in GITHUB_CALLS])
def test_after_a_failure_of_github_the_same_command_ends_where_it_would_have(site: Site, method: str, path: str, kind: str) -> None:
    fail_then_run(site, site.github, method, path, KINDS[kind])
    check_undisturbed(site)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "path"), GIT_CALLS, ids=[f"{method} {path}" for method, path in GIT_CALLS])
def test_after_a_failure_of_the_git_server_the_same_command_ends_where_it_would_have(site: Site, method: str, path: str, kind: str) -> None:
    fail_then_run(site, site.git_server, method, path, KINDS[kind])
    check_undisturbed(site)


def test_a_hanging_github_is_given_up(site: Site) -> None:
    site.github.fault("GET", "/repos/acme/app$", hang_s=8, times=3)
    with pytest.raises(GitHubError, match="did not answer within 2 s"):
        site.run()


@pytest.mark.case(41)
def test_a_protected_release_branch_is_one_clear_error(site: Site) -> None:
    site.git_server.protect("acme/app", "notewright/release")
    with pytest.raises(GitHubError, match="the server protects this branch") as caught:
        site.run()
    assert "release.branch" in (caught.value.hint or "")
    assert (site.branch(), site.github.pulls()) == (None, [])


def test_a_token_that_may_only_read_names_the_permissions(site: Site) -> None:
    site.token = TOKEN_READ
    with pytest.raises(GitHubError, match="may not do this") as caught:
        site.run()
    assert "contents: write" in (caught.value.hint or "")


def test_when_actions_may_not_open_pull_requests_the_setting_is_named(site: Site) -> None:
    words = "GitHub Actions is not permitted to create or approve pull requests."
    site.github.fault("POST", "/pulls$", status=403, message=words)
    with pytest.raises(GitHubError, match="not permitted") as caught:
        site.run()
    assert "Settings → Actions" in (caught.value.hint or "")
    assert site.run().operation == "created"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/comments"), ("POST", "/comments"), ("PATCH", "/pulls/1")])
def test_closing_is_finished_by_the_next_run(site: Site, method: str, path: str, *, after: bool) -> None:
    site.run()
    site.tag("v0.2.0")
    site.github.fault(method, path, status=500, times=3 if method == "GET" else 1, after=after)
    with pytest.raises(GitHubError):
        site.run()
    site.run()
    assert site.github.pull(1).state == "closed"
    assert len(site.github.comments(1)) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_updating_is_finished_by_the_next_run(site: Site, *, after: bool) -> None:
    site.run()
    site.push("feat: something new")
    site.github.fault("PATCH", "/pulls/1", status=502, after=after)
    with pytest.raises(GitHubError):
        site.run()
    site.run()
    assert "something new" in (site.github.pull(1).body or "")
    writes = site.writes()
    assert site.run().operation == "unchanged"
    assert site.writes() == writes
