from __future__ import annotations

from dataclasses import replace

import pytest

from notewright.control import Advanced, Event, Finished, Started, Warned
from notewright.errors import GitHubError
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


@pytest.mark.parametrize("method", ["squash", "merge", "rebase"])
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
    assert site.github.writes() == [call for call in site.github.calls[:before] if call.method != "GET"]


def test_the_same_answers_give_the_same_bytes(site: Site) -> None:
    landed(site, "topic", "fix: from a branch", method="merge")
    assert site.collect() == site.collect()


def test_the_configured_base_needs_no_question(site: Site) -> None:
    site.config = replace(site.config, release=replace(site.config.release, base="main"))
    site.collect()
    assert not any(call.path == "/repos/acme/app" for call in site.github.calls)


def test_a_rebase_of_several_commits_belongs_to_its_pull_request_as_a_whole(site: Site) -> None:
    before = site.work.sha()
    site.work.branch("topic")
    site.work.commit("feat: one", {"one.txt": "1"})
    site.work.commit("feat: two", {"two.txt": "2"})
    site.git_server.push(site.work, "topic")
    number = site.connect().open_pull(branch="topic", base="main", title="Both", body="", draft=False).number
    site.github.merge(number, method="rebase")
    site.work.branch("main")
    site.pull()
    (pull,) = collected(site).pull_requests
    assert set(pull.commits) == set(site.work.git("rev-list", f"{before}..HEAD").splitlines())
    assert len(pull.commits) == 2


def test_commits_that_are_not_pushed_yet_are_left_out(site: Site) -> None:
    number = landed(site, "topic", "fix: from a branch", method="rebase")
    site.work.commit("fix: only here", author="Mallory <mallory@example.org>")
    metadata = collected(site)
    assert [pull.number for pull in metadata.pull_requests] == [number]
    assert "Mallory" not in dict(metadata.logins)
    assert "Mallory" in metadata.newcomers


def test_a_number_that_only_a_message_names_is_looked_up(site: Site) -> None:
    number = landed(site, "topic", "fix: from a branch", method="squash")
    site.tag("v0.2.0")
    picked = site.push(f"fix: copied to here (#{number})")
    site.push("fix: mentions an issue (#4711)")
    (pull,) = collected(site).pull_requests
    assert (pull.number, pull.title, pull.commits) == (number, "Title of topic", (picked,))


def test_an_open_pull_request_brings_nothing(site: Site) -> None:
    site.work.branch("topic")
    site.work.commit("fix: waiting", {"x.txt": "x"})
    site.git_server.push(site.work, "topic")
    site.connect().open_pull(branch="topic", base="main", title="Waiting", body="", draft=False)
    assert collected(site).pull_requests == ()


def test_many_commits_cost_few_calls_and_few_points(site: Site) -> None:
    site.config = replace(site.config, release=replace(site.config.release, base="main"))
    for number in range(247):
        site.work.commit(f"fix: number {number}")
    site.git_server.push(site.work, "main")
    events: list[Event] = []
    site.report = events.append
    before = len(site.github.calls)
    site.collect()
    # three for 250 commits, one for the number in the first one's message, one for earlier commits of the only new name
    assert [call.path for call in site.github.calls[before:]] == ["/graphql"] * 5
    assert site.github.points <= 3 * 7 + 2
    assert [event for event in events if isinstance(event, Started | Advanced)] == [
        Started("collect", 250), Advanced("collect", 100), Advanced("collect", 200), Advanced("collect", 250),
    ]  # fmt: skip
    assert events[-1] == Finished("collect", "titles and labels of 0 pull requests")


def test_co_authors_come_with_their_logins(site: Site) -> None:
    site.push("fix: together\n\nCo-authored-by: Mallory <mallory@example.org>\nCo-authored-by: Nobody <nobody@example.org>")
    metadata = collected(site)
    assert dict(metadata.logins)["Mallory"] == "mallory"
    assert {"Mallory", "Nobody"} <= metadata.newcomers


def test_an_account_with_earlier_commits_under_another_name_is_no_newcomer(site: Site) -> None:
    site.github.add_address("grace", "hopper@navy.example")
    site.push("fix: years ago", author="G. Hopper <hopper@navy.example>")
    site.tag("v0.2.0")
    site.push("fix: now", author="Grace Hopper <grace@example.org>")
    site.push("fix: first time", author="Mallory <mallory@example.org>")
    assert collected(site).newcomers == {"Mallory"}, "what git calls another name and another address, GitHub knows as one account"


def test_the_base_of_no_commits_is_asked_for_and_nothing_else(site: Site) -> None:
    site.tag("v0.2.0")
    before = len(site.github.calls)
    metadata = collected(site)
    assert (metadata.base, metadata.pull_requests, metadata.logins, metadata.newcomers) == ("main", (), (), frozenset())
    assert [call.path for call in site.github.calls[before:]] == ["/repos/acme/app"]


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, "Not Found"), (403, "Resource not accessible by personal access token"), (405, None), (410, None)],
)
def test_where_graphql_is_not_to_be_had_messages_tell_the_pull_requests(site: Site, status: int, message: str | None) -> None:
    number = landed(site, "topic", "fix: from a branch", method="squash")
    landed(site, "other", "fix: from another branch", method="rebase")
    events: list[Event] = []
    site.report = events.append
    site.github.fault("POST", "/graphql", status=status, message=message)
    metadata = collected(site)
    assert [(pull.number, pull.labels) for pull in metadata.pull_requests] == [(number, ("area: cli", "bug"))]
    assert dict(metadata.logins) == {"Ada Lovelace": "ada", "Grace Hopper": "grace", "github-actions[bot]": "github-actions[bot]"}
    (warning,) = [event for event in events if isinstance(event, Warned)]
    assert f"GitHub does not answer GraphQL: {status}" in warning.message


def test_both_ways_to_ask_give_the_same_bytes(site: Site) -> None:
    landed(site, "one", "fix: from a branch", method="squash")
    landed(site, "two", "fix: from another branch", method="merge")
    site.github.edit(1, title="Odd \u202e title <b> @ada", labels=["b\nug", "`x`", "ä", "a,b"])
    by_commit = read_metadata(site.collect())
    site.github.fault("POST", "/graphql", status=404, times=5)
    by_name = read_metadata(site.collect())
    assert by_name.pull_requests == by_commit.pull_requests
    assert by_name.pull_requests[0].labels == ("`x`", "a,b", "b\nug", "ä")
    assert dict(by_commit.logins).items() <= dict(by_name.logins).items()  # which has bots too


def test_a_deleted_account_leaves_its_pull_request(site: Site) -> None:
    number = landed(site, "topic", "fix: from a branch", method="rebase")
    site.github.pull(number).author = "gone"
    (pull,) = collected(site).pull_requests
    assert (pull.number, pull.author) == (number, "")


def test_half_an_answer_is_none(site: Site) -> None:
    site.github.fault("POST", "/graphql", status=502, times=3)
    with pytest.raises(GitHubError, match="cannot read the commits: GitHub answers 502"):
        site.collect()


def test_a_rate_limit_says_how_long_it_lasts(site: Site) -> None:
    site.github.fault("POST", "/graphql", status=403, message="API rate limit exceeded for installation ID 1.")
    with pytest.raises(GitHubError, match="rate limit") as caught:
        site.collect()
    assert "wait until 2100-01-01 00:00 UTC" in (caught.value.hint or "")
    assert TOKEN_READ not in str(caught.value)
