"""The fake GitHub behaves like GitHub, seen through PyGithub."""

from __future__ import annotations

import functools
import io
import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from github import Auth, Github, GithubException
from github.Repository import Repository

from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_PERSON, TOKEN_READ, TOKEN_WRITE


def _connect(server: FakeGitHub, token: str, *, timeout_s: int = 10) -> Github:
    client = functools.partial(Github, retry=None, seconds_between_requests=None, seconds_between_writes=None, lazy=True)
    return client(base_url=server.url, auth=Auth.Token(token), timeout=timeout_s)


def _refusal(error: pytest.ExceptionInfo[GithubException]) -> str:
    return f"{error.value.status} {json.dumps(error.value.data)}"


@pytest.fixture
def api(github: FakeGitHub) -> Iterator[Repository]:
    with _connect(github, TOKEN_WRITE) as client:
        yield client.get_repo("acme/app")


@pytest.fixture
def work(git_server: GitServer, checkout: Repo) -> Repo:
    """A checkout whose branch topic is on the server: two commits more than main."""
    checkout.branch("topic")
    checkout.commit("feat: one", {"one.txt": "1\n"}, author="Grace Hopper <grace@example.org>")
    checkout.commit("fix: two\n\nbecause", {"README.md": "# App 2\n"})
    git_server.push(checkout, "topic")
    return checkout


def test_a_pull_request_is_opened_changed_labelled_and_merged(github: FakeGitHub, api: Repository, work: Repo) -> None:
    pull = api.create_pull(title="Release", body="text", head="topic", base="main")
    pull.set_labels("release")
    pull.add_to_labels("docs")
    pull.edit(title="Release 2", body="more")
    pull.create_review_request(reviewers=["grace"])
    pull.create_issue_comment("hello")
    again = api.get_pull(pull.number)
    assert (again.title, again.body, again.head.sha, again.mergeable) == ("Release 2", "more", work.sha(), True)
    assert [label.name for label in again.get_labels()] == ["release", "docs"]
    assert [comment.body for comment in again.get_issue_comments()] == ["hello"]
    assert [user.login for user in again.get_review_requests()[0]] == ["grace"]
    assert [found.number for found in api.get_pulls(state="open", head="acme:topic", base="main")] == [1]
    tip = github.merge(1)
    assert api.get_pull(1).merged
    assert api.get_branch("main").commit.sha == tip
    assert [call.method for call in github.writes()] == ["POST", "PUT", "POST", "PATCH", "POST", "POST"]


def test_a_pull_request_follows_its_branch(github: FakeGitHub, git_server: GitServer, api: Repository, work: Repo) -> None:
    api.create_pull(title="Release", head="topic", base="main")
    work.commit("fix: three")
    git_server.push(work, "topic")
    assert api.get_pull(1).head.sha == work.sha()
    assert [commit.commit.message for commit in api.get_pull(1).get_commits()] == ["feat: one", "fix: two\n\nbecause", "fix: three"]
    git_server.push(work, ":topic")
    assert api.get_pull(1).state == "closed"


def test_commits_that_reach_the_base_by_a_push_count_as_merged(git_server: GitServer, api: Repository, work: Repo) -> None:
    api.create_pull(title="Release", head="topic", base="main")
    git_server.push(work, "topic:main")
    assert api.get_pull(1).merged


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param({"head": "topic", "base": "nowhere"}, '"field": "base"', id="unknown base"),
        pytest.param({"head": "nowhere", "base": "main"}, '"field": "head"', id="unknown head"),
        pytest.param({"head": "main", "base": "main"}, "No commits between main and main", id="no commits"),
        pytest.param({"head": "topic", "base": "main", "title": ""}, '"field": "title"', id="no title"),
        pytest.param({"head": "topic", "base": "main", "body": "x" * 65_537}, "maximum is 65536 characters", id="long body"),
    ],
)
def test_a_pull_request_that_github_would_refuse_is_refused(api: Repository, work: Repo, asked: dict[str, str], words: str) -> None:
    texts = {"title": "Release", "body": "text", **asked}
    with pytest.raises(GithubException) as error:
        api.create_pull(title=texts["title"], body=texts["body"], head=texts["head"], base=texts["base"])
    assert words in _refusal(error)
    assert list(api.get_pulls(state="all")) == []


