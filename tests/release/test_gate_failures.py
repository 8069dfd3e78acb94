"""GitHub and its git server fail at every call of the gate; the same run, started again, ends where an undisturbed one ends."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from notewright.errors import GitHubError
from tests.parts.faults import Faults
from tests.parts.tokens import TOKEN_READ
from tests.parts.web import WebServer
from tests.release.gating import gate, said, tick
from tests.release.site import Site

# What a run asks for that turns the status green, in this order. A test holds the list against a real run.
GITHUB_CALLS = (
    ("GET", "/repos/acme/app$"), ("GET", r"/pulls\?.*state=open"), ("POST", "/graphql$"), ("GET", "/commits/[0-9a-f]{40}/pulls"),
    ("GET", "/commits/[0-9a-f]{40}/statuses"), ("GET", "/collaborators/lin/permission"), ("POST", "/statuses/[0-9a-f]{40}"),
)  # fmt: skip
GIT_CALLS = (("GET", "service=git-upload-pack"), ("POST", "git-upload-pack"))
KINDS: dict[str, dict[str, object]] = {
    "refused": {"status": 403},
    "failed": {"status": 500},
    "failed after it was done": {"status": 500, "after": True},
    "dropped after it was done": {"drop": True, "after": True},
}


@pytest.fixture
def site(site: Site) -> Site:
    """A release whose first audit is ticked, where who wrote it may not approve it."""
    site.github.add_person("lin", email="lin@example.org", name="Lin")
    site.config = replace(site.config, release=replace(site.config.release, approver_may_author=False))
    site.run()
    gate(site, tick(site, "changelog", by="lin"))
    return site


def fail_then_run(site: Site, server: WebServer, method: str, path: str, kind: dict[str, object]) -> None:
    """Let a call fail as often as it is tried, hold the error to one clear message, and start the run again without failures."""
    event = tick(site, "notes", by="lin")
    server.fault(method, path, times=3 if method == "GET" or path == "/graphql$" else 1, **kind)  # type: ignore[arg-type]  # a table
    failures: list[GitHubError] = []
    try:
        gate(site, event, run=77)
    except GitHubError as error:
        failures.append(error)
    assert failures or "after" in kind, "a call that fails for good went unnoticed"
    for failure in failures:
        assert re.fullmatch(r"cannot .*", failure.message)
        assert failure.hint
        assert site.token not in f"{failure.message} {failure.hint} {failure.__cause__!r}"
        assert said(site)[0] == "pending" or method == "POST", "nothing is green by half"
    server.faults = Faults()
    gate(site, event, run=77)
    assert said(site) == ("success", "Changelog ticked by lin; Notes ticked by lin")
    writes = site.writes()
    assert gate(site, event, run=77).state == gate(site).state == "success"
    assert site.writes() == writes


def test_the_calls_of_a_run_are_the_ones_that_fail_below(site: Site) -> None:
    event = tick(site, "notes", by="lin")
    before, git_before = len(site.github.calls), len(site.git_server.calls)
    gate(site, event)
    asked = [f"{call.method} {call.path}?{call.query}" for call in site.github.calls[before:]]
    patterns = [f"{method} .*{path.rstrip('$')}" for method, path in GITHUB_CALLS]
    assert [call for call in asked if not any(re.match(pattern, call) for pattern in patterns)] == []
    told = [f"{call.method} {call.path}?{call.query}" for call in site.git_server.calls[git_before:]]
    assert all(any(call.startswith(method) and path in call for method, path in GIT_CALLS) for call in told)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "path"), GITHUB_CALLS, ids=[f"{method} {path}" for method, path in GITHUB_CALLS])
def test_after_a_failure_of_github_the_same_run_ends_where_it_would_have(site: Site, method: str, path: str, kind: str) -> None:
    fail_then_run(site, site.github, method, path, KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "path"), GIT_CALLS, ids=[f"{method} {path}" for method, path in GIT_CALLS])
def test_after_a_failure_of_the_git_server_the_same_run_ends_where_it_would_have(site: Site, method: str, path: str, kind: str) -> None:
    fail_then_run(site, site.git_server, method, path, KINDS[kind])


def test_a_token_that_may_not_set_statuses_names_the_permission(site: Site) -> None:
    event = tick(site, "notes", by="lin")
    site.token = TOKEN_READ
    with pytest.raises(GitHubError, match="cannot set the status") as caught:
        gate(site, event)
    assert "statuses: write" in (caught.value.hint or "")
