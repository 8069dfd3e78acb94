"""GitHub and its git server fail at every call of finish; the same command, run again, ends where an undisturbed run ends."""

from __future__ import annotations

import re

import pytest

from notewright.errors import GitHubError
from tests.parts.faults import Faults
from tests.parts.plumbing import read_git
from tests.parts.web import WebServer
from tests.release.finishing import finish, merged, told_to
from tests.release.site import Site

# What an undisturbed run asks for, in this order. A test holds the list against a real run.
GITHUB_CALLS = (
    ("GET", r"/commits/\w+/pulls"), ("GET", "/pulls/1$"), ("GET", r"/commits/\w+(\?|$)"), ("GET", r"/commits/\w+/statuses"),
    ("POST", "/graphql$"), ("GET", r"/releases/tags/v0\.2\.0$"), ("GET", r"/releases(\?|$)"), ("POST", "/releases$"),
    ("GET", r"/releases/\d+/assets"), ("POST", r"/assets\?.*name=customer\.md"), ("POST", r"/assets\?.*name=section\.json"),
    ("POST", r"/assets\?.*name=ledger\.json"), ("POST", r"/assets\?.*name=audit\.json"), ("POST", r"/assets\?.*name=audit\.html"),
    ("PATCH", r"/releases/\d+$"),
)  # fmt: skip
GIT_CALLS = (
    ("GET", "service=git-upload-pack"),
    ("POST", "git-upload-pack"),
    ("GET", "service=git-receive-pack"),
    ("POST", "git-receive-pack"),
)
KINDS: dict[str, dict[str, object]] = {
    "refused": {"status": 403},
    "failed": {"status": 502},
    "failed after it was done": {"status": 502, "after": True},
    "dropped after it was done": {"drop": True, "after": True},
}


@pytest.fixture
def done(site: Site) -> Site:
    """A release that is approved, merged and waits to be finished."""
    told_to(site, "developer", "customer")
    merged(site)
    return site


def look(site: Site) -> object:
    """Return all that a run leaves behind, as everybody sees it."""
    bare = site.git_server.path_of("acme/app")
    refs = read_git(bare, "for-each-ref", "refs/tags", "refs/heads")
    releases = [(one.tag, one.name, one.body, one.draft, one.prerelease, one.latest) for one in site.github.releases()]
    files = sorted((one.name, one.content, one.content_type, one.uploaded) for one in site.github.hub.assets.values())
    return refs, releases, files


def undo(site: Site) -> None:
    """Take back what a run has done."""
    bare = site.git_server.path_of("acme/app")
    if read_git(bare, "tag", "--list", "v0.2.0"):
        site.git_server.push(site.work, ":refs/tags/v0.2.0")
    site.github.hub.releases.clear()
    site.github.hub.assets.clear()


def fail_then_finish(site: Site, server: WebServer, method: str, path: str, kind: dict[str, object]) -> None:
    """Let a call fail as often as it is tried, hold the error to one clear message, and run once more without failures."""
    server.fault(method, path, times=3 if method == "GET" or "graphql" in path else 1, **kind)  # type: ignore[arg-type]  # a table of keywords
    failures: list[GitHubError] = []
    try:
        finish(site)
    except GitHubError as error:
        failures.append(error)
    assert failures or "after" in kind, f"{method} {path} failed for good, and it went unnoticed"
    for failure in failures:
        assert failure.exit_code == 6
        assert re.fullmatch(r"cannot .*", failure.message)
        assert failure.hint
        assert site.token not in f"{failure.message} {failure.hint} {failure.__cause__!r}"
    server.faults = Faults()
    finish(site)


def test_the_calls_of_a_run_are_the_ones_that_fail_below(done: Site) -> None:
    calls, told = len(done.github.calls), len(done.git_server.calls)
    finish(done)
    asked = [f"{call.method} {call.path}?{call.query}".rstrip("?") for call in done.github.calls[calls:]]
    for call in asked:
        assert any(method == call.split()[0] and re.search(path, call) for method, path in GITHUB_CALLS), call
    for method, path in GITHUB_CALLS:
        assert any(method == call.split()[0] and re.search(path, call) for call in asked), path
    told_git = [f"{call.method} {call.path}?{call.query}" for call in done.git_server.calls[told:]]
    assert all(any(method == call.split()[0] and path in call for call in told_git) for method, path in GIT_CALLS)


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_failure_at_any_call_the_same_command_ends_where_it_would_have(done: Site, kind: str) -> None:
    finish(done)
    undisturbed = look(done)
    everywhere = [(server, call) for server, calls in ((done.github, GITHUB_CALLS), (done.git_server, GIT_CALLS)) for call in calls]
    for server, (method, path) in everywhere:
        undo(done)
        fail_then_finish(done, server, method, path, KINDS[kind])
        assert look(done) == undisturbed, f"{method} {path}"
        writes = done.writes()
        assert finish(done).operation == "unchanged"
        assert done.writes() == writes, f"{method} {path}"


def test_an_upload_of_which_github_kept_half_is_done_again(done: Site) -> None:
    finish(done)
    undisturbed = look(done)
    undo(done)
    done.github.fault("POST", r"/assets\?.*name=ledger.json", status=502)
    with pytest.raises(GitHubError, match=r"cannot upload ledger\.json"):
        finish(done)
    (draft,) = done.github.releases()
    assert draft.draft
    done.github.break_off_upload(draft.number, "ledger.json")  # GitHub calls it starter, and its description open
    finish(done)
    assert look(done) == undisturbed