def test_there_is_one_open_pull_request_for_two_branches(github: FakeGitHub, api: Repository, work: Repo) -> None:
    api.create_pull(title="Release", head="topic", base="main")
    with pytest.raises(GithubException) as error:
        api.create_pull(title="Again", head="topic", base="main")
    assert "A pull request already exists for acme:topic." in _refusal(error)
    api.get_pull(1).edit(state="closed")
    api.create_pull(title="Again", head="topic", base="main")
    with pytest.raises(GithubException) as error:
        api.get_pull(1).edit(state="open")
    assert "A pull request already exists" in _refusal(error)


def test_a_branch_that_was_force_pushed_keeps_its_closed_pull_request_closed(git_server: GitServer, api: Repository, work: Repo) -> None:
    pull = api.create_pull(title="Release", head="topic", base="main")
    pull.edit(state="closed")
    pull.edit(state="open")
    pull.edit(state="closed")
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    work.commit("fix: other")
    git_server.push(work, "+topic")
    with pytest.raises(GithubException) as error:
        pull.edit(state="open")
    assert "force-pushed" in _refusal(error)


@pytest.mark.parametrize(
    ("method", "commits"),
    [
        pytest.param("merge", ["Ada: Merge pull request #1 from acme/topic", "Ada: fix: two", "Grace: feat: one"], id="merge"),
        pytest.param("squash", ["github-actions[bot]: Release (#1)"], id="squash"),
        pytest.param("rebase", ["Ada: fix: two", "Grace: feat: one"], id="rebase"),
    ],
)
def test_each_way_to_merge_leaves_the_commits_that_github_leaves(
    github: FakeGitHub, api: Repository, work: Repo, method: str, commits: list[str]
) -> None:
    api.create_pull(title="Release", head="topic", base="main")
    tip = github.merge(1, method=method)
    work.git("fetch", "--quiet", "origin", "main:main")
    rows = [line.split("|") for line in work.git("log", "--format=%an|%s", "main").splitlines()]
    assert [f"{author.split()[0]}: {subject}" for author, subject in rows] == [*commits, "Ada: feat: start"]
    assert work.git("diff", "--stat", "main", "topic") == ""
    assert work.sha("main") == tip
    assert tip != work.sha("topic")
    assert [pull.number for pull in api.get_commit(tip).get_pulls()] == [1]


def test_a_squash_lists_the_commits_and_their_other_authors(github: FakeGitHub, api: Repository, work: Repo) -> None:
    api.create_pull(title="Release", head="topic", base="main")
    message = api.get_commit(github.merge(1, method="squash")).commit.message
    assert message == (
        "Release (#1)\n\n* feat: one\n\n* fix: two\n\nbecause\n\n---------\n\n"
        "Co-authored-by: Grace Hopper <grace@example.org>\nCo-authored-by: Ada Lovelace <ada@example.org>"
    )


def test_statuses_add_up(github: FakeGitHub, api: Repository, work: Repo) -> None:
    commit = api.get_commit(work.sha())
    assert commit.get_combined_status().state == "pending"
    commit.create_status("pending", context="review", description="waiting")
    commit.create_status("success", context="review")
    assert [status.state for status in commit.get_statuses()] == ["success", "pending"]
    assert commit.get_combined_status().state == "success"
    assert [status.creator for status in github.statuses(work.sha())] == ["github-actions[bot]"] * 2
    with pytest.raises(GithubException, match="422"):
        api.get_commit(work.sha()).create_status("fine")


def test_commits_compare_and_name_their_authors(api: Repository, work: Repo) -> None:
    between = api.compare("main", "topic")
    assert (between.ahead_by, between.behind_by, between.status) == (2, 0, "ahead")
    assert {file.filename: file.status for file in between.files} == {"README.md": "modified", "one.txt": "added"}
    assert [commit.author.login for commit in between.commits] == ["grace", "ada"]
    assert api.get_commits(sha="topic", path="one.txt")[0].commit.message == "feat: one"


