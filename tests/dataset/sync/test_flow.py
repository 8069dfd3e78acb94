from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from notewright.adapters.dataset.clones import Clones
from notewright.control import Advanced, Cancel, Event, Finished, Reached, Started, Warned
from notewright.dataset.sources import Source
from notewright.errors import Cancelled, ConfigError, RepositoryError, StorageError
from notewright.flows.dataset.sync import Synced, read_sources, sync_sources
from tests.parts.git_server import GitServer
from tests.parts.plumbing import read_git
from tests.parts.repository import Repo


@pytest.fixture
def clones(folder: Path, tmp_path: Path) -> Clones:
    return Clones(folder, base=tmp_path)


def git_children(url: str) -> list[psutil.Process]:
    """The processes that speak to an address, whoever started them."""
    return [process for process in psutil.process_iter(["cmdline"]) if url in " ".join(process.info["cmdline"] or [])]


def wait_for_call(server: GitServer, pause: Cancel) -> None:
    while not server.calls:
        assert not pause.wait(0.01)


def test_sources_are_read_from_a_file_or_from_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/repos.txt").write_text("./app  # ours\n")
    assert read_sources("lists/repos.txt", tmp_path) == ((Source("./app"),), tmp_path / "lists")
    assert read_sources(["./app@v1"], tmp_path) == ((Source("./app", "v1"),), tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "there is no repos.txt", id="no file"),
        pytest.param(b"# none yet\n", "repos.txt names no repository", id="an empty list"),
        pytest.param(b"./app\nhttps://h.org/\xff\n", "repos.txt, line 2: no valid UTF-8", id="not UTF-8"),
        pytest.param(b"\xff\xfe.\0/\0a\0", "repos.txt, line 1: no valid UTF-8", id="UTF-16"),
    ],
)
def test_a_list_that_cannot_be_used_says_what_to_write(tmp_path: Path, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / "repos.txt").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_sources("repos.txt", tmp_path)
    assert caught.value.message == words
    assert caught.value.hint


def test_an_empty_configured_list_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.repositories names no repository"):
        read_sources((), tmp_path)


def test_a_repository_that_fails_does_not_stop_the_others(repo: Repo, git_server: GitServer, clones: Clones) -> None:
    head = repo.commit("feat: one")
    sources = [Source(git_server.url_of("acme/gone")), Source("./repo"), Source("./nothing"), Source(git_server.url_of("acme/app"))]
    events: list[Event] = []
    synced = sync_sources(sources, clones, workers=2, report=events.append)
    assert [clone.source for clone in synced.clones] == [sources[1], sources[3]]
    assert synced.clones[0].commit == head
    assert [failure.source for failure in synced.failures] == [sources[0], sources[2]]
    assert sum(isinstance(event, Warned) for event in events) == 2
    assert events[-1] == Finished("sync", "2 of 4 repositories are up to date")


def test_progress_tells_all_repositories_and_the_per_cent_of_each(repo: Repo, git_server: GitServer, clones: Clones) -> None:
    repo.commit("feat: one", {f"f{number}": f"{number}\n" for number in range(50)})
    events: list[Event] = []
    sync_sources([Source("./repo"), Source(git_server.url_of("acme/app"))], clones, report=events.append)
    assert events[0] == Started("sync", 2)
    assert [event.done for event in events if isinstance(event, Advanced)] == [1, 2]
    parts = [event for event in events if isinstance(event, Reached)]
    assert {event.place for event in parts} == {("repo",), (f"127.0.0.1:{git_server.port}/acme/app",)}
    percents = [event.done for event in parts if event.place == ("repo",)]
    assert percents[0] == 0
    assert percents[-1] == 100
    assert len(percents) > 10
    assert percents == sorted(set(percents))
    assert {event.total for event in parts} == {100}


