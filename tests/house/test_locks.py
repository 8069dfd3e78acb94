from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house import architecture

LOCKS = architecture.ROOT / "locks"
_PROJECT = tomllib.loads((architecture.ROOT / "pyproject.toml").read_text("utf-8"))
_EXTRAS = _PROJECT["project"]["optional-dependencies"]
RUNTIME = [*_PROJECT["project"]["dependencies"], *_EXTRAS["github"], *_EXTRAS["llama"]]
MODELS = [*_PROJECT["project"]["dependencies"], *_EXTRAS["llama"], *_EXTRAS["models"]]
DATASET = [*RUNTIME, *_EXTRAS["dataset"]]
WANTED = {"action.txt": RUNTIME, "dataset.txt": DATASET, "models.txt": MODELS, "dev.txt": [*DATASET, *_PROJECT["dependency-groups"]["dev"]]}


def pins(lock: Path) -> dict[str, set[str]]:
    """Return the versions of each package; there may be one for each platform or Python."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9.-]+)==([^ ]+)", lock.read_text("utf-8"), re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("name", WANTED)
def test_a_lock_meets_every_dependency_of_the_project(name: str) -> None:
    pinned = pins(LOCKS / name)
    unmet = [wanted for wanted in map(Requirement, WANTED[name]) if not any(map(wanted.specifier.contains, pinned.get(wanted.name, ())))]
    assert not unmet, "run 'make lock'"


@pytest.mark.parametrize("name", WANTED)
def test_every_package_of_a_lock_is_hashed_and_no_line_names_a_host(name: str) -> None:
    text = (LOCKS / name).read_text("utf-8")
    packages = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [package for package in packages if "--hash=sha256:" not in package] == []
    assert "://" not in text


@pytest.mark.parametrize("lock", ["action.txt", "dataset.txt", "models.txt"])
def test_the_action_runs_what_was_tested(lock: str) -> None:
    tested = pins(LOCKS / "dev.txt")
    assert {name: versions for name, versions in pins(LOCKS / lock).items() if tested.get(name) != versions} == {}
