"""A git server over HTTP that checks tokens and protects branches as GitHub does."""

from __future__ import annotations

import base64
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from tests.parts.plumbing import git_environment, read_git, run_git
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_WRITE
from tests.parts.web import Exchange, WebServer

_ROUTE = re.compile(r"/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?(?P<rest>/info/refs|/git-upload-pack|/git-receive-pack)")
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
# No connection serves twice: curl repeats a call by itself when a kept one ends without an answer, and a fault would be lost.
_CLOSE = {"Connection": "close"}
_CHUNK_BYTES = 1 << 16
# One ref is refused, its companions in the same push are not. git prefixes what a hook says with "remote: ".
_UPDATE_HOOK = """#!/bin/sh
if grep -qxF "$1" "$GIT_DIR/protected-refs" 2>/dev/null; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  echo "error: Changes must be made through a pull request." >&2
  exit 1
fi
"""


class GitServer(WebServer):
    """Serves the bare repositories under `root`. `tokens` maps a token to "read" or "write"; `calls` is the log."""

    def __init__(self, root: Path, tokens: Mapping[str, str], *, private: bool = False) -> None:
        self.root = root
        self.tokens = dict(tokens)
        self.private = private
        super().__init__()

    def add(self, name: str, source: Repo) -> Path:
        """Serve a copy of `source` as `name`, such as acme/app, and return the bare repository."""
        bare = source.clone_bare(self.path_of(name))
        hook = bare / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_UPDATE_HOOK)
        hook.chmod(0o755)
        return bare

    def protect(self, name: str, branch: str) -> None:
        """Refuse pushes to `branch` from now on."""
        with (self.path_of(name) / "protected-refs").open("a") as protected:
            protected.write(f"refs/heads/{branch}\n")

    def path_of(self, name: str) -> Path:
        """Return where the bare repository of `name` lies."""
        return self.root / f"{name}.git"

    def url_of(self, name: str) -> str:
        """Return the address to clone from and push to, without a token."""
        return f"{self.url}/{name}.git"

    def push(self, repo: Repo, *refs: str, token: str = TOKEN_WRITE, name: str = "acme/app") -> None:
        """Push from `repo` with a token. Raises `subprocess.CalledProcessError` with git's text as a note."""
        header = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        run_git(repo.path, "-c", f"http.extraheader=Authorization: Basic {header}", "push", "--quiet", self.url_of(name), *refs)

    def heads(self, name: str) -> dict[str, str]:
        """Return the commit of each branch."""
        lines = read_git(self.path_of(name), "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
        return dict(line.rsplit(" ", 1) for line in lines)

    def answer(self, exchange: Exchange) -> None:
        """Let `git http-backend` serve the call when the token allows it."""
        call = exchange.call
        match = _ROUTE.fullmatch(call.path)
        pushes = "git-receive-pack" in f"{call.path}?{call.query}"
        token = _token_of(exchange)
        refusal = self._refusal(match["name"] if match else "", token, pushes=pushes)
        if match is None or refusal is not None:
            for _ in exchange.body_chunks():
                pass
            self.refuse(exchange, *(refusal or (404, "Not Found")), {})
            return
        variables = {"PATH_INFO": f"/{match['name']}.git{match['rest']}", **({"REMOTE_USER": "token"} if token else {})}
        self._run_backend(exchange, variables)

    def refuse(self, exchange: Exchange, status: int, message: str | None, headers: Mapping[str, str]) -> None:
        """Reply with an error; git shows a plain text to its user as `remote: …`."""
        asking = {"WWW-Authenticate": 'Basic realm="GitHub"'} if status == 401 else {}
        exchange.reply(status, {**_PLAIN, **_CLOSE, **asking, **headers}, (message or f"error {status}").encode() + b"\n")

    def _refusal(self, name: str, token: str | None, *, pushes: bool) -> tuple[int, str] | None:
        """Return the status and words of GitHub's refusal, None when the call may pass."""
        power = self.tokens.get(token) if token else None
        if token and power is None:
            return 401, "Invalid username or token. Password authentication is not supported for Git operations."
        exists = self.path_of(name).is_dir()
        if power is None and (pushes or self.private or not exists):
            return 401, "Repository not found." if pushes else "No anonymous access."
        if not exists:
            return 404, "Repository not found."
        if pushes and power != "write":
            return 403, "Write access to repository not granted."
        return None

    def _run_backend(self, exchange: Exchange, variables: Mapping[str, str]) -> None:
        length = exchange.headers.get("Content-Length")
        environment = git_environment({
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": exchange.command,
            "QUERY_STRING": exchange.call.query,
            "CONTENT_TYPE": exchange.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": exchange.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": exchange.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            **({"CONTENT_LENGTH": length} if length else {}),  # without it the backend reads to the end: a chunked body
            **variables,
        })  # fmt: skip
        with subprocess.Popen(["git", "http-backend"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as backend:
            assert backend.stdin
            assert backend.stdout
            # git may answer before it has read everything: reading and writing at once keeps both pipes moving
            feeding = threading.Thread(target=_feed, args=(exchange.body_chunks(), backend.stdin), daemon=True)
            feeding.start()
            _send(backend.stdout, exchange)
            feeding.join()


def _feed(chunks: Iterator[bytes], pipe: IO[bytes]) -> None:
    try:
        with pipe:
            for chunk in chunks:
                pipe.write(chunk)
    except BrokenPipeError:
        for _ in chunks:  # the backend has heard enough; the connection must still be read to the end
            pass


def _send(output: IO[bytes], exchange: Exchange) -> None:
    """Pass the backend's CGI reply on, in chunks, as large as it may be."""
    status, headers = 200, {}
    while line := output.readline().strip().decode("latin-1"):
        name, _, value = line.partition(": ")
        if name == "Status":
            status = int(value.split()[0])
        else:
            headers[name] = value
    headers.pop("Content-Length", None)
    exchange.begin(status, {**headers, **_CLOSE, "Transfer-Encoding": "chunked"})
    while chunk := output.read1(_CHUNK_BYTES):  # type: ignore[attr-defined]  # a pipe is buffered; typeshed says IO only
        exchange.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    exchange.wfile.write(b"0\r\n\r\n")


def _token_of(exchange: Exchange) -> str | None:
    """Return the token of a Basic or Bearer header, "" when it makes no sense, None when there is no header."""
    kind, _, value = exchange.headers.get("Authorization", "").partition(" ")
    if not kind:
        return None
    if kind.lower() == "basic":
        value = base64.b64decode(value, validate=False).decode("utf-8", "replace").partition(":")[2]
    return value
