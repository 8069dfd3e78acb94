from __future__ import annotations

from pathlib import Path

import pytest

from notewright.adapters.dataset.progress import Percent
from notewright.adapters.dataset.watched import Limits, run_watched
from notewright.control import Cancel
from notewright.errors import Cancelled, RepositoryError
from notewright.system.git import Git, GitFailed
from tests.dataset.sync.conftest import Update
from tests.parts.git_server import GitServer
from tests.parts.repository import Repo


@pytest.mark.case(34)
def test_a_server_that_says_nothing_is_given_up(git_server: GitServer, update: Update) -> None:
    git_server.fault("GET", "info/refs", hang_s=60)
    with pytest.raises(RepositoryError, match=r"git fetch said nothing for 0\.5 s"):
        update(git_server.url_of("acme/app"), limits=Limits(silent_s=0.5))


@pytest.mark.case(34)
def test_a_call_that_does_not_end_is_given_up(git_server: GitServer, update: Update) -> None:
    git_server.fault("GET", "info/refs", hang_s=60)
    with pytest.raises(RepositoryError, match=r"git fetch did not end within 0\.5 s"):
        update(git_server.url_of("acme/app"), limits=Limits(total_s=0.5))


def test_words_are_passed_on_as_they_come_and_the_last_ones_are_kept(repo: Repo) -> None:
    heard: list[str] = []
    with pytest.raises(GitFailed, match="not a git command") as caught:
        run_watched(Git(repo.path), "nothing", limits=Limits(), cancel=Cancel(), heard=heard.append)
    assert "not a git command" in heard[0]
    assert caught.value.returncode == 1


def test_output_that_nobody_reads_does_not_stop_git(repo: Repo) -> None:
    repo.commit("feat: one", {"a": "line\n" * 100_000})
    run_watched(Git(repo.path), "show", "HEAD:a", limits=Limits(), cancel=Cancel())


def test_a_wish_to_stop_from_before_is_honoured(repo: Repo, tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.request()
    with pytest.raises(Cancelled):
        run_watched(Git(repo.path), "cat-file", "--batch", limits=Limits(), cancel=cancel, folder=tmp_path)


def test_per_cent_rise_and_come_from_git_not_from_the_server() -> None:
    told: list[int] = []
    percent = Percent(told.append)
    for line in (
        "remote: Receiving objects: 100% (9/9)",
        "remote: Counting objects:  50% (1/2)",
        "Receiving objects:   0% (0/4)",
        "Receiving objects:  25% (1/4), 1.00 KiB | 1.00 KiB/s",
        "Receiving objects: 100% (4/4), 4.00 KiB | 1.00 KiB/s, done.",
        "Receiving objects:  25% (1/4)",
        "Resolving deltas:  50% (1/2)",
        "Resolving deltas: 100% (2/2), done.",
        "Receiving objects: nonsense",
        "Receiving objects: 5",
        "From https://h.org/a/b",
    ):
        percent.hear(line)
    assert told == [20, 80, 90, 100]
