from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from notewright.changelog.codec import read_section
from tests.parts.repository import Repo

_COMMAND = [sys.executable, "-c", "import sys; from notewright.cli.main import main; sys.argv[0] = 'notewright'; main()"]


def notewright(
    *arguments: str, cwd: Path, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*_COMMAND, *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, **(environment or {})},
    )


def told(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return done.stderr.decode().splitlines()


def test_a_folder_without_a_repository_is_named(tmp_path: Path) -> None:
    done = notewright("changelog", cwd=tmp_path)
    assert done.returncode == 4
    assert told(done) == [
        f"error: {tmp_path.resolve()} is not in a git repository",
        "  hint: run notewright inside one, or name it with --repo DIR",
    ]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    done = notewright("changelog", "--repo", "nowhere", cwd=tmp_path)
    assert (done.returncode, told(done)[0]) == (4, "error: nowhere is not a folder")


def test_a_shallow_clone_stops_with_the_fix(repo: Repo, tmp_path: Path) -> None:
    for number in range(3):
        repo.commit(f"feat: {number}")
    head = repo.sha("HEAD")
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow")], check=True)
    done = notewright("changelog", cwd=tmp_path / "shallow")
    assert done.returncode == 4
    assert told(done) == [
        f"error: this clone is shallow: its history ends at {head[:7]}",
        "  hint: run `git fetch --unshallow`, or in a workflow check out with `fetch-depth: 0`",
    ]


@pytest.mark.parametrize("command", ["changelog", "version", "notes"])
def test_a_repository_without_commits_says_so(repo: Repo, command: str) -> None:
    done = notewright(command, cwd=repo.path)
    assert (done.returncode, told(done)[-2:]) == (4, [f"error: {repo.path} has no commits yet", "  hint: commit something first"])


def test_a_detached_head_is_as_good_as_a_branch(repo: Repo) -> None:
    repo.commit("feat: one")
    repo.git("checkout", "-q", "--detach")
    repo.commit("feat: two")
    done = notewright("changelog", cwd=repo.path)
    assert done.returncode == 0
    assert b"two" in done.stdout


@pytest.mark.parametrize("revision", ["nope", "--output=pwned", "-h", "--upload-pack=touch pwned", "HEAD~99", "a b", "é"])
def test_a_revision_that_is_none_is_named_and_never_an_option(repo: Repo, revision: str) -> None:
    repo.commit("feat: one")
    done = notewright("changelog", f"--from={revision}", cwd=repo.path)
    assert (done.returncode, told(done)[0]) == (4, f"error: {repo.path} has no commit named {revision!r}")
    assert not (repo.path / "pwned").exists()


def test_a_range_that_holds_nothing_is_no_failure(repo: Repo) -> None:
    repo.commit("feat: one")
    repo.tag("v1.0.0")
    done = notewright("changelog", cwd=repo.path)
    assert (done.returncode, done.stdout) == (0, b"")
    assert told(done) == ["nothing between v1.0.0 and HEAD", "  hint: `notewright changelog --to v1.0.0` shows that release"]
    (release,) = json.loads(notewright("changelog", "--format", "json", cwd=repo.path).stdout)["releases"]
    assert (release["version"], release["totals"]["commits"], release["ledger"]) == (None, 0, [])


def test_without_tags_everything_is_the_first_release(repo: Repo) -> None:
    repo.commit("feat: one")
    repo.commit("fix: two")
    done = notewright("version", "--format", "json", cwd=repo.path)
    assert json.loads(done.stdout) == {
        "version": "0.1.0", "tag": "v0.1.0", "previous": None, "level": None, "reason": "first release", "commit": None,
    }  # fmt: skip


def test_history_before_since_is_left_out(repo: Repo) -> None:
    old = repo.commit("feat: old")
    repo.commit("feat: new", {"notewright.yaml": f"changelog: {{since: {old}}}\n"})
    done = notewright("changelog", "--full", cwd=repo.path)
    assert b"new" in done.stdout
    assert b"old" not in done.stdout


def test_a_first_release_shows_so_many_entries_a_group_and_says_how_many_more(repo: Repo) -> None:
    for number in range(7):
        repo.commit(f"feat: item {number}", {"notewright.yaml": "changelog: {first_release_limit: 3}\n"})
    done = notewright("changelog", cwd=repo.path)
    assert done.stdout.decode().splitlines()[-1].startswith("- … and 4 more")
    (release,) = json.loads(notewright("changelog", "--format", "json", cwd=repo.path).stdout)["releases"]
    assert release["totals"]["shown"] == 7


def test_messages_that_are_not_utf_8_or_empty_are_listed(repo: Repo) -> None:
    repo.commit(b"fix: caf\xe9")
    repo.commit("")
    done = notewright("changelog", "--format", "json", cwd=repo.path)
    section = read_section(json.dumps({"schema": 1, **json.loads(done.stdout)["releases"][0]}).encode())
    assert sorted(entry.summary for entry in section.entries()) == ["(no message)", "caf\ufffd"]


def test_an_unknown_key_is_named_with_the_nearest(repo: Repo) -> None:
    repo.commit("feat: one", {"notewright.yaml": "changelog: {hiden: [chore]}\n"})
    done = notewright("changelog", cwd=repo.path)
    assert done.returncode == 3
    assert "unknown key changelog.hiden, did you mean changelog.hidden?" in told(done)[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["foo"], "error: No such command 'foo'.", id="command"),
        pytest.param(["changelog", "--nope"], "error: No such option '--nope'.", id="option"),
        pytest.param(["changelog", "--format", "xml"], "error: Invalid value for '--format': 'xml' is not one of", id="choice"),
        pytest.param(["changelog", "--full", "--from", "HEAD"], "error: --full and --from exclude each other", id="both"),
        pytest.param(["changelog", "--version", "tomorrow"], "error: 'tomorrow' is not a version", id="version"),
    ],
)
def test_a_wrong_call_is_one_line_with_a_hint(repo: Repo, arguments: list[str], message: str) -> None:
    repo.commit("feat: one")
    done = notewright(*arguments, cwd=repo.path)
    assert done.returncode == 2
    first, hint = told(done)
    assert first.startswith(message)
    assert hint.startswith("  hint: ")


