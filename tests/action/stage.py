"""A stage for the steps of the action: real processes in the environment that a runner gives them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.action.act import find_caches
from tests.action.runner_files import read_outputs
from tests.house.architecture import ROOT
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo

CACHES = find_caches()  # looked up before the environment is cleaned


@dataclass(frozen=True)
class Ran:
    """What a step left behind. `log` is what it printed."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::error")]

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::warning")]


@dataclass
class Stage:
    """A workspace with a checkout of acme/app, and the servers that it speaks to."""

    work: Repo
    github: FakeGitHub
    git_server: GitServer
    home: Path
    extra: dict[str, str] = field(default_factory=dict)

    def run(self, step: str, *, token: str | None = None, **inputs: str) -> Ran:
        """Run one step as action.yml does; inputs by their names with underscores, `since` for the input from."""
        folder = self.home / f"{step}-{len(list(self.home.iterdir()))}"
        folder.mkdir()
        files = {"GITHUB_OUTPUT": folder / "output", "GITHUB_STEP_SUMMARY": folder / "summary"}
        for file in files.values():
            file.touch()
        self.extra |= {name: str(file) for name, file in files.items()}
        with self.start(step, token=token, **inputs) as process:
            log, _ = process.communicate(timeout=120)
        outputs, summary = (file.read_text("utf-8") for file in files.values())
        return Ran(process.returncode, log.decode(), read_outputs(outputs), summary)

    def start(self, step: str, *options: str, token: str | None = None, **inputs: str) -> subprocess.Popen[bytes]:
        """Start one step, whose words and errors go to the same pipe. `options` are for Python."""
        tokens = {} if token is None else {"NOTEWRIGHT_TOKEN": token}
        command = [sys.executable, "-I", *options, str(ROOT / "entrypoint.py"), step]
        environment = {**self._environment(), **self._inputs(inputs), **tokens, **self.extra}
        return subprocess.Popen(command, cwd=self.work.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def push(self, message: str, files: dict[str, str] | None = None) -> str:
        """Commit to main, here and on the server."""
        sha = self.work.commit(message, files or {})
        self.git_server.push(self.work, "main")
        return sha

    def tag(self, name: str) -> None:
        """Tag the newest commit, here and on the server."""
        self.work.tag(name)
        self.git_server.push(self.work, f"refs/tags/{name}")

    @property
    def shared(self) -> Path:
        """The folder that set-up would have made."""
        path = self.home / "work"
        path.mkdir(exist_ok=True)
        return path

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        return {
            **kept,
            **CACHES,
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_SERVER_URL": self.git_server.url,
            "GITHUB_WORKSPACE": str(self.work.path),
            "NOTEWRIGHT_WORK_DIR": str(self.shared),
            "RUNNER_NAME": "gpu-runner-2",
            "RUNNER_TEMP": str(self.home),
            "RUNNER_TOOL_CACHE": str(self.home / "tools"),
        }

    def _inputs(self, inputs: dict[str, str]) -> dict[str, str]:
        given = {"command": "release", "engine": "", **inputs}
        if given["command"] in ("release", "notes"):
            given.setdefault("container", "never")  # whether an image is on this machine or not; test_container.py has those in one
        return {f"INPUT_{'FROM' if name == 'since' else name.upper()}": value for name, value in given.items()}
