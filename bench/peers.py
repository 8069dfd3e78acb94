"""Peers of the changelog: how each is installed, into a folder of its own, and asked for the same thing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from usage import Command

Task = Literal["full", "release", "unreleased", "components"]
Argv = list[str | Path]

DEFAULT_PEERS = ("git-cliff==2.12.0", "git-cliff==2.14.2", "conventional-changelog==8.1.3", "commitizen==4.19.3")
_PRESET = "conventional-changelog-conventionalcommits@10.4.1"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked of a repository: `tag` is a release of it, `before` the one before, `components` its parts."""

    repository: Path
    tag: str = ""
    before: str = ""
    components: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """An installed peer; `argv` gives its command for a task, None for one that it cannot do."""

    name: str
    argv: Callable[[Task, Scope], Argv | None]

    def command(self, task: Task, scope: Scope, *, empty: Path) -> Command | None:
        """Return the command with default settings: it runs in an empty folder, where it finds no configuration of the
        repository, and finds the repository by its name."""
        argv = self.argv(task, scope)
        if argv is None:
            return None
        variables = {"GIT_DIR": str(scope.repository / ".git" if (scope.repository / ".git").exists() else scope.repository)}
        # one run for each component: no peer writes several changelogs in one
        each = scope.components if task == "components" else ()
        return Command(self.name, argv, directory=empty, variables=variables, each=each, optional=True)


def install(wanted: Iterable[str], directory: Path) -> Iterator[Peer]:
    """Install each peer (name==version) where it is not there yet. One that cannot be is named and left out."""
    for peer in wanted:
        name, _, version = peer.partition("==")
        if name not in _KINDS:
            raise SystemExit(f"{name} is no known peer, only {', '.join(_KINDS)}")
        place = (directory / peer).resolve()
        prepare, program, argv = _KINDS[name]
        try:
            if not (place / program).is_file():
                for step in prepare(version, place):
                    subprocess.run(step, check=True, timeout=600, capture_output=True, text=True)
        except (OSError, subprocess.SubprocessError) as error:
            reason = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1:]
            print(f"left out: {peer} could not be installed: {' '.join(reason)}", file=sys.stderr)
            continue
        yield Peer(f"{name} {version}", partial(argv, place / program))


def _uv() -> Path:
    return Path(sys.executable).with_name("uv")


def _prepare_git_cliff(version: str, place: Path) -> list[Argv]:
    return [[_uv(), "pip", "install", "--quiet", "--target", place, f"git-cliff=={version}"]]


def _prepare_commitizen(version: str, place: Path) -> list[Argv]:
    return [
        [_uv(), "venv", "--quiet", "--python", sys.executable, place],
        [_uv(), "pip", "install", "--quiet", "--python", place / "bin" / "python", f"commitizen=={version}"],
    ]


def _prepare_conventional_changelog(version: str, place: Path) -> list[Argv]:
    packages = (f"conventional-changelog@{version}", _PRESET)
    return [["npm", "install", "--prefix", place, "--save-exact", "--no-audit", "--no-fund", *packages]]


def _git_cliff(program: Path, task: Task, scope: Scope) -> Argv:
    rest: dict[Task, list[str]] = {
        "full": [],
        "release": ["--", f"{scope.before}..{scope.tag}"],  # --repository takes all words that follow it
        "unreleased": ["--unreleased"],
        "components": ["--include-path", "packages/{}/**", "--tag-pattern", "^{}-v"],
    }
    return [program, "--repository", scope.repository, *rest[task]]


def _conventional_changelog(program: Path, task: Task, scope: Scope) -> Argv:
    rest: dict[Task, list[str]] = {
        "full": ["-r", "0"],
        "release": ["--from", scope.before, "--to", scope.tag],
        "unreleased": ["-r", "1"],
        "components": ["-r", "0", "--commit-path", "packages/{}", "-t", "{}-v"],
    }
    return [program, "--stdout", "-p", "conventionalcommits", *rest[task]]


def _commitizen(program: Path, task: Task, scope: Scope) -> Argv | None:
    if task in ("release", "components"):
        return None  # it refuses tags such as v1.0.0-next.1 by name, and reads no paths
    return [program, "changelog", "--dry-run", *(["--start-rev", scope.tag] if task == "unreleased" else [])]


_KINDS = {
    "git-cliff": (_prepare_git_cliff, "bin/git-cliff", _git_cliff),
    "commitizen": (_prepare_commitizen, "bin/cz", _commitizen),
    "conventional-changelog": (_prepare_conventional_changelog, "node_modules/.bin/conventional-changelog", _conventional_changelog),
}
