"""The one hardened way to run git."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from notewright.errors import RepositoryError

# A repository may tell git to run programs (fsmonitor, hooks, textconv, filters), and a user's or a machine's
# configuration may change what a log prints: none of it gets a say. Tried on git 2.39.
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.symlinks=false",
    "core.quotePath=false",
    "core.pager=cat",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "credential.helper=",
    "transfer.fsckObjects=true",
    "log.showSignature=false",
    "log.mailmap=false",
    "log.follow=false",
    "i18n.logOutputEncoding=UTF-8",
    "i18n.commitEncoding=UTF-8",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "gc.auto=0",
    "core.askPass=",
    # a container's user seldom owns the mounted checkout; what that check guards against is switched off above
    "safe.directory=*",
)
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    # Reading is offline: in a partial clone git would fetch, with the user's keys, from wherever .git/config says. The empty list stops
    # that in every version, the second variable sooner in some (2.45, and corrected ones since 2.39.4). `Remote` allows what it needs.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,  # .git/info/grafts would give commits other parents
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_FLUSH": "0",  # without it git flushes a pipe after each commit: a third of what a log costs
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",  # or core.sshCommand of the repository would run
    "LC_ALL": "C",
    "TZ": "UTC",
}
# What a child may inherit; everything else of ours, tokens above all, stays here (security case 19).
_INHERITED = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND",
              "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")  # fmt: skip
_CHUNK_BYTES = 1 << 18
# What git says where it would have to fetch: the last of these alone, where the pipe to its own fetch breaks first.
_LACKING = ("lazy fetching disabled", "promisor remote", "fatal: transport '")
_NETWORK = ("fetch", "push", "ls-remote")


class GitFailed(RepositoryError):
    """git ended with an error. `stderr` is its own text, for callers who know better what it means."""

    def __init__(self, command: str, stderr: str, returncode: int) -> None:
        if command not in _NETWORK and any(words in stderr for words in _LACKING):
            super().__init__(
                f"this clone is partial: git {command} needs objects that were never fetched",
                hint="run `git fetch --refetch --no-filter`, or in a workflow check out without `filter`",
            )
        else:
            super().__init__(f"git {command} failed: {_last_line(stderr) or f'exit {returncode}'}")
        self.stderr = stderr
        self.returncode = returncode


def settings_environment(settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the variables that give git further settings, which no list of processes shows (git-config(1), GIT_CONFIG_COUNT)."""
    variables: dict[str, str] = {}
    for place, (key, value) in enumerate(settings):
        variables |= {"GIT_CONFIG_COUNT": str(place + 1), f"GIT_CONFIG_KEY_{place}": key, f"GIT_CONFIG_VALUE_{place}": value}
    return variables


class Git:
    """Runs git in one repository, hardened: no user configuration, hooks, filters, pagers, prompts or foreign protocols."""

    def __init__(self, directory: Path, *, environment: Mapping[str, str] | None = None) -> None:
        """`environment` adds variables for every call, such as GIT_INDEX_FILE or a token in GIT_CONFIG_VALUE_0."""
        self.directory = directory
        self._environment = dict(environment or {})

    def with_environment(self, environment: Mapping[str, str]) -> Git:
        """Return the same repository with further variables for every call."""
        return Git(self.directory, environment={**self._environment, **environment})

    def run(self, *args: str, input_bytes: bytes | None = None, timeout_s: float | None = None) -> bytes:
        """Return stdout. Raises `GitFailed` on a non-zero exit, `RepositoryError` without git or in no time."""
        try:
            done = subprocess.run(
                self._command(args), check=False, env=self._env(), input=input_bytes or b"", capture_output=True, timeout=timeout_s
            )
        except subprocess.TimeoutExpired as error:
            raise RepositoryError(
                f"git {args[0]} did not end within {timeout_s:g} s", hint="check the network and the git server"
            ) from error
        except FileNotFoundError as error:
            raise RepositoryError("git is not installed", hint="install git 2.30 or newer") from error
        if done.returncode:
            raise GitFailed(args[0], done.stderr.decode("utf-8", "replace"), done.returncode)
        return done.stdout

    def line(self, *args: str) -> str:
        """Return stdout as text without its last newline."""
        return self.run(*args).decode("utf-8", "replace").removesuffix("\n")

    def succeeds(self, *args: str) -> bool:
        """Return whether git exits with 0."""
        try:
            self.run(*args)
        except GitFailed:
            return False
        return True

    @contextmanager
    def stream(self, *args: str, input_bytes: bytes = b"") -> Iterator[Iterator[bytes]]:
        """Give stdout in chunks while git runs; stop git when the block is left early. Raises `GitFailed` at the end.

        `input_bytes` must be something that git reads whole before it writes, such as `log --stdin`'s revisions.
        """
        with self.start(*args) as process:
            stderr = listen(process)
            try:
                _write(process, input_bytes)
                chunks = _read(process)
                yield chunks
                for _ in chunks:  # a reader that stopped early still lets git end by itself
                    pass
            except BaseException:
                process.kill()
                raise
            finally:
                said = stderr()
        if process.returncode:
            raise GitFailed(args[0], said, process.returncode)

    def start(self, *args: str, apart: bool = False) -> subprocess.Popen[bytes]:
        """Start git with pipes to it and from it, for who talks to it or watches it, reads its stderr meanwhile and ends it.

        `apart` gives it a session of its own: nobody is asked at a terminal, and what it starts can be ended with it. Raises
        `RepositoryError` without git.
        """
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(self._command(args), env=self._env(), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=apart)
        except FileNotFoundError as error:
            raise RepositoryError("git is not installed", hint="install git 2.30 or newer") from error

    def _command(self, args: tuple[str, ...]) -> list[str]:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        return ["git", "-C", str(self.directory), "--no-pager", *settings, *args]

    def _env(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {**_ENVIRONMENT, **inherited, **self._environment}


def listen(process: subprocess.Popen[bytes]) -> Callable[[], str]:
    """Read stderr in a thread, or git would wait for ever once its warnings fill the pipe; return how to get them."""
    assert process.stderr
    heard: list[bytes] = []
    thread = threading.Thread(target=lambda pipe: heard.append(pipe.read()), args=(process.stderr,), daemon=True)
    thread.start()

    def stderr() -> str:
        thread.join()
        return b"".join(heard).decode("utf-8", "replace")

    return stderr


def _write(process: subprocess.Popen[bytes], content: bytes) -> None:
    assert process.stdin
    with suppress(BrokenPipeError):  # git that has died says why on stderr
        process.stdin.write(content)
    with suppress(BrokenPipeError):
        process.stdin.close()


def _read(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout
    return iter(partial(process.stdout.read, _CHUNK_BYTES), b"")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
