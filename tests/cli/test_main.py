"""The command line describes itself, and ends as documented."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from notewright import __version__
from notewright.cli import models
from notewright.cli.main import COMMANDS, cli
from notewright.errors import NotewrightError
from tests.parts.command import PROGRAM, run_command
from tests.parts.repository import Repo


def commands(group: click.Command = cli, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it."""
    yield path, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command, name
            yield from commands(command, *path, name)


ALL = [pytest.param(path, command, id=" ".join(path) or "notewright") for path, command in commands()]


@pytest.mark.parametrize(("module", "summary"), [*COMMANDS.values(), *models.COMMANDS.values()])
def test_the_summary_in_the_list_is_the_command_s_own(module: str, summary: str) -> None:
    assert importlib.import_module(module).command.short_help == summary


@pytest.mark.parametrize(("path", "command"), ALL)
def test_every_command_and_every_option_says_what_it_is_for(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help, path
    undescribed = [one.name for one in command.params if isinstance(one, click.Option) and not one.help]
    assert not undescribed


@pytest.mark.parametrize("columns", ["80", "200"])
@pytest.mark.parametrize(("path", "command"), ALL)
def test_help_fits_the_screen(
    path: tuple[str, ...], command: click.Command, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert cli.main([*path, "--help"], prog_name="notewright", standalone_mode=False) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Usage: {' '.join(('notewright', *path))} ")
    assert max(map(len, out.splitlines())) <= min(int(columns), 100)


def test_a_command_that_cannot_be_reached_does_not_exist() -> None:
    context = click.Context(cli)
    assert cli.get_command(context, "tui") is None
    assert cli.list_commands(context) == list(COMMANDS)


def test_the_version_is_the_package_s(tmp_path: Path) -> None:
    done = run_command("--version", cwd=tmp_path)
    assert (done.code, done.out.decode(), done.err) == (0, f"notewright, version {__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [[], ["commit"], ["config"], ["models"], ["models", "cache"], ["release"]],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_a_group_without_a_command_shows_its_help_and_is_a_wrong_call(arguments: list[str], tmp_path: Path) -> None:
    done = run_command(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("Usage: ")
    assert "error:" not in done.err


def test_the_exit_codes_are_those_of_the_contract() -> None:
    def tree(error: type[NotewrightError]) -> Iterator[type[NotewrightError]]:
        yield error
        for child in error.__subclasses__():
            yield from tree(child)

    codes = {error.__name__: error.exit_code for error in tree(NotewrightError) if error.__module__ == NotewrightError.__module__}
    del codes["NotewrightError"]
    assert codes == {
        "CheckFailed": 1,
        "UsageError": 2,
        "ConfigError": 3,
        "RepositoryError": 4,
        "ModelError": 5,
        "GitHubError": 6,
        "StorageError": 7,
        "Cancelled": 130,
    }


# What a shell does: `notewright … >&-`, `2>&-`, `<&-`, `>/dev/full`; buffered, as on a person's machine, and not, as in a container.
_ENDS = [
    pytest.param(
        ["version"], ">&-", 7, ["error: cannot write the result: stdout is closed", "  hint: send the output somewhere"], id="stdout"
    ),
    pytest.param(
        ["version"],
        ">/dev/full",
        7,
        ["error: cannot write the result: No space left on device", "  hint: free some space, or send the output elsewhere"],
        id="full disk",
    ),
    pytest.param(["--help"], ">/dev/full", 7, ["error: cannot read or write a stream: No space left on device"], id="help on a full disk"),
    pytest.param(["version"], "2>&-", 0, [], id="stderr"),
    pytest.param(["version"], "2>/dev/full", 0, [], id="stderr on a full disk"),
    pytest.param(["--repo"], "2>/dev/full", 2, [], id="an error on a full disk"),
    pytest.param(
        ["commit", "parse"],
        "<&-",
        2,
        ["error: there is nothing to read: stdin is closed", "  hint: pipe a message in, as in `git log -1 --format=%B | …`"],
        id="stdin",
    ),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(("arguments", "redirection", "code", "told"), _ENDS)
def test_a_stream_that_is_closed_or_full_loses_nothing_silently(
    arguments: list[str], redirection: str, code: int, told: list[str], *, unbuffered: str, repo: Repo
) -> None:
    """A full disk ended with 120 or, unbuffered, with half a result and 0; a closed stream with a traceback."""
    repo.commit("feat: a")
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *PROGRAM, *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(command, cwd=repo.path, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.splitlines()) == (code, told)


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_result_that_fits_only_in_part_is_no_success(unbuffered: str, repo: Repo, tmp_path: Path) -> None:
    for number in range(40):
        repo.commit(f"feat: {number} {'words ' * 20}")
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); {PROGRAM[2]}"
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with (tmp_path / "result").open("wb") as result:
        done = subprocess.run(
            [PROGRAM[0], "-c", limited, "changelog"],
            cwd=repo.path,
            env=environment,
            stdout=result,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    assert done.returncode == 7
    assert done.stderr.startswith(b"error: cannot write the result: File too large\n")


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_has_enough_is_no_failure(unbuffered: str, repo: Repo) -> None:
    for number in range(40):
        repo.commit(f"feat: {number} {'words ' * 600}")
    process = subprocess.Popen(
        [*PROGRAM, "changelog"],
        cwd=repo.path,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    with process:
        assert process.stdout.read(8) == b"## Unrel"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_a_command_that_waits_for_its_input_can_be_stopped(number: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "commit", "parse", "--stdin0"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    with process:
        process.stdin.write(b"feat: a\0fix: half")
        process.stdin.flush()
        assert b'"description": "a"' in process.stdout.readline()  # it runs, and answers before all is there
        process.send_signal(number)
        assert process.stderr.read().endswith(b"error: cancelled\n  hint: nothing half-written is left; run the same command again\n")
    assert process.returncode == 130


def test_words_of_a_commit_do_not_command_the_terminal(repo: Repo) -> None:
    repo.commit("feat: \x1b]0;owned\x07 \x1b[2J\u202e ::set-output name=x::y")
    repo.tag("v1.0.0")
    repo.commit("feat: \x1b[2Jtwo\n\n::error::x")
    for arguments in (["version"], ["changelog", "--explain"], ["changelog", "--from", "\x1b[2J"]):
        done = run_command(*arguments, cwd=repo.path)
        told = done.err + (done.out.decode() if "--explain" in arguments else "")
        assert "two" in told or "no commit named" in told
        assert not set(told) & {"\x1b", "\x07", "\u202e"}
        assert not [line for line in told.splitlines() if line.lstrip().startswith("::")]
