"""git runs hardened: nothing of the user, nothing of the repository, and no way to hang."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from notewright.errors import RepositoryError
from notewright.system.git import Git, GitFailed
from tests.parts.plumbing import run_git
from tests.parts.repository import Repo


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that is found in git's place; tests write what it does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git"
    program.touch(mode=stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return program


def test_what_git_prints_comes_back_as_bytes(repo: Repo) -> None:
    sha = repo.commit("feat: caf\u00e9")
    git = Git(repo.path)
    assert git.run("log", "--format=%s") == "feat: café\n".encode()
    assert git.line("rev-parse", "HEAD") == sha


def test_what_git_reads_is_given(repo: Repo) -> None:
    assert Git(repo.path).run("hash-object", "--stdin", input_bytes=b"x") == b"c1b0730e0133447badcfd47fd144e254807b06e1\n"


def test_a_failure_tells_git_s_own_last_word(repo: Repo) -> None:
    with pytest.raises(GitFailed, match=r"git show-ref failed: fatal: 'nope' - not a valid ref") as caught:
        Git(repo.path).run("show-ref", "--verify", "nope")
    assert (caught.value.returncode, caught.value.exit_code) == (128, 4)
    assert not Git(repo.path).succeeds("show-ref", "--verify", "nope")
    assert Git(repo.path).succeeds("status")


def test_a_child_inherits_no_secret_and_no_setting(stand_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.write_text("#!/bin/sh\nexec env\n")
    for name in ("GITHUB_TOKEN", "NOTEWRIGHT_TOKEN", "ACTIONS_RUNTIME_TOKEN", "INPUT_TOKEN", "AWS_SECRET_ACCESS_KEY", "CANARY"):
        monkeypatch.setenv(name, "canary")
    for name in (
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_CONFIG_PARAMETERS",
        "GIT_EXTERNAL_DIFF",
        "GIT_EDITOR",
        "LANG",
        "GIT_TRACE",
    ):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    child = dict(line.split("=", 1) for line in Git(tmp_path).line("x").splitlines())
    assert "canary" not in child.values()
    assert "GIT_CONFIG_COUNT" not in child
    assert (child["TZ"], child["LC_ALL"], child["HTTPS_PROXY"]) == ("UTC", "C", "http://127.0.0.1:9")
    assert child["GIT_CONFIG_GLOBAL"] == child["GIT_CONFIG_SYSTEM"] == child["GIT_GRAFT_FILE"] == os.devnull
    assert child["GIT_TERMINAL_PROMPT"] == "0"


def test_a_caller_s_variables_are_added_for_every_call(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text('#!/bin/sh\necho "$A$B"\n')
    git = Git(tmp_path, environment={"A": "a"}).with_environment({"B": "b"})
    assert git.line("x") == "ab"
    with git.stream("x") as chunks:
        assert b"".join(chunks) == b"ab\n"


def test_a_machine_without_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="git is not installed") as caught:
        Git(tmp_path).run("status")
    assert caught.value.hint == "install git 2.30 or newer"
    with pytest.raises(RepositoryError, match="git is not installed"), Git(tmp_path).stream("status"):
        pass


def test_a_call_that_takes_too_long_is_ended(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(RepositoryError, match=r"git fetch did not end within 0\.2 s"):
        Git(tmp_path).run("fetch", timeout_s=0.2)


def test_a_stream_gives_all_of_a_long_output(repo: Repo) -> None:
    blob = os.urandom(3_000_000)
    sha = repo.git("hash-object", "-w", "--stdin", input_bytes=blob)
    with Git(repo.path).stream("cat-file", "blob", sha) as chunks:
        assert b"".join(chunks) == blob


def test_a_stream_left_early_ends_git(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec yes\n")
    with pytest.raises(KeyboardInterrupt), Git(tmp_path).stream("log") as chunks:  # noqa: PT012  # what happens inside is the test
        assert next(chunks).startswith(b"y\ny\n")
        raise KeyboardInterrupt
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_stream_that_fails_tells_why_after_what_it_gave(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text("#!/bin/sh\necho one\necho 'fatal: no more' >&2\nexit 128\n")
    given = []
    with pytest.raises(GitFailed, match="git log failed: fatal: no more"), Git(tmp_path).stream("log") as chunks:
        given += list(chunks)
    assert given == [b"one\n"]


def test_a_stream_with_more_complaints_than_a_pipe_holds_does_not_hang(stand_in: Path, tmp_path: Path) -> None:
    """git waited for somebody to read its warnings while notewright waited for its output."""
    stand_in.write_text("#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' w >&2\necho done\n")
    with Git(tmp_path).stream("log") as chunks:
        assert b"".join(chunks) == b"done\n"


def test_a_git_that_dies_before_it_reads_tells_why(stand_in: Path, tmp_path: Path) -> None:
    stand_in.write_text("#!/bin/sh\nexec 0<&-\necho 'fatal: not today' >&2\nexit 1\n")
    with pytest.raises(GitFailed, match="fatal: not today"), Git(tmp_path).stream("log", input_bytes=b"x" * 1_000_000) as chunks:
        assert list(chunks) == []
    with pytest.raises(GitFailed, match="fatal: not today"):
        Git(tmp_path).run("log", input_bytes=b"x" * 1_000_000)


def test_a_checkout_of_somebody_else_can_be_read(repo: Repo) -> None:
    """A container's user seldom owns the mounted checkout."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    repo.commit("feat: a")
    for path in (repo.path, *repo.path.rglob("*")):
        os.chown(path, 65534, 65534)
    refused = subprocess.run(
        ["git", "-C", str(repo.path), "status"], capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert "dubious ownership" in refused.stderr
    assert Git(repo.path).line("log", "--format=%s") == "feat: a"


def test_a_partial_clone_is_read_without_fetching(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: one", {"a.txt": "1\n"})
    head = repo.commit("feat: two", {"a.txt": "2\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", "--template=", "--filter=blob:none", repo.path.as_uri(), str(partial))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        for scheme in ("https", "http", "git"):
            run_git(partial, "config", "remote.origin.url", f"{scheme}://127.0.0.1:{server.getsockname()[1]}/x.git")
            with pytest.raises(GitFailed, match="this clone is partial: git log needs objects") as caught:
                Git(partial).run("log", "--patch", "--format=%H", head)
            assert "--no-filter" in (caught.value.hint or "")
            with pytest.raises(BlockingIOError):  # nobody asked
                server.accept()
    assert Git(partial).line("log", "--format=%s", "--name-only", head) == "feat: two\n\na.txt\nfeat: one\n\na.txt"


@pytest.mark.parametrize("older", ["0", "1"])
def test_a_promisor_s_program_never_runs(older: str, repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: one", {"a.txt": "1\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial.git"
    run_git(tmp_path, "clone", "--quiet", "--bare", "--template=", "--filter=blob:none", repo.path.as_uri(), str(partial))
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    program.chmod(0o755)
    for address in (f"ext::{program}", "ssh://host/x.git", str(repo.path), "evil::x"):
        run_git(partial, "config", "remote.origin.url", address)
        for key in ("remote.origin.uploadpack", "core.sshCommand", "core.gitProxy", "core.alternateRefsCommand"):
            run_git(partial, "config", key, str(program))
        git = Git(partial, environment={"GIT_NO_LAZY_FETCH": older})  # 0: as every git before it knew the variable
        with pytest.raises(GitFailed, match="this clone is partial"):
            git.run("log", "--patch", "HEAD")
    assert not (tmp_path / "pwned").exists()