def test_releases_make_their_tags(github: FakeGitHub, api: Repository, work: Repo) -> None:
    made = api.create_git_release("v1.0.0", "One", "notes", target_commitish="topic")
    assert api.get_git_ref("tags/v1.0.0").object.sha == work.sha()
    made.update_release("One", "better notes")
    assert api.get_release("v1.0.0").body == "better notes"
    assert [tag.name for tag in api.get_tags()] == ["v1.0.0"]
    with pytest.raises(GithubException) as error:
        api.create_git_release("v1.0.0", "One", "notes")
    assert "already_exists" in _refusal(error)


def test_a_draft_is_published_without_its_tag_being_asked_for(api: Repository, work: Repo) -> None:
    draft = api.create_git_release("v1.0.0", "One", "notes", draft=True)
    assert [tag.name for tag in api.get_tags()] == []
    draft.update_release("One", "notes", draft=False)
    assert [tag.name for tag in api.get_tags()] == ["v1.0.0"]
    assert api.get_latest_release().tag_name == "v1.0.0"


def test_a_pull_request_and_its_commits_tell_what_they_change(git_server: GitServer, api: Repository, work: Repo) -> None:
    work.git("mv", "one.txt", "two.txt")
    work.commit("refactor: rename")
    git_server.push(work, "topic")
    pull = api.create_pull(title="Release", head="topic", base="main")
    assert {file.filename: (file.additions, file.deletions) for file in pull.get_files()} == {"README.md": (1, 1), "two.txt": (1, 0)}
    assert (pull.additions, pull.deletions, pull.changed_files, pull.commits) == (2, 1, 2, 3)
    assert pull.as_issue().pull_request is not None
    commit = api.get_commit("topic")
    assert (commit.stats.total, [(file.previous_filename, file.status) for file in commit.files]) == (0, [("one.txt", "renamed")])


def test_a_pull_request_with_conflicts_cannot_be_merged(github: FakeGitHub, git_server: GitServer, api: Repository, work: Repo) -> None:
    api.create_pull(title="Release", head="topic", base="main")
    work.branch("main")
    work.commit("fix: otherwise", {"README.md": "# Application\n"})
    git_server.push(work, "main")
    assert api.get_pull(1).mergeable is False
    with pytest.raises(ValueError, match="conflicts"):
        github.merge(1)


def test_refs_are_made_moved_and_deleted(git_server: GitServer, api: Repository, work: Repo) -> None:
    ref = api.create_git_ref("refs/heads/release", work.sha("HEAD~1"))
    ref.edit(work.sha())
    assert git_server.heads("acme/app")["release"] == work.sha()
    with pytest.raises(GithubException, match="fast forward"):
        ref.edit(work.sha("HEAD~1"))
    ref.delete()
    assert "release" not in git_server.heads("acme/app")
    tag = api.create_git_tag("v2", "two", work.sha(), "commit")
    api.create_git_ref("refs/tags/v2", tag.sha)
    assert [row.ref for row in api.get_git_matching_refs("tags/")] == ["refs/tags/v2"]


def test_people_comment_review_and_have_rights(github: FakeGitHub, api: Repository, work: Repo) -> None:
    pull = api.create_pull(title="Release", head="topic", base="main")
    github.comment(1, "please wait", by="grace")
    github.review(1, "APPROVED", by="grace")
    assert [(said.user.login, said.body) for said in pull.get_issue_comments()] == [("grace", "please wait")]
    assert [(said.user.login, said.state) for said in pull.get_reviews()] == [("grace", "APPROVED")]
    assert [api.get_collaborator_permission(login) for login in ("ada", "grace", "mallory")] == ["admin", "write", "read"]


def test_lists_come_in_pages(github: FakeGitHub, api: Repository, work: Repo) -> None:
    pull = api.create_pull(title="Release", head="topic", base="main")
    for number in range(65):
        github.comment(1, f"note {number}")
    assert [said.body for said in pull.get_issue_comments()] == [f"note {number}" for number in range(65)]
    assert len([call for call in github.calls if call.method == "GET" and call.path.endswith("/comments")]) == 3


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param("nonsense", "401", id="unknown token"),
        pytest.param(TOKEN_READ, "Resource not accessible by integration", id="read token"),
    ],
)
def test_a_token_without_rights_writes_nothing(github: FakeGitHub, work: Repo, token: str, words: str) -> None:
    with _connect(github, token) as client, pytest.raises(GithubException) as error:
        client.get_repo("acme/app").create_pull(title="Release", head="topic", base="main")
    assert words in _refusal(error)
    assert github.pulls() == []