def test_a_second_sync_reaches_the_end_too(repo: Repo, clones: Clones) -> None:
    repo.commit("feat: one")
    first = sync_sources([Source("./repo")], clones)
    events: list[Event] = []
    assert sync_sources([Source("./repo")], clones, report=events.append) == first == Synced(first.clones, ())
    assert [event.done for event in events if isinstance(event, Reached)] == [0, 100]


def test_where_all_fail_the_sync_fails(clones: Clones, git_server: GitServer) -> None:
    with pytest.raises(
        RepositoryError, match="none of 2 repositories could be brought up to date; the first: cannot bring nothing"
    ) as caught:
        sync_sources([Source("./nothing"), Source(git_server.url_of("acme/gone"))], clones)
    assert caught.value.hint == "correct its address, or take it out of the list"
    with pytest.raises(RepositoryError, match="cannot bring nothing up to date"):
        sync_sources([Source("./nothing")], clones)


def test_a_repository_that_moved_is_a_clone_with_the_same_objects(repo: Repo, clones: Clones, tmp_path: Path) -> None:
    repo.commit("feat: one", {"a.py": "1\n"})
    (before,) = sync_sources([Source("./repo")], clones).clones
    repo.path.rename(tmp_path / "moved")
    (after,) = sync_sources([Source("./moved")], clones).clones
    assert (after.commit, after.source.name) == (before.commit, "moved")
    assert read_git(after.directory, "rev-parse", "HEAD:a.py") == read_git(before.directory, "rev-parse", "HEAD:a.py")


def test_one_repository_by_two_paths_is_refused_before_two_work_on_it(repo: Repo, clones: Clones, tmp_path: Path) -> None:
    repo.commit("feat: one")
    (tmp_path / "link").symlink_to(repo.path)
    for other in ("./link", str(repo.path)):
        with pytest.raises(ConfigError, match="are the same repository"):
            sync_sources([Source("./repo"), Source(other)], clones)


def test_a_second_run_at_the_same_time_is_refused(repo: Repo, clones: Clones) -> None:
    repo.commit("feat: one")
    with clones.held(), pytest.raises(StorageError, match="another run works in"):
        sync_sources([Source("./repo")], clones)


def test_cancelling_ends_every_git_and_leaves_nothing_half_written(git_server: GitServer, clones: Clones, folder: Path) -> None:
    git_server.fault("GET", "info/refs", hang_s=120, times=2)
    cancel, ended = Cancel(), list[BaseException]()
    sources = [Source(git_server.url_of(f"acme/{name}")) for name in ("app", "b", "c", "d")]

    def run() -> None:
        try:
            sync_sources(sources, clones, workers=2, cancel=cancel)
        except Cancelled as error:
            ended.append(error)

    running = threading.Thread(target=run)
    running.start()
    wait_for_call(git_server, cancel)
    assert git_children(git_server.url)
    cancel.request()
    running.join(20)  # the server would hang for two minutes
    assert ended
    assert not psutil.wait_procs(git_children(git_server.url), timeout=10)[1]  # one that is killed is seen for a moment
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_a_clone_that_was_killed_is_begun_again(git_server: GitServer, clones: Clones, folder: Path, tmp_path: Path) -> None:
    git_server.fault("POST", "git-upload-pack", hang_s=120)
    program = (
        "import sys; from pathlib import Path; from notewright.adapters.dataset.clones import Clones\n"
        "from notewright.dataset.sources import Source; from notewright.flows.dataset.sync import sync_sources\n"
        "sync_sources([Source(sys.argv[1])], Clones(Path(sys.argv[2]), base=Path()))\n"
    )
    url = git_server.url_of("acme/app")
    with subprocess.Popen([sys.executable, "-c", program, url, str(folder)]) as process:
        while not any(call.method == "POST" for call in git_server.calls):
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    assert list(folder.glob(".*.part"))
    try:
        assert len(sync_sources([Source(url)], clones).clones) == 1
    finally:
        for orphan in git_children(url):
            orphan.kill()
    assert not list(folder.glob(".*.part"))
