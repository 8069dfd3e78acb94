from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.errors import GitHubError
from notewright.flows.collect import commits_by_pull
from notewright.history.commits import Commit
from notewright.history.metadata import Metadata, read_metadata
from tests.parts.tokens import TOKEN_READ
from tests.release.site import Site


def landed(site: Site, branch: str, message: str, *, method: str, by: str = "Grace Hopper <grace@example.org>") -> int:
    """Let a pull request with one commit be opened and merged; return its number."""
    site.work.branch(branch)
    site.work.commit(message, {f"{branch}.txt": message}, author=by)
    site.git_server.push(site.work, branch)
    pull = site.connect().open_pull(branch=branch, base="main", title=f"Title of {branch}", body="", draft=False)
    site.connect().add_labels(pull.number, ("bug", "area: cli"))
    site.github.merge(pull.number, method=method)
    site.work.branch("main")
    site.pull()
    return pull.number


def collected(site: Site) -> Metadata:
    return read_metadata(site.collect())


@pytest.mark.parametrize("method", ["squash", "merge"])
def test_a_pull_request_comes_with_title_labels_author_and_its_commits(site: Site, method: str) -> None:
    before = site.work.sha()
    number = landed(site, "topic", "fix: from a branch", method=method)
    metadata = collected(site)
    (pull,) = metadata.pull_requests
    assert (pull.number, pull.title, pull.author, pull.labels) == (number, "Title of topic", "github-actions[bot]", ("area: cli", "bug"))
    assert set(pull.commits) == set(site.work.git("rev-list", f"{before}..HEAD").splitlines())
    assert (metadata.repository, metadata.url, metadata.base) == ("acme/app", f"{site.git_server.url}/acme/app", "main")


def test_authors_come_with_their_logins_and_newcomers_are_told(site: Site) -> None:
    site.push("fix: one", author="Mallory <mallory@example.org>")
    site.push("fix: two", author="dependabot[bot] <bot@example.org>")
    metadata = collected(site)
    assert dict(metadata.logins) == {"Ada Lovelace": "ada", "Grace Hopper": "grace", "Mallory": "mallory"}
    assert metadata.newcomers == {"Grace Hopper", "Mallory"}, "Ada wrote the commit before v0.1.0, bots are not greeted"


def test_the_same_address_is_the_same_person_under_another_name(site: Site) -> None:
    site.push("fix: one", author="Countess Lovelace <ADA@example.org>")
    assert "Countess Lovelace" not in collected(site).newcomers


def test_in_a_first_release_nobody_is_greeted(site: Site) -> None:
    site.work.git("tag", "--delete", "v0.1.0")
    assert collected(site).newcomers == frozenset()


def test_what_was_released_before_is_not_asked_for(site: Site) -> None:
    landed(site, "old", "fix: before the tag", method="squash")
    site.tag("v0.2.0")
    site.push("feat: after the tag")
    assert collected(site).pull_requests == ()


def test_a_read_token_is_enough_and_nothing_is_written(site: Site) -> None:
    landed(site, "topic", "fix: from a branch", method="squash")
    writes = site.writes()
    before = len(site.github.calls)
    site.collect()
    assert site.writes() == writes
    assert 2 <= len(site.github.calls) - before <= 4


def test_the_same_answers_give_the_same_bytes(site: Site) -> None:
    landed(site, "topic", "fix: from a branch", method="merge")
    assert site.collect() == site.collect()


def test_the_configured_base_needs_no_question(site: Site) -> None:
    site.config = replace(site.config, release=replace(site.config.release, base="main"))
    site.collect()
    assert not any(call.path == "/repos/acme/app" for call in site.github.calls)


def test_half_an_answer_is_none(site: Site) -> None:
    site.github.fault("GET", r"/commits\?", status=502, times=3)
    with pytest.raises(GitHubError, match="cannot read the authors of commits"):
        site.collect()


def test_a_rate_limit_says_how_long_it_lasts(site: Site) -> None:
    site.github.fault("GET", "/pulls", status=403, message="API rate limit exceeded for installation ID 1.")
    with pytest.raises(GitHubError, match="rate limit") as caught:
        site.collect()
    assert "wait until 2027-01-15 08:00 UTC" in (caught.value.hint or "")
    assert TOKEN_READ not in str(caught.value)


def commit(sha: str, message: str, *parents: str) -> Commit:
    return Commit(sha, parents, "Ada", "ada@example.org", 0, message)


def test_each_commit_belongs_to_the_pull_request_that_brought_it() -> None:
    log = [
        commit("h", "Merge pull request #3 from acme/three\n\nThree", "g", "f"),
        commit("g", "fix: squashed (#2)", "c"),
        commit("f", "feat: on three (#9)", "e"),
        commit("e", "feat: start of three", "d"),
        commit("d", "Merge pull request #1 from acme/one", "a", "b"),
        commit("c", "chore: direct", "d"),
        commit("b", "feat: on one", "a"),
        commit("a", "docs: mentions #7 but ends otherwise", "outside"),
    ]
    assert commits_by_pull(log) == {3: ["h", "f", "e"], 2: ["g"], 1: ["d", "b"]}


@pytest.mark.parametrize("message", ["fix: x (#0)", "fix: x (#)", "see (#12) here", "Merge pull request #x from y", "(#9999999999999)", ""])
def test_a_message_that_names_no_pull_request_names_none(message: str) -> None:
    assert commits_by_pull([commit("a", message)]) == {}


def test_no_commits_are_no_pull_requests() -> None:
    assert commits_by_pull([]) == {}
