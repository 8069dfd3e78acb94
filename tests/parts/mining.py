"""Datasets made by the command line: a folder with a list of repositories, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.parts.command import Ended, run_command
from tests.parts.repository import Repo

QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class Mine:
    """A folder with repos.txt and notewright.yaml, whose clones and store lie below it."""

    path: Path

    @classmethod
    def open(cls, path: Path, repositories: Iterable[Path | str], **dataset: object) -> Mine:
        """Write both files; every licence is taken unless `dataset` says otherwise."""
        path.mkdir(parents=True)
        mine = cls(path)
        mine.take(repositories)
        mine.configure(**dataset)
        return mine

    def take(self, repositories: Iterable[Path | str]) -> None:
        """Write repos.txt."""
        (self.path / "repos.txt").write_text("".join(f"{repository}\n" for repository in repositories), "utf-8")

    def configure(self, **dataset: object) -> None:
        """Write notewright.yaml."""
        keys = {"licenses": [], "unknown_license": "keep", "questions_per_passage": QUESTIONS, **dataset}
        (self.path / "notewright.yaml").write_text(yaml.safe_dump({"state_dir": str(self.path / "state"), "dataset": keys}), "utf-8")

    def run(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Ended:
        """Run `notewright dataset …` there."""
        return run_command("dataset", *arguments, cwd=self.path, env=env)

    def make(self, engine: str = "none", *arguments: str) -> Ended:
        """Run it all, which must go well."""
        ended = self.run("run", "--engine", engine, *arguments)
        assert ended.code == 0, ended.err
        return ended

    def status(self) -> Any:  # noqa: ANN401  # JSON, looked at by the test
        """What `dataset status` says."""
        return json.loads(self.run("status", "--format", "json").out)

    def rows(self, output: str = "dataset") -> list[dict[str, Any]]:
        """All rows of the artifact."""
        files = sorted((self.path / output / "data").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]

    @property
    def store(self) -> Path:
        """The store, where it is by default."""
        (found,) = (self.path / "state" / "dataset").glob("mine*/store.sqlite")
        return found

    def files(self, output: str = "dataset") -> dict[str, bytes]:
        """All files of the artifact but the page, which tells when it was made."""
        root = self.path / output
        found = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "report.html")
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def function_of(name: str) -> str:
    """A file with one function, long enough to be asked about."""
    return f'''"""Work with {name}."""


def load_{name}(source: str) -> dict[str, int]:
    """Load the {name} from a source and count its lines."""
    {name}_lines = source.splitlines()
    return {{"{name}": len({name}_lines)}}
'''


def write_script(path: Path, names: Iterable[str], *, delay_s: float = 0.0) -> Path:
    """Write a script for files of `function_of`: good questions, and good answers to them."""
    lines = []
    for name in names:
        what, how = f"What does the function load_{name} return?", f"How does load_{name} count the lines of its source?"
        asked = [{"kind": "what", "question": what}, {"kind": "how", "question": how}]
        answers = {
            what: f'The function `load_{name}` returns a dictionary that has the number of lines under the key `"{name}"`.',
            how: f"It calls `source.splitlines()`, keeps the result in `{name}_lines`, and takes its length with `len`.",
        }
        for question, answer in answers.items():
            lines.append({"match": f"(?s)Question: {question.replace('?', '[?]')}", "reply": {"answer": answer}, "delay_s": delay_s})
        lines.append({"match": f"(?s)def load_{name}.*Write {QUESTIONS} questions", "reply": {"questions": asked}, "delay_s": delay_s})
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def make_functions(path: Path, names: Iterable[str]) -> Repo:
    """A repository with a file for each name."""
    repo = Repo(path)
    repo.commit("feat: all of it", {f"{name}.py": function_of(name) for name in names})
    return repo