def test_an_installation_token_is_nobodys_own_and_a_persons_is(github: FakeGitHub) -> None:
    with _connect(github, TOKEN_PERSON) as client:
        assert client.get_user().login == "ada"
        assert client.get_user("grace").name == "Grace Hopper"
    with _connect(github, TOKEN_WRITE) as client, pytest.raises(GithubException, match="403"):
        assert client.get_user().login


def test_a_fault_strikes_once_before_or_after_the_call_took_effect(github: FakeGitHub, api: Repository, work: Repo) -> None:
    github.fault("POST", "/pulls$", status=502)
    with pytest.raises(GithubException, match="502"):
        api.create_pull(title="Release", head="topic", base="main")
    assert github.pulls() == []
    github.fault("POST", "/pulls$", status=502, after=True)
    with pytest.raises(GithubException, match="502"):
        api.create_pull(title="Release", head="topic", base="main")
    assert len(github.pulls()) == 1
    assert github.faults.left() == 0


def test_a_call_can_hang_or_lose_its_connection(github: FakeGitHub, work: Repo) -> None:
    github.fault("GET", "/repos/acme/app$", drop=True)
    github.fault("GET", "/repos/acme/app$", hang_s=60)
    with _connect(github, TOKEN_WRITE, timeout_s=1) as client:
        with pytest.raises(OSError, match="aborted"):
            _ = client.get_repo("acme/app").default_branch
        with pytest.raises(OSError, match="timed out"):
            _ = client.get_repo("acme/app").default_branch
        assert client.get_repo("acme/app").default_branch == "main"


def test_what_the_fake_does_not_know_is_told_to_the_test(github: FakeGitHub) -> None:
    request = urllib.request.Request(f"{github.url}/repos/acme/app/actions/secrets", headers={"User-Agent": "test"})
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(request, timeout=10)
    assert "/actions/secrets is no operation that the fake knows" in github.bugs.pop()


def test_a_release_holds_files_one_of_each_name(github: FakeGitHub, api: Repository, work: Repo) -> None:
    draft = api.create_git_release("v1.0.0", "One", "notes", draft=True)
    content = b'{"a": 1}\n'
    made = draft.upload_asset_from_memory(io.BytesIO(content), len(content), "audit.json", "application/json")
    assert (made.name, made.size, made.state, made.content_type) == ("audit.json", len(content), "uploaded", "application/json")
    with pytest.raises(GithubException) as error:
        draft.upload_asset_from_memory(io.BytesIO(content), len(content), "audit.json")
    assert "already_exists" in _refusal(error)
    github.break_off_upload(draft.id, "notes.md")
    assert {asset.name: (asset.state, asset.size) for asset in draft.get_assets()} == {
        "audit.json": ("uploaded", len(content)),
        "notes.md": ("open", 0),
    }
    assert github.assets(draft.id)["audit.json"].content == content
    made.delete_asset()
    assert list(github.assets(draft.id)) == ["notes.md"]
    draft.delete_release()
    assert (github.releases(), github.assets(draft.id)) == ([], {})


def test_a_draft_is_seen_only_by_who_may_write(github: FakeGitHub, api: Repository, work: Repo) -> None:
    draft = api.create_git_release("v1.0.0", "One", "notes", draft=True)
    with _connect(github, TOKEN_READ) as client:
        assert list(client.get_repo("acme/app").get_releases()) == []
        with pytest.raises(GithubException, match="404"):
            list(client.get_repo("acme/app").get_release(draft.id).get_assets())


def test_an_older_line_is_not_published_as_the_latest(api: Repository, work: Repo) -> None:
    api.create_git_release("v2.0.0", "Two", "notes")
    api.create_git_release("v1.0.1", "One", "notes", make_latest="false")
    assert api.get_latest_release().tag_name == "v2.0.0"