def test_a_changelog_that_is_a_link_out_of_the_tree_is_refused(repo: Repo, tmp_path: Path) -> None:
    repo.commit("feat: one")
    outside = tmp_path / "outside.md"
    outside.write_text("mine\n")
    (repo.path / "CHANGELOG.md").symlink_to(outside)
    done = notewright("changelog", "--write", "CHANGELOG.md", cwd=repo.path)
    assert done.returncode == 2
    assert "leads out of" in told(done)[0]
    assert outside.read_text() == "mine\n"


def fill_disk() -> None:
    """Let no file grow beyond 4 kB, as a disk that is about full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_disk_that_is_full_keeps_the_old_file_and_leaves_nothing_half_written(repo: Repo) -> None:
    repo.commit("feat: one")
    old = "# Changelog\n" + "words\n" * 2000
    (repo.path / "CHANGELOG.md").write_text(old)
    done = subprocess.run(
        [*_COMMAND, "changelog", "--write", "CHANGELOG.md"], cwd=repo.path, capture_output=True, timeout=60, check=False,
        preexec_fn=fill_disk,
    )  # fmt: skip
    assert done.returncode == 7
    assert any(line.startswith("error: cannot write") for line in told(done))
    assert (repo.path / "CHANGELOG.md").read_text() == old
    assert [path.name for path in repo.path.iterdir() if path.name.startswith(".CHANGELOG")] == []


def test_a_result_that_nobody_can_take_is_an_error_and_a_reader_who_leaves_is_none(repo: Repo) -> None:
    repo.commit("feat: one")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*_COMMAND, "changelog"], cwd=repo.path, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, told(done)[0]) == (7, "error: cannot write the result: No space left on device")
    left = subprocess.Popen([*_COMMAND, "changelog"], cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert left.stdout
    assert left.stderr
    left.stdout.close()
    assert left.wait(60) == 0
    assert left.stderr.read() == b""
    left.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_a_run_that_is_stopped_says_so_and_exits_with_130(recorded: Callable[[str], Path], number: signal.Signals) -> None:
    process = subprocess.Popen(
        [*_COMMAND, "changelog", "--full", "--format", "json"], cwd=recorded("angular-cli"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stderr
    time.sleep(0.3)  # into the history, which takes longer than that
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert b"error: cancelled" in stderr


def test_messages_come_back_one_line_each_however_they_are_separated(tmp_path: Path) -> None:
    done = notewright("commit", "parse", "--stdin0", cwd=tmp_path, stdin=b"feat: a\0\0fix(x)!: b\n\nbody\0caf\xe9: c")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["type"], row["breaking"], row["description"]) for row in rows] == [
        ("feat", False, "a"), (None, False, None), ("fix", True, "b"), (None, False, None),
    ]  # fmt: skip
