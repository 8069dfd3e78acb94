from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from notewright.adapters.access import Access
from notewright.adapters.remote import Remote
from notewright.errors import GitHubError
from notewright.system.git import Git
from tests.parts.git_server import GitServer
from tests.parts.plumbing import read_git, run_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_READ, TOKEN_WRITE
from tests.parts.web import Exchange, WebServer

BRANCH = "refs/heads/notewright/release"


@pytest.fixture
def clone(git_server: GitServer, tmp_path: Path) -> Path:
    run_git(tmp_path, "clone", "--quiet", git_server.url_of("acme/app"), "clone")
    return tmp_path / "clone"


def remote(clone: Path, server: GitServer, *, token: str | None = TOKEN_WRITE, name: str = "acme/app", timeout_s: float = 20.0) -> Remote:
    return Remote(Git(clone), Access(name, server.url, server.url, token), timeout_s=timeout_s)


def commit(clone: Path, message: str, *, parent: str = "HEAD") -> str:
    return read_git(clone, "commit-tree", "HEAD^{tree}", "-p", parent, "-m", message)


def test_a_new_branch_is_pushed_and_read_back(clone: Path, git_server: GitServer) -> None:
    sha = commit(clone, "one")
    remote(clone, git_server).push(sha, BRANCH, expected=None)
    assert git_server.heads("acme/app")["notewright/release"] == sha
    assert remote(clone, git_server).read_refs(BRANCH, "refs/heads/main") == {
        BRANCH: sha,
        "refs/heads/main": read_git(clone, "rev-parse", "HEAD"),
    }


def test_an_annotated_tag_is_read_as_the_commit_that_it_marks(clone: Path, git_server: GitServer) -> None:
    head = read_git(clone, "rev-parse", "HEAD")
    run_git(git_server.path_of("acme/app"), "tag", "-a", "-m", "one", "v1", head)
    run_git(git_server.path_of("acme/app"), "tag", "v2", head)
    assert remote(clone, git_server).read_refs("refs/tags/*") == {"refs/tags/v1": head, "refs/tags/v2": head}


def test_a_name_that_holds_a_line_separator_is_one_name(clone: Path, git_server: GitServer) -> None:
    """One pushed tag with U+2028 in its name ended `release propose` with a traceback."""
    head = read_git(clone, "rev-parse", "HEAD")
    run_git(git_server.path_of("acme/app"), "update-ref", "refs/tags/v1\u2028x", head)
    assert remote(clone, git_server).read_refs("refs/tags/*") == {"refs/tags/v1\u2028x": head}


def test_our_branch_moves_when_it_is_where_we_saw_it(clone: Path, git_server: GitServer) -> None:
    first, second = commit(clone, "one"), commit(clone, "two")
    remote(clone, git_server).push(first, BRANCH, expected=None)
    remote(clone, git_server).push(second, BRANCH, expected=first)
    assert git_server.heads("acme/app")["notewright/release"] == second


@pytest.mark.parametrize("expected", [pytest.param(None, id="appeared"), pytest.param("seen", id="moved")])
def test_a_branch_that_moved_meanwhile_is_not_overwritten(clone: Path, git_server: GitServer, expected: str | None) -> None:
    seen, theirs, ours = commit(clone, "seen"), commit(clone, "theirs"), commit(clone, "ours")
    remote(clone, git_server).push(theirs, BRANCH, expected=None)
    with pytest.raises(GitHubError, match="moved the branch") as caught:
        remote(clone, git_server).push(ours, BRANCH, expected=seen if expected else None)
    assert "again" in (caught.value.hint or "")
    assert git_server.heads("acme/app")["notewright/release"] == theirs


@pytest.mark.case(41)
def test_a_protected_branch_is_refused_with_the_way_out(clone: Path, git_server: GitServer) -> None:
    git_server.protect("acme/app", "notewright/release")
    with pytest.raises(GitHubError, match="protects this branch") as caught:
        remote(clone, git_server).push(commit(clone, "one"), BRANCH, expected=None)
    assert "release.branch" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("token", "name", "told"),
    [
        pytest.param(TOKEN_READ, "acme/app", ("may not do this", "contents: write"), id="a token that may only read"),
        pytest.param("ghs_wrong", "acme/app", ("does not accept the token", "GITHUB_TOKEN"), id="a wrong token"),
        pytest.param(None, "acme/app", ("does not accept the token", "GITHUB_TOKEN"), id="no token"),
        pytest.param(TOKEN_WRITE, "acme/gone", ("no such repository", "GITHUB_REPOSITORY"), id="a repository that is not there"),
    ],
)
def test_a_refused_push_says_why_and_what_to_do(
    clone: Path, git_server: GitServer, token: str | None, name: str, told: tuple[str, str]
) -> None:
    with pytest.raises(GitHubError, match=told[0]) as caught:
        remote(clone, git_server, token=token, name=name).push(commit(clone, "one"), BRANCH, expected=None)
    assert told[1] in (caught.value.hint or "")
    assert "ghs_" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 503}, {"drop": True}, {"hang_s": 20.0}], ids=str)
def test_a_server_that_fails_is_one_clear_error(clone: Path, git_server: GitServer, fault: dict[str, object]) -> None:
    git_server.fault("*", "acme/app", times=10, **fault)  # type: ignore[arg-type]  # a table of keywords
    with pytest.raises(GitHubError, match=r"the server fails|does not answer|did not end") as caught:
        remote(clone, git_server, timeout_s=1.0).read_refs("refs/heads/main")
    assert "again" in (caught.value.hint or "")


