"""act: workflows run on this machine, without GitHub and without containers."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.house.architecture import ROOT
from tests.parts.git_server import GitServer
from tests.parts.github import FakeGitHub
from tests.parts.repository import Repo
from tests.parts.tokens import TOKEN_WRITE

# What the action is made of, as GitHub would fetch it.
_ACTION = ("action.yml", "entrypoint.py", "src/notewright", "prompts", "workflows", "locks", "pyproject.toml", "LICENSE")
RUNTIME_TOKEN = "canary-runtime-0b1c2d3e"
_REPORT = "act-report"


def find_act() -> Path | None:
    """Return act: NOTEWRIGHT_ACT, the one on PATH, or the one that .ci/install-tool.sh built."""
    if named := os.environ.get("NOTEWRIGHT_ACT"):
        return Path(named)
    if found := shutil.which("act"):
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewright-ci"
    return next(iter(sorted(Path(os.environ.get("NOTEWRIGHT_CI_CACHE") or cache).glob("act-*/act"), reverse=True)), None)


def find_caches() -> dict[str, str]:
    """Return where pip and uv keep what they have downloaded, so that a run of the tests need not download it again."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return {name: os.environ.get(name) or str(cache / tool) for name, tool in (("PIP_CACHE_DIR", "pip"), ("UV_CACHE_DIR", "uv"))}


def read_action() -> dict[str, bytes]:
    """Return the files of the action by their names."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_ACTION]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return {name: (ROOT / name).read_bytes() for name in names if name and (ROOT / name).is_file()}


@dataclass(frozen=True)
class Run:
    """A run of a workflow. `outputs` are the action's, `said` is what each of its steps printed, `log` is all that act printed, and `left`
    holds a copy of what the job left in its temporary folder."""

    code: int
    log: str
    outputs: dict[str, str]
    summaries: tuple[str, ...]
    said: dict[str, str]
    left: Path


class Act:
    """Runs workflows for acme/app, whose GitHub and git server are the test's. Secrets are not masked, so that a leak is seen."""

    def __init__(
        self, binary: Path, home: Path, github: FakeGitHub, git_server: GitServer, *, state_dir: Path, caches: dict[str, str]
    ) -> None:
        self._binary = binary
        self._home = home
        self._github = github
        self._git_server = git_server
        self._state_dir = state_dir
        self._caches = caches
        self.programs = home / "programs"
        self.programs.mkdir(parents=True)
        (self.programs / "python3").symlink_to(os.path.realpath(sys.executable))
        for engine in ("docker", "podman"):  # workflows as users write them take a container where an engine answers
            (self.programs / engine).write_text("#!/bin/sh\nexit 1\n")
            (self.programs / engine).chmod(0o755)

    def run(self, inputs: Mapping[str, str], *, event: str = "push", payload: object = None) -> Run:
        """Run a workflow that checks acme/app out and uses the action with these inputs."""
        place = self._home / f"run-{len(list(self._home.glob('run-*')))}"
        left = place / "left"
        left.mkdir(parents=True)
        workflow = place / "workflow.yml"
        given = {"state-dir": str(self._state_dir), **inputs}
        if given.get("command", "release") in ("release", "notes"):
            given.setdefault("container", "never")
        workflow.write_text(json.dumps(_workflow(event, given, clone=self._git_server.url_of("acme/app"), left=left)), "utf-8")
        (place / "event.json").write_text(json.dumps({} if payload is None else payload))
        source = Repo.clone(self._git_server.url_of("acme/app"), place / "source")
        command = [*self._command(event, workflow), "--eventpath", str(place / "event.json")]
        return self._execute(command, source, place, left)

    def run_as_written(
        self, workflow: Path, source: Repo, *, actions: Mapping[str, Path], event: str = "push", payload: object = None
    ) -> Run:
        """Run a workflow of a user: what it checks out is `source`, what it uses lies in the folders of `actions`."""
        place = self._home / f"run-{len(list(self._home.glob('run-*')))}"
        place.mkdir()
        (place / "event.json").write_text(json.dumps({} if payload is None else payload))
        mapped = [f"--local-repository={reference}={folder}" for reference, folder in actions.items()]
        command = [*self._command(event, workflow), "--eventpath", str(place / "event.json"), *mapped]
        return self._execute(command, source, place, place)

    def _execute(self, command: list[str], source: Repo, place: Path, left: Path) -> Run:
        environment = self._environment(place)
        done = subprocess.run(
            command, cwd=source.path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=540, check=False
        )
        return _read_run(done.returncode, done.stdout.decode("utf-8", "replace"), left)

    def _command(self, event: str, workflow: Path) -> list[str]:
        variables = {
            "GITHUB_API_URL": self._github.url,
            "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_SERVER_URL": self._git_server.url,
            "ACTIONS_RUNTIME_TOKEN": RUNTIME_TOKEN,  # as the runner has for actions of its own
        }
        return [
            str(self._binary), event, "--json", "--insecure-secrets", "--pull=false", "--no-cache-server", "--action-offline-mode",
            *(f"--platform={runner}=-self-hosted" for runner in ("self-hosted", "ubuntu-latest")), "--workflows", str(workflow),
            "--secret", f"GITHUB_TOKEN={TOKEN_WRITE}", *(f"--env={name}={value}" for name, value in variables.items()),
        ]  # fmt: skip

    def _environment(self, place: Path) -> dict[str, str]:
        home = place / "home"
        (home / "act").mkdir(parents=True)
        (home / "act" / "actrc").touch()
        folders = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home / "cache"}
        kept = {name: value for name, value in os.environ.items() if name not in folders}
        return {
            **kept,
            **self._caches,
            **{name: str(path) for name, path in folders.items()},
            "PATH": f"{self.programs}:{os.environ['PATH']}",
        }


def _workflow(event: str, inputs: dict[str, str], *, clone: str, left: Path) -> object:
    """Return a workflow as YAML reads it from JSON. Its job gives the token to all its steps, as careless workflows do."""
    keep = shlex.quote(str(left))
    return {
        "on": event,
        "env": {"GITHUB_TOKEN": "${{ secrets.GITHUB_TOKEN }}", "GH_TOKEN": "${{ secrets.GITHUB_TOKEN }}"},
        "jobs": {"release": {"runs-on": "self-hosted", "steps": [
            {"run": f"git clone --quiet {shlex.quote(clone)} ."},
            {"id": "notewright", "uses": "./", "with": inputs},
            {"if": "always()", "env": {"OUTPUTS": "${{ toJSON(steps.notewright.outputs) }}"},
             "run": f'printf %s "$OUTPUTS" > {keep}/{_REPORT}\nif [ -d "$RUNNER_TEMP" ]; then cp -R "$RUNNER_TEMP" {keep}/temp; fi\n'
                    f'git status --porcelain > {keep}/status'},
        ]}},
    }  # fmt: skip


def _read_run(code: int, log: str, left: Path) -> Run:
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    said: dict[str, str] = {}
    for line in lines:
        path = line.get("stepID", [])
        if line.get("raw_output") and len(path) == 2:
            said[path[1]] = said.get(path[1], "") + line["msg"]
    summaries = dict.fromkeys(line["content"] for line in lines if line.get("command") == "summary")
    report = left / _REPORT
    outputs = json.loads(report.read_text("utf-8")) if report.exists() else {}
    return Run(code, "\n".join(str(line.get("msg", "")) for line in lines) or log, outputs, tuple(summaries), said, left)