class Elsewhere(WebServer):
    """Sends every call on to another server."""

    def __init__(self, target: str) -> None:
        self.target = target
        super().__init__()

    def answer(self, exchange: Exchange) -> None:
        exchange.reply(302, {"Location": f"{self.target}{exchange.path}"}, b"")


@pytest.mark.case(38)
def test_a_redirect_is_not_followed(clone: Path, git_server: GitServer) -> None:
    before = len(git_server.calls)
    with Elsewhere(git_server.url) as elsewhere:
        access = Access("acme/app", elsewhere.url, elsewhere.url, TOKEN_WRITE)
        with pytest.raises(GitHubError, match="sends us elsewhere") as caught:
            Remote(Git(clone), access).read_refs("refs/heads/main")
    assert "set-url" in (caught.value.hint or "")
    assert len(git_server.calls) == before


def test_fetching_moves_no_reference_and_writes_no_fetch_head(clone: Path, git_server: GitServer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    run_git(tmp_path, "clone", "--quiet", git_server.url_of("acme/app"), "other")
    sha = commit(other, "theirs")
    remote(other, git_server).push(sha, BRANCH, expected=None)
    before = read_git(clone, "for-each-ref")
    remote(clone, git_server).fetch(BRANCH)
    assert read_git(clone, "cat-file", "-t", sha) == "commit"
    assert read_git(clone, "for-each-ref") == before
    assert not (clone / ".git/FETCH_HEAD").exists()


def test_tags_and_submodules_do_not_travel_with_the_branch(clone: Path, git_server: GitServer) -> None:
    run_git(clone, "config", "push.followTags", "true")
    run_git(clone, "config", "push.recurseSubmodules", "on-demand")
    sha = commit(clone, "one")
    run_git(clone, "tag", "-a", "-m", "local", "v9", sha)
    remote(clone, git_server).push(sha, BRANCH, expected=None)
    assert read_git(git_server.path_of("acme/app"), "tag") == ""


def test_the_token_beats_a_header_that_a_checkout_left_behind(clone: Path, git_server: GitServer) -> None:
    run_git(clone, "config", f"http.{git_server.url}/.extraheader", "Authorization: Basic bm9ib2R5Om5vdGhpbmc=")
    remote(clone, git_server).push(commit(clone, "one"), BRANCH, expected=None)
    assert "notewright/release" in git_server.heads("acme/app")


@pytest.mark.case(33)
def test_an_address_rewritten_in_the_configuration_gets_no_token(clone: Path, git_server: GitServer, tmp_path: Path) -> None:
    with GitServer(tmp_path / "elsewhere", {}) as elsewhere:
        run_git(clone, "config", f"url.{elsewhere.url}/.insteadOf", f"{git_server.url}/")
        with pytest.raises(GitHubError):
            remote(clone, git_server).read_refs("refs/heads/main")
        assert elsewhere.calls
        assert not any(call.authorised for call in elsewhere.calls)


@pytest.mark.case(40)
def test_the_token_is_in_no_argument_no_file_and_no_message(clone: Path, git_server: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[list[str], Mapping[str, str]]] = []
    real = subprocess.run

    def watch(command: list[str], **options: object) -> object:
        seen.append((command, options["env"]))  # type: ignore[arg-type]  # the environment that git gets
        return real(command, **options)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(subprocess, "run", watch)
    git_server.protect("acme/app", "notewright/release")
    with pytest.raises(GitHubError) as caught:
        remote(clone, git_server).push(commit(clone, "one"), BRANCH, expected=None)
    monkeypatch.undo()
    assert any("push" in command for command, _ in seen)
    assert not any(TOKEN_WRITE in part for command, _ in seen for part in command)
    assert not any(TOKEN_WRITE in value for _, environment in seen for value in environment.values())  # base64, in one variable
    assert TOKEN_WRITE not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    for folder, _, names in os.walk(clone):
        for name in names:
            assert TOKEN_WRITE.encode() not in (Path(folder) / name).read_bytes()


@pytest.mark.case(39)
def test_http_is_spoken_to_this_machine_only(clone: Path) -> None:
    elsewhere = Access("acme/app", "http://git.example.org", "https://api.example.org", TOKEN_WRITE)
    with pytest.raises(GitHubError, match="not allowed"):
        Remote(Git(clone), elsewhere).read_refs("refs/heads/main")


def test_nothing_of_a_clone_changes_by_reading_its_remote(repo: Repo, git_server: GitServer) -> None:
    repo.commit("feat: local")
    before = sorted(str(path) for path in repo.path.rglob("*"))
    assert "refs/heads/main" in remote(repo.path, git_server).read_refs("refs/heads/main")
    assert sorted(str(path) for path in repo.path.rglob("*")) == before


def test_a_mirrored_reference_is_what_the_server_has_and_goes_with_it(clone: Path, git_server: GitServer) -> None:
    notes, server = "refs/notes/notewright", git_server.path_of("acme/app")
    assert not remote(clone, git_server).mirror(notes), "neither has it"
    for words in ("one", "two"):
        run_git(server, "update-ref", notes, commit_of(server, words))
        assert remote(clone, git_server).mirror(notes)
        assert read_git(clone, "rev-parse", notes) == read_git(server, "rev-parse", notes)
    assert not (clone / ".git/FETCH_HEAD").exists()
    assert TOKEN_WRITE not in (clone / ".git/config").read_text()
    run_git(server, "update-ref", "-d", notes)
    assert not remote(clone, git_server).mirror(notes)
    assert notes not in read_git(clone, "for-each-ref")


def commit_of(server: Path, words: str) -> str:
    """A commit without a parent, as the first one of notes is."""
    return read_git(server, "commit-tree", "HEAD^{tree}", "-m", words)
